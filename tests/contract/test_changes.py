"""Changes from plan to end and back, on the simulated AWS over the wire."""

import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from smtop.metrics.actions.live import live_fields
from smtop.metrics.actions.moved import moved_fields
from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import (
    Bounds,
    Change,
    Delete,
    Policy,
    Resize,
    Rollback,
    Schedule,
    Suspend,
    Undo,
    Unscale,
    Update,
    Weights,
)
from smtop.metrics.domain.plan import Fields
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Entry, State
from smtop.metrics.operator import Operator, operating
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

SPEED = 60.0
PATIENCE_S = 3600.0
CANARY = "fraud-scorer-prod"


@pytest.fixture(scope="module")
def epoch() -> float:
    return time.time()


@pytest.fixture(scope="module")
def quick_aws(epoch: float) -> Iterator[SimulatedAws]:
    """A fleet to change, in which a minute is a second."""
    with start_simulated_aws(f"--speed={SPEED}", f"--epoch={epoch}") as aws:
        _hold_still(aws)
        yield aws


@pytest.fixture
def clock(epoch: float) -> ScaledClock:
    return ScaledClock(epoch, SPEED)


def _hold_still(aws: SimulatedAws) -> None:
    """Suspends what scales: a minute is a second here, and scaling would meet the changes that are tried."""
    held = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    with closing(boto3.client("application-autoscaling", **aws.client_arguments())) as client:
        for target in client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]:
            place = {name: target[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
            client.register_scalable_target(**place, SuspendedState=dict.fromkeys(held, True))


@pytest.fixture
async def operator(
    quick_aws: SimulatedAws, clock: ScaledClock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Operator]:
    point_at(quick_aws.environment, monkeypatch)
    async with operating(settings, clock, random.Random(4)) as made:
        made.gate.open()
        yield made


@dataclass(frozen=True)
class Witness:
    """Unmodified boto3, which says what became of an endpoint."""

    client: Any
    scaling: Any

    def endpoint(self, name: str) -> dict[str, Any]:
        """What DescribeEndpoint says, times apart."""
        answer = self.client.describe_endpoint(EndpointName=name)
        return {member: value for member, value in answer.items() if member not in _PASSING}

    def whole(self, name: str, *, scaled: bool = False) -> dict[str, Any]:
        """The endpoint with its config, tags and scaling, without times and without what AWS makes up itself.

        What scales, or has scaled (`scaled`), is not counted: its scaling acts meanwhile.
        """
        endpoint = self._at_rest(name)
        scaling = self._scaling(name, endpoint)
        config = self.client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        tags = self.client.list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"]
        return {
            "endpoint": _lasting(endpoint, _COUNTED if scaled or scaling["targets"] else ()),
            "config": _lasting(config),
            "components": [_lasting(one) for one in self._components(name)],
            "tags": sorted(tags, key=lambda tag: str(tag["Key"])),
            "scaling": _lasting(scaling),
        }

    def _at_rest(self, name: str) -> dict[str, Any]:
        """The endpoint once nothing moves it any longer."""
        while (endpoint := self.endpoint(name))["EndpointStatus"] == "Updating":
            time.sleep(0.05)
        return endpoint

    def _components(self, name: str) -> list[dict[str, Any]]:
        listed = self.client.list_inference_components(EndpointNameEquals=name, SortBy="Name")["InferenceComponents"]
        names = [one["InferenceComponentName"] for one in listed]
        found = [self.client.describe_inference_component(InferenceComponentName=name) for name in names]
        return [{member: value for member, value in one.items() if member not in _PASSING} for one in found]

    def _scaling(self, name: str, endpoint: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        of: dict[str, Any] = {"ServiceNamespace": "sagemaker"}
        resources = [f"endpoint/{name}/variant/{one['VariantName']}" for one in endpoint["ProductionVariants"]]
        resources += [f"inference-component/{one['InferenceComponentName']}" for one in self._components(name)]
        each = [{**of, "ResourceId": resource} for resource in resources]
        client = self.scaling
        return {
            "targets": client.describe_scalable_targets(ResourceIds=resources, **of)["ScalableTargets"],
            "policies": [p for one in each for p in client.describe_scaling_policies(**one)["ScalingPolicies"]],
            "schedules": [s for one in each for s in client.describe_scheduled_actions(**one)["ScheduledActions"]],
        }

    def fields(self, name: str) -> Fields:
        endpoint = self.endpoint(name)
        config = self.client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        return live_fields(endpoint, config, self._components(name), self._scaling(name, endpoint))


_PASSING = ("LastModifiedTime", "ResponseMetadata", "LastDeploymentConfig")
_STAMPS = (
    *("CreationTime", "ResolutionTime", "ResponseMetadata"),
    *("PolicyARN", "ScheduledActionARN", "ScalableTargetARN", "AlarmARN", "AlarmName"),
)


_COUNTED = ("CurrentInstanceCount", "DesiredInstanceCount", "CurrentServerlessConfig", "DesiredServerlessConfig")


def _lasting(value: Any, besides: Sequence[str] = ()) -> Any:
    """Without times and ARNs that AWS gives anew, and without what is named besides."""
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name not in (*_STAMPS, *besides)}
        return {name: _lasting(one, besides) for name, one in kept.items()}
    return [_lasting(one, besides) for one in value] if isinstance(value, list) else value


@pytest.fixture
def witness(quick_aws: SimulatedAws) -> Iterator[Witness]:
    services = ("sagemaker", "application-autoscaling")
    clients = [boto3.client(service, **quick_aws.client_arguments()) for service in services]
    with closing(clients[0]), closing(clients[1]):
        yield Witness(*clients)


async def carried_out(operator: Operator, change: Change) -> Entry:
    """Planned and carried out in this process, which is quicker than in one of its own."""
    made = await operator.plan(change)
    assert made.blockers == ()
    return await operator.go_on(operator.journal.begin(made).id, PATIENCE_S)


CHANGES = [
    Weights(CANARY, {"canary": 0.5, "AllTraffic": 0.5}),
    Update("churn-predictor", model="search-ranker-prod-model"),
    Rollback(CANARY, f"{CANARY}-cfg-1"),
    Bounds("shared-genai-pool", component="chat-8b", least=1, most=3),
    Policy("churn-predictor", metric="cpu", target=60),
    Policy("checkout-fraud-slpc", name="second"),
    Policy("video-transcribe-async", step=True),
    Schedule("ad-click-ctr-prod", "night", "cron(0 20 * * ? *)", least=5, most=7, timezone="Europe/Berlin"),
    Suspend("ad-click-ctr-prod", what=("in",), resume=True),
    Unscale("ad-click-ctr-prod", schedule="small-hours"),
    Unscale("ad-click-ctr-prod"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.word)
async def test_a_change_does_what_its_plan_says_and_can_be_taken_back(
    operator: Operator, witness: Witness, change: Any
) -> None:
    scaled = isinstance(change, Policy)
    before = witness.whole(change.endpoint, scaled=scaled)
    done = await carried_out(operator, change)
    assert (done.state, done.error) == (State.APPLIED, None)
    assert len(done.request_ids) == len(done.plan.calls)
    fields = witness.fields(change.endpoint)
    assert {path: fields.get(path) for path in done.plan.after} == done.left
    assert moved_fields(done.left, done.plan.after) == []
    back = await carried_out(operator, Undo(done.id))
    assert (back.state, back.error) == (State.APPLIED, None)
    after = witness.whole(change.endpoint, scaled=scaled)
    assert {part: (before[part], after[part]) for part in before if after[part] != before[part]} == {}
    assert operator.journal.entry(done.id).undone_by == back.id


KINDS = {
    "realtime": "ad-click-ctr-prod",
    "async": "video-transcribe-async",
    "serverless": "faq-answerer-sls",
    "provisioned": "checkout-fraud-slpc",
    "components": "shared-genai-pool",
}


@pytest.mark.parametrize("name", KINDS.values(), ids=KINDS)
async def test_a_deleted_endpoint_comes_back_as_it_was(operator: Operator, witness: Witness, name: str) -> None:
    before = witness.whole(name)
    done = await carried_out(operator, Delete(name))
    assert (done.state, done.error) == (State.APPLIED, None)
    with pytest.raises(witness.client.exceptions.ClientError, match="Could not find"):
        witness.endpoint(name)
    back = await carried_out(operator, Undo(done.id))
    assert (back.state, back.error) == (State.APPLIED, None)
    assert witness.whole(name) == before


SIZES = {
    "count": Resize("eta-predictor", count=4),
    "type and count": Resize("rec-ranker-v7", variant="candidate", type="ml.c6i.8xlarge", count=2),
    "type of a scalable target": Resize("search-ranker-prod", type="ml.c6i.8xlarge"),
    "memory": Resize("faq-answerer-sls", memory_mb=3072),
    "provisioned concurrency": Resize("sentiment-slpc", provisioned_concurrency=20),
    "no provisioned concurrency": Resize("sentiment-slpc", provisioned_concurrency=0),
    "async concurrency": Resize("doc-ocr-async", async_concurrency=4),
    "copies": Resize("shared-genai-pool", component="rerank-xs", copies=3),
}


@pytest.mark.parametrize("change", SIZES.values(), ids=SIZES)
async def test_another_size_is_had_and_taken_back(operator: Operator, witness: Witness, change: Resize) -> None:
    before = witness.whole(change.endpoint)
    done = await carried_out(operator, change)
    assert (done.state, done.error) == (State.APPLIED, None)
    fields = witness.fields(change.endpoint)
    assert {path: fields.get(path) for path in done.plan.after} == done.plan.after
    assert done.plan.after != done.plan.before
    back = await carried_out(operator, Undo(done.id))
    assert (back.state, back.error) == (State.APPLIED, None)
    assert witness.whole(change.endpoint) == before


async def test_a_config_and_models_that_nobody_else_uses_go_and_come_back(operator: Operator, witness: Witness) -> None:
    name = "webhook-classifier-sls"
    before = witness.whole(name)
    config = before["config"]["EndpointConfigName"]
    done = await carried_out(operator, Delete(name, with_config=True, with_models=True))
    assert done.state is State.APPLIED
    with pytest.raises(witness.client.exceptions.ClientError, match="Could not find"):
        witness.client.describe_endpoint_config(EndpointConfigName=config)
    assert (await carried_out(operator, Undo(done.id))).state is State.APPLIED
    assert witness.whole(name) == before


async def test_what_others_use_stays(operator: Operator, witness: Witness) -> None:
    client, config = witness.client, witness.endpoint("churn-predictor")["EndpointConfigName"]
    client.create_endpoint(EndpointName="churn-twin", EndpointConfigName=config)
    client.get_waiter("endpoint_in_service").wait(EndpointName="churn-twin", WaiterConfig={"Delay": 1})
    made = await operator.plan(Delete("churn-twin", with_config=True, with_models=True))
    assert any("is used by endpoint churn-predictor" in sentence for sentence in made.blockers)
    assert (await carried_out(operator, Delete("churn-twin"))).state is State.APPLIED


async def test_who_comes_second_is_told_what_the_first_did(operator: Operator, witness: Witness) -> None:
    mine, theirs = [await operator.plan(Weights(CANARY, {"canary": weight})) for weight in (0.3, 0.4)]
    await operator.carry_out(theirs, PATIENCE_S)
    refused = await operator.carry_out(mine, PATIENCE_S)
    assert refused.state is State.REFUSED
    assert "canary.weight is 0.4 and was 0.2" in str(refused.error)
    assert witness.fields(CANARY)["canary.weight"] == 0.4


async def test_an_undo_waits_for_what_aws_is_still_doing(operator: Operator, witness: Witness) -> None:
    before = witness.fields(CANARY)["canary.weight"]
    begun = await operator.carry_out(await operator.plan(Weights(CANARY, {"canary": 0.7})), 0.0)
    assert begun.state is State.IN_PROGRESS
    undo = await operator.plan(Undo(begun.id))
    assert any("waits until that has ended" in sentence for sentence in undo.warnings)
    assert (await operator.carry_out(undo, PATIENCE_S)).state is State.APPLIED
    assert witness.fields(CANARY)["canary.weight"] == before


async def test_nothing_passes_a_closed_gate_but_the_way_back(operator: Operator, witness: Witness) -> None:
    done = await carried_out(operator, Weights(CANARY, {"canary": 0.6}))
    operator.gate.close()
    made = await operator.plan(Weights(CANARY, {"canary": 0.9}))
    with pytest.raises(RefusedError, match="read-only"):
        await operator.carry_out(made, PATIENCE_S)
    assert not operator.journal.has(made.id)
    assert (await carried_out(operator, Undo(done.id))).state is State.APPLIED
    assert witness.fields(CANARY)["canary.weight"] != 0.9


async def test_what_takes_several_calls_outlives_whoever_asked_for_it(operator: Operator, witness: Witness) -> None:
    made = await operator.plan(Update("churn-predictor", model="search-ranker-prod-model"))
    begun = await operator.carry_out(made, 0.0)
    assert begun.state in (State.UNDER_WAY, State.IN_PROGRESS, State.APPLIED)
    assert operator.journal.is_held(made.id) or begun.state is State.APPLIED
    ended = await operator.followed(made.id, PATIENCE_S)
    assert (ended.state, ended.error) == (State.APPLIED, None)
    assert witness.fields("churn-predictor")["AllTraffic.model"] == "search-ranker-prod-model"
    assert (await carried_out(operator, Undo(made.id))).state is State.APPLIED


async def test_what_is_wanted_later_is_begun_by_hand_and_not_before(
    operator: Operator, witness: Witness, clock: ScaledClock
) -> None:
    begins_at, ends_at = clock.wall() + 300, clock.wall() + 7200
    wanted = Resize("sentiment-slpc", provisioned_concurrency=18, begins_at=begins_at, ends_at=ends_at)
    put_off = await operator.carry_out(await operator.plan(wanted), PATIENCE_S)
    assert (put_off.state, put_off.calls) == (State.DEFERRED, {})
    with pytest.raises(RefusedError, match="is not due before"):
        await operator.finish(put_off.id, PATIENCE_S)
    operator.gate.close()
    with pytest.raises(RefusedError, match="read-only"):
        await operator.finish(put_off.id, PATIENCE_S)
    operator.gate.open()
    await clock.sleep(300)
    done = await operator.go_on(put_off.id, PATIENCE_S)
    assert (done.state, done.error, done.due_at) == (State.APPLIED, None, wanted.ends_at)
    assert witness.fields("sentiment-slpc")["AllTraffic.provisioned_concurrency"] == 18
    assert (await carried_out(operator, Undo(done.id))).state is State.APPLIED
    assert witness.fields("sentiment-slpc")["AllTraffic.provisioned_concurrency"] == 14
