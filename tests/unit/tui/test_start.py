"""The screen starts without the command line, and is then what the command line would have made of no arguments."""

import signal
from collections.abc import Iterator

import pytest

from smtop.tui.cli import commands, screen
from smtop.tui.cli.common import Common
from smtop.tui.cli.main import run


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """`run` answers signals; the tests' own answers come back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    yield
    for number, answer in before.items():
        signal.signal(number, answer)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[Common]:
    """What the screen was opened with; it is closed with exit code 7."""
    asked: list[Common] = []

    def watch(common: Common) -> int:
        asked.append(common)
        return 7

    for module in (commands, screen):
        monkeypatch.setattr(module, "watch", watch)
    return asked


def test_without_arguments_it_is_the_screen_that_the_command_line_would_open(watched: list[Common]) -> None:
    assert run([]) == commands.carry_out([]) == 7
    assert watched == [Common(), Common()]


def test_with_arguments_the_command_line_decides(watched: list[Common]) -> None:
    assert run(["--region", "eu-west-1"]) == 7
    assert watched == [Common(regions=("eu-west-1",))]


def test_a_shell_that_asks_for_completions_gets_them(
    watched: list[Common], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_SMTOP_COMPLETE", "bash_source")
    with pytest.raises(SystemExit):
        run([])
    assert not watched
    assert "_smtop_completion" in capsys.readouterr().out


def test_what_is_no_option_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--nonsense"]) == 2
    assert "No such option" in capsys.readouterr().err
