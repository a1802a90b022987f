"""`smtop`: the screen at once where nothing else is said, or whatever the command line asks for."""

import os
import signal
from collections.abc import Sequence
from types import FrameType

from smtop.tui.garbage import none_at_first


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; returns the exit code."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, _unwind)
    if arguments or "_SMTOP_COMPLETE" in os.environ:  # with which a shell asks for completions
        return _carry_out(arguments)
    with none_at_first():
        return _screen()


def _carry_out(arguments: Sequence[str]) -> int:
    from smtop.tui.cli.commands import carry_out
    from smtop.tui.cli.exits import guarded

    return guarded(lambda: carry_out(arguments), debug="--debug" in arguments)


def _screen() -> int:
    """What the command line would do without arguments; click would hold up the first picture."""
    from smtop.tui.cli.common import Common
    from smtop.tui.cli.exits import guarded
    from smtop.tui.cli.screen import watch

    return guarded(lambda: watch(Common()), debug=False)


def _unwind(number: int, _frame: FrameType | None) -> None:
    """Ends the command as an error would, so that whatever it has started ends with it."""
    raise SystemExit(128 + number)
