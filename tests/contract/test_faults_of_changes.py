"""Each call of a change goes wrong in each way: nothing is sent twice, and the operator is told what to do next."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from smtop.metrics.actions.apply import carry_out
from smtop.metrics.domain.change import Bounds, Change, Delete, Policy, Undo, Update, Weights
from smtop.metrics.domain.plan import Call, Plan
from smtop.metrics.journal import Entry, State
from tests.cli.command import count_sentences
from tests.contract.leaping import PATIENCE_S, Local, Meddled, hands

WEIGHTS = Weights("Fraud-Scorer", {"B": 0.75})
MODEL = Update("batch", model="search")
DELETE = Delete("batch", with_config=True)
CALLS: dict[str, tuple[Change, str]] = {
    "weights": (WEIGHTS, "UpdateEndpointWeightsAndCapacities"),
    "model: config": (MODEL, "CreateEndpointConfig"),
    "model: update": (MODEL, "UpdateEndpoint"),
    "delete: scaling": (DELETE, "DeregisterScalableTarget"),
    "delete: endpoint": (DELETE, "DeleteEndpoint"),
    "delete: config": (DELETE, "DeleteEndpointConfig"),
}
HARMLESS = ("cut-after", "throttle once")
HARMFUL = {
    "throttle": ("AWS throttles", "Wait"),
    "fail": ("failed with InternalFailure", "AWS Health Dashboard"),
    "cut-before": ("cannot be reached", "Check the region, the network"),
    "deny": ("is denied", "ask for this permission"),
}
MANY = 50


@pytest.fixture(scope="module")
def names() -> set[str]:
    """The endpoints that scale by now."""
    return set()


@pytest.fixture
async def fleet(local: Local, names: set[str]) -> AsyncIterator[Local]:
    """`batch` scales by its backlog."""
    if not names:
        await local.go(Bounds("batch", least=1, most=3))
        await local.go(Policy("batch", metric="backlog"))
        names.add("batch")
    yield local


@dataclass(frozen=True)
class Run:
    """A change that something befell: its plan, what came of it, and the writes that AWS has seen."""

    made: Plan
    entry: Entry
    writes: Sequence[dict[str, Any]]

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [one for one in self.writes if one["operation"].endswith(f":{operation}")]

    @property
    def told(self) -> str:
        return str(self.entry.error)

    def done_before(self, operation: str) -> list[Call]:
        operations = [call.operation for call in self.made.calls]
        return list(self.made.calls[: operations.index(operation)])


async def befallen(local: Local, change: Change, operation: str, kind: str) -> Run:
    """Plans, lets it befall the call, and carries out."""
    made = await local.operator.plan(change)
    assert made.blockers == ()
    (name,) = [call.name for call in made.calls if call.operation == operation]
    seen = len(local.aws.control("writes"))
    local.operator.journal.begin(made)
    if kind == "deny":
        local.aws.control("faults", {"deny": [name]})
    else:
        calls = MANY if kind in ("throttle", "fail") else 1
        local.aws.control("mishaps", [{"operation": name, "kind": kind.removesuffix(" once"), "calls": calls}])
    entry = await local.operator.go_on(made.id, PATIENCE_S)
    local.aws.control("mishaps", [])
    local.aws.control("faults", {})
    return Run(made, entry, local.aws.control("writes")[seen:])


async def taken_back(local: Local, run: Run, before: Any) -> None:
    """Where a part stays done, the way that the operator is told leads back."""
    if local.described() != before:
        assert f"smtop undo {run.made.id}" in run.told or run.entry.state is State.APPLIED
        await local.go(Undo(run.made.id))
    assert local.described() == before
    assert local.operator.journal.leftovers() == []


@pytest.mark.parametrize("kind", HARMLESS)
@pytest.mark.parametrize("name", CALLS)
async def test_what_aws_has_done_or_not_read_does_no_harm(fleet: Local, name: str, kind: str) -> None:
    change, operation = CALLS[name]
    before = fleet.described()
    run = await befallen(fleet, change, operation, kind)
    assert (run.entry.state, run.entry.error) == (State.APPLIED, None)
    assert [one["operation"] for one in run.writes if one["carried_out"]] == [call.name for call in run.made.calls]
    if kind == "cut-after":
        place = str([call.operation for call in run.made.calls].index(operation))
        assert (run.entry.calls[place].done, run.entry.calls[place].request_id) == (True, None)
        assert len(run.of(operation)) == 1, "by its effect, not by sending it once more"
    await taken_back(fleet, run, before)


@pytest.mark.parametrize("kind", HARMFUL)
@pytest.mark.parametrize("name", CALLS)
async def test_a_call_that_fails_is_told_with_what_to_do(fleet: Local, name: str, kind: str) -> None:
    change, operation = CALLS[name]
    before = fleet.described()
    run = await befallen(fleet, change, operation, kind)
    assert run.entry.state is State.FAILED
    assert [one for one in run.of(operation) if one["carried_out"]] == []
    assert len(run.of(operation)) == (3 if kind == "throttle" else 1), "only what was turned away unread is sent again"
    what, what_next = HARMFUL[kind]
    assert operation in run.told and what in run.told and what_next in run.told
    assert count_sentences(run.told) <= 3
    assert how_it_stands(run, operation) in run.told
    await taken_back(fleet, run, before)


def how_it_stands(run: Run, operation: str) -> str:
    """What the operator has to be told at the end."""
    done = run.done_before(operation)
    if not done:
        return " Nothing was changed."
    if any(call.operation == "DeleteEndpoint" for call in done):
        rest = "aws sagemaker delete-endpoint-config --endpoint-config-name batch-1"
        return (
            f" Done is DeregisterScalableTarget, DeleteEndpoint (smtop undo {run.made.id} takes that back); "
            f"still to do: {rest}"
        )
    return " What was done before that was taken back."


@pytest.mark.parametrize("name", CALLS)
async def test_credentials_that_expire_stop_it_where_it_stands(fleet: Local, name: str) -> None:
    change, operation = CALLS[name]
    before = fleet.described()
    run = await befallen(fleet, change, operation, "expired")
    assert run.told.startswith("The AWS credentials have expired. Sign in again (aws sso login) or renew them. ")
    assert count_sentences(run.told) <= 3
    if not run.done_before(operation):
        assert run.entry.state is State.FAILED
        assert run.told.endswith(" Nothing was changed.")
    else:
        assert run.entry.is_pending
        assert run.made.id in [entry.id for entry in fleet.operator.journal.leftovers()]
        assert f"smtop journal --finish {run.made.id} goes on, smtop undo {run.made.id} takes it back." in run.told
        again = await fleet.operator.go_on(run.made.id, PATIENCE_S)
        assert (again.state, again.error) == (State.APPLIED, None)
        await fleet.go(Undo(run.made.id))
    assert fleet.described() == before


async def test_what_nobody_can_look_up_is_not_called_failed(fleet: Local) -> None:
    made = await fleet.operator.plan(WEIGHTS)
    fleet.operator.journal.begin(made)
    control = Meddled(fleet.operator.control, {1: blinded(fleet)})
    entry = await carry_out(hands(fleet, control), made.id)
    assert entry.is_pending
    assert "Nobody knows whether AWS has carried out sagemaker:UpdateEndpointWeightsAndCapacities" in str(entry.error)
    assert str(entry.error).endswith(f"Look again with: smtop journal --finish {made.id}")
    assert count_sentences(str(entry.error)) <= 3
    fleet.aws.control("mishaps", [])
    assert (await fleet.operator.go_on(made.id, PATIENCE_S)).state is State.APPLIED
    await fleet.go(Undo(made.id))


async def test_what_cannot_be_taken_back_is_told_as_commands(fleet: Local) -> None:
    made = await fleet.operator.plan(MODEL)
    fleet.operator.journal.begin(made)
    fleet.aws.control("faults", {"deny": ["sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpointConfig"]})
    entry = await fleet.operator.go_on(made.id, PATIENCE_S)
    fleet.aws.control("faults", {})
    config = made.calls[0].params["EndpointConfigName"]
    command = f"aws sagemaker delete-endpoint-config --endpoint-config-name {config}"
    assert entry.state is State.FAILED
    assert str(entry.error).endswith(f" Not everything could be taken back; finish with: {command}")
    assert count_sentences(str(entry.error)) <= 3
    fleet.sagemaker.delete_endpoint_config(EndpointConfigName=config)


async def test_scaling_that_cannot_be_asked_for_is_not_called_moved(fleet: Local) -> None:
    made = await fleet.operator.plan(DELETE)
    fleet.operator.journal.begin(made)
    fleet.aws.control("faults", {"deny": ["application-autoscaling:DescribeScalableTargets"]})
    entry = await fleet.operator.go_on(made.id, PATIENCE_S)
    assert entry.state is State.REFUSED
    assert str(entry.error).startswith("Whether batch is still as planned is unknown: ")
    assert str(entry.error).endswith("Nothing was changed.")


def blinded(fleet: Local) -> Callable[[], Awaitable[None]]:
    """The next write gets through, its answer does not, and nothing can be asked after that."""

    async def blind() -> None:
        unanswered = {"operation": "sagemaker:UpdateEndpointWeightsAndCapacities", "kind": "cut-after"}
        fleet.aws.control("mishaps", [unanswered, {"operation": "*", "kind": "cut-before", "calls": MANY}])

    return blind
