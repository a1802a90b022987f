"""`smtop demo --serve`: the simulated AWS in the foreground, for any client."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import Shell, group_lives

AWS_CLI = Path(sys.executable).with_name("aws")
NAMES = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)


@contextmanager
def serving(shell: Shell, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """A server and the lines that it has printed when it is ready."""
    with shell.started("demo", "--serve", *arguments) as process:
        assert process.stdout is not None
        yield process, [process.stdout.readline() for _ in NAMES]


def test_it_prints_the_exports_and_nothing_else_and_a_shell_can_use_them(nowhere: Shell) -> None:
    """The lines go through `eval`, and the AWS CLI works with what they set."""
    with serving(nowhere, "--endpoints", "3") as (process, lines):
        assert [line.partition("=")[0] for line in lines] == [f"export {name}" for name in NAMES]
        script = 'eval "$1"; exec "$2" sagemaker list-endpoints --output json'
        listed = subprocess.run(
            ["/bin/sh", "-c", script, "sh", "".join(lines), AWS_CLI],
            env=nowhere.variables({"AWS_PAGER": ""}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert listed.returncode == 0, listed.stderr
        assert len(json.loads(listed.stdout)["Endpoints"]) == 3
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")
        assert not group_lives(process.pid)


def test_it_takes_the_port_it_is_given_and_says_when_it_cannot(nowhere: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = nowhere.installed("demo", "--serve", "--port", str(port))
        assert (done.code != 0, done.out) == (True, "")
        assert str(port) in done.err and "in use" in done.err and "Traceback" not in done.err
    with serving(nowhere, "--endpoints", "3", "--port", str(port)) as (process, lines):
        assert lines[0] == f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--serve", "--scenario", "nonsense"], ["nonsense", "pc-exhausted"]),
        (["--serve", "--endpoints", "-1"], ["--endpoints"]),
        (["--serve", "--speed", "0"], ["--speed"]),
        (["--port", "4566"], ["--serve"]),
        (["--wide", "--serve"], ["--wide", "--serve"]),
        (["--wide", "--drill"], ["--wide", "--drill"]),
    ],
)
def test_what_cannot_be_simulated_is_a_usage_error(nowhere: Shell, arguments: list[str], words: list[str]) -> None:
    done = nowhere.installed("demo", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert all(word in done.err for word in words)


def test_a_fleet_without_endpoints_is_an_empty_account(nowhere: Shell) -> None:
    with serving(nowhere, "--endpoints", "0") as (process, lines):
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        done = nowhere.snapshot(**variables)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert (done.code, done.json["endpoints"], done.json["complete"]) == (0, [], True)
    assert done.sentences == ["There are no SageMaker endpoints in 123456789012 / us-east-1."]


def test_a_scenario_is_what_a_snapshot_finds(nowhere: Shell) -> None:
    with serving(nowhere, "--scenario", "pc-exhausted", "--endpoints", "8") as (process, lines):
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        done = nowhere.snapshot("--filter", "severity:critical", **variables)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    found = {finding["id"] for endpoint in done.json["endpoints"] for finding in endpoint["findings"]}
    assert "pc-exhausted" in found


def test_the_users_own_aws_is_left_alone(nowhere: Shell) -> None:
    """A profile, a region and an endpoint URL of the user have no say in the demo."""
    mine = {"AWS_PROFILE": "prod", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    shell = Shell(mine, nowhere.home)
    with serving(shell, "--endpoints", "1") as (process, lines):
        assert "export AWS_REGION=us-east-1\n" in lines
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert list(nowhere.home.iterdir()) == []
