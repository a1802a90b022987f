"""The simulated AWS as a process beside the screen, and an environment that knows no other AWS."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from smtop.metrics.errors import SmtopError
from smtop.metrics.files import replace_file

_EXPORTS = 5
_MODULE = "smtop.metrics.simulator"


def serve(arguments: Sequence[str]) -> None:
    """Becomes the simulator, in the foreground, until Ctrl-C."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", _MODULE, *arguments])  # noqa: S606 - Python itself, and no shell


class Site(NamedTuple):
    """A simulated account, the profile that leads to it, and what its simulator is told."""

    profile: str
    account: str
    arguments: Sequence[str]


@contextmanager
def simulated_aws(arguments: Sequence[str]) -> Iterator[None]:
    """Runs a simulator for the length of the block and points this process's AWS environment at it alone."""
    with _running(arguments) as variables:
        _point_here(variables)
        yield


@contextmanager
def simulated_accounts(sites: Sequence[Site], folder: Path) -> Iterator[None]:
    """The same for several accounts, each reached by its profile alone; an AWS configuration is put into `folder`."""
    with ExitStack() as running:
        told = [running.enter_context(_running(site.arguments, site.account)) for site in sites]
        file = folder / "aws-config"
        profiles = (_profile(site.profile, one) for site, one in zip(sites, told, strict=True))
        replace_file(file, "".join(profiles))
        _point_here({"AWS_CONFIG_FILE": str(file)})
        yield


@contextmanager
def _running(arguments: Sequence[str], account: str | None = None) -> Iterator[dict[str, str]]:
    """The variables by which a simulator is reached, while it runs."""
    command = [sys.executable, "-m", _MODULE, "--parent-pipe", *arguments]
    own = os.environ | ({"SMTOP_SIMULATED_ACCOUNT": account} if account else {})
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own) as process:
        try:
            yield _exports(process)
        finally:
            process.terminate()


def _profile(name: str, variables: Mapping[str, str]) -> str:
    """A simulated AWS as a profile of an AWS configuration."""
    members = {
        "region": "AWS_REGION",
        "endpoint_url": "AWS_ENDPOINT_URL",
        "aws_access_key_id": "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    }
    lines = [f"[profile {name}]", *(f"{key} = {variables[variable]}" for key, variable in members.items())]
    return "\n".join([*lines, ""])


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
    os.environ.update(nowhere | variables | {"AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"})
