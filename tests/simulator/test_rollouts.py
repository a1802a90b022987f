"""Deployments step by step: traffic that shifts, alarms that roll back, and rollouts that fail, through boto3."""

from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from smtop.metrics.simulator.resources import EndpointSeed
from tests.simulator.small_fleet import LocalAws, SmallFleet, config, instances, model, serve_locally

MODELS = [model("old"), model("new"), model("sick", "registry/crash:1"), model("ill", "registry/crash:2")]
SEED = EndpointSeed(
    "shop", MODELS, [config("shop-2", instances("Main", "new", 4)), config("shop-1", instances("Main", "old", 4))]
)
SICK = EndpointSeed(
    "sick", [], [config("sick-2", instances("Main", "ill")), config("sick-1", instances("Main", "sick"))]
)


@pytest.fixture
def shop() -> Iterator[LocalAws]:
    """An endpoint of four instances on shop-1, with shop-2 at hand; and one whose container is sick."""
    with serve_locally(SmallFleet(seeds=(SEED, SICK))) as local:
        yield local


@pytest.fixture
def sagemaker(shop: LocalAws) -> Iterator[Any]:
    """A boto3 client of the shop."""
    client = shop.client("sagemaker")
    yield client
    client.close()


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def traffic(kind: str, wait: int = 60, end: int = 0, most: int | None = None, **size: Any) -> dict[str, Any]:
    """A blue/green deployment."""
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    limit = {} if most is None else {"MaximumExecutionTimeoutInSeconds": most}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": end, **limit}}


def rolling(size: dict[str, Any], wait: int = 60, **members: Any) -> dict[str, Any]:
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait, **members}}


def watched(deployment: dict[str, Any], *names: str) -> dict[str, Any]:
    """A deployment that alarms roll back."""
    return {**deployment, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in names]}}


def update(client: Any, deployment: dict[str, Any] | None = None, name: str = "shop") -> None:
    members = {} if deployment is None else {"DeploymentConfig": deployment}
    client.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-2", **members)


def seen(client: Any, name: str = "shop") -> tuple[str, str, int, int | None, str | None]:
    """Status, live configuration, instances of the old fleet, of the new one, and what the new one is doing."""
    shown = client.describe_endpoint(EndpointName=name)
    (old,) = shown["ProductionVariants"]
    (new,) = shown.get("PendingDeploymentSummary", {}).get("ProductionVariants", [{}])
    doing = new.get("VariantStatus", [{"Status": None}])[0]["Status"]
    return (
        shown["EndpointStatus"],
        shown["EndpointConfigName"],
        old["CurrentInstanceCount"],
        new.get("CurrentInstanceCount"),
        doing,
    )


def after(shop: LocalAws, client: Any, seconds: float) -> tuple[str, str, int, int | None, str | None]:
    shop.pass_time(seconds)
    return seen(client)


def test_canary_bakes_twice_before_the_old_fleet_goes(shop: LocalAws, sagemaker: Any) -> None:
    deployment = traffic("CANARY", wait=300, end=60, CanarySize=percent(25))
    update(sagemaker, deployment)
    assert seen(sagemaker) == ("Updating", "shop-1", 4, 0, "Creating")
    assert after(shop, sagemaker, 16) == ("Updating", "shop-1", 4, 4, "ActivatingTraffic")
    assert after(shop, sagemaker, 5) == ("Updating", "shop-1", 4, 4, "Baking")
    assert after(shop, sagemaker, 301) == ("Updating", "shop-1", 4, 4, "ActivatingTraffic")
    assert after(shop, sagemaker, 5) == ("Updating", "shop-1", 4, 4, "Baking")
    baking = sagemaker.describe_endpoint(EndpointName="shop")["PendingDeploymentSummary"]["ProductionVariants"][0]
    assert baking["VariantStatus"][0]["StartTime"].timestamp() == shop.now - 2
    assert after(shop, sagemaker, 300) == ("Updating", "shop-1", 4, 4, None)
    (old,) = sagemaker.describe_endpoint(EndpointName="shop")["ProductionVariants"]
    assert old["VariantStatus"][0]["Status"] == "Deleting"
    assert after(shop, sagemaker, 60) == ("InService", "shop-2", 4, None, None)
    assert sagemaker.describe_endpoint(EndpointName="shop")["LastDeploymentConfig"] == deployment


