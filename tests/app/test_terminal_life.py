"""A terminal that is resized, suspended, cut off: smtop goes on or ends, and never leaves anything behind."""

import signal
from pathlib import Path

import pytest

from tests.cli.command import Shell, group_lives
from tests.support.terminal import on_terminal

DEMO = ("demo", "--endpoints", "2")
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l")
"""The alternate screen, the hidden cursor, the mouse and bracketed paste, all given back."""


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A home and a folder for temporary files, both empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return Shell({}, tmp_path).variables({"TERM": "xterm-256color", "TMPDIR": str(folder)})


def left_behind(variables: dict[str, str]) -> list[Path]:
    return list(Path(variables["TMPDIR"]).iterdir())


def test_it_is_suspended_resumed_redrawn_resized_and_told_to_end(variables: dict[str, str]) -> None:
    with on_terminal(*DEMO, variables=variables) as terminal:
        seen = terminal.until(b"fraud-scorer")
        assert left_behind(variables)
        terminal.type(b"\x1a")
        assert terminal.stopped()
        terminal.until(b"\x1b[?1049l", seen)
        seen = len(terminal.seen)
        terminal.process.send_signal(signal.SIGCONT)
        seen = terminal.until(b"fraud-scorer", seen)
        terminal.type(b"\x0c")
        seen = terminal.until(b"NAME", seen)
        terminal.resize(60, 15)
        seen = terminal.until(b"fraud-scorer", seen)
        terminal.process.terminate()
        assert terminal.ended() == 128 + signal.SIGTERM
        assert all(sequence in terminal.seen[seen:] for sequence in LEFT)
        assert b"Traceback" not in terminal.seen
        assert not group_lives(terminal.process.pid)
        assert not left_behind(variables)


@pytest.mark.parametrize("nohup", [False, True])
def test_it_ends_with_its_terminal(variables: dict[str, str], nohup: bool) -> None:
    """With SIGHUP ignored, only the terminal itself tells that it is gone."""
    with on_terminal(*DEMO, variables=variables, nohup=nohup) as terminal:
        terminal.until(b"fraud-scorer")
        terminal.hang_up()
        assert terminal.ended() == 128 + signal.SIGHUP
        assert not group_lives(terminal.process.pid)
        assert not left_behind(variables)


def test_nothing_is_left_when_it_ends_before_the_screen_is_there(variables: dict[str, str]) -> None:
    with on_terminal(*DEMO, variables=variables) as terminal:
        while not left_behind(variables):
            terminal._read()
        terminal.process.terminate()
        assert terminal.ended() == 128 + signal.SIGTERM
        assert not left_behind(variables)


def test_without_a_terminal_it_says_what_to_use(tmp_path: Path) -> None:
    done = Shell({"AWS_REGION": "eu-west-1"}, tmp_path).installed()
    assert (done.code, done.out) == (2, "")
    assert done.sentences == ["The screen needs a terminal. In a script use: smtop snapshot"]


def test_the_wide_demo_shows_two_accounts_of_which_one_denies_a_part(variables: dict[str, str]) -> None:
    with on_terminal("demo", "--wide", "--endpoints", "2", variables=variables) as terminal:
        terminal.until_shown(
            "2 accounts 2 regions",
            "ACCOUNT",
            "! search eu-west-1: sagemaker:DescribeEndpoint",
            "? fraud-scorer-prod       search",
        )
        terminal.process.terminate()
        assert terminal.ended() == 128 + signal.SIGTERM
        assert b"Traceback" not in terminal.seen
        assert not group_lives(terminal.process.pid)
        assert not left_behind(variables)
