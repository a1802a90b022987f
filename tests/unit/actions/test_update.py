"""Another config, an earlier one, another model: what is planned, and what AWS would refuse."""

from typing import Any

import pytest

from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Deployment, Restore, Rollback, Update, from_document
from smtop.metrics.domain.plan import Confirm, Plan
from tests.support.control import ARN, FakeControl, hosted

ONE = {"InitialInstanceCount": 3}


def config(control: FakeControl, name: str, *variants: dict[str, Any], **members: Any) -> None:
    """A config that is there and not live."""
    usual = {"VariantName": "AllTraffic", "ModelName": "model-2", "InstanceType": "ml.m5.xlarge"}
    begin = {"InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
    specs = [{**usual, **begin, **variant} for variant in variants or ({},)]
    document = {"EndpointConfigName": name, "ProductionVariants": specs, **members}
    control.documents["DescribeEndpointConfig", name] = document
    for spec in specs:
        control.documents["DescribeModel", spec["ModelName"]] = {"ModelName": spec["ModelName"]}


@pytest.fixture
def fraud(control: FakeControl) -> FakeControl:
    hosted(control, "fraud", ONE)
    config(control, "fraud-cfg-2")
    return control


async def updated(by: Means, **how: Any) -> Plan:
    return await plan(Update("fraud", "fraud-cfg-2", **how), by)


async def test_the_diff_comes_first_and_live_counts_are_kept(fraud: FakeControl, by: Means) -> None:
    made = await updated(by)
    assert made.blockers == ()
    assert made.after == {"config": "fraud-cfg-2", "AllTraffic.model": "model-2"}
    assert made.diff == (
        "~ variant AllTraffic ModelName: model -> model-2",
        "~ variant AllTraffic InitialInstanceCount: 3 -> 1",
    )
    (call,) = made.calls
    assert call.params == {
        "EndpointName": "fraud",
        "EndpointConfigName": "fraud-cfg-2",
        "RetainAllVariantProperties": True,
    }
    assert (made.confirm, made.confirm_text) == (Confirm.TYPE_NAME, "fraud")
    undo = from_document(made.undo or {})
    assert undo == Restore("fraud", {"config": "fraud-cfg", "AllTraffic.model": "model"})


async def test_without_retaining_the_config_decides(fraud: FakeControl, by: Means) -> None:
    made = await updated(by, retain=False)
    assert made.after["AllTraffic.count"] == 1
    assert "RetainAllVariantProperties" not in made.calls[0].params
    assert any("fall back" in sentence for sentence in made.warnings)
    assert from_document(made.undo or {}) == Restore("fraud", dict(made.before))


async def test_a_policy_with_its_alarm(fraud: FakeControl, by: Means) -> None:
    fraud.lists["DescribeAlarms"] = [{"AlarmName": "p99", "StateValue": "OK"}]
    made = await updated(by, deployment=Deployment("canary", ("p99",), step_percent=25))
    assert made.calls[0].params["DeploymentConfig"] == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 300,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            },
            "TerminationWaitInSeconds": 300,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "p99"}]},
    }


@pytest.mark.parametrize(
    ("deployment", "why"),
    [
        (Deployment("canary", ("p99",)), "is ALARM now"),
        (Deployment(alarms=("nonsense",)), "no alarm nonsense"),
        (Deployment("canary", step_percent=60), "1 to 50 %"),
        (Deployment("all-at-once", step_percent=5), "takes no size"),
        (Deployment("linear", interval_s=4000), "3600 seconds"),
        (Deployment("blue"), "no policy blue"),
    ],
)
async def test_ways_that_aws_would_refuse(fraud: FakeControl, by: Means, deployment: Deployment, why: str) -> None:
    fraud.lists["DescribeAlarms"] = [{"AlarmName": "p99", "StateValue": "ALARM"}]
    made = await updated(by, deployment=deployment)
    assert [why in sentence for sentence in made.blockers] == [True]
    assert made.calls == ()


async def test_several_variants_are_not_rolled_in_batches(control: FakeControl, by: Means) -> None:
    hosted(control, "fraud", {"VariantName": "A"}, {"VariantName": "B"})
    config(control, "fraud-cfg-2", {"VariantName": "A"}, {"VariantName": "B"})
    assert "several variants" in (await updated(by, deployment=Deployment("rolling"))).blockers[0]


