"""The simulated AWS in a process of its own, for whoever measures against it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1]
_EXPORTS = 5


@contextmanager
def simulated_aws(*arguments: str) -> Iterator[dict[str, str]]:
    """A simulator with these command-line arguments; gives the variables that point at it. It ends with the block, or
    with us."""
    paths = os.pathsep.join([str(_PROJECT / ".dev"), str(_PROJECT)])
    command = [sys.executable, "-m", "smtop.metrics.simulator", "--parent-pipe", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(_EXPORTS)]
        try:
            yield dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        finally:
            process.stdin.close()
