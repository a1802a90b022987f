"""How the fleet was looked at, over a restart."""

import json
import stat
from pathlib import Path

import pytest

from smtop.metrics.config import Directories, Settings
from smtop.tui.state_file import CURSOR_LASTS_S, StateFile
from smtop.tui.view_state import FleetState, Pane, ViewState

STATE = FleetState(
    "sl",
    {
        "sl": ViewState("spill", True, "fraud !legacy", True, ("pc", "spill"), "fraud", 3),
        "triage": ViewState(cursor="other"),
    },
    frozenset({"fraud", "other"}),
    Pane.TABLE,
    compact=True,
    interval_s=300,
)


def opened(folder: Path, *, now: float = 1000.0, region: str = "eu-west-1") -> StateFile:
    directories = Directories(folder / "config", folder / "state", folder / "cache", folder / "data")
    return StateFile(Settings(directories, region=region), lambda: now)


def written(folder: Path) -> Path:
    [path] = (folder / "state").glob("views-*.json")
    return path


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    assert opened(tmp_path).load() == FleetState()
    opened(tmp_path).save(STATE)
    assert opened(tmp_path).load() == STATE
    assert opened(tmp_path, region="us-east-1").load() == FleetState()
    assert stat.S_IMODE(written(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_cursor_of_yesterday_says_nothing(tmp_path: Path) -> None:
    opened(tmp_path).save(STATE)
    later = opened(tmp_path, now=1001.0 + CURSOR_LASTS_S).load()
    assert {view.cursor for view in later.views.values()} == {None}
    assert (later.views["sl"].sort, later.marks) == ("spill", STATE.marks)


def test_two_smtops_keep_what_the_other_has_changed(tmp_path: Path) -> None:
    opened(tmp_path).save(STATE)
    one, other = opened(tmp_path), opened(tmp_path)
    ones, others = one.load(), other.load()
    one.save(FleetState("as", {**ones.views, "as": ViewState("backlog")}, ones.marks - {"other"} | {"mine"}))
    other.save(FleetState("mm", {**others.views, "sl": ViewState("name")}, others.marks | {"theirs"}))
    both = opened(tmp_path).load()
    assert both.views["as"] == ViewState("backlog")
    assert both.views["sl"] == ViewState("name")
    assert both.views["triage"] == STATE.views["triage"]
    assert (both.view, sorted(both.marks)) == ("mm", ["fraud", "mine", "theirs"])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"schema": 99}',
        '{"schema": 1, "saved_at": 1, "view": 7, "views": {}, "marks": []}',
        '{"schema": 1, "saved_at": 1, "view": "sl", "views": {"sl": {"sort": "name"}}, "marks": []}',
        '{"schema": 1, "saved_at": 1, "view": "' + "x" * 600 + '", "views": {}, "marks": []}',
        "[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_read_is_a_plain_beginning_and_is_replaced(tmp_path: Path, content: str) -> None:
    opened(tmp_path).save(STATE)
    written(tmp_path).write_text(content)
    again = opened(tmp_path)
    assert again.load() == FleetState()
    again.save(STATE)
    assert opened(tmp_path).load() == STATE


def test_a_file_of_an_older_smtop_is_understood(tmp_path: Path) -> None:
    opened(tmp_path).save(STATE)
    content = json.loads(written(tmp_path).read_text())
    for name in ("pane", "compact", "interval_s"):
        del content[name]
    del content["views"]["sl"]["skipped"]
    written(tmp_path).write_text(json.dumps(content))
    found = opened(tmp_path).load()
    assert (found.view, found.marks) == (STATE.view, STATE.marks)
    assert (found.pane, found.compact, found.interval_s, found.views["sl"].skipped) == (Pane.BOTH, False, 60, 0)


def test_it_cannot_grow_without_bound(tmp_path: Path) -> None:
    opened(tmp_path).save(FleetState(marks=frozenset(f"e{number}" for number in range(5000))))
    assert len(opened(tmp_path).load().marks) == 1000


def test_where_nothing_can_be_written_it_says_so_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    stuck = opened(tmp_path)
    assert stuck.load() == FleetState()
    assert "not remembered" in (stuck.save(STATE) or "")


def test_what_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    file = opened(tmp_path)
    file.save(STATE)
    written(tmp_path).unlink()
    file.save(STATE)
    assert not list((tmp_path / "state").iterdir())
    file.save(FleetState())
    assert json.loads(written(tmp_path).read_text())["view"] == "triage"
