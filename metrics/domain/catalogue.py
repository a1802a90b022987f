"""Every CloudWatch metric that SageMaker publishes about endpoints, as data.

Source: the SageMaker developer guide ("Monitor with CloudWatch" and its serverless, asynchronous and multi-container
pages). Where its pages misspell a name, the other spelling is an alias, and both are asked until one answers.
Dimension sets of enhanced metrics (InstanceId, AcceleratorId, ContainerId) and of instance pools (InstanceType) are
left out on purpose: each would multiply the bill by the number of hosts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from smtop.metrics.domain.endpoint import Kind as K  # noqa: N817 - forty rows of a table read better with it
from smtop.metrics.domain.series import Dimensions, MetricId

INVOCATIONS_NAMESPACE = "AWS/SageMaker"
HOSTS_NAMESPACE = "/aws/sagemaker/Endpoints"
COMPONENTS_NAMESPACE = "/aws/sagemaker/InferenceComponents"
NAMESPACES = (INVOCATIONS_NAMESPACE, HOSTS_NAMESPACE, COMPONENTS_NAMESPACE)

UNSURE_NAMESPACES = ("aws/sagemaker/Endpoints",)
"""As the page on containers invoked directly writes the hosts' namespace: taken for a slip, and worth a look."""

PER_HOST = frozenset({"AcceleratorId", "ContainerId", "GpuId", "InstanceId", "InstanceType"})
"""Dimensions of enhanced metrics and of instance pools; nothing that has one is asked."""


class Scope(Enum):
    """What a series describes, by the names of its dimensions (sorted)."""

    ENDPOINT = ("EndpointName",)
    VARIANT = ("EndpointName", "VariantName")
    CONTAINER = ("ContainerName", "EndpointName", "VariantName")
    COMPONENT = ("InferenceComponentName",)


class Missing(Enum):
    """What no datapoints mean for a series that is known to be published."""

    ZERO = "nothing happened"
    NO_DATA = "nothing is known"


class Bad(Enum):
    """The direction in which a metric gets worse."""

    UP = "up"
    DOWN = "down"
    BOTH = "both ends"
    NEITHER = "neither"


