"""`smtop` as a process that needs no start: forked from one that has imported the engine already.

A process of its own all the same, with an environment, an exit code and an output. How the installed command starts,
and what it imports when, is for those tests that run the command itself.
"""

import gc
import io
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["tests.cli.warmed", "smtop.metrics.monitor", "smtop.tui.cli.doctor", "smtop.tui.cli.snapshot"]
)


def run_warm(arguments: Sequence[str], variables: Mapping[str, str], folder: Path, patience_s: float) -> int:
    """Runs to the end, with the files `out` and `err` of the folder as its output; returns the exit code."""
    process = _FORKS.Process(target=_smtop, args=(list(arguments), dict(variables), folder))
    process.start()
    process.join(patience_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"smtop {' '.join(arguments)} goes on after {patience_s} s")
    return process.exitcode


def _smtop(arguments: list[str], variables: dict[str, str], folder: Path) -> None:
    from smtop.tui.__main__ import main  # noqa: PLC0415 - in the new process only

    gc.freeze()  # what was imported and parsed before stays for good
    os.environ.clear()
    os.environ.update(variables)
    _redirect(0, Path(os.devnull), os.O_RDONLY)
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        _redirect(number, folder / ("out", "err")[number - 1], os.O_WRONLY | os.O_CREAT)
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8")
    sys.argv = ["smtop", *arguments]
    main()


def _redirect(number: int, file: Path, flags: int) -> None:
    opened = os.open(file, flags)
    os.dup2(opened, number)
    os.close(opened)