async def test_what_cannot_become_of_an_endpoint(fraud: FakeControl, by: Means) -> None:
    config(fraud, "fraud-cfg-2", {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}})
    assert "serverless" in (await updated(by)).blockers[0]
    config(fraud, "fraud-cfg-2", AsyncInferenceConfig={})
    fraud.documents["DescribeEndpointConfig", "fraud-cfg-2"] |= {"AsyncInferenceConfig": {"OutputConfig": {}}}  # type: ignore[operator]
    assert "asynchronous" in (await updated(by)).blockers[0]


async def test_a_model_that_is_gone(fraud: FakeControl, by: Means) -> None:
    del fraud.documents["DescribeModel", "model-2"]
    assert (await updated(by)).blockers == ("The model model-2 of that config does not exist any more.",)


async def test_a_config_that_is_gone_or_live(fraud: FakeControl, by: Means) -> None:
    assert "no config nonsense" in (await plan(Update("fraud", "nonsense"), by)).blockers[0]
    assert "already" in (await plan(Update("fraud", "fraud-cfg"), by)).blockers[0]
    assert "either" in (await plan(Update("fraud"), by)).blockers[0]


async def test_a_scaled_variant_keeps_its_type(fraud: FakeControl, by: Means) -> None:
    target = {"ResourceId": "endpoint/fraud/variant/AllTraffic", "MinCapacity": 1, "MaxCapacity": 4}
    fraud.lists["DescribeScalableTargets"] = [target]
    assert (await updated(by)).blockers == ()
    config(fraud, "fraud-cfg-2", {"InstanceType": "ml.c5.xlarge"})
    assert "scalable target" in (await updated(by)).blockers[0]


async def test_another_model_is_a_clone_of_the_live_config(fraud: FakeControl, by: Means) -> None:
    fraud.lists["ListTags"] = [{"Key": "team", "Value": "risk"}, {"Key": "aws:x", "Value": "y"}]
    made = await plan(Update("fraud", model="model-2"), by)
    create, update = made.calls
    assert create.operation == "CreateEndpointConfig"
    assert (
        create.params["ProductionVariants"][0] | {"ModelName": "model-2", "InitialInstanceCount": 3}
        == (create.params["ProductionVariants"][0])
    )
    assert create.params["Tags"] == [{"Key": "team", "Value": "risk"}]
    assert create.params["EndpointConfigName"] == update.params["EndpointConfigName"] == made.after["config"]
    assert [call.operation for call in create.back] == ["DeleteEndpointConfig"]


async def test_what_the_sdk_would_drop_blocks_a_clone(fraud: FakeControl, by: Means) -> None:
    fraud.unknown["fraud-cfg"] = frozenset({"MetricsConfig"})
    assert "MetricsConfig" in (await plan(Update("fraud", model="model-2"), by)).blockers[0]


async def test_back_to_what_a_change_replaced(fraud: FakeControl, by: Means) -> None:
    fraud.documents["DescribeEndpoint", "fraud"] |= {"EndpointArn": f"{ARN}:endpoint/fraud"}  # type: ignore[operator]
    by.journal.begin(await updated(by))
    fraud.documents["DescribeEndpoint", "fraud"] |= {"EndpointConfigName": "fraud-cfg-2"}  # type: ignore[operator]
    fraud.documents["DescribeModel", "model"] = {"ModelName": "model"}
    made = await plan(Rollback("fraud"), by)
    assert (made.blockers, made.after["config"]) == ((), "fraud-cfg")


async def test_an_unknown_past_is_not_guessed(fraud: FakeControl, by: Means) -> None:
    fraud.lists["ListEndpointConfigs"] = [{"EndpointConfigName": "fraud-cfg-2"}, {"EndpointConfigName": "fraud-cfg"}]
    made = await plan(Rollback("fraud"), by)
    assert "Name one with --to: fraud-cfg-2." in made.blockers[0]
    assert made.diff[0] == "fraud-cfg-2:"
    assert (await plan(Rollback("fraud", "fraud-cfg-2"), by)).blockers == ()
