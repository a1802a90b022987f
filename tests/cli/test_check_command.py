"""`smtop check` and `smtop explain` on the simulated AWS: what is wrong, as text, as JSON, for Nagios, in a chat."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.command import Done, Shell
from tests.cli.shapes import SEVERITIES, VERDICTS, differences
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

EXHAUSTED = "checkout-fraud-slpc"


@pytest.fixture(scope="module")
def whole_fleet(fleet_aws: SimulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(fleet_aws.environment, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with start_simulated_aws("--scenario", "healthy", "--endpoints", "8") as aws:
        yield Shell(aws.environment, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def checked(whole_fleet: Shell) -> Done:
    return whole_fleet.smtop("check", "--format", "json")


def of(done: Done, endpoint: str) -> list[dict[str, Any]]:
    return [finding for finding in done.json["findings"] if finding["endpoint"] == endpoint]


def test_findings_fail_and_have_the_shape_of_schema_1(checked: Done) -> None:
    assert (checked.code, checked.err) == (1, "")
    assert list(differences(checked.json, VERDICTS)) == []
    ranks = [SEVERITIES.index(finding["severity"]) for finding in checked.json["findings"]]
    assert ranks == sorted(ranks)
    assert checked.json["unjudged"] == []


def test_a_finding_tells_its_cause_proof_and_remedy(checked: Done) -> None:
    [finding] = [one for one in of(checked, EXHAUSTED) if one["id"] == "pc-exhausted"]
    assert (finding["severity"], finding["confidence"], finding["variant"]) == ("critical", "high", "AllTraffic")
    assert finding["impact_per_minute"] > 1000
    assert finding["change"]["change"] == "scaling-bounds", "scaling would undo a resize"
    enough = finding["change"]["most"]
    command = f"smtop scaling {EXHAUSTED} bounds --variant AllTraffic --max {enough} --write"
    assert finding["change"]["command"] == command


def test_as_text_it_is_a_line_each_and_a_sum(whole_fleet: Shell) -> None:
    done = whole_fleet.smtop("check")
    *lines, last = done.out.splitlines()
    assert done.code == 1
    assert lines[0].startswith("CRITICAL  ")
    assert any(re.match(rf"CRITICAL  {EXHAUSTED}/AllTraffic  pc-exhausted  .*, since ..:..Z", line) for line in lines)
    assert re.fullmatch(r"40 endpoints: \d+ critical, \d+ warnings, 0 not judged", last)
    assert not done.has_colour


def test_nagios_reads_a_line_with_numbers_and_its_own_codes(whole_fleet: Shell, healthy: Shell) -> None:
    done = whole_fleet.smtop("check", "--nagios")
    assert done.code == 2
    assert re.fullmatch(
        r"SMTOP CRITICAL - .* \| critical=\d+;;;0 warning=\d+;;;0 unjudged=0;;;0 endpoints=40;;;0\n", done.out
    )
    fine = healthy.smtop("check", "--nagios", "--fail-on", "critical")
    assert (fine.code, fine.out.split(" - ")[0]) == (0, "SMTOP OK")


def test_nagios_says_unknown_where_aws_cannot_be_reached(nowhere: Shell) -> None:
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1", "AWS_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    done = nowhere.smtop("check", "--nagios", **variables, **keys)
    assert done.code == 3
    assert done.out.startswith("SMTOP UNKNOWN - ")


def test_a_healthy_fleet_passes(healthy: Shell) -> None:
    done = healthy.smtop("check", "--format", "json")
    assert done.code == 0, done.out
    assert [one for one in done.json["findings"] if one["severity"] == "critical"] == []


def test_what_cannot_be_judged_fails_unless_that_is_allowed(faulty: SimulatedAws, shell: Shell) -> None:
    faulty.faults(deny=["cloudwatch:GetMetricData"])
    done = shell.smtop("check", "--format", "json")
    unjudged = {one["endpoint"] for one in done.json["unjudged"]}
    assert unjudged
    if not done.json["findings"]:
        assert done.code == 4
    partly = shell.smtop("check", "--allow-partial", "--format", "json")
    assert {one["endpoint"] for one in partly.json["unjudged"]} == unjudged
    assert partly.code in (0, 1)


# Explain


def test_an_ill_endpoint_is_explained(whole_fleet: Shell) -> None:
    done = whole_fleet.smtop("explain", EXHAUSTED)
    assert (done.code, done.err) == (0, "")
    for part in (
        "pc-exhausted",
        "confidence: high",
        "next: Raise ",
        "run: smtop scaling",
        "Looked at and quiet",
    ):
        assert part in done.out


def test_a_fine_endpoint_says_what_was_looked_at(healthy: Shell) -> None:
    name = healthy.snapshot().json["endpoints"][-1]["name"]
    done = healthy.smtop("explain", name, "--format", "json")
    assert done.code == 0
    assert [one for one in done.json["findings"] if one["severity"] != "ok"] == []
    assert {one["outcome"] for one in done.json["looked_at"]} >= {"quiet"}


def test_as_markdown_it_can_be_pasted_into_a_chat(whole_fleet: Shell) -> None:
    done = whole_fleet.smtop("explain", EXHAUSTED, "--format", "markdown")
    assert done.out.startswith(f"### {EXHAUSTED}: critical\n")
    assert "* Run: smtop scaling" in done.out


def test_an_endpoint_that_is_not_there_is_refused_with_a_way_on(whole_fleet: Shell) -> None:
    done = whole_fleet.smtop("explain", "nowhere-to-be-found")
    assert (done.code, done.out) == (1, "")
    assert "smtop snapshot lists" in done.err
