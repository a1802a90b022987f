"""Every metric of a hosted endpoint: where it is published, by which kinds, and the samples behind it.

Names, units, dimensions and scales are those of the SageMaker developer guide ("Metrics for monitoring Amazon
SageMaker AI with Amazon CloudWatch" and its pages on serverless, asynchronous and multi-container endpoints).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from smtop.metrics.simulator import call_metrics as calls
from smtop.metrics.simulator import container_metrics as containers
from smtop.metrics.simulator import host_metrics as hosts
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.call_metrics import Derive
from smtop.metrics.simulator.hosting import INSTANCE_KINDS, SERVERLESS_KINDS, Kind, Stretch

_MODELS: Final = "AWS/SageMaker"
_HOSTS: Final = "/aws/sagemaker/Endpoints"
_COMPONENTS: Final = "/aws/sagemaker/InferenceComponents"

_ALL: Final = frozenset(Kind)
_SYNCHRONOUS: Final = _ALL - {Kind.ASYNC}
_WHOLE_INSTANCES: Final = frozenset({Kind.REAL_TIME, Kind.MULTI_MODEL, Kind.PIPELINE, Kind.DIRECT})
_MULTI: Final = frozenset({Kind.MULTI_MODEL})
_DIRECT: Final = frozenset({Kind.DIRECT})
_CHAINED: Final = frozenset({Kind.DIRECT, Kind.PIPELINE})
_PARTS: Final = frozenset({Kind.COMPONENTS})
_QUEUED: Final = frozenset({Kind.ASYNC})
_WITH_PROVISIONED: Final = frozenset({Kind.PROVISIONED})


@dataclass(frozen=True)
class MetricSpec:
    """One metric. `level` says which dimensions it has: variant, endpoint, component or container.

    `gpu` ones need a GPU in the instance, `needs_calls` ones have no datapoint where nobody calls.
    """

    namespace: str
    level: str
    kinds: frozenset[Kind]
    name: str
    unit: str
    derive: Derive
    gpu: bool = False
    needs_calls: bool = True

    def applies(self, stretch: Stretch) -> bool:
        """Whether a stretch publishes it."""
        return stretch.kind in self.kinds and (not self.gpu or stretch.spec.gpus > 0)


def _invocations() -> Iterable[MetricSpec]:
    def variant(kinds: frozenset[Kind], name: str, unit: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_MODELS, "variant", kinds, name, unit, derive)

    yield variant(_SYNCHRONOUS, "Invocations", "None", calls.count("calls"))
    yield variant(_WHOLE_INSTANCES, "InvocationsPerInstance", "None", calls.per_instance)
    yield variant(_ALL, "Invocation4XXErrors", "None", calls.ratio("errors_4xx"))
    yield variant(_ALL, "Invocation5XXErrors", "None", calls.ratio("errors_5xx"))
    yield variant(_WHOLE_INSTANCES | _PARTS, "InvocationModelErrors", "None", calls.model_errors)
    yield variant(_ALL, "ModelLatency", "Microseconds", calls.model_latency)
    yield variant(_SYNCHRONOUS - _PARTS, "OverheadLatency", "Microseconds", calls.overhead)
    yield variant(SERVERLESS_KINDS, "ModelSetupTime", "Microseconds", calls.setup_time)
    yield variant(_MULTI, "ModelCacheHit", "None", calls.cache_hits)
    yield variant(_MULTI, "ModelLoadingWaitTime", "Microseconds", calls.loading("wait", 1.0))
    yield variant(_MULTI, "ModelDownloadingTime", "Microseconds", calls.loading("download", 0.6))
    yield variant(_MULTI, "ModelLoadingTime", "Microseconds", calls.loading("load", 0.35, of="loads"))
    yield variant(_MULTI, "ModelUnloadingTime", "Microseconds", calls.loading("unload", 0.05, of="evicted"))
    yield MetricSpec(
        _MODELS,
        "variant",
        frozenset({Kind.REAL_TIME}),
        "ConcurrentRequestsPerModel",
        "Count",
        calls.in_flight,
        gpu=True,
        needs_calls=False,
    )


def _serverless() -> Iterable[MetricSpec]:
    def variant(kinds: frozenset[Kind], name: str, unit: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_MODELS, "variant", kinds, name, unit, derive)

    yield variant(SERVERLESS_KINDS, "ServerlessConcurrentExecutionsUtilization", "None", calls.concurrency_used)
    yield variant(_WITH_PROVISIONED, "ServerlessProvisionedConcurrencyExecutions", "Count", calls.provisioned_running)
    yield variant(_WITH_PROVISIONED, "ServerlessProvisionedConcurrencyUtilization", "None", calls.provisioned_used)
    yield variant(
        _WITH_PROVISIONED, "ServerlessProvisionedConcurrencyInvocations", "Count", calls.served_by_provisioned
    )
    yield variant(
        _WITH_PROVISIONED, "ServerlessProvisionedConcurrencySpilloverInvocations", "Count", calls.count("spilled")
    )
    yield MetricSpec(
        _HOSTS, "variant", SERVERLESS_KINDS, "MemoryUtilization", "Percent", calls.executing(calls.serverless_memory)
    )


def _asynchronous() -> Iterable[MetricSpec]:
    def queue(name: str, unit: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_MODELS, "endpoint", _QUEUED, name, unit, derive, needs_calls=False)

    def variant(name: str, unit: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_MODELS, "variant", _QUEUED, name, unit, derive)

    yield queue("ApproximateBacklogSize", "Count", calls.gauge("backlog"))
    yield queue("ApproximateBacklogSizePerInstance", "Count", calls.backlog_per_instance)
    yield queue("ApproximateAgeOfOldestRequest", "Seconds", calls.gauge("age_s"))
    yield queue("HasBacklogWithoutCapacity", "Count", calls.backlog_without_capacity)
    yield variant("InvocationsProcessed", "Count", calls.count("calls"))
    yield variant("InvocationFailures", "Count", calls.unprocessed)
    yield variant("ExpiredRequests", "Count", calls.expired)
    yield variant("RequestDownloadFailures", "Count", calls.failing(Ail.DOWNLOADS))
    yield variant("ResponseUploadFailures", "Count", calls.failing(Ail.UPLOADS))
    yield variant("NotificationFailures", "Count", calls.failing(Ail.NOTIFICATIONS))
    yield variant("RequestDownloadLatency", "Microseconds", calls.transfer("download", median_s=0.12))
    yield variant("ResponseUploadLatency", "Microseconds", calls.transfer("upload", median_s=0.08))
    yield variant("TimeInBacklog", "Milliseconds", calls.time_in_backlog)
    yield variant("TotalProcessingTime", "Milliseconds", calls.total_time)


def _instances() -> Iterable[MetricSpec]:
    def host(kinds: frozenset[Kind], name: str, derive: Derive, gpu: bool = False, unit: str = "Percent") -> MetricSpec:
        return MetricSpec(_HOSTS, "variant", kinds, name, unit, derive, gpu, needs_calls=False)

    yield host(INSTANCE_KINDS, "CPUUtilization", hosts.by_load(hosts.busy_cores, hosts.vcpus))
    yield host(INSTANCE_KINDS, "MemoryUtilization", hosts.scaled(hosts.memory_mb, hosts.memory_limit, hosts.one, 0.01))
    yield host(INSTANCE_KINDS, "DiskUtilization", hosts.scaled(hosts.disk, hosts.one, hosts.one, 0.01))
    yield host(INSTANCE_KINDS, "GPUUtilization", hosts.by_load(hosts.busy_gpus, hosts.gpus), gpu=True)
    yield host(
        INSTANCE_KINDS, "GPUMemoryUtilization", hosts.scaled(hosts.gpu_memory, hosts.one, hosts.gpus, 0.005), gpu=True
    )
    yield host(_PARTS, "CPUUtilizationNormalized", hosts.scaled(hosts.busy_cores, hosts.vcpus, hosts.one))
    yield host(_PARTS, "GPUUtilizationNormalized", hosts.scaled(hosts.busy_gpus, hosts.gpus, hosts.one), gpu=True)
    yield host(
        _PARTS, "GPUMemoryUtilizationNormalized", hosts.scaled(hosts.gpu_memory, hosts.gpus, hosts.one, 0.005), gpu=True
    )
    yield host(_PARTS, "CPUReservation", hosts.reserved(hosts.copy_need_cpu))
    yield host(_PARTS, "MemoryReservation", hosts.reserved(hosts.copy_need_memory))
    yield host(_PARTS, "GPUReservation", hosts.reserved(hosts.copy_need_gpu), gpu=True)
    yield host(_MULTI, "LoadedModelCount", hosts.loaded_models, unit="None")


def _components() -> Iterable[MetricSpec]:
    def called(name: str, unit: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_MODELS, "component", _PARTS, name, unit, derive)

    def used(name: str, derive: Derive, gpu: bool = False) -> MetricSpec:
        return MetricSpec(_COMPONENTS, "component", _PARTS, name, "Percent", derive, gpu, needs_calls=False)

    yield called("Invocations", "None", calls.count("calls"))
    yield called("Invocation4XXErrors", "None", calls.ratio("errors_4xx"))
    yield called("Invocation5XXErrors", "None", calls.ratio("errors_5xx"))
    yield called("ModelLatency", "Microseconds", calls.model_latency)
    yield called("InvocationsPerCopy", "None", calls.per_copy)
    yield called("ConcurrentRequestsPerCopy", "Count", calls.in_flight)
    yield called("NoCapacityInvocationFailures", "Count", calls.count("no_capacity"))
    yield used("CPUUtilizationNormalized", hosts.per_copy_percent(hosts.copy_cpu))
    yield used("MemoryUtilizationNormalized", hosts.per_copy_percent(hosts.constant(0.8)))
    yield used("GPUUtilizationNormalized", hosts.per_copy_percent(hosts.copy_gpu), gpu=True)
    yield used("GPUMemoryUtilizationNormalized", hosts.per_copy_percent(hosts.copy_gpu_memory), gpu=True)


def _containers() -> Iterable[MetricSpec]:
    def called(kinds: frozenset[Kind], name: str, unit: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_MODELS, "container", kinds, name, unit, derive)

    def used(name: str, derive: Derive) -> MetricSpec:
        return MetricSpec(_HOSTS, "container", _DIRECT, name, "Percent", derive, needs_calls=False)

    yield called(_DIRECT, "Invocations", "None", containers.container_count)
    yield called(_DIRECT, "Invocation4XXErrors", "None", containers.container_ratio("errors_4xx"))
    yield called(_DIRECT, "Invocation5XXErrors", "None", containers.container_ratio("errors_5xx"))
    overhead = containers.container_time(calls.overhead_seconds, "overhead")
    yield called(_DIRECT, "OverheadLatency", "Microseconds", overhead)
    latency = containers.container_time(calls.model_seconds, "model")
    yield called(_CHAINED, "ContainerLatency", "Microseconds", latency)
    yield used("CPUUtilization", hosts.scaled(containers.container_cores, hosts.one, hosts.vcpus))
    yield used("MemoryUtilization", hosts.scaled(containers.container_memory, hosts.memory_limit, hosts.one, 0.01))


CATALOGUE: Final = (
    *_invocations(),
    *_serverless(),
    *_asynchronous(),
    *_instances(),
    *_components(),
    *_containers(),
)


def by_identity() -> dict[tuple[str, str, str], tuple[MetricSpec, ...]]:
    """The catalogue by namespace, name and level; two kinds may publish one metric in different ways."""
    found: dict[tuple[str, str, str], tuple[MetricSpec, ...]] = {}
    for spec in CATALOGUE:
        place = (spec.namespace, spec.name, spec.level)
        found[place] = (*found.get(place, ()), spec)
    return found
