"""What cannot be read cannot be made anew: then nothing is deleted."""

import pytest

from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Delete
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.control import FakeControl, hosted


@pytest.fixture
def pool(control: FakeControl) -> FakeControl:
    """`solo` has a model, `pool` hosts a component."""
    hosted(control, "solo", {})
    hosted(control, "pool", {})
    config = control.documents["DescribeEndpointConfig", "pool-cfg"]
    specs = [
        {name: value for name, value in spec.items() if name != "ModelName"} for spec in config["ProductionVariants"]
    ]
    control.documents["DescribeEndpointConfig", "pool-cfg"] = {**config, "ProductionVariants": specs}
    control.documents["DescribeModel", "model"] = {"ModelName": "model", "ModelArn": "arn:model"}
    return control


@pytest.mark.parametrize(
    ("operation", "name", "why"),
    [
        ("ListTags", "solo", "not all of solo can be read"),
        ("DescribeScalableTargets", "solo", "Whether solo scales cannot be asked"),
        ("DescribeEndpointConfig", "solo", "without it there is no way back"),
        ("ListInferenceComponents", "pool", "The inference components of pool cannot all be read"),
        ("ListInferenceComponents", "solo", ""),
    ],
)
async def test_what_is_unread_blocks_a_deletion(
    pool: FakeControl, by: Means, operation: str, name: str, why: str
) -> None:
    assert (await plan(Delete(name), by)).blockers == ()
    pool.faults[operation] = AwsError(FaultKind.SERVICE, f"x:{operation}", "Failed.")
    made = await plan(Delete(name), by)
    assert why in " ".join(made.blockers) if why else made.blockers == ()
    assert bool(made.calls) == (not why)
