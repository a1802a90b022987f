"""A fault of our own says where it happened, to its owner alone, and gives no secret away."""

import stat
from pathlib import Path

import pytest

from smtop.tui.app import SmtopApp
from smtop.tui.cli.exits import Exit, guarded
from tests.support.fleet import FakeFeed, HandClock, snapshot
from tests.support.stage import Line

SECRET = "wJalrXUtnFEMI/K7MDENG"
KEY = "ASIAIOSFODNN7EXAMPLE"


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def fail() -> int:
    password = SECRET
    raise RuntimeError(f"cannot use {password} of {KEY}")


def test_the_report_is_the_owners_and_has_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(fail, debug=False) == Exit.FINDINGS
    report = tmp_path / "smtop" / "crash.txt"
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    told = capsys.readouterr().err
    assert str(report) in told
    for text in (told, report.read_text()):
        assert "cannot use <AWS_SECRET_ACCESS_KEY> of <access key>" in text
        assert SECRET not in text
    assert "in fail" in report.read_text()


def test_debug_shows_where_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(fail, debug=True)
    told = capsys.readouterr().err
    assert "in fail" in told
    assert SECRET not in told
    assert KEY not in told


def test_without_a_place_for_the_report_it_says_how_to_see_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    guarded(fail, debug=False)
    assert "--debug shows where." in capsys.readouterr().err


async def test_the_screen_shows_no_variables_when_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    app = SmtopApp(Line([FakeFeed(snapshot())]), clock=HandClock())
    app.call_later(fail)
    await app.run_async(headless=True)
    assert isinstance(app.crash, RuntimeError)
    assert app.return_code == 1
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert "password" not in shown.out + shown.err
