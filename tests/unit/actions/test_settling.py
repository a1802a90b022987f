"""Waiting for AWS: what counts as reached, what as given up, and how often it is asked."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from smtop.metrics.actions.settling import CameToNothingError, OverdueError, Settling, status_of
from smtop.metrics.domain.plan import Call, Until
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.control import FakeControl, hosted

MOVE = Call("sagemaker", "UpdateEndpoint", {"EndpointName": "fraud", "EndpointConfigName": "fraud-cfg-2"})


class Clock:
    """Each sleep is over at once; the nth brings the nth thing to pass."""

    def __init__(self, happenings: Sequence[Callable[[], None]]) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._happenings = list(happenings)

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        if self._happenings:
            self._happenings.pop(0)()


@pytest.fixture
def aws(control: FakeControl) -> FakeControl:
    hosted(control, "fraud", {}, status="Updating")
    return control


def becomes(aws: FakeControl, **members: Any) -> Callable[[], None]:
    def happen() -> None:
        aws.documents["DescribeEndpoint", "fraud"] = {**aws.documents["DescribeEndpoint", "fraud"], **members}

    return happen


async def settled(
    aws: FakeControl, *happenings: Callable[[], None], until: Until = Until.IN_SERVICE, **limits: float
) -> tuple[Clock, list[str]]:
    clock, heard = Clock(happenings), list[str]()
    await Settling(aws, clock, heard.append, **limits).reached(until, "fraud", MOVE if until != Until.GONE else None)
    return clock, heard


async def test_it_is_reached_where_the_effect_is_there(aws: FakeControl) -> None:
    clock, heard = await settled(
        aws,
        becomes(aws, PendingDeploymentSummary={"EndpointConfigName": "fraud-cfg-2"}),
        becomes(aws, EndpointStatus="InService", EndpointConfigName="fraud-cfg-2", PendingDeploymentSummary=None),
    )
    assert heard == ["Updating", "Updating to fraud-cfg-2", "InService"]
    assert clock.slept == [1.0, 1.25]


async def test_it_is_asked_every_five_seconds_in_the_long_run(aws: FakeControl) -> None:
    done = becomes(aws, EndpointStatus="InService", EndpointConfigName="fraud-cfg-2")
    clock, _ = await settled(aws, *[lambda: None] * 20, done)
    assert (clock.slept[0], clock.slept[-1]) == (1.0, 5.0)


async def test_an_old_answer_is_not_taken_for_a_way_back(aws: FakeControl) -> None:
    """AWS may take half a minute to tell what it was just told."""
    becomes(aws, EndpointStatus="InService")()
    clock, _ = await settled(aws, *[lambda: None] * 5, becomes(aws, EndpointConfigName="fraud-cfg-2"))
    assert clock.now < 30
    becomes(aws, EndpointConfigName="fraud-cfg")()
    with pytest.raises(CameToNothingError, match=r"^AWS took fraud back to fraud-cfg\. AWS gave no reason; read "):
        await settled(aws)


async def test_a_reason_needs_no_patience(aws: FakeControl) -> None:
    with pytest.raises(CameToNothingError, match="AWS took fraud back to fraud-cfg: No capacity") as caught:
        await settled(aws, becomes(aws, EndpointStatus="InService", FailureReason="No capacity."))
    assert not caught.value.broken


@pytest.mark.parametrize(("status", "broken"), [("UpdateRollbackFailed", True), ("Failed", False)])
async def test_what_is_broken_says_so(aws: FakeControl, status: str, broken: bool) -> None:
    with pytest.raises(CameToNothingError, match=f"^fraud is {status}") as caught:
        await settled(aws, becomes(aws, EndpointStatus=status))
    assert caught.value.broken is broken


async def test_gone_is_gone(aws: FakeControl) -> None:
    def vanish() -> None:
        del aws.documents["DescribeEndpoint", "fraud"]

    _, heard = await settled(aws, becomes(aws, EndpointStatus="Deleting"), vanish, until=Until.GONE)
    assert heard == ["Updating", "Deleting"]
    with pytest.raises(CameToNothingError, match="There is no endpoint fraud any more"):
        await settled(aws)


async def test_a_deletion_can_be_given_up(aws: FakeControl) -> None:
    with pytest.raises(CameToNothingError, match="AWS gave up deleting fraud: It is odd"):
        await settled(aws, becomes(aws, EndpointStatus="Failed", FailureReason="It is odd."), until=Until.GONE)


async def test_what_passes_is_asked_again_and_what_does_not_is_told(aws: FakeControl) -> None:
    def fails(kind: FaultKind) -> Callable[[], None]:
        return lambda: aws.faults.update(DescribeEndpoint=AwsError(kind, "sagemaker:DescribeEndpoint", "No."))

    done = becomes(aws, EndpointStatus="InService", EndpointConfigName="fraud-cfg-2")

    def recovers() -> None:
        aws.faults.clear()
        done()

    passing = [fails(kind) for kind in (FaultKind.THROTTLED, FaultKind.UNREACHABLE, FaultKind.SERVICE)]
    await settled(aws, *passing, recovers)
    becomes(aws, EndpointStatus="Updating")()
    with pytest.raises(AwsError, match="No"):
        await settled(aws, fails(FaultKind.PERMISSION))


async def test_patience_ends(aws: FakeControl) -> None:
    with pytest.raises(OverdueError, match="Updating"):
        await settled(aws, ends_at=60.0)


async def test_a_component_that_has_failed_is_named_with_its_reason(aws: FakeControl) -> None:
    failed = {"InferenceComponentName": "llm", "InferenceComponentStatus": "Failed", "FailureReason": "No room."}
    aws.lists["ListInferenceComponents"] = [failed]
    aws.documents["DescribeInferenceComponent", "llm"] = failed
    settling = Settling(aws, Clock(()), lambda _: None)
    with pytest.raises(CameToNothingError, match="The inference component llm has failed: No room"):
        await settling.reached(Until.COMPONENTS_IN_SERVICE, "fraud")


def test_a_status_tells_where_it_leads() -> None:
    assert status_of({"EndpointStatus": "Updating", "PendingDeploymentSummary": {"EndpointConfigName": "c"}}) == (
        "Updating to c"
    )
    assert status_of({}) == ""
