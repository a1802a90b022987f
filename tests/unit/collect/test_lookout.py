"""What stands around endpoints: what is asked how often, what a refusal leaves, and when an object is a new one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from smtop.metrics.collect.surroundings.lookout import CALM_S, MODELS_AT_ONCE, UNASKED, URGENT_S, Lookout, Ours
from smtop.metrics.collect.surroundings.question import NOT_YET, REFUSED_S, STANDS_S
from smtop.metrics.collect.surroundings.region import POLICIES_S, QUOTAS_S
from smtop.metrics.domain.endpoint import Endpoint, Kind, Moving, Variant
from smtop.metrics.domain.quotas import SERVERLESS, usage_of
from smtop.metrics.domain.scaling import Scalable, ScalableTarget, ScaledPart, ScalingActivity, ScalingPolicy
from smtop.metrics.domain.surroundings import (
    NOTHING_AROUND,
    Alarm,
    AlarmState,
    Around,
    ModelFacts,
    Quota,
    Surroundings,
)
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import PlacedAlarm
from tests.support.around import ACTIVITIES, ALARMS, ARTIFACT, IMAGE, MODEL, POLICIES, QUOTAS, TARGETS, FakeRegion
from tests.support.details import scalable, target
from tests.support.engine import FakeClock, component, hosted, settle, variant_of
from tests.support.fleet import NOW_S

ACCOUNT = "123456789012"
FRAUD = hosted("fraud", variants=[variant_of()._replace(model="fraud-1")])
CHAT = hosted("chat", Kind.SERVERLESS, variants=[variant_of(Kind.SERVERLESS)._replace(model="chat-1")])
POOL = hosted("pool", Kind.INFERENCE_COMPONENT, components=[component("Llama")])
FAILED = Alarm("fraud-5xx", AlarmState.ALARM, NOW_S - 300, "Threshold crossed", "Invocation5XXErrors", "AllTraffic")


@dataclass
class Post:
    """A lookout over a fleet, and the region that it asks."""

    fleet: list[Endpoint]
    region: FakeRegion = field(default_factory=FakeRegion)
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        ours = Ours(lambda _: (), lambda: usage_of(self.fleet))
        self.lookout = Lookout(self.region.sources, ours, self.clock, lambda: self.told.append(1))
        self.lookout.take(self.fleet)

    def of(self, endpoint: Endpoint) -> Surroundings:
        return self.lookout.of(endpoint.name)

    async def tick(self, *, urgent: bool = False, first: Sequence[str] = ()) -> None:
        self.lookout.begin(ACCOUNT, urgent=urgent, first=first)
        await settle()

    async def pass_minutes(self, minutes: int, *, urgent: bool = False) -> dict[str, int]:
        """How often each operation was asked in so many minutes of ticks."""
        self.region.asked.clear()
        for _ in range(minutes):
            self.clock.move(60)
            await self.tick(urgent=urgent)
        return dict(self.region.asked)


def post(*fleet: Endpoint) -> Post:
    return Post(list(fleet))


def busy(*fleet: Endpoint) -> Post:
    """With something of everything."""
    made = post(*fleet)
    made.region.targets = [target("fraud"), ScalableTarget(Scalable("inference-component/Llama", "copies"), 1, 2)]
    made.region.policies = [ScalingPolicy(scalable("fraud"), "calls", "StepScaling", alarms=("by-hand",))]
    made.region.activities = [ScalingActivity(scalable("fraud"), NOW_S - 60, "Failed", "Setting count to 4.", "calls")]
    made.region.placed = [PlacedAlarm("fraud", FAILED)]
    made.region.limits = {"ml.m5.xlarge": Quota("ml.m5.xlarge for endpoint usage", 8.0)}
    made.region.models = {"fraud-1": ModelFacts("fraud-1", ("image:1",), "role", {"A": "1"}, artifacts=("s3://b/f",))}
    made.region.models["chat-1"] = ModelFacts("chat-1", ("image:2", "image:3"), artifacts=("s3://b/c",))
    made.region.sizes = {"image:1": 10, "image:2": 20, "image:3": 30, "s3://b/c": 40}
    return made


# What is known


async def test_before_anything_was_asked_nothing_is_claimed() -> None:
    made = post(FRAUD)
    around = made.of(FRAUD)
    assert (around.scaled, around.alarms, around.quotas, around.models) == (None, None, None, None)
    assert set(around.unknown.values()) == {NOT_YET}
    assert made.lookout.of("ghost") is NOTHING_AROUND


async def test_everything_is_sorted_to_the_endpoint_that_it_is_about() -> None:
    made = busy(FRAUD, CHAT, POOL)
    await made.tick()
    fraud, chat, pool = made.of(FRAUD), made.of(CHAT), made.of(POOL)
    own = made.region
    assert fraud.scaled == (ScaledPart(own.targets[0], tuple(own.policies), None, tuple(own.activities)),)
    assert fraud.alarms == (FAILED,)
    assert fraud.quotas == {"ml.m5.xlarge": Quota("ml.m5.xlarge for endpoint usage", 8.0, 4.0)}
    assert (chat.scaled, chat.alarms, chat.quotas) == ((), (), {})
    assert [part.target for part in pool.scaled or ()] == [own.targets[1]]
    assert fraud.unknown == {}


async def test_facts_of_models_have_sizes_where_they_matter() -> None:
    made = busy(FRAUD, CHAT)
    await made.tick()
    (fraud,), (chat,) = ((made.of(one).models or {}).values() for one in (FRAUD, CHAT))
    assert (fraud.images, fraud.role, dict(fraud.environment)) == (("image:1",), "role", {"A": "1"})
    assert (fraud.image_bytes, fraud.artifact_bytes) == (10, None)
    assert (chat.image_bytes, chat.artifact_bytes) == (50, 40)
    assert made.region.asked[ARTIFACT] == 1


async def test_what_was_not_described_yet_has_no_surroundings() -> None:
    vague = FRAUD._replace(described=False, variants=())
    made = busy(vague)
    await made.tick()
    around = made.of(vague)
    assert (around.scaled, around.alarms, around.models) == (None, None, None)


async def test_serverless_concurrency_counts_all_variants_together() -> None:
    made = post(CHAT, hosted("faq", Kind.SERVERLESS))
    made.region.limits = {SERVERLESS: Quota("Total concurrency", 100.0)}
    await made.tick()
    assert made.of(CHAT).quotas == {SERVERLESS: Quota("Total concurrency", 100.0, 40.0)}


async def test_use_is_unknown_where_a_part_of_the_fleet_is() -> None:
    untyped = hosted("odd", variants=[variant_of(instance_type=None)])
    made = busy(FRAUD, untyped)
    await made.tick()
    assert made.of(FRAUD).quotas == made.region.limits


@pytest.mark.parametrize(
    ("name", "scales"), [("fraud-5xx", False), ("by-hand", True)], ids=["somebody's", "of a policy"]
)
async def test_an_alarm_of_a_policy_is_part_of_scaling(name: str, scales: bool) -> None:
    made = busy(FRAUD)
    made.region.placed = [PlacedAlarm("fraud", FAILED._replace(name=name))]
    await made.tick()
    assert made.of(FRAUD).alarms == (FAILED._replace(name=name, scales=scales),)


async def test_an_alarm_on_a_component_is_its_endpoints_whatever_the_case() -> None:
    made = post(POOL)
    alarm = Alarm("slow", AlarmState.OK, NOW_S, component="llama")
    made.region.placed = [PlacedAlarm(None, alarm), PlacedAlarm(None, alarm._replace(component="qwen"))]
    await made.tick()
    assert made.of(POOL).alarms == (alarm._replace(component="Llama"),)


# How often


async def test_a_calm_fleet_is_asked_rarely_and_a_sick_one_more_often() -> None:
    made = busy(FRAUD)
    await made.tick()
    calm = await made.pass_minutes(60)
    sick = await made.pass_minutes(60, urgent=True)
    assert (calm[TARGETS], calm[ALARMS], calm[ACTIVITIES]) == (3600 // CALM_S,) * 3
    assert (sick[TARGETS], sick[ALARMS], sick[ACTIVITIES]) == (3600 // URGENT_S,) * 3
    assert calm[POLICIES] == 3600 // POLICIES_S
    assert 0 < sick[POLICIES] <= 3600 // POLICIES_S
    assert calm[QUOTAS] == sick[QUOTAS] == 3600 // QUOTAS_S == 1
    assert (calm[MODEL], calm.get(IMAGE)) == (1, None)


async def test_where_nothing_scales_neither_policies_nor_activities_are_asked() -> None:
    made = post(FRAUD)
    await made.tick()
    assert made.of(FRAUD).scaled == ()
    assert not {POLICIES, ACTIVITIES} & set(made.region.asked)


async def test_models_come_some_at_a_time_those_of_sick_endpoints_first() -> None:
    fleet = [hosted(f"e{n}", variants=[variant_of()._replace(model=f"m{n}")]) for n in range(MODELS_AT_ONCE + 3)]
    made = post(*fleet)
    made.region.models = {f"m{n}": ModelFacts(f"m{n}") for n in range(len(fleet))}
    await made.tick(first=[fleet[-1].name])
    assert made.region.asked[MODEL] == MODELS_AT_ONCE
    assert made.of(fleet[-1]).models == {f"m{len(fleet) - 1}": ModelFacts(f"m{len(fleet) - 1}")}
    assert (made.of(fleet[-2]).models, made.of(fleet[-2]).unknown) == (None, {Around.MODELS: NOT_YET})
    await made.tick()
    assert made.of(fleet[-2]).models is not None
    assert made.region.asked[MODEL] == len(fleet)


async def test_who_asks_once_asks_everything() -> None:
    fleet = [hosted(f"e{n}", variants=[variant_of()._replace(model=f"m{n}")]) for n in range(MODELS_AT_ONCE + 3)]
    made = post(*fleet)
    await made.lookout.ask_all(ACCOUNT)
    assert made.region.asked[MODEL] == len(fleet)
    assert NOT_YET not in {why for endpoint in fleet for why in made.of(endpoint).unknown.values()}


async def test_without_sources_nothing_is_asked_and_the_past_is_known() -> None:
    lookout = Lookout(None, Ours(lambda _: (), lambda: None), FakeClock())
    lookout.take([FRAUD])
    lookout.begin(ACCOUNT, urgent=True)
    await lookout.ask_all(ACCOUNT)
    await lookout.close()
    around = lookout.of("fraud")
    assert (around.scaled, set(around.unknown.values())) == (None, {UNASKED})
    assert [deploy.config for deploy in around.deploys] == ["fraud-v1"]


async def test_closing_ends_what_is_being_asked() -> None:
    made = busy(FRAUD)
    made.lookout.begin(ACCOUNT, urgent=True)
    await made.lookout.close()
    await settle()
    assert made.told == []


# Refusals

TOPICS = {TARGETS: Around.SCALING, ALARMS: Around.ALARMS, QUOTAS: Around.QUOTAS, MODEL: Around.MODELS}
HOLDS = {Around.SCALING: "scaled", Around.ALARMS: "alarms", Around.QUOTAS: "quotas", Around.MODELS: "models"}


def held(around: Surroundings, topic: Around) -> Any:
    return getattr(around, HOLDS[topic])


@pytest.mark.parametrize("operation", TOPICS)
async def test_a_refusal_hides_nothing_else_is_told_and_is_not_repeated_for_an_hour(operation: str) -> None:
    made = busy(FRAUD)
    made.region.refuse(operation)
    await made.tick()
    topic, around = TOPICS[operation], made.of(FRAUD)
    assert held(around, topic) is None
    assert around.unknown == {topic: f"{operation} is denied; ask for this permission."}
    assert [held(around, other) is not None for other in HOLDS if other is not topic] == [True] * 3
    assert [error.operation for error in made.lookout.errors] == [operation]
    assert (await made.pass_minutes(REFUSED_S // 60 - 1, urgent=True)).get(operation) is None
    made.region.faults.clear()
    await made.pass_minutes(3)
    assert held(made.of(FRAUD), topic) is not None
    assert made.lookout.errors == []


async def test_a_part_that_cannot_be_asked_leaves_the_other_parts() -> None:
    made = busy(FRAUD)
    made.region.refuse(ACTIVITIES, FaultKind.SERVICE)
    await made.tick()
    [part] = made.of(FRAUD).scaled or ()
    assert (part.activities, len(part.policies or ())) == (None, 1)
    assert set(made.of(FRAUD).unknown) == {Around.SCALING}
    assert made.lookout.errors == []


@pytest.mark.parametrize(("kind", "told"), [(FaultKind.THROTTLED, True), (FaultKind.SERVICE, False)])
async def test_what_was_known_stands_for_a_while_when_asking_fails(kind: FaultKind, told: bool) -> None:
    made = busy(FRAUD)
    await made.tick()
    made.region.refuse(ALARMS, kind)
    await made.pass_minutes(STANDS_S // 60 - 1)
    assert made.of(FRAUD).alarms == (FAILED,)
    assert Around.ALARMS in made.of(FRAUD).unknown
    assert bool(made.lookout.errors) is told
    await made.pass_minutes(6)
    assert made.of(FRAUD).alarms is None


async def test_where_aws_is_out_of_reach_everything_stays_due_and_nobody_is_told_twice() -> None:
    made = busy(FRAUD)
    made.region.refuse(ALARMS, FaultKind.UNREACHABLE)
    await made.tick()
    assert made.lookout.errors == []
    assert (await made.pass_minutes(3))[ALARMS] == 3


async def test_sizes_are_an_extra_that_nobody_has_to_allow() -> None:
    made = busy(FRAUD, CHAT)
    made.region.refuse(IMAGE)
    made.region.refuse(ARTIFACT)
    await made.tick()
    [chat] = (made.of(CHAT).models or {}).values()
    assert (chat.image_bytes, chat.artifact_bytes) == (None, None)
    assert made.of(CHAT).unknown == {Around.MODELS: f"{IMAGE} is denied; ask for this permission."}
    assert made.lookout.errors == []
    assert not {IMAGE, ARTIFACT} & set(await made.pass_minutes(50))


async def test_a_model_that_was_deleted_is_said_to_be_gone() -> None:
    made = busy(FRAUD)
    del made.region.models["fraud-1"]
    await made.tick()
    assert (made.of(FRAUD).models, made.of(FRAUD).unknown) == (None, {Around.MODELS: "There is no fraud-1."})


# Identity


async def test_an_object_is_the_same_as_long_as_nothing_in_it_is_new() -> None:
    made = busy(FRAUD, CHAT)
    await made.tick()
    fraud, chat = made.of(FRAUD), made.of(CHAT)
    await made.pass_minutes(5, urgent=True)
    assert (made.of(FRAUD), made.of(CHAT)) == (fraud, chat)
    made.region.placed = [PlacedAlarm("fraud", FAILED._replace(state=AlarmState.OK))]
    await made.pass_minutes(5)
    assert made.of(FRAUD) is not fraud
    assert made.of(CHAT) is chat


async def test_it_is_told_when_something_was_read_and_only_then() -> None:
    made = post(FRAUD)
    await made.tick()
    await made.tick()
    assert (len(made.told), made.lookout.revision) == (1, 1)


async def test_an_endpoint_that_changes_is_looked_at_with_what_is_known() -> None:
    made = busy(FRAUD)
    await made.tick()
    renamed = FRAUD._replace(variants=(Variant("Other", instances=FRAUD.variants[0].instances),))
    made.lookout.take([renamed])
    assert (made.of(FRAUD).scaled, made.of(FRAUD).models) == ((), {})


async def test_an_endpoint_that_is_gone_is_forgotten() -> None:
    made = busy(FRAUD, CHAT)
    await made.tick()
    made.lookout.take([CHAT])
    assert made.of(FRAUD) is NOTHING_AROUND
    grown = CHAT._replace(components=(component("x")._replace(copies=Moving(1, 1)),))
    made.lookout.take([grown])
    assert made.of(CHAT).alarms == ()


def test_what_an_earlier_run_knew_stands_until_it_turns_out_to_be_different() -> None:
    lookout = Lookout(None, Ours(lambda _: (), lambda: None), FakeClock())
    lookout.recall([FRAUD], FakeClock().wall() - 3600)
    recalled = lookout.of("fraud")
    lookout.take([FRAUD])
    assert lookout.of("fraud") is recalled
    lookout.take([FRAUD._replace(config="fraud-v2")])
    assert lookout.of("fraud") is not recalled
