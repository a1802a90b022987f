"""What happens to an endpoint from its creation to its end, seen through boto3."""

from typing import Any

import pytest

from smtop.metrics.simulator.resources import EndpointSeed
from tests.simulator.small_fleet import LocalAws, SmallFleet, config, instances, model, serve_locally, serverless


def describe(client: Any, name: str) -> dict[str, Any]:
    """DescribeEndpoint's members."""
    return dict(client.describe_endpoint(EndpointName=name))


def create(client: Any, name: str = "fresh", image: str = "registry/app:2") -> None:
    """A real-time endpoint with two instances."""
    client.create_model(**model(f"{name}-model", image))
    client.create_endpoint_config(**config(f"{name}-1", instances("Main", f"{name}-model", 2)))
    client.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-1")


def second_config(client: Any, image: str = "registry/app:3") -> str:
    """A configuration for Fraud-Scorer with one instance a variant and equal weights; its name."""
    client.create_model(**model("fraud-c", image))
    client.create_endpoint_config(**config("fraud-2", instances("A", "fraud-c"), instances("B", "fraud-b")))
    return "fraud-2"


def shape_of(shown: dict[str, Any]) -> dict[str, tuple[float, int]]:
    """Weight and instances of every production variant that serves."""
    return {v["VariantName"]: (v["CurrentWeight"], v["CurrentInstanceCount"]) for v in shown["ProductionVariants"]}


def test_creating_endpoint_has_no_variants_but_a_pending_deployment(aws: LocalAws, sagemaker: Any) -> None:
    create(sagemaker)
    shown = describe(sagemaker, "fresh")
    assert shown["EndpointStatus"] == "Creating"
    assert "ProductionVariants" not in shown
    (pending,) = shown["PendingDeploymentSummary"]["ProductionVariants"]
    assert (pending["InstanceType"], pending["VariantStatus"][0]["Status"]) == ("ml.m5.large", "Creating")
    aws.pass_time(19)
    assert describe(sagemaker, "fresh")["EndpointStatus"] == "Creating"
    aws.pass_time(2)
    shown = describe(sagemaker, "fresh")
    assert shown["EndpointStatus"] == "InService"
    assert "PendingDeploymentSummary" not in shown
    (variant,) = shown["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)
    assert "InstanceType" not in variant


def test_creation_with_a_bad_image_fails_with_a_reason(aws: LocalAws, sagemaker: Any) -> None:
    create(sagemaker, image="registry/unhealthy:1")
    aws.pass_time(21)
    shown = describe(sagemaker, "fresh")
    assert shown["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in shown["FailureReason"]
    with pytest.raises(sagemaker.exceptions.ClientError, match="with status"):
        sagemaker.update_endpoint(EndpointName="fresh", EndpointConfigName="fresh-1")
    sagemaker.delete_endpoint(EndpointName="fresh")
    aws.pass_time(11)
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint"):
        describe(sagemaker, "fresh")


def test_update_shows_what_is_coming_and_then_serves_it(aws: LocalAws, sagemaker: Any) -> None:
    before = describe(sagemaker, "Fraud-Scorer")
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName=second_config(sagemaker))
    shown = describe(sagemaker, "Fraud-Scorer")
    assert (shown["EndpointStatus"], shown["EndpointConfigName"]) == ("Updating", "fraud-1")
    assert shown["PendingDeploymentSummary"]["EndpointConfigName"] == "fraud-2"
    assert shape_of(shown) == {"A": (1.0, 2), "B": (0.25, 1)}
    assert shown["LastModifiedTime"] > before["LastModifiedTime"]
    aws.pass_time(21)
    shown = describe(sagemaker, "Fraud-Scorer")
    assert (shown["EndpointStatus"], shown["EndpointConfigName"]) == ("InService", "fraud-2")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"A": (1.0, 1), "B": (1.0, 1)}),
        ({"RetainAllVariantProperties": True}, {"A": (3.0, 2), "B": (0.25, 5)}),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            {"A": (3.0, 1), "B": (0.25, 1)},
        ),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
            {"A": (1.0, 2), "B": (1.0, 5)},
        ),
    ],
)
def test_update_resets_live_weights_and_counts_unless_they_are_retained(
    aws: LocalAws, sagemaker: Any, options: dict[str, Any], expected: dict[str, tuple[float, int]]
) -> None:
    wanted = [{"VariantName": "A", "DesiredWeight": 3.0}, {"VariantName": "B", "DesiredInstanceCount": 5}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="Fraud-Scorer", DesiredWeightsAndCapacities=wanted)
    aws.pass_time(21)
    second_config(sagemaker)
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-2", **options)
    aws.pass_time(21)
    assert shape_of(describe(sagemaker, "Fraud-Scorer")) == expected