@pytest.mark.parametrize(
    ("deployment", "lasts_s"),
    [
        (None, 20),
        ({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}, 20),
        (traffic("ALL_AT_ONCE", wait=60, end=30), 20 + 60 + 30),
        (traffic("LINEAR", wait=60, LinearStepSize=percent(30)), 20 + 4 * 60 + 3 * 5),
        (traffic("LINEAR", wait=60, LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 2}), 20 + 2 * 60 + 5),
        (rolling(percent(50)), 2 * (20 + 60)),
        (rolling({"Type": "INSTANCE_COUNT", "Value": 1}, wait=0), 4 * 20),
    ],
)
def test_every_step_waits_its_interval(shop: LocalAws, sagemaker: Any, deployment: Any, lasts_s: int) -> None:
    update(sagemaker, deployment)
    assert after(shop, sagemaker, lasts_s - 1)[:2] == ("Updating", "shop-1")
    assert after(shop, sagemaker, 1)[:2] == ("InService", "shop-2")


def test_rolling_replaces_the_old_fleet_batch_by_batch(shop: LocalAws, sagemaker: Any) -> None:
    update(sagemaker, rolling(percent(25)))
    steps = [after(shop, sagemaker, seconds)[2:] for seconds in (1, 20, 60, 20, 60)]
    assert steps == [(4, 0, "Creating"), (4, 1, "Baking"), (3, 1, "Creating"), (3, 2, "Baking"), (2, 2, "Creating")]


def test_alarm_while_it_bakes_rolls_the_deployment_back(shop: LocalAws, sagemaker: Any) -> None:
    shop.control("alarms", {"errors": "OK", "latency": "INSUFFICIENT_DATA"})
    update(sagemaker, watched(traffic("ALL_AT_ONCE", wait=600), "errors", "latency", "missing"))
    assert after(shop, sagemaker, 100)[4] == "Baking"
    shop.control("alarms", {"errors": "ALARM", "latency": "OK"})
    assert after(shop, sagemaker, 10) == ("RollingBack", "shop-1", 4, 4, "Deleting")
    reason = sagemaker.describe_endpoint(EndpointName="shop")["FailureReason"]
    assert "errors" in reason and "latency" not in reason
    assert after(shop, sagemaker, 16) == ("InService", "shop-1", 4, None, None)
    assert sagemaker.describe_endpoint(EndpointName="shop")["FailureReason"] == reason


