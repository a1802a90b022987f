"""What every plan has, whatever the change."""

import pytest

from smtop.metrics.actions.means import Means
from smtop.metrics.actions.moved import check_ground
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Resize, Undo, Weights
from smtop.metrics.domain.plan import Place, plan_document, plan_of
from smtop.metrics.domain.scaling import INSTANCES
from smtop.metrics.errors import AwsError, FaultKind, RefusedError
from smtop.metrics.journal import Journal
from tests.support.control import ARN, FakeControl, hosted, means

TWO = (
    {"VariantName": "A", "InitialVariantWeight": 0.9, "InitialInstanceCount": 2},
    {"VariantName": "B", "InitialVariantWeight": 0.1},
)
SHIFT = Weights("fraud", {"B": 0.3})


async def test_a_plan_is_the_same_after_a_journey_through_json(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(SHIFT, by)
    assert plan_of(plan_document(made)) == made


async def test_the_cost_is_that_of_all_instances(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(SHIFT, by)
    assert [round(usd or 0, 4) for usd in made.usd_per_hour] == [0.69, 0.69]
    assert made.usd_per_hour_delta == 0.0


async def test_an_unknown_price_is_no_zero(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *({**variant, "InstanceType": "ml.q9.xlarge"} for variant in TWO))
    made = await plan(SHIFT, by)
    assert (made.usd_per_hour, made.usd_per_hour_delta) == ((None, None), None)


async def test_what_a_tool_keeps_is_said(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    control.lists["ListTags"] = [{"Key": "aws:cloudformation:stack-name", "Value": "ml-prod"}]
    assert any("CloudFormation" in sentence and "ml-prod" in sentence for sentence in (await plan(SHIFT, by)).warnings)


async def test_what_could_not_be_asked_is_said(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    denied = AwsError(FaultKind.PERMISSION, "application-autoscaling:DescribeScalableTargets", "That is denied.")
    control.faults["DescribeScalableTargets"] = denied
    assert "That is denied." in (await plan(SHIFT, by)).warnings


async def test_production_is_typed_with_its_word(control: FakeControl, journal: Journal) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(Weights("fraud", {"A": 0}), means(control, journal, Place("1", "eu-west-1", kind_word="PROD")))
    assert made.confirm_text == "fraud PROD"


async def test_an_endpoint_that_is_not_there(by: Means) -> None:
    with pytest.raises(AwsError, match="There is no fraud"):
        await plan(SHIFT, by)


async def test_nothing_to_take_back(by: Means) -> None:
    with pytest.raises(RefusedError, match="no change of this user"):
        await plan(Undo(), by)
    with pytest.raises(RefusedError, match="no change nonsense"):
        await plan(Undo("nonsense"), by)


async def test_another_fleet_is_another_fingerprint(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", *TWO)
    first = (await plan(SHIFT, by)).fingerprint
    assert (await plan(SHIFT, by)).fingerprint == first
    control.lists["DescribeScalableTargets"] = [
        {"ResourceId": "endpoint/fraud/variant/A", "MinCapacity": 1, "MaxCapacity": 4, "ResourceARN": ARN}
    ]
    assert (await plan(SHIFT, by)).fingerprint != first


async def test_what_scaling_moves_meanwhile_spoils_only_plans_that_touch_it(control: FakeControl, by: Means) -> None:
    scaled = {"ResourceId": "endpoint/fraud/variant/A", "ScalableDimension": INSTANCES}
    control.lists["DescribeScalableTargets"] = [{**scaled, "MinCapacity": 1, "MaxCapacity": 4, "ResourceARN": ARN}]
    hosted(control, "fraud", *TWO)
    shift, resize = [await plan(change, by) for change in (SHIFT, Resize("fraud", variant="A", count=4))]
    control.documents["DescribeEndpoint", "fraud"]["ProductionVariants"][0]["DesiredInstanceCount"] = 3
    await check_ground(control, shift)
    with pytest.raises(RefusedError, match=r"A\.count is 3 and was 2"):
        await check_ground(control, resize)
    control.documents["DescribeEndpoint", "fraud"]["ProductionVariants"][1]["DesiredInstanceCount"] = 3
    with pytest.raises(RefusedError, match="changed meanwhile"):
        await check_ground(control, shift)


async def test_what_is_only_watched_any_longer_can_be_taken_back(
    control: FakeControl, journal: Journal, by: Means
) -> None:
    hosted(control, "fraud", *TWO)
    made = await plan(Weights("fraud", {"A": 0.5}), by)
    journal.begin(made)
    for event in ("begun", "calling", "called"):
        journal.note(made.id, event, call="0", request_id="r")
    hosted(control, "fraud", {"VariantName": "A", "InitialVariantWeight": 0.5}, TWO[1])
    with journal.held(made.id):
        with pytest.raises(RefusedError, match="is being carried out"):
            await plan(Undo(made.id), by)
        journal.note(made.id, "sent")
        assert (await plan(Undo(made.id), by)).after == {"A.weight": 0.9}
