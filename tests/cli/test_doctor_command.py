"""`smtop doctor --cost` as a process: the plan, and that making it costs nothing."""

import pytest

from tests.cli.command import Shell
from tests.support.simulated_aws import SimulatedAws


def test_the_plan_is_told_and_nothing_is_asked_of_cloudwatch(shell: Shell, small_aws: SimulatedAws) -> None:
    before = small_aws.calls()
    done = shell.smtop("doctor", "--cost")
    after = small_aws.calls()
    assert (done.code, done.err) == (0, "")
    assert after["billed_metrics"] == before["billed_metrics"]
    asked = {name for name, count in after["calls"].items() if count > before["calls"].get(name, 0)}
    assert "sagemaker:DescribeEndpoint" in asked
    assert not [name for name in asked if name.startswith("cloudwatch:")]
    assert done.out.startswith("8 endpoints. A first look asks ")
    assert "unhealthy" in done.out
    assert "List price; nothing was spent on this." in done.out


def test_scripts_get_the_same_plan_as_json(shell: Shell) -> None:
    done = shell.smtop("doctor", "--cost", "--format", "json", "--max-usd-per-hour", "0.0001", "--sweep")
    plan = done.json
    assert plan["sweep"] is None
    assert plan["endpoints"] == sum(one["endpoints"] for one in plan["tiers"]) == 8
    assert plan["usd_per_hour"] == pytest.approx(sum(one["usd_per_hour"] for one in plan["tiers"]), abs=1e-5)
    assert any("too small" in notice for notice in plan["notices"])


def test_two_questions_at_once_are_wrong_usage(shell: Shell) -> None:
    done = shell.smtop("doctor", "--cost", "--catalogue")
    assert done.code == 2
    assert "--cost" in done.err


def test_without_a_question_it_tells_that_no_path_is_slow(nowhere: Shell) -> None:
    done = nowhere.smtop("doctor", "--format", "json", AWS_PROFILE="of-nobody")
    assert (done.code, done.err) == (0, "")
    assert {"smtop", "botocore", "textual"} < set(done.json["versions"])
    assert len(done.json["ways"]) > 10
    assert {way["name"]: way["slow_path"] for way in done.json["ways"] if way["slow_path"]} == {}


def test_an_aws_that_cannot_be_reached_is_a_sentence(nowhere: Shell) -> None:
    done = nowhere.smtop("doctor", "--cost", "--region", "eu-west-1", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert done.code == 3
    assert done.out == ""
