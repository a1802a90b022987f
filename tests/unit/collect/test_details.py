"""Reading what the page of an endpoint shows: configs that are known and that are likely, and what scales."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from smtop.metrics.collect.details import KEPT_S, MOST_PERHAPS, Depths, DetailReader
from smtop.metrics.domain.configs import KnownConfig, Standing
from smtop.metrics.domain.details import Deployed, EndpointDetails, Topic
from smtop.metrics.domain.endpoint import Component, Endpoint, Moving
from smtop.metrics.domain.scaling import Scalable, ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction
from smtop.metrics.errors import FaultKind
from smtop.metrics.sightings import Sighting
from tests.support.details import FakeConfigs, FakeScaling, config, scalable, target
from tests.support.fleet import NOW_S, HandClock, endpoint

DAY = 86_400.0


@dataclass
class Bench:
    """A reader with all that it reaches; the endpoint `fraud` serves with `fraud-v3`."""

    configs: FakeConfigs = field(default_factory=lambda: FakeConfigs(config("fraud-v3", created_at=NOW_S - DAY)))
    scaling: FakeScaling = field(default_factory=FakeScaling)
    seen: list[Sighting] = field(default_factory=list)
    fleet: list[Endpoint] = field(default_factory=lambda: [serving("fraud", "fraud-v3")])
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.configs.deployments["fraud"] = Deployed("fraud-v3")
        self.reader = DetailReader(Depths(self.configs, self.scaling, lambda _: self.seen), self.clock)

    async def read(self, *, anew: bool = False) -> EndpointDetails:
        return await self.reader.details("fraud", self.fleet, anew=anew)

    async def history(self) -> Sequence[KnownConfig]:
        return (await self.read()).configs


def serving(name: str, config_name: str) -> Endpoint:
    return endpoint(name).endpoint._replace(config=config_name)


def brief(known: Sequence[KnownConfig]) -> list[tuple[str, Standing]]:
    return [(one.name, one.standing) for one in known]


async def test_aws_names_the_live_config_and_the_one_of_a_rollout() -> None:
    bench = Bench()
    bench.configs.configs["fraud-v4"] = config("fraud-v4", created_at=NOW_S - 60)
    bench.configs.deployments["fraud"] = Deployed("fraud-v3", "fraud-v4", NOW_S - 50)
    known = await bench.history()
    assert brief(known) == [("fraud-v4", Standing.ROLLING_OUT), ("fraud-v3", Standing.LIVE)]
    assert [one.created_at for one in known] == [NOW_S - 60, NOW_S - DAY]
    assert all(one.config is not None for one in known)


async def test_what_smtop_saw_comes_next_the_newest_first_and_says_when() -> None:
    bench = Bench()
    bench.seen = [Sighting("fraud-v3", NOW_S - DAY, NOW_S), Sighting("fraud-v1", NOW_S - 9 * DAY, NOW_S - 8 * DAY)]
    bench.seen.append(Sighting("hotfix", NOW_S - 3 * DAY, NOW_S - 2 * DAY))
    bench.configs.configs["hotfix"] = config("hotfix", created_at=NOW_S - 20 * DAY)
    known = await bench.history()
    assert brief(known) == [("fraud-v3", Standing.LIVE), ("hotfix", Standing.SEEN), ("fraud-v1", Standing.SEEN)]
    assert known[1].seen == (NOW_S - 3 * DAY, NOW_S - 2 * DAY)
    assert (known[2].config, known[2].why) == (None, "it was deleted")


async def test_configs_that_are_alike_by_name_are_only_perhaps_and_say_what_they_share() -> None:
    bench = Bench()
    for name, model, age_days in (
        ("fraud-v2", "fraud-1", 5),
        ("fraud-v1", "fraud-0", 9),
        ("fraud-2026-01-01", "churn", 12),
        ("fraud-batch-v9", "fraud-1", 2),
    ):
        bench.configs.configs[name] = config(name, model, created_at=NOW_S - age_days * DAY)
    details = await bench.read()
    assert brief(details.configs)[1:] == [
        ("fraud-batch-v9", Standing.PERHAPS),
        ("fraud-v2", Standing.PERHAPS),
        ("fraud-v1", Standing.PERHAPS),
        ("fraud-2026-01-01", Standing.PERHAPS),
    ]
    assert [one.how for one in details.configs[2:]] == [
        "its name is alike, same model fraud-1",
        "its name is alike, model fraud-0",
        "its name is alike, other models",
    ]
    assert details.search == 'configs named like "fraud"'


async def test_a_config_that_serves_another_endpoint_is_not_likely() -> None:
    bench = Bench()
    bench.configs.configs["fraud-v2"] = config("fraud-v2")
    bench.fleet.append(serving("fraud-staging", "fraud-v2"))
    assert brief(await bench.history()) == [("fraud-v3", Standing.LIVE)]


async def test_only_the_newest_of_many_likely_ones_are_read() -> None:
    bench = Bench()
    for number in range(20):
        bench.configs.configs[f"fraud-{number}"] = config(f"fraud-{number}", created_at=NOW_S - number * DAY)
    details = await bench.read()
    assert [one.name for one in details.configs[1:]] == [f"fraud-{number}" for number in range(MOST_PERHAPS)]
    assert details.search == 'configs named like "fraud"; 12 older ones are left out'
    assert sum(count for asked, count in bench.configs.asked.items() if "EndpointConfig " in asked) == MOST_PERHAPS + 1


async def test_a_name_that_says_nothing_of_the_endpoint_is_looked_for_beside_its_own() -> None:
    bench = Bench()
    bench.configs.deployments["fraud"] = Deployed("terraform-20261120")
    await bench.read()
    assert bench.configs.parts == ["fraud", "terraform"]


async def test_every_registered_part_has_its_policies_schedules_and_activities() -> None:
    bench = Bench()
    copies = Scalable("inference-component/chat", "sagemaker:inference-component:DesiredCopyCount")
    bench.fleet = [bench.fleet[0]._replace(components=(Component("chat", "AllTraffic", "InService", Moving(1, 1)),))]
    bench.scaling.registered = [target("fraud"), ScalableTarget(copies, 0, 2), target("other")]
    own = scalable("fraud")
    policy, action = ScalingPolicy(own, "p", "TargetTrackingScaling"), ScheduledAction(copies, "night", "rate(1 day)")
    activity = ScalingActivity(own, NOW_S, "Successful", "Setting 2", "by hand")
    bench.scaling.known = [policy, action, activity]
    scaled = (await bench.read()).scaled
    assert scaled is not None
    assert [(part.target.scalable, part.policies, part.schedules, part.activities) for part in scaled] == [
        (own, (policy,), (), (activity,)),
        (copies, (), (action,), ()),
    ]


async def test_nothing_registered_is_not_the_same_as_not_allowed_to_ask() -> None:
    bench = Bench()
    assert (await bench.read()).scaled == ()
    bench.scaling.refuse("application-autoscaling:DescribeScalableTargets")
    details = await bench.read(anew=True)
    assert details.scaled is None
    assert details.about(Topic.SCALING) == (
        "application-autoscaling:DescribeScalableTargets is denied; ask for this permission.",
    )


@pytest.mark.parametrize(
    ("operation", "missing"),
    [
        ("application-autoscaling:DescribeScalingPolicies", "policies"),
        ("application-autoscaling:DescribeScheduledActions", "schedules"),
        ("application-autoscaling:DescribeScalingActivities", "activities"),
    ],
)
async def test_one_refusal_does_not_hide_the_rest(operation: str, missing: str) -> None:
    bench = Bench()
    bench.scaling.registered = [target("fraud")]
    bench.scaling.refuse(operation)
    details = await bench.read()
    assert details.scaled is not None
    (part,) = details.scaled
    found = {name: getattr(part, name) for name in ("policies", "schedules", "activities")}
    assert {name for name, told in found.items() if told is None} == {missing}
    assert details.configs and details.about(Topic.SCALING) and not details.about(Topic.CONFIGS)


async def test_where_configs_may_not_be_listed_the_sure_ones_still_are() -> None:
    bench = Bench()
    bench.configs.refuse("sagemaker:ListEndpointConfigs")
    details = await bench.read()
    assert brief(details.configs) == [("fraud-v3", Standing.LIVE)]
    assert details.search == ""
    assert len(details.about(Topic.CONFIGS)) == 1


async def test_an_endpoint_that_cannot_be_described_still_has_the_config_that_the_fleet_knows() -> None:
    bench = Bench()
    bench.configs.refuse("sagemaker:DescribeEndpoint", FaultKind.THROTTLED)
    details = await bench.read()
    assert details.deployed is None
    assert brief(details.configs) == [("fraud-v3", Standing.LIVE)]
    assert details.about(Topic.ENDPOINT)


async def test_details_are_kept_for_minutes_unless_they_are_wanted_anew() -> None:
    bench = Bench()
    first = await bench.read()
    bench.clock.now += KEPT_S - 1
    assert await bench.read() is first
    assert await bench.read(anew=True) is not first
    bench.clock.now += KEPT_S
    assert (await bench.read()).read_at == bench.clock.now


async def test_what_was_refused_is_asked_again_the_next_time() -> None:
    bench = Bench()
    bench.configs.refuse("sagemaker:ListEndpointConfigs")
    assert (await bench.read()).notes
    bench.configs.faults.clear()
    assert not (await bench.read()).notes


async def test_several_readers_share_one_reading_and_one_that_leaves_ends_nothing() -> None:
    bench = Bench()
    leaving = asyncio.ensure_future(bench.read())
    await asyncio.sleep(0)
    staying = asyncio.ensure_future(bench.read(anew=True))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).configs
    assert bench.configs.asked["sagemaker:DescribeEndpoint fraud"] == 1


async def test_an_endpoint_that_is_not_in_the_fleet_is_a_note() -> None:
    bench = Bench(fleet=[])
    details = await bench.read()
    assert details.about(Topic.ENDPOINT) == ("There is no endpoint fraud any more.",)
    assert not bench.configs.asked


async def test_a_fault_of_our_own_is_not_kept() -> None:
    bench = Bench()
    bench.configs.deployments = None  # type: ignore[assignment]
    with pytest.raises(TypeError):
        await bench.read()
    bench.configs.deployments = {"fraud": Deployed("fraud-v3")}
    assert (await bench.read()).deployed is not None


async def test_closing_ends_what_is_being_read() -> None:
    bench = Bench()
    reading = asyncio.ensure_future(bench.read())
    await asyncio.sleep(0)
    bench.reader.close()
    with pytest.raises(asyncio.CancelledError):
        await reading
