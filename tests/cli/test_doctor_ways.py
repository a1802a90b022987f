"""`smtop doctor` where a library is another than smtop knows."""

import sys
from typing import Any

import pytest
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from smtop.metrics.aws import fast_lane
from smtop.tui import driver
from smtop.tui.app import SmtopApp
from smtop.tui.cli.main import run
from smtop.tui.widgets import canvas
from smtop.tui.widgets.canvas import Canvas


class OtherUpdate:
    """What a Textual of next year shows."""

    def __init__(self, cells: list[str]) -> None:
        self.cells = cells


def test_what_is_slow_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fast_lane, "attach", lambda _events: None)
    monkeypatch.setattr(canvas, "LayoutUpdate", OtherUpdate)
    monkeypatch.setattr(LinuxDriver, "__init__", OtherUpdate.__init__)
    monkeypatch.delattr(App, "_fatal_error")
    assert run(["doctor"]) == 0
    told = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines() if ": " in line)
    slow = {name: why for name, why in told.items() if why != "fine"}
    assert set(slow) == {
        *("metrics in JSON", "metrics in the query protocol", "only what changes is written"),
        *("a terminal that goes away ends smtop", "faults are reported without values"),
    }
    assert all(why.startswith("slow path: ") for why in slow.values())
    assert slow["only what changes is written"].endswith("has no strips and region; Textual writes whole lines")


def test_updates_of_another_kind_are_shown_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "LayoutUpdate", OtherUpdate)
    update: Any = OtherUpdate([])
    assert Canvas().only_changes(update) is update


def test_a_display_that_takes_more_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(App, "_display", lambda _app, *what, **more: shown.append((what, more)))
    SmtopApp(lambda: None)._display("screen", "text", later=True)  # type: ignore[arg-type, return-value]
    assert shown == [(("screen", "text"), {"later": True})]


def test_with_this_textual_the_terminal_is_driven_by_our_driver() -> None:
    assert driver.why_not() is None


def test_keys_without_the_parser_of_textual_are_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "smtop.tui.cli.keys", raising=False)
    monkeypatch.setitem(sys.modules, "textual._xterm_parser", None)
    assert run(["doctor", "--keys"]) == 2
    assert "cannot work with this Textual" in capsys.readouterr().err