def test_update_to_a_bad_image_rolls_back_and_keeps_serving(aws: LocalAws, sagemaker: Any) -> None:
    name = second_config(sagemaker, image="registry/crash:1")
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName=name)
    aws.pass_time(21)
    shown = describe(sagemaker, "Fraud-Scorer")
    assert shown["EndpointStatus"] == "RollingBack"
    assert shape_of(shown) == {"A": (1.0, 2), "B": (0.25, 1)}
    aws.pass_time(16)
    shown = describe(sagemaker, "Fraud-Scorer")
    assert (shown["EndpointStatus"], shown["EndpointConfigName"]) == ("InService", "fraud-1")
    assert "ping health check" in shown["FailureReason"]


def test_reason_of_a_rollback_is_forgotten_when_the_next_update_begins(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName=second_config(sagemaker, "bad/crash:1"))
    aws.pass_time(36)
    assert "FailureReason" in describe(sagemaker, "Fraud-Scorer")
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-1")
    assert "FailureReason" not in describe(sagemaker, "Fraud-Scorer")


def test_update_needs_the_live_configuration_and_the_new_ones_models(sagemaker: Any) -> None:
    sagemaker.create_model(**model("short-lived"))
    sagemaker.create_endpoint_config(**config("orphan", instances("A", "short-lived"), instances("B", "fraud-b")))
    sagemaker.delete_model(ModelName="short-lived")
    for call in (sagemaker.create_endpoint, sagemaker.update_endpoint):
        name = "new" if call == sagemaker.create_endpoint else "Fraud-Scorer"
        with pytest.raises(sagemaker.exceptions.ClientError, match=r"Could not find model .*model/short-lived"):
            call(EndpointName=name, EndpointConfigName="orphan")
    second_config(sagemaker)
    sagemaker.delete_endpoint_config(EndpointConfigName="fraud-1")
    with pytest.raises(sagemaker.exceptions.ClientError, match=r"Could not find endpoint configuration .*/fraud-1"):
        sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-2")


def test_resources_made_anew_have_only_their_new_tags(aws: LocalAws, sagemaker: Any) -> None:
    arn = describe(sagemaker, "Fraud-Scorer")["EndpointArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]
    sagemaker.delete_endpoint(EndpointName="Fraud-Scorer")
    with pytest.raises(sagemaker.exceptions.ClientError, match="Cannot create already existing endpoint"):
        sagemaker.create_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-1")
    aws.pass_time(11)
    tags = [{"Key": "owner", "Value": "ops"}]
    sagemaker.create_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-1", Tags=tags)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags


def test_resize_moves_desired_first_and_current_later(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="Fraud-Scorer", DesiredWeightsAndCapacities=[{"VariantName": "B", "DesiredInstanceCount": 4}]
    )
    shown = describe(sagemaker, "Fraud-Scorer")
    assert shown["EndpointStatus"] == "Updating"
    assert "PendingDeploymentSummary" not in shown
    a, b = shown["ProductionVariants"]
    assert (b["CurrentInstanceCount"], b["DesiredInstanceCount"]) == (1, 4)
    assert b["VariantStatus"][0]["Status"] == "Updating"
    assert "VariantStatus" not in a
    assert (b["CurrentWeight"], b["DesiredWeight"]) == (0.25, 0.25)
    aws.pass_time(21)
    assert shape_of(describe(sagemaker, "Fraud-Scorer")) == {"A": (1.0, 2), "B": (0.25, 4)}


def test_serverless_concurrency_changes_in_place(aws: LocalAws, sagemaker: Any) -> None:
    change = {"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 8}}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="search", DesiredWeightsAndCapacities=[change])
    (variant,) = describe(sagemaker, "search")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 4
    assert variant["DesiredServerlessConfig"]["ProvisionedConcurrency"] == 8
    assert not {"CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount"} & set(variant)
    aws.pass_time(21)
    (variant,) = describe(sagemaker, "search")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 10,
        "ProvisionedConcurrency": 8,
    }


def test_serverless_may_become_instances_but_not_back(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.create_endpoint_config(**config("search-2", instances("AllTraffic", "search")))
    sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="search-2")
    aws.pass_time(21)
    assert shape_of(describe(sagemaker, "search")) == {"AllTraffic": (1.0, 1)}
    with pytest.raises(sagemaker.exceptions.ClientError, match="to a serverless endpoint"):
        sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="search-1")


