"""Other weights: what is planned, and what is refused."""

import pytest

from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Weights
from smtop.metrics.domain.plan import Confirm, Until
from tests.support.control import FakeControl, hosted

TWO = ({"VariantName": "A", "InitialVariantWeight": 0.9}, {"VariantName": "B", "InitialVariantWeight": 0.1})


async def test_only_what_is_named_is_sent(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(Weights("fraud", {"B": 0.3}), by)
    assert (made.before, made.after) == ({"B.weight": 0.1}, {"B.weight": 0.3})
    (call,) = made.calls
    assert call.params == {
        "EndpointName": "fraud",
        "DesiredWeightsAndCapacities": [{"VariantName": "B", "DesiredWeight": 0.3}],
    }
    assert (made.confirm, call.until) == (Confirm.YES, Until.IN_SERVICE)
    assert made.undo == {"change": "weights", "endpoint": "fraud", "weights": {"B": 0.1}}
    assert made.warnings == ("Share of the traffic: A 90% to 75%, B 10% to 25%.",)
    assert (made.requests_per_minute, made.blockers) == (120.0, ())


@pytest.mark.parametrize(
    ("weights", "why"),
    [
        ({"A": 0, "B": 0}, "All weights would be 0"),
        ({"A": -1}, "below 0"),
        ({"C": 1}, "no production variant C; it has A, B"),
        ({"A": 0.9}, "so already"),
        ({}, "No variant was named"),
    ],
)
async def test_what_cannot_be(control: FakeControl, by: Means, weights: dict[str, float], why: str) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(Weights("fraud", weights), by)
    assert [why in sentence for sentence in made.blockers] == [True]
    assert made.calls == ()


async def test_one_variant_has_no_weights_to_set(control: FakeControl, by: Means) -> None:
    hosted(control, "solo", {})
    hosted(control, "sls", {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}})
    assert "one production variant" in (await plan(Weights("solo", {"AllTraffic": 2}), by)).blockers[0]
    assert "serverless" in (await plan(Weights("sls", {"AllTraffic": 2}), by)).blockers[0]


async def test_all_or_nothing_wants_the_name(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(Weights("fraud", {"A": 0, "B": 1}), by)
    assert (made.confirm, made.confirm_text) == (Confirm.TYPE_NAME, "fraud")
    assert made.warnings[1] == "A will get no traffic, and goes on costing."


async def test_an_endpoint_that_is_changing_is_left_alone(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO, status="Updating")
    made = await plan(Weights("fraud", {"B": 0.3}), by)
    assert made.blockers == ("fraud is Updating, and AWS takes no change until that has ended. Wait for it.",)
