"""What tests of changing commands look at: the journal of a shell, and the processes that carry changes out."""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from smtop.metrics.clock import SystemClock
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Entry, Journal
from tests.cli.command import PATIENCE_S, Shell


def journal_of(shell: Shell) -> Journal:
    return Journal(shell.home / "state" / "smtop", SystemClock())


def until(happens: Callable[[], bool], what: str) -> None:
    """Waits for something that another process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not happens():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


def newest(shell: Shell) -> Entry | None:
    """The last change of a shell; None where it has none yet, or not yet a whole line of it."""
    with suppress(RefusedError):
        return next(iter(journal_of(shell).entries()), None)
    return None


def hand_of(shell: Shell) -> int:
    """The process that carries out a change of this shell."""
    state = f"XDG_STATE_HOME={shell.home / 'state'}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes()
            if b"smtop.metrics.hand" in words and state in (process / "environ").read_bytes().split(b"\0"):
                return int(process.name)
    raise AssertionError("nobody carries out a change")


def forget(shell: Shell) -> None:
    """Takes the journal away: whoever carries out a change of it then ends by itself."""
    shutil.rmtree(shell.home / "state", ignore_errors=True)


def changes(out: str) -> list[dict[str, Any]]:
    """What `smtop journal --format json` lists."""
    document = json.loads(out)
    assert document["schema"] == 1
    return list(document["changes"])