def test_async_endpoint_scales_to_zero(aws: LocalAws, sagemaker: Any) -> None:
    change = {"VariantName": "Main", "DesiredInstanceCount": 0}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="batch", DesiredWeightsAndCapacities=[change])
    aws.pass_time(21)
    shown = describe(sagemaker, "batch")
    assert shape_of(shown) == {"Main": (1.0, 0)}
    assert shown["AsyncInferenceConfig"]["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}


def test_deleted_endpoint_goes_in_two_steps_and_leaves_config_and_model(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.delete_endpoint(EndpointName="search")
    assert describe(sagemaker, "search")["EndpointStatus"] == "Deleting"
    aws.pass_time(11)
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint"):
        describe(sagemaker, "search")
    assert sagemaker.describe_endpoint_config(EndpointConfigName="search-1")
    sagemaker.create_endpoint(EndpointName="search", EndpointConfigName="search-1")
    aws.pass_time(21)
    assert describe(sagemaker, "search")["EndpointStatus"] == "InService"


def test_endpoint_outlives_its_config_and_its_model(sagemaker: Any) -> None:
    sagemaker.delete_endpoint_config(EndpointConfigName="search-1")
    sagemaker.delete_model(ModelName="search")
    shown = describe(sagemaker, "search")
    assert shown["EndpointConfigName"] == "search-1"
    assert shown["ProductionVariants"][0]["DeployedImages"][0]["SpecifiedImage"] == "registry/app:1"
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint configuration"):
        sagemaker.describe_endpoint_config(EndpointConfigName="search-1")


def test_configuration_is_described_as_it_was_sent(sagemaker: Any) -> None:
    variant = instances(
        "AllTraffic",
        None,
        2,
        ManagedInstanceScaling={"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4},
        RoutingConfig={"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    )
    role = "arn:aws:iam::123456789012:role/hosting"
    sagemaker.create_endpoint_config(**config("scaled", variant, ExecutionRoleArn=role))
    shown = sagemaker.describe_endpoint_config(EndpointConfigName="scaled")
    assert shown["ProductionVariants"] == [variant | {"InitialVariantWeight": 1.0}]
    assert shown["ExecutionRoleArn"] == role
    assert "ShadowProductionVariants" not in shown


def test_shadow_variant_is_told_apart(aws: LocalAws, sagemaker: Any) -> None:
    shadow = [instances("Shadow", "fraud-b")]
    sagemaker.create_endpoint_config(**config("pair", instances("Main", "fraud-a"), ShadowProductionVariants=shadow))
    sagemaker.create_endpoint(EndpointName="pair", EndpointConfigName="pair")
    aws.pass_time(21)
    shown = describe(sagemaker, "pair")
    assert [variant["VariantName"] for variant in shown["ProductionVariants"]] == ["Main"]
    assert [variant["VariantName"] for variant in shown["ShadowProductionVariants"]] == ["Shadow"]


@pytest.mark.parametrize("status", ["Creating", "Updating"])
def test_fleet_opens_in_the_middle_of_things(status: str) -> None:
    configs = [config("v1", serverless("m")), config("v2", serverless("m", memory_mb=4096))]
    seed = EndpointSeed("moving", [model("m")], configs, status=status, modified_ago_s=300.0)
    with serve_locally(SmallFleet(seeds=(seed,))) as aws:
        client = aws.client("sagemaker")
        shown = describe(client, "moving")
        assert shown["EndpointStatus"] == status
        assert shown["PendingDeploymentSummary"]["EndpointConfigName"] == "v2"
        aws.pass_time(1801)
        shown = describe(client, "moving")
        assert (shown["EndpointStatus"], shown["EndpointConfigName"]) == ("InService", "v2")
        client.close()
