"""Exit codes, and how an error reaches the terminal: one or two sentences on stderr, never a traceback."""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum

from smtop.metrics.config import user_directories
from smtop.metrics.errors import AwsError, FaultKind, RefusedError, SmtopError
from smtop.tui.view_models.fmt import plain


class Exit(IntEnum):
    """What the shell gets to see."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    AWS = 3
    DENIED = 4
    INTERRUPTED = 130


_SAYS_NO = frozenset({FaultKind.NOT_FOUND, FaultKind.INVALID, FaultKind.BUSY, FaultKind.LIMIT, FaultKind.TOO_LARGE})
"""AWS has answered, and the answer is no."""


def code_of(error: SmtopError) -> Exit:
    """Refused, denied, not answered, or wrongly asked."""
    if not isinstance(error, AwsError):
        return Exit.FINDINGS if isinstance(error, RefusedError) else Exit.USAGE
    if error.kind is FaultKind.PERMISSION:
        return Exit.DENIED
    return Exit.FINDINGS if error.kind in _SAYS_NO else Exit.AWS


def guarded(command: Callable[[], int | None], *, debug: bool) -> int:
    """Runs a command and turns whatever it raises into a sentence and an exit code."""
    try:
        code = command() or Exit.FINE
        sys.stdout.flush()  # a pipe that was closed is to be met here, not when Python ends
        return code
    except SmtopError as error:
        return _told(str(error), code_of(error), debug=debug)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except Exception as error:
        return _told(_own_fault(error), Exit.FINDINGS, debug=debug)


def _own_fault(error: Exception) -> str:
    from smtop.tui.cli.crash import redacted, write_report

    report = write_report(error, user_directories().state)
    where = f"Where it happened stands in {report}" if report else "--debug shows where"
    return f"smtop met a fault of its own ({redacted(f'{type(error).__name__}: {error}')}). {where}."


def _told(sentence: str, code: Exit, *, debug: bool) -> int:
    if debug:
        from smtop.tui.cli.crash import redacted

        _write(redacted(traceback.format_exc()))
    narrate(sentence)
    return code


def narrate(sentence: str) -> None:
    """Says something on standard error, if anybody can hear it. AWS's own words may hold anything."""
    _write(f"smtop: {plain(sentence)}")


def _write(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
