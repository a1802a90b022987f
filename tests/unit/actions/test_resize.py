"""Other sizes of variants: what is planned in place and by a config, and how much must be confirmed."""

from typing import Any

import pytest

from smtop.metrics.actions.apply import Hands, carry_out
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.ports import Receipt
from smtop.metrics.domain.change import Deployment, Resize, Restore, from_document
from smtop.metrics.domain.plan import Call, Confirm, Plan, Until
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.journal import Journal, State
from tests.support.control import FakeControl, hosted
from tests.support.fleet import HandClock
from tests.support.sizes import ASYNC, resized


class Aws(FakeControl):
    """Takes every config at once."""

    async def send(self, call: Call) -> Receipt:
        receipt = await super().send(call)
        if call.operation == "UpdateEndpoint":
            name = call.params["EndpointName"]
            taken = {"EndpointConfigName": call.params["EndpointConfigName"]}
            self.documents["DescribeEndpoint", name] = {**self.documents["DescribeEndpoint", name], **taken}
        return receipt


@pytest.fixture
def control() -> FakeControl:
    return Aws()


def undo_of(made: Plan) -> Any:
    return from_document(made.undo or {})


def capacity(made: Plan) -> Any:
    """What the only call sends for the variant."""
    (call,) = made.calls
    assert (call.operation, call.until) == ("UpdateEndpointWeightsAndCapacities", Until.IN_SERVICE)
    (wanted,) = call.params["DesiredWeightsAndCapacities"]
    return wanted


async def test_a_count_is_changed_in_place(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, count=4)
    assert made.blockers == ()
    assert (made.before, made.after) == ({"AllTraffic.count": 3}, {"AllTraffic.count": 4})
    assert capacity(made) == {"VariantName": "AllTraffic", "DesiredInstanceCount": 4}
    assert made.calls[0].otherwise == ()
    assert (made.confirm, made.variant, made.warnings) == (Confirm.YES, "AllTraffic", ())
    assert undo_of(made) == Resize("fraud", variant="AllTraffic", count=3)
    assert fleet.sent == []


@pytest.mark.parametrize(
    ("endpoint", "sizes", "level"),
    [
        ("fraud", {"count": 5}, Confirm.YES),
        ("fraud", {"count": 6}, Confirm.TYPE_NAME),
        ("fraud", {"count": 2}, Confirm.TYPE_NAME),
        ("fraud", {"type": "ml.m5.2xlarge"}, Confirm.TYPE_NAME),
        ("queue", {"count": 0}, Confirm.TYPE_NAME),
        ("queue", {"async_concurrency": 6}, Confirm.YES),
        ("sls", {"memory_mb": 3072}, Confirm.TYPE_NAME),
        ("sls", {"memory_mb": 1024}, Confirm.TYPE_NAME),
        ("sls", {"max_concurrency": 30}, Confirm.YES),
        ("sls", {"provisioned_concurrency": 9}, Confirm.YES),
        ("sls", {"provisioned_concurrency": 10}, Confirm.TYPE_NAME),
        ("sls", {"provisioned_concurrency": 0}, Confirm.TYPE_NAME),
        ("sls", {"max_concurrency": 30, "provisioned_concurrency": 4}, Confirm.TYPE_NAME),
    ],
)
async def test_how_much_is_to_be_confirmed(
    fleet: FakeControl, by: Means, endpoint: str, sizes: dict[str, Any], level: Confirm
) -> None:
    made = await resized(by, endpoint, **sizes)
    assert (made.blockers, made.confirm) == ((), level)


async def test_concurrency_is_changed_in_place_and_by_a_config_where_aws_refuses(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, "sls", provisioned_concurrency=8)
    wanted = {"MaxConcurrency": 20, "ProvisionedConcurrency": 8}
    assert capacity(made) == {"VariantName": "AllTraffic", "ServerlessUpdateConfig": wanted}
    assert made.after == {"AllTraffic.provisioned_concurrency": 8}
    create, update = made.calls[0].otherwise
    assert create.params["ProductionVariants"][0]["ServerlessConfig"] == {"MemorySizeInMB": 2048, **wanted}
    assert update.params["EndpointConfigName"] == create.params["EndpointConfigName"]
    assert undo_of(made) == Resize("sls", variant="AllTraffic", provisioned_concurrency=5)


async def test_what_there_was_not_is_taken_away_again(control: FakeControl, fleet: FakeControl, by: Means) -> None:
    hosted(control, "cold", {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20}})
    made = await resized(by, "cold", provisioned_concurrency=5)
    assert made.before == {"AllTraffic.provisioned_concurrency": None}
    assert undo_of(made) == Resize("cold", variant="AllTraffic", provisioned_concurrency=0)


