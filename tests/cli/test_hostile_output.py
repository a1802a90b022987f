"""Whatever AWS hands over, the command line prints letters, and nothing that a terminal would obey."""

import json
import unicodedata
from collections.abc import Callable

import pytest

from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.cli import check, explain
from smtop.tui.cli.common import Common
from smtop.tui.cli.table import print_table
from smtop.tui.view_models.verdicts import Missed
from tests.support.hostile import hostile_fleet

_OBEYED = {"Cc", "Cf", "Zl", "Zp"}
FLEET = hostile_fleet()
COMMON = Common()

Printer = Callable[[FleetSnapshot, EndpointView], object]
PRINTERS: dict[str, Printer] = {
    "table": lambda fleet, _: print_table(fleet, ascii_only=False),
    "explain": lambda fleet, view: explain._print_text(fleet, view, [], COMMON),
    "explain, markdown": lambda fleet, view: explain._print_markdown(fleet, view, [], COMMON),
    "explain, json": lambda fleet, view: explain._print_json(fleet, view, [], COMMON),
    "check": lambda fleet, view: check._print_text(fleet, [], [Missed(view.endpoint.name, view.endpoint.name)], COMMON),
}


@pytest.mark.parametrize("printer", PRINTERS)
def test_only_letters_are_printed(printer: str, capsys: pytest.CaptureFixture[str]) -> None:
    for view in FLEET.endpoints:
        PRINTERS[printer](FLEET, view)
    told = capsys.readouterr().out
    assert len(told.splitlines()) >= len(FLEET.endpoints)
    assert not [one for one in told if one != "\n" and unicodedata.category(one) in _OBEYED]


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    for view in FLEET.endpoints:
        explain._print_json(FLEET, view, [], COMMON)
        assert json.loads(capsys.readouterr().out)["endpoint"] == view.endpoint.name