@dataclass(frozen=True)
class MetricSpec:
    """One metric: where it lives, what it measures, which statistics smtop asks.

    `stats` are the documented statistics (`pNN` stands for any percentile); `asks` is the subset that smtop reads,
    empty for a metric that is known but not read. `scopes` says on which kinds each dimension set is published.
    `accelerated` metrics exist only on instances with GPUs.

    `name` is what smtop calls the metric everywhere. CloudWatch may call it otherwise: `published_as` is then its name
    there, and `renamed` the names there of dimensions.
    """

    name: str
    unit: str
    stats: tuple[str, ...]
    asks: tuple[str, ...]
    scopes: Mapping[Scope, frozenset[K]]
    bad: Bad
    missing: Missing = Missing.NO_DATA
    namespace: str = INVOCATIONS_NAMESPACE
    aliases: tuple[str, ...] = ()
    accelerated: bool = False
    published_as: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which CloudWatch is asked."""
        return (self.published_as,) if self.published_as else (self.name, *self.aliases)

    def shape(self, scope: Scope) -> tuple[str, ...]:
        """The names of the dimensions in CloudWatch, sorted."""
        return tuple(sorted(self.renamed.get(name, name) for name in scope.value)) if self.renamed else scope.value

    def metrics(self, dimensions: Dimensions) -> tuple[MetricId, ...]:
        """What to ask CloudWatch for a part of an endpoint with these dimensions, named as in the scopes."""
        if self.renamed:
            dimensions = tuple(sorted((self.renamed.get(name, name), value) for name, value in dimensions))
        return tuple(MetricId(self.namespace, name, dimensions) for name in self.spellings)


MICROSECONDS, MILLISECONDS, SECONDS = "Microseconds", "Milliseconds", "Seconds"
PERCENT, COUNT, NONE = "Percent", "Count", "None"

_SUM = ("Sum",)
_ERRORS = ("Average", "Sum")
_RANGE = ("Average", "Maximum", "Minimum")
_PEAKS = ("Minimum", "Maximum")
_FIVE = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
_LATENCY = (*_FIVE, "pNN")
_HOST = ("Average", "Maximum", "Minimum", "SampleCount")
_ASK_LATENCY = ("p50", "p99", "Average", "SampleCount")
_ASK_SPAN = ("Average", "Maximum")
_ASK_MAX = ("Maximum",)
_NOT_ASKED: tuple[str, ...] = ()

_SYNC_HOSTS = frozenset({K.REALTIME, K.MULTI_MODEL, K.MULTI_CONTAINER, K.PIPELINE, K.INFERENCE_COMPONENT})
_HOSTS = _SYNC_HOSTS | {K.ASYNC}
_SERVERLESS = frozenset({K.SERVERLESS, K.SERVERLESS_PROVISIONED})
_SYNC = _SYNC_HOSTS | _SERVERLESS
_ALL = _HOSTS | _SERVERLESS
_PROVISIONED = frozenset({K.SERVERLESS_PROVISIONED})
_ASYNC = frozenset({K.ASYNC})
_MULTI_MODEL = frozenset({K.MULTI_MODEL})
_DIRECT = frozenset({K.MULTI_CONTAINER})
_CONTAINERS = frozenset({K.MULTI_CONTAINER, K.PIPELINE})
_COMPONENTS = frozenset({K.INFERENCE_COMPONENT})

_E, _V, _C, _I = Scope.ENDPOINT, Scope.VARIANT, Scope.CONTAINER, Scope.COMPONENT

_INVOCATION_METRICS = (
    MetricSpec("Invocations", NONE, _SUM, _SUM, {_V: _SYNC, _C: _DIRECT, _I: _COMPONENTS}, Bad.NEITHER, Missing.ZERO),
    MetricSpec("InvocationsPerInstance", NONE, _SUM, _SUM, {_V: _SYNC_HOSTS}, Bad.UP, Missing.ZERO),
    MetricSpec("Invocation4XXErrors", NONE, _ERRORS, _SUM, {_V: _ALL, _C: _DIRECT}, Bad.UP, Missing.ZERO),
    MetricSpec("Invocation5XXErrors", NONE, _ERRORS, _SUM, {_V: _ALL, _C: _DIRECT}, Bad.UP, Missing.ZERO),
    MetricSpec("InvocationModelErrors", NONE, _ERRORS, _SUM, {_V: _SYNC_HOSTS}, Bad.UP, Missing.ZERO),
    MetricSpec("ModelLatency", MICROSECONDS, _LATENCY, _ASK_LATENCY, {_V: _ALL, _I: _COMPONENTS}, Bad.UP),
    MetricSpec("OverheadLatency", MICROSECONDS, _FIVE, _ASK_SPAN, {_V: _SYNC, _C: _DIRECT}, Bad.UP),
    MetricSpec(
        "ModelSetupTime",
        MICROSECONDS,
        ("Average", "Minimum", "Maximum", "SampleCount", "pNN"),
        ("SampleCount", "Average", "Maximum"),
        {_V: _SERVERLESS},
        Bad.UP,
    ),
    MetricSpec("ConcurrentRequestsPerModel", NONE, _PEAKS, _ASK_MAX, {_V: frozenset({K.REALTIME})}, Bad.UP),
    MetricSpec("ConcurrentRequestsPerCopy", NONE, _PEAKS, _ASK_MAX, {_I: _COMPONENTS}, Bad.UP),
    MetricSpec("InvocationsPerCopy", NONE, _SUM, _SUM, {_I: _COMPONENTS}, Bad.UP, Missing.ZERO),
    MetricSpec("NoCapacityInvocationFailures", NONE, _SUM, _SUM, {_I: _COMPONENTS}, Bad.UP, Missing.ZERO),
    MetricSpec("MidStreamErrors", NONE, _ERRORS, _NOT_ASKED, {_V: _SYNC_HOSTS}, Bad.UP, Missing.ZERO),
    MetricSpec("FirstChunkLatency", MICROSECONDS, _LATENCY, _NOT_ASKED, {_V: _SYNC_HOSTS}, Bad.UP),
    MetricSpec("FirstChunkModelLatency", MICROSECONDS, _LATENCY, _NOT_ASKED, {_V: _SYNC_HOSTS}, Bad.UP),
    MetricSpec("FirstChunkOverheadLatency", MICROSECONDS, _LATENCY, _NOT_ASKED, {_V: _SYNC_HOSTS}, Bad.UP),
    MetricSpec("ExplanationsPerInstance", NONE, _SUM, _NOT_ASKED, {_V: _SYNC_HOSTS}, Bad.UP, Missing.ZERO),
    MetricSpec("ContainerLatency", MICROSECONDS, _FIVE, (*_ASK_SPAN, "SampleCount"), {_C: _CONTAINERS}, Bad.UP),
)

_SERVERLESS_METRICS = (
    MetricSpec("ServerlessConcurrentExecutionsUtilization", NONE, _RANGE, _ASK_SPAN, {_V: _SERVERLESS}, Bad.UP),
    MetricSpec("ServerlessProvisionedConcurrencyExecutions", COUNT, _RANGE, _ASK_MAX, {_V: _PROVISIONED}, Bad.NEITHER),
    MetricSpec("ServerlessProvisionedConcurrencyUtilization", NONE, _RANGE, _ASK_SPAN, {_V: _PROVISIONED}, Bad.BOTH),
    # The page lists no Sum for these two counts; a Sum is asked all the same, because a count has no other use.
    MetricSpec(
        "ServerlessProvisionedConcurrencyInvocations",
        COUNT,
        (*_RANGE, "Sum"),
        _SUM,
        {_V: _PROVISIONED},
        Bad.NEITHER,
        Missing.ZERO,
    ),
    MetricSpec(
        "ServerlessProvisionedConcurrencySpilloverInvocations",
        COUNT,
        (*_RANGE, "Sum"),
        _SUM,
        {_V: _PROVISIONED},
        Bad.UP,
        Missing.ZERO,
    ),
)

_ASYNC_METRICS = (
    MetricSpec("ApproximateBacklogSize", COUNT, _RANGE, _ASK_MAX, {_E: _ASYNC}, Bad.UP),
    MetricSpec("ApproximateBacklogSizePerInstance", COUNT, _RANGE, ("Average",), {_E: _ASYNC}, Bad.UP),
    MetricSpec("ApproximateAgeOfOldestRequest", SECONDS, _RANGE, _ASK_MAX, {_E: _ASYNC}, Bad.UP),
    MetricSpec("HasBacklogWithoutCapacity", COUNT, _RANGE, _ASK_MAX, {_E: _ASYNC}, Bad.UP),
    MetricSpec(
        "InvocationsProcessed",
        COUNT,
        _SUM,
        _SUM,
        {_V: _ASYNC},
        Bad.DOWN,
        Missing.ZERO,
        aliases=("InvocationsProcesssed",),
    ),
    MetricSpec("InvocationFailures", COUNT, _SUM, _SUM, {_V: _ASYNC}, Bad.UP, Missing.ZERO),
    MetricSpec("ExpiredRequests", COUNT, _SUM, _SUM, {_V: _ASYNC}, Bad.UP, Missing.ZERO),
    MetricSpec("RequestDownloadFailures", COUNT, _SUM, _SUM, {_V: _ASYNC}, Bad.UP, Missing.ZERO),
    MetricSpec("ResponseUploadFailures", COUNT, _SUM, _SUM, {_V: _ASYNC}, Bad.UP, Missing.ZERO),
    MetricSpec("NotificationFailures", COUNT, _SUM, _SUM, {_V: _ASYNC}, Bad.UP, Missing.ZERO),
    MetricSpec("RequestDownloadLatency", MICROSECONDS, _FIVE, _NOT_ASKED, {_V: _ASYNC}, Bad.UP),
    MetricSpec("ResponseUploadLatency", MICROSECONDS, _FIVE, _NOT_ASKED, {_V: _ASYNC}, Bad.UP),
    MetricSpec("TimeInBacklog", MILLISECONDS, _FIVE, _ASK_SPAN, {_V: _ASYNC}, Bad.UP),
    MetricSpec("TotalProcessingTime", MILLISECONDS, _FIVE, _ASK_SPAN, {_V: _ASYNC}, Bad.UP),
)

_MULTI_MODEL_METRICS = (
    MetricSpec(
        "ModelCacheHit",
        NONE,
        ("Average", "Sum", "SampleCount"),
        ("Average", "SampleCount"),
        {_V: _MULTI_MODEL},
        Bad.DOWN,
    ),
    MetricSpec("ModelLoadingWaitTime", MICROSECONDS, _FIVE, _ASK_SPAN, {_V: _MULTI_MODEL}, Bad.UP),
    MetricSpec("ModelDownloadingTime", MICROSECONDS, _FIVE, _NOT_ASKED, {_V: _MULTI_MODEL}, Bad.UP),
    MetricSpec("ModelLoadingTime", MICROSECONDS, _FIVE, ("Average", "SampleCount"), {_V: _MULTI_MODEL}, Bad.UP),
    MetricSpec("ModelUnloadingTime", MICROSECONDS, _FIVE, ("Average", "SampleCount"), {_V: _MULTI_MODEL}, Bad.UP),
    MetricSpec(
        "LoadedModelCount",
        NONE,
        _FIVE,
        ("Average", "Sum"),
        {_V: _MULTI_MODEL},
        Bad.NEITHER,
        namespace=HOSTS_NAMESPACE,
    ),
)


def _host(name: str, kinds: Mapping[Scope, frozenset[K]], *, accelerated: bool = False) -> MetricSpec:
    return MetricSpec(
        name,
        PERCENT,
        _HOST,
        _ASK_SPAN,
        kinds,
        Bad.UP,
        namespace=HOSTS_NAMESPACE,
        accelerated=accelerated,
    )


def _copy(name: str, *, accelerated: bool = False) -> MetricSpec:
    return MetricSpec(
        name,
        PERCENT,
        _HOST,
        _ASK_SPAN,
        {_I: _COMPONENTS},
        Bad.UP,
        namespace=COMPONENTS_NAMESPACE,
        accelerated=accelerated,
    )


_HOST_METRICS = (
    # CPU and GPU add up over cores and devices (0..100 x N); memory and disk do not.
    _host("CPUUtilization", {_V: _HOSTS, _C: _DIRECT}),
    _host("MemoryUtilization", {_V: _ALL, _C: _DIRECT}),
    _host("DiskUtilization", {_V: _HOSTS}),
    _host("GPUUtilization", {_V: _HOSTS}, accelerated=True),
    _host("GPUMemoryUtilization", {_V: _HOSTS}, accelerated=True),
    _host("CPUUtilizationNormalized", {_V: _COMPONENTS}),
    _host("GPUUtilizationNormalized", {_V: _COMPONENTS}, accelerated=True),
    _host("GPUMemoryUtilizationNormalized", {_V: _COMPONENTS}, accelerated=True),
    _host("CPUReservation", {_V: _COMPONENTS}),
    _host("GPUReservation", {_V: _COMPONENTS}, accelerated=True),
    _host("MemoryReservation", {_V: _COMPONENTS}),
)

_COPY_METRICS = (
    _copy("CPUUtilizationNormalized"),
    _copy("MemoryUtilizationNormalized"),
    _copy("GPUUtilizationNormalized", accelerated=True),
    _copy("GPUMemoryUtilizationNormalized", accelerated=True),
)

METRICS: tuple[MetricSpec, ...] = (
    *_INVOCATION_METRICS,
    *_SERVERLESS_METRICS,
    *_ASYNC_METRICS,
    *_MULTI_MODEL_METRICS,
    *_HOST_METRICS,
    *_COPY_METRICS,
)


@dataclass(frozen=True)
class Catalogue:
    """The metrics as one run of smtop takes them."""

    metrics: tuple[MetricSpec, ...] = METRICS

    def asked(self, kind: K, scope: Scope) -> tuple[MetricSpec, ...]:
        """The metrics that smtop reads for this part of an endpoint of this kind."""
        return self._asked[kind, scope]

    @cached_property
    def _asked(self) -> Mapping[tuple[K, Scope], tuple[MetricSpec, ...]]:
        """Worked out once: a large fleet asks for it thousands of times."""
        read = [spec for spec in self.metrics if spec.asks]
        return {
            (kind, scope): tuple(spec for spec in read if kind in spec.scopes.get(scope, ()))
            for kind in K
            for scope in Scope
        }

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of AWS's documentation, and those of the metrics here."""
        return tuple(dict.fromkeys((*NAMESPACES, *(spec.namespace for spec in self.metrics))))

    def shapes(self, scopes: Iterable[Scope] = Scope) -> frozenset[tuple[str, ...]]:
        """The sets of dimension names that CloudWatch has for these scopes."""
        wanted = frozenset(scopes)
        return frozenset(spec.shape(scope) for spec in self.metrics for scope in wanted & spec.scopes.keys())


STANDARD = Catalogue()
"""The catalogue as AWS documents it."""