async def test_provisioned_concurrency_goes_by_a_config_without_it(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, "sls", provisioned_concurrency=0)
    create, update = made.calls
    assert create.params["ProductionVariants"][0]["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 20}
    assert made.after == {"AllTraffic.provisioned_concurrency": None, "config": create.params["EndpointConfigName"]}
    assert (create.back[0].operation, update.until) == ("DeleteEndpointConfig", Until.IN_SERVICE)
    assert any("cold start" in sentence for sentence in made.warnings)
    assert undo_of(made) == Resize("sls", variant="AllTraffic", provisioned_concurrency=5, config="sls-cfg")


async def test_a_clone_carries_what_is_live_and_live_values_stay(fleet: FakeControl, by: Means) -> None:
    live = fleet.documents["DescribeEndpoint", "pair"]["ProductionVariants"]
    live[0]["DesiredInstanceCount"], live[1]["DesiredWeight"] = 7, 0.5
    made = await resized(by, "pair", variant="B", type="ml.m5.2xlarge")
    create, update = made.calls
    assert [
        (spec["InstanceType"], spec["InitialInstanceCount"], spec["InitialVariantWeight"])
        for spec in create.params["ProductionVariants"]
    ] == [("ml.m5.xlarge", 7, 0.9), ("ml.m5.2xlarge", 3, 0.5)]
    name = create.params["EndpointConfigName"]
    assert update.params == {"EndpointName": "pair", "EndpointConfigName": name, "RetainAllVariantProperties": True}
    assert made.after == {"B.type": "ml.m5.2xlarge", "config": name}
    assert undo_of(made) == Resize("pair", variant="B", type="ml.m5.xlarge", config="pair-cfg")
    assert "~ variant B InstanceType: ml.m5.xlarge -> ml.m5.2xlarge" in made.diff


async def test_a_count_that_comes_with_a_config_is_not_retained(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, type="ml.m5.2xlarge", count=2)
    create, update = made.calls
    assert create.params["ProductionVariants"][0]["InitialInstanceCount"] == 2
    assert update.params["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredInstanceCount"}]
    assert made.after["AllTraffic.count"] == 2
    back = [call.operation for call in update.back]
    assert back == ["UpdateEndpoint", "UpdateEndpointWeightsAndCapacities"]


async def test_memory_keeps_the_concurrency_of_now(fleet: FakeControl, by: Means) -> None:
    live = fleet.documents["DescribeEndpoint", "sls"]["ProductionVariants"][0]
    live["DesiredServerlessConfig"] = {"MemorySizeInMB": 2048, "MaxConcurrency": 40, "ProvisionedConcurrency": 8}
    made = await resized(by, "sls", memory_mb=4096)
    assert made.calls[0].params["ProductionVariants"][0]["ServerlessConfig"] == {
        "MemorySizeInMB": 4096,
        "MaxConcurrency": 40,
        "ProvisionedConcurrency": 8,
    }
    assert "The containers start anew: expect cold starts." in made.warnings


async def test_async_concurrency_goes_by_a_config(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, "queue", async_concurrency=8)
    sent = made.calls[0].params["AsyncInferenceConfig"]
    assert sent == {**ASYNC, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 8}}
    assert fleet.documents["DescribeEndpointConfig", "queue-cfg"]["AsyncInferenceConfig"] == ASYNC
    assert undo_of(made) == Resize("queue", variant="AllTraffic", async_concurrency=4, config="queue-cfg")


async def test_async_concurrency_that_aws_chose_comes_back_with_its_config(control: FakeControl, by: Means) -> None:
    hosted(control, "auto", {}, AsyncInferenceConfig={"OutputConfig": {}})
    made = await resized(by, "auto", async_concurrency=8)
    assert undo_of(made) == Restore("auto", {"config": "auto-cfg", "async_concurrency": None})


async def test_the_way_back_takes_the_old_config_where_that_says_the_same(fleet: FakeControl, by: Means) -> None:
    old = fleet.documents["DescribeEndpointConfig", "fraud-cfg"]
    was = {**old["ProductionVariants"][0], "InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 9}
    fleet.documents["DescribeEndpointConfig", "fraud-1"] = {
        **old,
        "EndpointConfigName": "fraud-1",
        "ProductionVariants": [was],
    }
    (update,) = (await resized(by, type="ml.c5.xlarge", config="fraud-1")).calls
    assert update.params["EndpointConfigName"] == "fraud-1"
    other = await resized(by, type="ml.c5.2xlarge", config="fraud-1")
    assert [call.operation for call in other.calls] == ["CreateEndpointConfig", "UpdateEndpoint"]
    counted = await resized(by, type="ml.c5.xlarge", count=2, config="fraud-1")
    assert len(counted.calls) == 2
    gone = await resized(by, type="ml.c5.xlarge", config="fraud-0")
    assert len(gone.calls) == 2


async def test_a_policy_goes_with_a_config_and_has_nothing_to_do_without(fleet: FakeControl, by: Means) -> None:
    canary = Deployment("canary", step_percent=20)
    _, update = (await resized(by, type="ml.m5.2xlarge", deployment=canary)).calls
    assert "BlueGreenUpdatePolicy" in update.params["DeploymentConfig"]
    in_place = await resized(by, count=4, deployment=canary)
    assert in_place.warnings == ("It is changed in place: the policy and the alarms have nothing to do.",)


async def test_an_empty_endpoint_is_not_filled_by_itself(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, "queue", count=0)
    assert made.blockers == ()
    assert made.warnings == (
        "AllTraffic has no scaling policy: only you can bring it back from 0, and requests wait till then.",
    )


async def test_what_aws_refuses_in_place_is_made_by_a_config(fleet: FakeControl, by: Means, journal: Journal) -> None:
    made = await resized(by, "sls", provisioned_concurrency=8)
    refusal = AwsError(FaultKind.INVALID, "sagemaker:UpdateEndpointWeightsAndCapacities", "Not in place.")
    fleet.faults["UpdateEndpointWeightsAndCapacities"] = refusal
    gate = WriteGate(HandClock())
    gate.open()
    done = await carry_out(Hands(fleet, journal, gate, HandClock()), journal.begin(made).id)
    assert (done.state, done.error) == (State.APPLIED, None)
    assert [call.operation for call in fleet.sent] == ["CreateEndpointConfig", "UpdateEndpoint"]