def test_alarm_that_its_metric_trips_rolls_back_too() -> None:
    """The small fleet's metric is the number of the minute within the hour: more than 9 from ten past on."""
    alarm = {
        "AlarmName": "busy",
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "EndpointName", "Value": "shop"}, {"Name": "VariantName", "Value": "Main"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 9.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    with serve_locally(SmallFleet(seeds=(SEED,), alarms=[alarm])) as shop:
        client = shop.client("sagemaker")
        shop.pass_time(60)  # at noon sharp the newest minute is that of 11:59
        update(client, watched(traffic("ALL_AT_ONCE", wait=3600), "busy"))
        assert after(shop, client, 9 * 60)[0] == "Updating"
        assert after(shop, client, 61)[0] == "RollingBack"
        client.close()


def test_alarm_before_the_traffic_shifts_counts_when_it_bakes(shop: LocalAws, sagemaker: Any) -> None:
    shop.control("alarms", {"errors": "ALARM"})
    update(sagemaker, watched(rolling(percent(50)), "errors"))
    assert after(shop, sagemaker, 19)[0] == "Updating"
    assert after(shop, sagemaker, 1)[0] == "RollingBack"


def test_rolling_back_takes_its_batches_too(shop: LocalAws, sagemaker: Any) -> None:
    deployment = rolling(percent(50), RollbackMaximumBatchSize={"Type": "INSTANCE_COUNT", "Value": 1})
    update(sagemaker, watched(deployment, "errors"))
    assert after(shop, sagemaker, 101)[2:] == (2, 4, "Baking")
    shop.control("alarms", {"errors": "ALARM"})
    assert after(shop, sagemaker, 10)[0] == "RollingBack"
    assert after(shop, sagemaker, 16)[0] == "RollingBack"
    assert after(shop, sagemaker, 16)[:3] == ("InService", "shop-1", 4)


def test_deployment_that_takes_too_long_is_rolled_back(shop: LocalAws, sagemaker: Any) -> None:
    update(sagemaker, traffic("LINEAR", wait=600, most=900, LinearStepSize=percent(20)))
    assert after(shop, sagemaker, 899)[0] == "Updating"
    assert after(shop, sagemaker, 1)[0] == "RollingBack"
    assert "maximum execution timeout of 900" in sagemaker.describe_endpoint(EndpointName="shop")["FailureReason"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("health-check", "did not pass the ping health check"),
        ("image-pull", "could not be pulled"),
        ("s3-access", "Failed to download model data"),
        ("capacity", "InsufficientInstanceCapacity"),
        ("quota", "'ml.m5.large for endpoint usage'"),
        ("The moon was in the way.", "The moon was in the way."),
    ],
)
def test_next_rollout_of_an_endpoint_fails_as_a_drill_wants(
    shop: LocalAws, sagemaker: Any, kind: str, words: str
) -> None:
    shop.control("rollouts", {"shop": {"fails": kind}, "fresh": {"fails": kind}})
    update(sagemaker)
    sagemaker.create_endpoint(EndpointName="fresh", EndpointConfigName="shop-2")
    assert after(shop, sagemaker, 21)[0] == "RollingBack"
    fresh = sagemaker.describe_endpoint(EndpointName="fresh")
    assert (fresh["EndpointStatus"], words in fresh["FailureReason"]) == ("Failed", True)
    assert after(shop, sagemaker, 16)[:2] == ("InService", "shop-1")
    assert words in sagemaker.describe_endpoint(EndpointName="shop")["FailureReason"]
    update(sagemaker)
    assert after(shop, sagemaker, 21)[:2] == ("InService", "shop-2")


def test_rollback_that_fails_leaves_a_mix_that_an_update_mends(shop: LocalAws, sagemaker: Any) -> None:
    shop.control("rollouts", {"shop": {"fails": "capacity", "rollback_fails": True}})
    update(sagemaker, rolling(percent(50)))
    assert after(shop, sagemaker, 36)[0] == "UpdateRollbackFailed"
    update(sagemaker)
    assert after(shop, sagemaker, 21)[:2] == ("InService", "shop-2")


def test_rolling_update_whose_old_fleet_cannot_start_again_stays_mixed(shop: LocalAws, sagemaker: Any) -> None:
    update(sagemaker, rolling(percent(50), wait=0), name="sick")
    shop.pass_time(36)
    assert seen(sagemaker, "sick")[0] == "UpdateRollbackFailed"


def test_alarms_are_held_in_their_states_and_taken_away(shop: LocalAws) -> None:
    cloudwatch = shop.client("cloudwatch")
    shop.control("alarms", {"a": "OK", "b": "ALARM", "c": "INSUFFICIENT_DATA"})
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert states == {"a": "OK", "b": "ALARM", "c": "INSUFFICIENT_DATA"}
    shop.control("alarms", {"b": None})
    left = cloudwatch.describe_alarms(AlarmNames=["a", "b", "c", "never"])["MetricAlarms"]
    assert [(alarm["AlarmName"], alarm["StateValue"]) for alarm in left] == [
        ("a", "INSUFFICIENT_DATA"),
        ("c", "INSUFFICIENT_DATA"),
    ]
    cloudwatch.close()


@pytest.mark.parametrize(
    ("path", "body"),
    [("alarms", {"a": "SAD"}), ("rollouts", {"shop": {"explodes": True}}), ("rollouts", {"shop": "capacity"})],
)
def test_drills_that_nobody_knows_are_refused(shop: LocalAws, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(HTTPError) as caught:
        shop.control(path, body)
    with caught.value:
        assert caught.value.code == 400
