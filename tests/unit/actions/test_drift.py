"""Who keeps an endpoint, by its tags."""

from collections.abc import Mapping

import pytest

from smtop.metrics.actions.drift import managed_by

STACK_ID = "arn:aws:cloudformation:us-east-1:111122223333:stack/prod-ranking/5f1c9a30-0000-11ee-be56-0242ac120002"
ACK = {"services.k8s.aws/controller-version": "sagemaker-1.2.9", "services.k8s.aws/namespace": "team-a"}


def test_a_stack_is_named_in_the_warning() -> None:
    keeper = managed_by({"aws:cloudformation:stack-name": "prod-ranking", "team": "ranking"})
    assert keeper is not None
    assert keeper.warning("ranking-v3") == (
        "ranking-v3 is managed by CloudFormation stack prod-ranking: this change will drift, and its next deploy of "
        "the endpoint takes it back."
    )


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        (
            {"aws:cloudformation:stack-name": "prod", "aws:cloudformation:stack-id": STACK_ID},
            "CloudFormation stack prod",
        ),
        ({"aws:cloudformation:stack-id": STACK_ID}, "CloudFormation stack prod-ranking"),
        ({"aws:cloudformation:logical-id": "Endpoint"}, "CloudFormation"),
        ({"aws:cloudformation:stack-name": "prod", "aws:cdk:path": "Prod/Endpoint"}, "CDK stack prod"),
        ({"aws:cloudformation:stack-name": "prod", "managed-by": "AWS CDK"}, "CDK stack prod"),
        ({"managed-by": "cdk"}, "CDK"),
        ({"ManagedBy": "CloudFormation"}, "CloudFormation"),
        (ACK, "Kubernetes (ACK) namespace team-a"),
        ({"eks:eks-capability-arn": "arn:aws:eks:us-east-1:111122223333:capability/a/ack/b"}, "Kubernetes (ACK)"),
        ({"crossplane-kind": "endpoint.sagemaker.aws.upbound.io", "crossplane-name": "r1"}, "Crossplane resource r1"),
        ({"managed_by": "crossplane"}, "Crossplane"),
        ({"managed-by": "pulumi"}, "Pulumi"),
        ({"sagemaker:project-name": "churn", "sagemaker:project-id": "p-1"}, "SageMaker project churn"),
        ({"sagemaker:project-id": "p-1"}, "SageMaker project p-1"),
    ],
)
def test_a_keeper_is_told_by_its_tags(tags: Mapping[str, str], name: str) -> None:
    keeper = managed_by(tags)
    assert keeper is not None
    assert keeper.name == name


@pytest.mark.parametrize(
    "tags",
    [
        {"managed-by": "terraform"},
        {"ManagedBy": "Terraform"},
        {"managed_by": "terraform-cloud"},
        {"Managed By": "Terraform v1.9"},
        {"provisioner": "terraform"},
        {"CreatedBy": "OpenTofu"},
        {"iac": "terragrunt"},
        {"terraform": "true"},
        {"Terraform": ""},
        {"terraform-module": "endpoint"},
        {"tf-module": "endpoint"},
        {"tf_managed": "yes"},
    ],
)
def test_the_habits_of_those_who_use_terraform_are_known(tags: Mapping[str, str]) -> None:
    keeper = managed_by(tags)
    assert keeper is not None
    assert keeper.name == "Terraform"
    assert keeper.warning("ep").endswith("this change will drift, and its next apply takes it back.")


@pytest.mark.parametrize("key", ["terraform:workspace", "tf-workspace", "TF_WORKSPACE"])
def test_a_workspace_is_named(key: str) -> None:
    keeper = managed_by({"managed-by": "terraform", key: "prod"})
    assert keeper is not None
    assert keeper.name == "Terraform workspace prod"


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"team": "ranking", "env": "prod"},
        {"managed-by": "platform-team"},
        {"terraform": "false"},
        {"tf_managed": "No"},
        {"tf-version": "2.13", "tf-model": "resnet"},
        {"Name": "terraform-demo"},
        {"notes": "was managed by CloudFormation once"},
        {"sagemaker-sdk:jumpstart-model-id": "huggingface-llm"},
    ],
)
def test_tags_that_tell_of_nobody_warn_of_nobody(tags: Mapping[str, str]) -> None:
    assert managed_by(tags) is None


def test_what_a_tool_sets_itself_counts_more_than_what_people_set() -> None:
    keeper = managed_by({"managed-by": "terraform", "sagemaker:project-name": "churn"} | ACK)
    assert keeper is not None
    assert keeper.tool == "Kubernetes (ACK)"
    assert keeper.warning("ep").endswith("and its controller takes it back by itself.")
