"""`smtop resize`, and what it leaves in the journal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Shell
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

SERVERLESS = "sentiment-slpc"


@pytest.fixture(scope="module")
def swift_aws() -> Iterator[SimulatedAws]:
    """A fleet on which changes are made as soon as they are asked for."""
    with start_simulated_aws("--speed=2000") as aws:
        yield aws


@pytest.fixture
def shell(swift_aws: SimulatedAws, tmp_path: Path) -> Shell:
    return Shell(swift_aws.environment, tmp_path)


def test_a_size_is_had_and_taken_back(shell: Shell) -> None:
    made = shell.smtop("resize", "eta-predictor", "--count", "5", "--write", "--yes", "--format", "json")
    assert (made.code, made.json["outcome"], made.json["status"]) == (0, "applied", "InService")
    assert made.json["plan"]["after"] == {"AllTraffic.count": 5}
    back = shell.smtop("undo", "--confirm", "eta-predictor", "--format", "json")
    assert (back.code, back.json["plan"]["after"]) == (0, {"AllTraffic.count": 3})


def test_what_cannot_be_ends_with_one(shell: Shell) -> None:
    refused = shell.smtop("resize", "faq-answerer-sls", "--memory", "1500", "--dry-run")
    assert refused.code == 1
    assert "  ! Memory is 1024 to 6144 MB in steps of 1024; 1500 is not." in refused.out
    usage = shell.smtop("resize", SERVERLESS, "--until", "tomorrow")
    assert (usage.code, "tomorrow is no time, like 2026-11-21T06:00Z or +2h." in usage.err) == (2, True)


def test_a_time_that_comes_is_reminded_of(shell: Shell, swift_aws: SimulatedAws) -> None:
    for_a_time = ("--provisioned-concurrency", "15", "--from", "+1d", "--until", "+2d")
    before = len(swift_aws.writes())
    done = shell.smtop("resize", SERVERLESS, *for_a_time, "--write", "--yes", "--format", "json")
    assert (done.code, done.json["outcome"], done.json["request_ids"]) == (0, "in-progress", [])
    assert len(swift_aws.writes()) == before
    change_id = done.json["id"]
    listed = shell.smtop("journal")
    assert f"smtop journal --finish {change_id} --write" in listed.out
    closed = shell.smtop("journal", "--finish", change_id)
    assert (closed.code, "smtop is read-only" in closed.err) == (1, True)
