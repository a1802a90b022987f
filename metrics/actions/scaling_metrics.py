"""What scaling can go by: AWS's predefined metrics, smtop's short names for others, and any metric in CloudWatch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smtop.metrics.domain.instance_types import gpus, vcpus
from smtop.metrics.domain.scaling import COPIES, INSTANCES, PROVISIONED

IN_COOLDOWN_S, OUT_COOLDOWN_S = 300, 60
LEAST, MOST = 1, 4
"""Bounds of a target that is registered on the way: the values of AWS's own examples."""

_HOSTS = "/aws/sagemaker/Endpoints"


@dataclass(frozen=True)
class ScalingMetric:
    """One metric to scale by. `target` is the usual one, None where there is none; `dimensions` are CloudWatch's.

    `per_unit` says of what a machine has several and CloudWatch counts 100 % for each: the target is of the whole.
    """

    name: str
    scales: str
    target: float | None = None
    namespace: str = ""
    dimensions: tuple[str, ...] = ()
    statistic: str = "Average"
    per_unit: str = ""

    @property
    def is_predefined(self) -> bool:
        return not self.namespace


_VARIANT = ("EndpointName", "VariantName")

METRICS: Mapping[str, ScalingMetric] = {
    "invocations": ScalingMetric("SageMakerVariantInvocationsPerInstance", INSTANCES, 70.0),
    "concurrency": ScalingMetric("SageMakerVariantConcurrentRequestsPerModelHighResolution", INSTANCES),
    "provisioned": ScalingMetric("SageMakerVariantProvisionedConcurrencyUtilization", PROVISIONED, 0.7),
    "copy-invocations": ScalingMetric("SageMakerInferenceComponentInvocationsPerCopy", COPIES, 70.0),
    "copy-concurrency": ScalingMetric("SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution", COPIES),
    "backlog": ScalingMetric("ApproximateBacklogSizePerInstance", INSTANCES, 5.0, "AWS/SageMaker", ("EndpointName",)),
    "cpu": ScalingMetric("CPUUtilization", INSTANCES, 70.0, _HOSTS, _VARIANT, per_unit="vCPU"),
    "memory": ScalingMetric("MemoryUtilization", INSTANCES, 70.0, _HOSTS, _VARIANT),
    "gpu": ScalingMetric("GPUUtilization", INSTANCES, 70.0, _HOSTS, _VARIANT, per_unit="GPU"),
    "gpu-memory": ScalingMetric("GPUMemoryUtilization", INSTANCES, 70.0, _HOSTS, _VARIANT, per_unit="GPU"),
    "disk": ScalingMetric("DiskUtilization", INSTANCES, 70.0, _HOSTS, _VARIANT),
}
"""By the names that an operator types."""

USUAL: Mapping[str, str] = {INSTANCES: "invocations", PROVISIONED: "provisioned", COPIES: "copy-invocations"}


def metric_of(word: str, scales: str) -> ScalingMetric | None:
    """One of METRICS, a predefined metric by AWS's own name, or `NAMESPACE:NAME:STAT`; None for anything else."""
    known = METRICS.get(word) or next((one for one in METRICS.values() if one.is_predefined and one.name == word), None)
    if known is not None:
        return known
    namespace, _, rest = word.rpartition(":")[0].rpartition(":") if word.count(":") >= 2 else ("", "", "")
    statistic = word.rpartition(":")[2]
    return ScalingMetric(rest, scales, None, namespace, _VARIANT, statistic) if namespace and rest else None


def units(metric: ScalingMetric, instance_type: str | None) -> int | None:
    """How many times 100 % CloudWatch counts for one instance; None where the type says nothing."""
    if not metric.per_unit:
        return 1
    count = (vcpus if metric.per_unit == "vCPU" else gpus)(instance_type or "")
    return count or None


def specification(metric: ScalingMetric, endpoint: str, variant: str) -> dict[str, Any]:
    """The part of a target-tracking configuration that names the metric."""
    if metric.is_predefined:
        return {"PredefinedMetricSpecification": {"PredefinedMetricType": metric.name}}
    values = {"EndpointName": endpoint, "VariantName": variant}
    dimensions = [{"Name": name, "Value": values[name]} for name in metric.dimensions]
    named = {"MetricName": metric.name, "Namespace": metric.namespace, "Dimensions": dimensions}
    return {"CustomizedMetricSpecification": {**named, "Statistic": metric.statistic}}
