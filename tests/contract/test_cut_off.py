"""A change is cut off at every step that it takes; whoever comes after finishes it or takes it back.

A process that is killed runs nothing more, and neither does one here: what cuts it off is no Exception, so that no
handler of ours sees it. Locks go with the process; here they go with the block.
"""

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import pytest

from smtop.metrics.actions.apply import Hands, carry_out
from smtop.metrics.actions.ports import ControlPlane, Document, Reading, Receipt
from smtop.metrics.clock import Clock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import Bounds, Change, Delete, Policy, Undo, Update, Weights
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.plan import Call, Plan
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Journal, State
from smtop.metrics.operator import Operator, operating
from tests.contract.sessions import point_at
from tests.simulator.small_fleet import LocalAws, SmallFleet, serve_locally

DONE_S = 25.0
"""What the simulated AWS takes for anything at most."""


class CutOffError(BaseException):
    """The process is gone."""


class Fuse:
    """Counts steps, and cuts off at the one that it is set to."""

    def __init__(self, blows_at: int | None = None) -> None:
        self.steps = 0
        self._blows_at = blows_at

    def step(self) -> None:
        if self.steps == self._blows_at:
            raise CutOffError
        self.steps += 1


class CutControl:
    """A control plane that may be cut off before and after each call."""

    def __init__(self, control: ControlPlane, fuse: Fuse) -> None:
        self._control = control
        self._fuse = fuse

    async def identity(self) -> Identity:
        return await self._control.identity()

    async def read(self, service: str, operation: str, **parameters: object) -> Reading:
        self._fuse.step()
        return await self._control.read(service, operation, **parameters)

    async def entries(self, service: str, operation: str, member: str, **parameters: object) -> Sequence[Document]:
        self._fuse.step()
        return await self._control.entries(service, operation, member, **parameters)

    async def send(self, call: Call) -> Receipt:
        self._fuse.step()
        receipt = await self._control.send(call)
        self._fuse.step()
        return receipt


class CutJournal(Journal):
    """A journal that may be cut off before and after each line."""

    def __init__(self, journal: Journal, clock: Clock, fuse: Fuse) -> None:
        super().__init__(journal.folder.parent, clock)
        self._fuse = fuse

    def note(self, change_id: str, event: str, **members: Any) -> None:
        self._fuse.step()
        super().note(change_id, event, **members)
        self._fuse.step()


class LeapingClock:
    """A clock on which nobody waits: the simulated AWS's time goes on instead, so far that it is done with anything."""

    def __init__(self, aws: LocalAws, fuse: Fuse | None = None) -> None:
        self._aws = aws
        self._fuse = fuse or Fuse()

    def wall(self) -> float:
        return self._aws.now

    def monotonic(self) -> float:
        return self._aws.now

    async def sleep(self, seconds: float) -> None:
        self._fuse.step()
        self._aws.pass_time(max(seconds, DONE_S))


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with serve_locally(SmallFleet()) as local:
        yield local


@pytest.fixture(scope="module")
def witnesses(aws: LocalAws) -> Iterator[tuple[Any, Any]]:
    """Unmodified boto3: SageMaker and Application Auto Scaling."""
    with closing(aws.client("sagemaker")) as client, closing(aws.client("application-autoscaling")) as scaling:
        yield client, scaling


@pytest.fixture
async def operator(aws: LocalAws, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Operator]:
    access = {
        "AWS_ACCESS_KEY_ID": "SMTOPSIMULATEDACCESS",
        "AWS_SECRET_ACCESS_KEY": "simulated-accounts-have-no-secrets",
    }
    point_at({"AWS_ENDPOINT_URL": aws.url, "AWS_REGION": "us-east-1", **access}, monkeypatch)
    async with operating(settings, LeapingClock(aws), random.Random(2)) as made:
        made.gate.open()
        yield made


def hands(operator: Operator, aws: LocalAws, fuse: Fuse) -> Hands:
    clock = LeapingClock(aws, fuse)
    return Hands(CutControl(operator.control, fuse), CutJournal(operator.journal, clock, fuse), operator.gate, clock)


