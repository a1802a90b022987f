"""The operations that smtop makes: the edge allows these and no others, and the IAM policies are generated from them.

Reads are always allowed, writes while the write gate lets somebody pass.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One AWS operation. `prefix` is its IAM prefix, `why` what is missing from the screen without it."""

    prefix: str
    name: str
    why: str
    essential: bool = False

    @property
    def iam_action(self) -> str:
        return f"{self.prefix}:{self.name}"


READS = (
    Operation("sagemaker", "ListEndpoints", "the fleet itself", essential=True),
    Operation("sagemaker", "DescribeEndpoint", "kind, variants and status reasons", essential=True),
    Operation("sagemaker", "DescribeEndpointConfig", "instance types; telling the kinds apart", essential=True),
    Operation("cloudwatch", "GetMetricData", "every number", essential=True),
    Operation("sagemaker", "DescribeModel", "multi-model and multi-container endpoints"),
    Operation("sagemaker", "ListInferenceComponents", "inference components"),
    Operation("sagemaker", "DescribeInferenceComponent", "copies of inference components"),
    Operation("sagemaker", "ListTags", "tags, and filters on them"),
    Operation("cloudwatch", "ListMetrics", "telling a quiet counter from a missing one"),
    Operation("sagemaker", "ListEndpointConfigs", "configs that an endpoint may have had before"),
    Operation("application-autoscaling", "DescribeScalableTargets", "what scales by itself, and between which bounds"),
    Operation("application-autoscaling", "DescribeScalingPolicies", "by which metric it scales"),
    Operation("application-autoscaling", "DescribeScheduledActions", "when it scales"),
    Operation("application-autoscaling", "DescribeScalingActivities", "what scaling has done, and why"),
    Operation("cloudwatch", "DescribeAlarms", "alarms on the fleet, and alarms that roll an update back"),
    Operation("servicequotas", "ListServiceQuotas", "whether the account's quotas have room for more"),
    Operation("ecr", "DescribeImages", "how large the images of this account are"),
)
"""Reads that IAM must allow. STS GetCallerIdentity needs no permission and stands in `UNGATED`."""

_OF_METRICS = frozenset({"GetMetricData", "ListMetrics"})

UNGATED = (Operation("sts", "GetCallerIdentity", "account and role in the header"),)

PLANNING = (Operation("iam", "SimulatePrincipalPolicy", "whether a deletion could be taken back"),)
"""Reads that only plans of changes make."""

TRIED = (Operation("s3", "HeadObject", "how large the artifacts of serverless models are"),)
"""Reads that are tried, and in no policy of smtop's: IAM has no narrower permission for this one than s3:GetObject, by
which all that is in the models could be read."""

ALLOWED = frozenset(operation.iam_action for operation in (*READS, *PLANNING, *TRIED, *UNGATED))

WRITES = (
    Operation("sagemaker", "UpdateEndpointWeightsAndCapacities", "weights, counts, concurrency"),
    Operation("sagemaker", "UpdateEndpoint", "another config"),
    Operation("sagemaker", "CreateEndpointConfig", "what cannot be changed in place"),
    Operation("sagemaker", "UpdateInferenceComponentRuntimeConfig", "copies of inference components"),
    Operation("sagemaker", "DeleteEndpoint", "deleting"),
    Operation("sagemaker", "DeleteEndpointConfig", "deleting a config with its endpoint"),
    Operation("sagemaker", "DeleteModel", "deleting models with their endpoint"),
    Operation("sagemaker", "DeleteInferenceComponent", "deleting an endpoint that hosts components"),
    Operation("sagemaker", "CreateModel", "undoing a deletion"),
    Operation("sagemaker", "CreateEndpoint", "undoing a deletion"),
    Operation("sagemaker", "CreateInferenceComponent", "undoing a deletion"),
    Operation("application-autoscaling", "RegisterScalableTarget", "bounds of scaling, suspending it"),
    Operation("application-autoscaling", "DeregisterScalableTarget", "scaling no longer"),
    Operation("application-autoscaling", "PutScalingPolicy", "scaling by a metric"),
    Operation("application-autoscaling", "DeleteScalingPolicy", "scaling by a metric no longer"),
    Operation("application-autoscaling", "PutScheduledAction", "scaling at set times"),
    Operation("application-autoscaling", "DeleteScheduledAction", "scaling at set times no longer"),
    Operation(
        "cloudwatch", "PutMetricAlarm", "scaling an asynchronous endpoint out of zero; AWS's own alarms of policies"
    ),
    Operation("cloudwatch", "DeleteAlarms", "scaling by such alarms no longer"),
)
"""What changes something; `why` is what cannot be done without it."""

