"""The simulated AWS as a process beside the screen, and an environment that knows no other AWS."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from smtop.metrics.errors import SmtopError

_EXPORTS = 5
_MODULE = "smtop.metrics.simulator"


def serve(arguments: Sequence[str]) -> None:
    """Becomes the simulator, in the foreground, until Ctrl-C."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", _MODULE, *arguments])  # noqa: S606 - Python itself, and no shell


@contextmanager
def simulated_aws(arguments: Sequence[str]) -> Iterator[None]:
    """Runs a simulator for the length of the block and points this process's AWS environment at it alone."""
    command = [sys.executable, "-m", _MODULE, "--parent-pipe", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            _point_here(_exports(process))
            yield
        finally:
            process.terminate()


def _exports(process: "subprocess.Popen[str]") -> dict[str, str]:
    if process.stdout is None:
        raise AssertionError("started with a pipe")
    lines = [process.stdout.readline() for _ in range(_EXPORTS)]
    if not lines[-1]:
        raise SmtopError("The simulated AWS did not start; its own words stand above.")
    pairs = (line.removeprefix("export ").strip().partition("=") for line in lines)
    return {name: value for name, _, value in pairs}


def _point_here(variables: dict[str, str]) -> None:
    """Leaves nothing of the user's own AWS set-up, proxies included."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ.update(variables | nowhere | {"AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"})