CHANGES: dict[str, Change] = {
    "weights": Weights("Fraud-Scorer", {"B": 0.75}),
    "model": Update("batch", model="search"),
    "bounds": Bounds("batch", least=0, most=3),
    "policy": Policy("batch", metric="backlog"),
    "delete": Delete("batch"),
    "delete-components": Delete("chat"),
    "delete-all": Delete("search", with_config=True, with_models=True),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_whatever_was_cut_off_is_finished_or_taken_back(
    operator: Operator, aws: LocalAws, witnesses: tuple[Any, Any], name: str
) -> None:
    change = CHANGES[name]
    steps = await counted(operator, aws, change)
    assert steps > 5
    for step in range(steps):
        before, sent_before = described(witnesses), len(aws.control("writes"))
        made = await operator.plan(change)
        operator.journal.begin(made)
        with suppress(CutOffError):  # AWS may need fewer looks than the first time, and then the end comes before
            await carry_out(hands(operator, aws, Fuse(step)), made.id)
        entry = operator.journal.entry(made.id)
        if entry.state.is_final:
            assert (entry.state, entry.error) == (State.APPLIED, None)
            await go(operator, Undo(made.id))
        elif step % 2:
            await finished(operator, aws, made, sent_before)
        else:
            await taken_back(operator, made)
        after = described(witnesses)
        moved = {part: (before[part], after[part]) for part in before if before[part] != after[part]}
        assert moved == {}, f"cut off at step {step} of {steps}"
        assert operator.journal.leftovers() == []


async def counted(operator: Operator, aws: LocalAws, change: Change) -> int:
    """The steps of a change that nobody cuts off, which is then taken back."""
    made, fuse = await operator.plan(change), Fuse()
    assert made.blockers == ()
    operator.journal.begin(made)
    assert (await carry_out(hands(operator, aws, fuse), made.id)).state is State.APPLIED
    await go(operator, Undo(made.id))
    return fuse.steps


async def finished(operator: Operator, aws: LocalAws, made: Plan, sent_before: int) -> None:
    """Goes on where the cut was; nothing that was carried out is sent again."""
    entry = await operator.go_on(made.id, 10_000.0)
    assert (entry.state, entry.error) == (State.APPLIED, None)
    carried_out = [write["operation"] for write in aws.control("writes")[sent_before:] if write["carried_out"]]
    assert carried_out == [call.name for call in made.calls]
    await go(operator, Undo(made.id))


async def taken_back(operator: Operator, made: Plan) -> None:
    """Back to where it began; a change of which nothing was begun has nothing to be taken back."""
    if not operator.journal.entry(made.id).calls:
        with pytest.raises(RefusedError, match="nothing to take back"):
            await operator.plan(Undo(made.id))
        await operator.go_on(made.id, 10_000.0)
    undo = await operator.plan(Undo(made.id))
    if undo.calls or not undo.blockers:
        await go(operator, Undo(made.id))
    else:
        assert "already" in " ".join(undo.blockers) or "with all that it had" in " ".join(undo.blockers)
        operator.journal.note(made.id, "undone", change="nothing")


async def go(operator: Operator, change: Change) -> None:
    made = await operator.plan(change)
    assert made.blockers == ()
    entry = await operator.go_on(operator.journal.begin(made).id, 10_000.0)
    assert (entry.state, entry.error) == (State.APPLIED, None)


def described(witnesses: tuple[Any, Any]) -> Any:
    """All endpoints with their configs' names, what is wanted of them, components and scaling, without times."""
    client, scaling = witnesses
    names = [one["EndpointName"] for one in client.list_endpoints(SortBy="Name")["Endpoints"]]
    endpoints = [client.describe_endpoint(EndpointName=name) for name in names]
    parts = ("EndpointName", "EndpointConfigName", "EndpointStatus")
    variants = ("VariantName", "DesiredWeight", "DesiredInstanceCount", "DesiredServerlessConfig")
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    return {
        **{
            one["EndpointName"]: [one.get(part) for part in parts]
            + [[variant.get(part) for part in variants] for variant in one.get("ProductionVariants", ())]
            for one in endpoints
        },
        "configs": sorted(one["EndpointConfigName"] for one in client.list_endpoint_configs()["EndpointConfigs"]),
        "models": sorted(one["ModelName"] for one in client.list_models(MaxResults=100)["Models"]),
        "components": sorted(
            one["InferenceComponentName"] for one in client.list_inference_components()["InferenceComponents"]
        ),
        "targets": [(one["ResourceId"], one["MinCapacity"], one["MaxCapacity"]) for one in targets],
        "policies": sorted(one["PolicyName"] for one in policies),
    }
