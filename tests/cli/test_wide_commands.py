"""`smtop snapshot`, `check` and `explain` over several profiles and regions."""

import pytest

from tests.cli.command import TAGGED, Shell
from tests.cli.shapes import SNAPSHOT, VERDICTS, differences
from tests.support.simulated_aws import SimulatedAws

PROFILE = """[profile {name}]
region = {region}
endpoint_url = {url}
aws_access_key_id = {AWS_ACCESS_KEY_ID}
aws_secret_access_key = {AWS_SECRET_ACCESS_KEY}
"""


@pytest.fixture
def wide(small_aws: SimulatedAws, shell: Shell) -> Shell:
    """A shell with profiles alone: `one` and `twin` lead to the fleet, `dead` to nobody."""
    ways = [
        ("one", "us-east-1", small_aws.url),
        ("twin", "us-east-1", small_aws.url),
        ("dead", "us-west-2", "http://127.0.0.1:9"),
    ]
    profiles = [
        PROFILE.format(name=name, region=region, url=url, **small_aws.environment) for name, region, url in ways
    ]
    (shell.home / "aws-config").write_text("".join(profiles), encoding="utf-8")
    return Shell({"AWS_MAX_ATTEMPTS": "1"}, shell.home)


def test_two_regions_make_one_snapshot(wide: Shell) -> None:
    done = wide.snapshot("--profile", "one", "--region", "us-east-1", "--region", "eu-west-1")
    assert (done.code, done.err) == (0, "")
    assert list(differences(done.json, SNAPSHOT)) == []
    assert [one["region"] for one in done.json["identities"]] == ["us-east-1", "eu-west-1"]
    assert {one["region"] for one in done.json["endpoints"]} == {"us-east-1"}
    assert (done.json["complete"], len(done.json["endpoints"])) == (True, 8)
    here, there = done.json["spend"]["by_place"]
    assert (here["region"], there["region"], there["usd"], here["asked_through"]) == ("us-east-1", "eu-west-1", 0, None)
    assert here["usd"] == done.json["spend"]["usd"] > 0


def test_a_place_that_cannot_be_asked_hides_no_other(wide: Shell) -> None:
    done = wide.smtop("check", "--profile", "one", "--profile", "dead", "--format", "json", "--fail-on", "critical")
    assert done.code == 1
    assert list(differences(done.json, VERDICTS)) == []
    assert {one["account"] for one in done.json["findings"]} == {"123456789012"}
    [place] = [one for one in done.json["unjudged"] if one["endpoint"] is None]
    assert (place["region"], place["why"]) == ("us-west-2", "its endpoints could not be listed")
    assert [(one["account"], one["region"]) for one in done.json["problems"]] == [(None, "us-west-2")]
    assert all(sentence.startswith("dead us-west-2: ") for sentence in done.sentences)


def test_a_snapshot_without_one_of_its_places_says_so_by_its_exit_code(wide: Shell) -> None:
    done = wide.smtop("snapshot", "--profile", "one", "--profile", "dead", "--profile", "twin", "-n", "2")
    assert done.code == 3
    assert done.out.splitlines()[0].split()[0] == "NAME"
    assert any("watched once, as one us-east-1" in sentence for sentence in done.sentences)
    assert any(sentence.startswith("dead us-west-2: ") for sentence in done.sentences)


def test_an_endpoint_is_explained_wherever_it_is(wide: Shell) -> None:
    places = ("--profile", "one", "--region", "us-east-1", "--region", "eu-west-1")
    done = wide.smtop("explain", TAGGED, *places)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{TAGGED} (one us-east-1): ")
    nowhere = wide.smtop("explain", f"123456789012/eu-west-1/{TAGGED}", *places)
    assert (nowhere.code, nowhere.out) == (1, "")
    assert "in 123456789012 / us-east-1 or 123456789012 / eu-west-1" in nowhere.err


def test_what_changes_something_wants_one_place(wide: Shell) -> None:
    done = wide.smtop("resize", TAGGED, "--count", "2", "--region", "us-east-1", "--region", "eu-west-1")
    assert (done.code, done.out) == (2, "")
    assert "one account and region" in done.err