ALONGSIDE = (Operation("sagemaker", "AddTags", "undoing a deletion: what is created again has its tags"),)
"""What IAM wants for a call that names tags: it is never sent by itself."""

INVOCATIONS = (
    Operation("sagemaker", "InvokeEndpoint", "test invocations"),
    Operation("sagemaker", "InvokeEndpointAsync", "test invocations of asynchronous endpoints"),
    Operation("s3", "PutObject", "payloads of asynchronous test invocations"),
    Operation("s3", "GetObject", "their answers"),
)
"""What a test invocation sends: models answer, and count."""

CHANGING = frozenset(operation.iam_action for operation in (*WRITES, *INVOCATIONS))

_IAM_PREFIXES = {
    "application-auto-scaling": "application-autoscaling",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
}
"""Services that botocore calls by another name than IAM does."""


def iam_prefix(service: str) -> str:
    """`servicequotas` of botocore's `service-quotas`."""
    return _IAM_PREFIXES.get(service, service)


def read_only_policy() -> dict[str, object]:
    """The IAM policy document that lets smtop show everything it can."""
    return policy(_allowances("Read", READS))


def operator_policy() -> dict[str, object]:
    """The one that lets it make every change too, and take it back."""
    reads = _allowances("Read", (*READS, *PLANNING))
    return policy([*reads, *_allowances("Change", (*WRITES, *ALONGSIDE)), *_PASSED_ON])


def monitoring_policy() -> dict[str, object]:
    """The one for a monitoring account, in which the metrics of other accounts are asked."""
    return policy(_allowances("Read", [operation for operation in READS if operation.name in _OF_METRICS]))


def invoke_policy(arn: str, containers: Sequence[str] = ()) -> dict[str, object]:
    """The one that lets an endpoint be invoked; of several containers only those that are named."""
    statement: dict[str, object] = {
        "Sid": "SmtopInvoke",
        "Effect": "Allow",
        "Action": sorted(operation.iam_action for operation in INVOCATIONS if operation.prefix == "sagemaker"),
        "Resource": arn,
    }
    if containers:
        statement["Condition"] = {"StringEquals": {"sagemaker:TargetContainerHostname": list(containers)}}
    return policy([statement])


def policy(statements: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allowances(what: str, operations: Iterable[Operation]) -> list[dict[str, object]]:
    """A statement for each service."""
    actions: dict[str, list[str]] = {}
    for operation in operations:
        actions.setdefault(operation.prefix, []).append(operation.iam_action)
    return [
        {"Sid": f"Smtop{_words(prefix)}{what}", "Effect": "Allow", "Action": sorted(names), "Resource": "*"}
        for prefix, names in actions.items()
    ]


_PASSED_ON: tuple[Mapping[str, object], ...] = (
    {
        "Sid": "SmtopPassRole",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    },
    {
        "Sid": "SmtopScalingRole",
        "Effect": "Allow",
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": "arn:*:iam::*:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*",
        "Condition": {"StringLike": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}},
    },
)
"""What AWS itself does in the caller's name: models have roles, and so has scaling."""


def _words(prefix: str) -> str:
    """A statement's id has letters and digits only."""
    return prefix.title().replace("-", "")
