"""Inference components, seen through boto3."""

from typing import Any

import pytest

from tests.simulator.small_fleet import LocalAws, component, model


def describe(client: Any, name: str = "chat-qwen") -> dict[str, Any]:
    """DescribeInferenceComponent's members."""
    return dict(client.describe_inference_component(InferenceComponentName=name))


def test_component_comes_into_service(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.create_inference_component(**component("chat-qwen", "chat", "qwen", 3))
    shown = describe(sagemaker)
    assert (shown["InferenceComponentStatus"], shown["RuntimeConfig"]) == (
        "Creating",
        {"DesiredCopyCount": 3, "CurrentCopyCount": 0},
    )
    aws.pass_time(21)
    shown = describe(sagemaker)
    assert (shown["InferenceComponentStatus"], shown["RuntimeConfig"]["CurrentCopyCount"]) == ("InService", 3)
    assert shown["Specification"]["ComputeResourceRequirements"] == {"MinMemoryRequiredInMb": 1024}
    assert (shown["EndpointName"], shown["VariantName"]) == ("chat", "AllTraffic")


def test_component_with_a_bad_image_fails(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.create_model(**model("bad", "registry/unhealthy:9"))
    sagemaker.create_inference_component(**component("chat-qwen", "chat", "bad"))
    aws.pass_time(21)
    shown = describe(sagemaker)
    assert shown["InferenceComponentStatus"] == "Failed"
    assert "ping health check" in shown["FailureReason"]


def test_copies_change_and_may_go_to_zero(aws: LocalAws, sagemaker: Any) -> None:
    wanted = {"InferenceComponentName": "chat-llama", "DesiredRuntimeConfig": {"CopyCount": 0}}
    sagemaker.update_inference_component_runtime_config(**wanted)
    assert describe(sagemaker, "chat-llama")["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 2}
    with pytest.raises(sagemaker.exceptions.ClientError, match="Cannot update in-progress inference component"):
        sagemaker.update_inference_component_runtime_config(**wanted)
    aws.pass_time(21)
    assert describe(sagemaker, "chat-llama")["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0}


def test_new_specification_is_rolled_out_or_rolled_back(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.create_model(**model("bad", "registry/crash:9"))
    for wanted, served in (("qwen", "qwen"), ("bad", "qwen")):
        specification = {"ModelName": wanted, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2048}}
        sagemaker.update_inference_component(InferenceComponentName="chat-llama", Specification=specification)
        assert describe(sagemaker, "chat-llama")["InferenceComponentStatus"] == "Updating"
        aws.pass_time(21)
        shown = describe(sagemaker, "chat-llama")
        assert (shown["InferenceComponentStatus"], shown["Specification"]["ModelName"]) == ("InService", served)
    assert "FailureReason" in shown


def test_endpoint_can_go_once_its_components_are_gone(aws: LocalAws, sagemaker: Any) -> None:
    sagemaker.delete_inference_component(InferenceComponentName="chat-llama")
    assert describe(sagemaker, "chat-llama")["InferenceComponentStatus"] == "Deleting"
    aws.pass_time(11)
    assert sagemaker.list_inference_components(EndpointNameEquals="chat")["InferenceComponents"] == []
    sagemaker.delete_endpoint(EndpointName="chat")


def test_components_are_listed_by_endpoint_variant_and_status(sagemaker: Any) -> None:
    sagemaker.create_inference_component(**component("chat-qwen", "chat", "qwen"))
    (found,) = sagemaker.list_inference_components(EndpointNameEquals="chat", StatusEquals="InService")[
        "InferenceComponents"
    ]
    assert found["InferenceComponentName"] == "chat-llama"
    both = sagemaker.list_inference_components(VariantNameEquals="AllTraffic")["InferenceComponents"]
    assert [each["InferenceComponentName"] for each in both] == ["chat-qwen", "chat-llama"]
    assert sagemaker.list_inference_components(EndpointNameEquals="search")["InferenceComponents"] == []
