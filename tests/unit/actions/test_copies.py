"""Copies of inference components: planned, refused, and followed to their end."""

from dataclasses import replace
from typing import Any

import pytest

from smtop.metrics.actions.apply import Hands, carry_out
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.ports import Receipt
from smtop.metrics.domain.plan import Call
from smtop.metrics.journal import Journal, State
from tests.support.control import FakeControl, hosted
from tests.support.fleet import HandClock
from tests.support.sizes import resized


def placed(control: FakeControl, name: str, *, copies: int = 2, status: str = "InService") -> None:
    component = {
        "InferenceComponentName": name,
        "EndpointName": "pool",
        "VariantName": "AllTraffic",
        "InferenceComponentStatus": status,
        "RuntimeConfig": {"DesiredCopyCount": copies, "CurrentCopyCount": copies},
    }
    control.documents["DescribeInferenceComponent", name] = component
    control.lists.setdefault("ListInferenceComponents", []).append(component)


@pytest.fixture
def pool(fleet: FakeControl) -> FakeControl:
    hosted(fleet, "pool", {"InitialInstanceCount": 2})
    placed(fleet, "llm")
    return fleet


async def test_copies_are_one_call(pool: FakeControl, by: Means) -> None:
    made = await resized(by, "pool", copies=3)
    (call,) = made.calls
    assert call.params == {"InferenceComponentName": "llm", "DesiredRuntimeConfig": {"CopyCount": 3}}
    assert (made.before, made.after, made.confirm.value) == ({"llm.copies": 2}, {"llm.copies": 3}, "yes")
    assert made.undo is not None and (made.undo["component"], made.undo["copies"]) == ("llm", 2)


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ({"copies": 2}, "llm has 2 copies already"),
        ({"copies": -1}, "cannot be below 0"),
        ({"copies": 3, "component": "gpt"}, "has no inference component gpt; it has llm"),
        ({"copies": 3, "component": "l_m"}, "letters, digits and hyphens"),
        ({"component": "llm"}, "name how many"),
        ({"copies": 3, "count": 3}, "Copies are changed by themselves"),
        ({"copies": 3, "variant": "AllTraffic"}, "Copies are changed by themselves"),
        ({"copies": 3, "ends_at": 2e9}, "Only provisioned concurrency"),
    ],
)
async def test_copies_that_cannot_be(pool: FakeControl, by: Means, sizes: dict[str, Any], why: str) -> None:
    made = await resized(by, "pool", **sizes)
    assert [why in sentence for sentence in made.blockers] == [True], made.blockers


async def test_a_component_is_named_where_there_are_several_and_rests_until_it_is_ready(
    pool: FakeControl, by: Means
) -> None:
    placed(pool, "embed", status="Updating")
    assert "several inference components (llm, embed)" in (await resized(by, "pool", copies=3)).blockers[0]
    (why,) = (await resized(by, "pool", component="embed", copies=3)).blockers
    assert why == "embed is Updating, and AWS takes no change of it until that has ended. Wait for it."
    made = await resized(by, "pool", component="llm", copies=0)
    assert (made.blockers, made.confirm.value) == ((), "type-name")
    assert "answers nobody while it has no copy" in made.warnings[0]


class Aws(FakeControl):
    """Gives copies at once; where it `gives_up` the old ones stay."""

    gives_up = False

    async def send(self, call: Call) -> Receipt:
        component = self.documents["DescribeInferenceComponent", call.params["InferenceComponentName"]]
        wanted = {"DesiredCopyCount": call.params["DesiredRuntimeConfig"]["CopyCount"]}
        came = {"FailureReason": "No room."} if self.gives_up else {"RuntimeConfig": wanted}
        self.documents["DescribeInferenceComponent", call.params["InferenceComponentName"]] = {**component, **came}
        return await super().send(call)


GIVEN_UP = (
    "AWS took llm back to the copies that it had: No room. smtop does not know this reason; read the endpoint's logs "
    "in /aws/sagemaker/Endpoints, and in CloudTrail what was asked of it."
)


@pytest.mark.parametrize(("gives_up", "ends"), [(False, (State.APPLIED, None)), (True, (State.FAILED, GIVEN_UP))])
async def test_only_the_component_itself_decides_how_it_ends(
    journal: Journal, by: Means, gives_up: bool, ends: tuple[State, str | None]
) -> None:
    aws, gate = Aws(), WriteGate(HandClock())
    aws.gives_up = gives_up
    hosted(aws, "pool", {})
    placed(aws, "llm")
    placed(aws, "broken", status="Failed")
    gate.open()
    made = await resized(replace(by, control=aws), "pool", component="llm", copies=3)
    done = await carry_out(Hands(aws, journal, gate, HandClock()), journal.begin(made).id)
    assert (done.state, done.error) == ends
