"""Metrics by way of a monitoring account: what is asked where, what it costs, and who says what when it fails."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from smtop.metrics.aws.access import Access
from smtop.metrics.aws.link import account_of
from smtop.metrics.aws.meter import Meter
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import AwsError, ConfigError, FaultKind
from smtop.metrics.monitor import Commons, Monitor
from smtop.metrics.places import take
from smtop.metrics.ports import RankingQuery, Window
from tests.contract.sessions import point_at
from tests.support.engine import HastyClock
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

PAYMENTS, STRANGER, WATCH = "444455556666", "777788889999", "999900001111"
REGION = "us-east-1"
SETTLED_S = 600
"""So long ago the simulator has published everything, and nothing grows any more."""
GET, LIST = "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"
LEAD = "The metrics of payments are asked through watch. "
PROFILE = """[profile {name}]
region = {region}
endpoint_url = {url}
aws_access_key_id = {AWS_ACCESS_KEY_ID}
aws_secret_access_key = {AWS_SECRET_ACCESS_KEY}
"""


@pytest.fixture(scope="module")
def payments_aws() -> Iterator[SimulatedAws]:
    with start_simulated_aws("--endpoints", "6", account=PAYMENTS) as aws:
        yield aws


@pytest.fixture(scope="module")
def stranger_aws() -> Iterator[SimulatedAws]:
    with start_simulated_aws("--endpoints", "2", account=STRANGER) as aws:
        yield aws


@pytest.fixture(scope="module")
def watch_aws(payments_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """Its own endpoints have the same names and other numbers."""
    link = f"{PAYMENTS}={payments_aws.url}"
    with start_simulated_aws("--endpoints", "2", "--seed", "7", "--link", link, account=WATCH) as aws:
        yield aws


@dataclass(frozen=True)
class Ways:
    """Profiles that lead to simulated accounts, in a file."""

    file: Path
    lead_to: Mapping[str, SimulatedAws]

    def write(self, **keys: str) -> None:
        """Each with the key that opens it, or another one."""
        told = []
        for name, aws in self.lead_to.items():
            opens = aws.environment | ({"AWS_ACCESS_KEY_ID": keys[name]} if name in keys else {})
            told.append(PROFILE.format(name=name, region=REGION, url=aws.url, **opens))
        self.file.write_text("".join(told), encoding="utf-8")


@pytest.fixture
def ways(payments_aws: SimulatedAws, stranger_aws: SimulatedAws, watch_aws: SimulatedAws, tmp_path: Path) -> Ways:
    lead_to = {"payments": payments_aws, "stranger": stranger_aws, "watch": watch_aws, "twin": watch_aws}
    made = Ways(tmp_path / "aws-config", lead_to)
    made.write()
    return made


@pytest.fixture
def linked(
    ways: Ways, watch_aws: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The profile `payments`, whose metrics are asked through `watch`; `stranger`, who is not linked, is there too."""
    point_at({"AWS_CONFIG_FILE": str(ways.file), "AWS_MAX_ATTEMPTS": "1"}, monkeypatch)
    yield settings._replace(
        profile="payments", metrics_from={"payments": "watch", "stranger": "watch", "twin": "watch"}
    )
    watch_aws.faults()


def calls(aws: SimulatedAws, operation: str) -> int:
    return int(aws.calls()["calls"].get(operation, 0))


def values(snapshot: FleetSnapshot) -> dict[str, list[tuple[str, str, float | None]]]:
    return {
        view.endpoint.name: sorted(
            (str(owner), label, sample.value) for owner, own in view.metrics.items() for label, sample in own.items()
        )
        for view in snapshot.endpoints
    }


async def test_a_linked_account_has_the_numbers_that_it_has_itself_and_they_are_asked_elsewhere(
    linked: Settings, payments_aws: SimulatedAws, watch_aws: SimulatedAws
) -> None:
    now = payments_aws.now() - SETTLED_S
    async with Monitor(linked._replace(metrics_from={}), HastyClock(now)) as monitor:
        direct = await monitor.take()
    before = {name: calls(payments_aws, name) for name in (GET, LIST)}
    billed = watch_aws.calls()["billed_metrics"]
    async with Monitor(linked, HastyClock(now)) as monitor:
        through = await monitor.take()
    assert (through.problems, through.complete) == ((), True)
    assert through.identity is not None and through.identity.account == PAYMENTS
    assert values(through) == values(direct)
    assert {name: calls(payments_aws, name) for name in (GET, LIST)} == before
    assert watch_aws.calls()["billed_metrics"] - billed == through.spend.metrics_billed == direct.spend.metrics_billed
    assert through.spend.asked_through == "watch"


async def test_an_account_that_is_not_linked_says_so_and_the_others_live(linked: Settings) -> None:
    wide = linked._replace(profiles=("payments", "stranger"))
    snapshot = await take(wide, SystemClock(), lambda _: None)
    assert {view.endpoint.at and view.endpoint.at.account for view in snapshot.endpoints} == {PAYMENTS, STRANGER}
    told = {problem.operation: problem for problem in snapshot.problems}
    assert {(one.kind, one.source and one.source.profile) for one in told.values()} == {
        (FaultKind.PERMISSION, "stranger")
    }
    said = told[GET].message
    assert "The metrics of stranger are asked through watch. CloudWatch gives none of " in said
    assert f"Link {STRANGER} to {WATCH} as a source of metrics, and allow {GET} there." in said


async def test_a_monitoring_account_that_lets_nobody_in_leaves_the_inventory_and_is_tried_again(
    linked: Settings, watch_aws: SimulatedAws, ways: Ways
) -> None:
    ways.write(watch="ENDED")
    async with Monitor(linked, SystemClock()) as monitor:
        shut = await monitor.take()
        ways.write()
        watch_aws.faults(deny=[GET])
        denied = await monitor.take()
        watch_aws.faults()
        let_in = await monitor.take()
    assert shut.listed_at is not None and shut.is_cut_off
    assert len(shut.endpoints) == len(let_in.endpoints) > 0
    [problem] = shut.problems
    assert problem.kind is FaultKind.CREDENTIALS
    assert problem.message.startswith(f"{LEAD}AWS does not accept these credentials")
    assert "--profile watch" in problem.message
    assert let_in.problems == ()
    assert {(one.kind, one.message.startswith(f"{LEAD}{GET} is denied")) for one in denied.problems} == {
        (FaultKind.PERMISSION, True)
    }


def test_a_code_goes_to_the_profile_that_has_asked_for_one_last(linked: Settings) -> None:
    clock = SystemClock()
    commons = Commons(clock, random.Random(1))
    access = Access(linked, Meter(), commons)
    for asking, other in (("watch", "payments"), ("payments", "watch")):
        with pytest.raises(AwsError):
            commons.sign_ons[asking].codes.take("Enter MFA code for x")
        access.give("123456")
        assert commons.sign_ons[asking].codes.take("Enter MFA code for x") == "123456"
        with pytest.raises(AwsError):
            commons.sign_ons[other].codes.take("Enter MFA code for x")


async def test_all_that_ask_in_one_account_and_region_have_one_pace(linked: Settings, watch_aws: SimulatedAws) -> None:
    clock = SystemClock()
    commons = Commons(clock, random.Random(1))
    usual = commons.pace("payments", REGION).rate_per_s(GET)
    watch_aws.faults(throttle={GET: {"rate": 0.001, "burst": 0}})
    for profile in ("payments", "stranger"):
        async with Monitor(linked._replace(profile=profile), clock, commons=commons) as monitor:
            await monitor.take()
    slowed = commons.pace("watch", REGION).rate_per_s(GET)
    assert usual is not None and slowed is not None and slowed < usual
    assert commons.pace("payments", REGION).rate_per_s(GET) == usual


async def test_two_profiles_of_one_account_have_one_pace(linked: Settings) -> None:
    commons = Commons(SystemClock(), random.Random(1))
    assert commons.pace("watch", REGION) is not commons.pace("twin", REGION)
    for profile in ("watch", "twin", "stranger"):
        async with Access(linked._replace(profile=profile), Meter(), commons) as access:
            await account_of(access.session)
    assert commons.pace("twin", REGION) is commons.pace("watch", REGION)
    assert commons.pace("stranger", REGION) is not commons.pace("watch", REGION)


async def test_a_sweep_goes_through_the_linked_account_alone(
    linked: Settings, payments_aws: SimulatedAws, watch_aws: SimulatedAws
) -> None:
    end = int(payments_aws.now() - SETTLED_S) // 300 * 300
    named = ("EndpointName", "VariantName")
    calls = RankingQuery("Invocations", "Sum", "AWS/SageMaker", named, named[0], 300, analysed=0)
    found, analysed = {}, {}
    for name, one in {
        "direct": linked._replace(metrics_from={}),
        "through": linked,
        "watch": linked._replace(profile="watch"),
        "plain": linked._replace(profile="watch", metrics_from={}),
        "twin": linked._replace(profile="twin"),
    }.items():
        async with Access(one, Meter(), Commons(SystemClock(), random.Random(1))) as access:
            before = [aws.calls()["analysed_metrics"] for aws in (payments_aws, watch_aws)]
            found[name] = (await access.insights.rank(calls, Window(end - 300, end))).values
            after = [aws.calls()["analysed_metrics"] for aws in (payments_aws, watch_aws)]
            analysed[name] = [now - then for now, then in zip(after, before, strict=True)]
    assert analysed["direct"][0] == analysed["through"][1] > 0 == analysed["through"][0]
    assert found["through"] == found["direct"] != found["watch"]
    assert found["watch"] == found["plain"] == found["twin"]


async def test_a_way_to_the_same_account_names_none(linked: Settings, watch_aws: SimulatedAws) -> None:
    async with Monitor(linked._replace(profile="twin"), SystemClock()) as monitor:
        snapshot = await monitor.take()
    assert (snapshot.problems, len(snapshot.endpoints)) == ((), 2)


def test_a_profile_that_is_not_there_is_told_with_the_key_that_names_it(linked: Settings) -> None:
    with pytest.raises(ConfigError, match=r"profiles.payments.metrics_from cannot be used.*nobody"):
        Monitor(linked._replace(metrics_from={"payments": "nobody"}), SystemClock())
