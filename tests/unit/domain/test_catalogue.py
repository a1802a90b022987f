"""The catalogue against the tables of AWS's documentation, written down here a second time and independently."""

from collections.abc import Iterator

import pytest

from smtop.metrics.domain.catalogue import (
    COMPONENTS_NAMESPACE,
    HOSTS_NAMESPACE,
    INVOCATIONS_NAMESPACE,
    METRICS,
    STANDARD,
    Bad,
    MetricSpec,
    Missing,
    Scope,
)
from smtop.metrics.domain.endpoint import Kind

FIVE = "Average Sum Minimum Maximum SampleCount"

# name, unit, documented statistics, dimension sets (E endpoint, V variant, C container, I component)
INVOCATIONS = """
    Invocations                | None         | Sum                                 | V C I
    InvocationsPerInstance     | None         | Sum                                 | V
    Invocation4XXErrors        | None         | Average Sum                         | V C
    Invocation5XXErrors        | None         | Average Sum                         | V C
    InvocationModelErrors      | None         | Average Sum                         | V
    ModelLatency               | Microseconds | Average Sum Minimum Maximum SampleCount pNN | V I
    OverheadLatency            | Microseconds | Average Sum Minimum Maximum SampleCount | V C
    ModelSetupTime             | Microseconds | Average Minimum Maximum SampleCount pNN | V
    ConcurrentRequestsPerModel | None         | Minimum Maximum                     | V
    ConcurrentRequestsPerCopy  | None         | Minimum Maximum                     | I
    InvocationsPerCopy         | None         | Sum                                 | I
    NoCapacityInvocationFailures | None       | Sum                                 | I
    MidStreamErrors            | None         | Average Sum                         | V
    FirstChunkLatency          | Microseconds | Average Sum Minimum Maximum SampleCount pNN | V
    FirstChunkModelLatency     | Microseconds | Average Sum Minimum Maximum SampleCount pNN | V
    FirstChunkOverheadLatency  | Microseconds | Average Sum Minimum Maximum SampleCount pNN | V
    ExplanationsPerInstance    | None         | Sum                                 | V
    ContainerLatency           | Microseconds | Average Sum Minimum Maximum SampleCount | C
    ServerlessConcurrentExecutionsUtilization   | None  | Average Maximum Minimum | V
    ServerlessProvisionedConcurrencyExecutions  | Count | Average Maximum Minimum | V
    ServerlessProvisionedConcurrencyUtilization | None  | Average Maximum Minimum | V
    ServerlessProvisionedConcurrencyInvocations | Count | Average Maximum Minimum Sum | V
    ServerlessProvisionedConcurrencySpilloverInvocations | Count | Average Maximum Minimum Sum | V
    ApproximateBacklogSize            | Count        | Average Maximum Minimum | E
    ApproximateBacklogSizePerInstance | Count        | Average Maximum Minimum | E
    ApproximateAgeOfOldestRequest     | Seconds      | Average Maximum Minimum | E
    HasBacklogWithoutCapacity         | Count        | Average Maximum         | E
    InvocationsProcessed              | Count        | Sum                     | V
    InvocationFailures                | Count        | Sum                     | V
    ExpiredRequests                   | Count        | Sum                     | V
    RequestDownloadFailures           | Count        | Sum                     | V
    ResponseUploadFailures            | Count        | Sum                     | V
    NotificationFailures              | Count        | Sum                     | V
    RequestDownloadLatency            | Microseconds | Average Sum Minimum Maximum SampleCount | V
    ResponseUploadLatency             | Microseconds | Average Sum Minimum Maximum SampleCount | V
    TimeInBacklog                     | Milliseconds | Average Sum Minimum Maximum SampleCount | V
    TotalProcessingTime               | Milliseconds | Average Sum Minimum Maximum SampleCount | V
    ModelCacheHit                     | None         | Average Sum SampleCount | V
    ModelLoadingWaitTime              | Microseconds | Average Sum Minimum Maximum SampleCount | V
    ModelDownloadingTime              | Microseconds | Average Sum Minimum Maximum SampleCount | V
    ModelLoadingTime                  | Microseconds | Average Sum Minimum Maximum SampleCount | V
    ModelUnloadingTime                | Microseconds | Average Sum Minimum Maximum SampleCount | V
"""

# The page lists no statistics for utilisation; every instance reports, so any but the percentiles is there.
HOSTS = f"""
    LoadedModelCount               | None    | {FIVE} | V
    CPUUtilization                 | Percent | {FIVE} | V C
    MemoryUtilization              | Percent | {FIVE} | V C
    DiskUtilization                | Percent | {FIVE} | V
    GPUUtilization                 | Percent | {FIVE} | V
    GPUMemoryUtilization           | Percent | {FIVE} | V
    CPUUtilizationNormalized       | Percent | {FIVE} | V
    GPUUtilizationNormalized       | Percent | {FIVE} | V
    GPUMemoryUtilizationNormalized | Percent | {FIVE} | V
    CPUReservation                 | Percent | {FIVE} | V
    GPUReservation                 | Percent | {FIVE} | V
    MemoryReservation              | Percent | {FIVE} | V
"""

COMPONENTS = f"""
    CPUUtilizationNormalized       | Percent | {FIVE} | I
    MemoryUtilizationNormalized    | Percent | {FIVE} | I
    GPUUtilizationNormalized       | Percent | {FIVE} | I
    GPUMemoryUtilizationNormalized | Percent | {FIVE} | I
"""

DIMENSIONS = {
    "E": ("EndpointName",),
    "V": ("EndpointName", "VariantName"),
    "C": ("ContainerName", "EndpointName", "VariantName"),
    "I": ("InferenceComponentName",),
}


def documented() -> Iterator[tuple[str, str, str, frozenset[str], frozenset[tuple[str, ...]]]]:
    tables = {INVOCATIONS_NAMESPACE: INVOCATIONS, HOSTS_NAMESPACE: HOSTS, COMPONENTS_NAMESPACE: COMPONENTS}
    for namespace, table in tables.items():
        for line in table.strip().splitlines():
            name, unit, stats, scopes = (cell.strip() for cell in line.split("|"))
            dimensions = frozenset(DIMENSIONS[scope] for scope in scopes.split())
            yield namespace, name, unit, frozenset(stats.split()), dimensions


DOCUMENTED = {(namespace, name): (unit, stats, scopes) for namespace, name, unit, stats, scopes in documented()}
CATALOGUE = {(spec.namespace, spec.name): spec for spec in METRICS}


def test_the_catalogue_has_the_documented_metrics_each_once() -> None:
    assert sorted(CATALOGUE) == sorted(DOCUMENTED)
    assert len(METRICS) == len(CATALOGUE)


def test_namespaces_are_spelled_as_cloudwatch_spells_them() -> None:
    assert INVOCATIONS_NAMESPACE == "AWS/SageMaker"
    assert HOSTS_NAMESPACE == "/aws/sagemaker/Endpoints"
    assert COMPONENTS_NAMESPACE == "/aws/sagemaker/InferenceComponents"


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: f"{spec.namespace}:{spec.name}")
def test_a_metric_is_what_the_documentation_says(spec: MetricSpec) -> None:
    unit, stats, dimensions = DOCUMENTED[spec.namespace, spec.name]
    assert spec.unit == unit
    assert {scope.value for scope in spec.scopes} == dimensions
    generic = {"pNN" if stat.startswith("p") else stat for stat in spec.asks}
    assert generic <= stats
    assert generic <= set(spec.stats)
    assert all(spec.scopes.values()), "a dimension set without a kind is never asked"


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: f"{spec.namespace}:{spec.name}")
def test_only_a_count_of_events_may_stand_at_zero_without_datapoints(spec: MetricSpec) -> None:
    if spec.missing is Missing.ZERO:
        assert "Sum" in spec.stats
        assert set(spec.asks) <= {"Sum"}
        assert spec.unit in ("Count", "None")


@pytest.mark.parametrize(
    "name", ["ModelLatency", "CPUUtilization", "ApproximateBacklogSize", "HasBacklogWithoutCapacity", "ModelCacheHit"]
)
def test_a_latency_a_utilisation_or_a_backlog_never_becomes_zero(name: str) -> None:
    assert all(spec.missing is Missing.NO_DATA for spec in METRICS if spec.name == name)


def test_few_metrics_get_worse_downwards() -> None:
    assert {spec.name for spec in METRICS if spec.bad is Bad.DOWN} == {"ModelCacheHit", "InvocationsProcessed"}
    assert [spec.name for spec in METRICS if spec.bad is Bad.BOTH] == ["ServerlessProvisionedConcurrencyUtilization"]


def test_the_spelling_of_the_async_page_is_asked_as_well() -> None:
    assert CATALOGUE[INVOCATIONS_NAMESPACE, "InvocationsProcessed"].aliases == ("InvocationsProcesssed",)


def test_dimension_names_are_sorted_as_series_keys_expect_them() -> None:
    assert all(scope.value == tuple(sorted(scope.value)) for scope in Scope)


def labels(kind: Kind, scope: Scope) -> set[str]:
    return {f"{spec.name}.{stat}" for spec in STANDARD.asked(kind, scope) for stat in spec.asks}


ERRORS = {"Invocation4XXErrors.Sum", "Invocation5XXErrors.Sum"}
LATENCY = {"ModelLatency.p50", "ModelLatency.p99", "ModelLatency.Average", "ModelLatency.SampleCount"}
MEMORY = {"MemoryUtilization.Average", "MemoryUtilization.Maximum"}
HOST = MEMORY | {
    f"{name}.{stat}"
    for name in ("CPUUtilization", "DiskUtilization", "GPUUtilization", "GPUMemoryUtilization")
    for stat in ("Average", "Maximum")
}
SYNC = {"Invocations.Sum", "OverheadLatency.Average", "OverheadLatency.Maximum"} | ERRORS | LATENCY
INSTANCES = SYNC | HOST | {"InvocationModelErrors.Sum", "InvocationsPerInstance.Sum"}
SERVERLESS = (
    SYNC
    | MEMORY
    | {f"ModelSetupTime.{stat}" for stat in ("SampleCount", "Average", "Maximum")}
    | {f"ServerlessConcurrentExecutionsUtilization.{stat}" for stat in ("Average", "Maximum")}
)
PROVISIONED = SERVERLESS | {
    "ServerlessProvisionedConcurrencyExecutions.Maximum",
    "ServerlessProvisionedConcurrencyUtilization.Average",
    "ServerlessProvisionedConcurrencyUtilization.Maximum",
    "ServerlessProvisionedConcurrencyInvocations.Sum",
    "ServerlessProvisionedConcurrencySpilloverInvocations.Sum",
}
MULTI_MODEL = INSTANCES | {"ModelCacheHit.Average", "ModelLoadingWaitTime.Maximum", "LoadedModelCount.Average"}
ASYNC = ERRORS | LATENCY | HOST | {"InvocationsProcessed.Sum", "InvocationFailures.Sum", "TimeInBacklog.Maximum"}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        (Kind.REALTIME, INSTANCES | {"ConcurrentRequestsPerModel.Maximum"}),
        (Kind.MULTI_MODEL, MULTI_MODEL),
        (Kind.MULTI_CONTAINER, INSTANCES),
        (Kind.PIPELINE, INSTANCES),
        (Kind.INFERENCE_COMPONENT, INSTANCES | {"CPUUtilizationNormalized.Average", "CPUReservation.Average"}),
        (Kind.ASYNC, ASYNC),
        (Kind.SERVERLESS, SERVERLESS),
        (Kind.SERVERLESS_PROVISIONED, PROVISIONED),
    ],
)
def test_a_variant_is_asked_what_its_kind_publishes(kind: Kind, least: set[str]) -> None:
    assert least <= labels(kind, Scope.VARIANT)


def test_serverless_pages_are_exhaustive_so_nothing_else_is_asked() -> None:
    assert labels(Kind.SERVERLESS, Scope.VARIANT) == SERVERLESS
    assert labels(Kind.SERVERLESS_PROVISIONED, Scope.VARIANT) == PROVISIONED


def test_async_endpoints_publish_no_invocations_and_no_overhead() -> None:
    names = {label.partition(".")[0] for label in labels(Kind.ASYNC, Scope.VARIANT)}
    assert not names & {"Invocations", "InvocationsPerInstance", "InvocationModelErrors", "OverheadLatency"}


@pytest.mark.parametrize("kind", Kind)
def test_only_the_backlog_of_async_endpoints_is_published_for_the_endpoint_itself(kind: Kind) -> None:
    backlog = {
        "ApproximateBacklogSize.Maximum",
        "ApproximateBacklogSizePerInstance.Average",
        "ApproximateAgeOfOldestRequest.Maximum",
        "HasBacklogWithoutCapacity.Maximum",
    }
    assert labels(kind, Scope.ENDPOINT) == (backlog if kind is Kind.ASYNC else set())


def test_containers_are_asked_by_how_they_are_called() -> None:
    direct, serial = labels(Kind.MULTI_CONTAINER, Scope.CONTAINER), labels(Kind.PIPELINE, Scope.CONTAINER)
    assert {"Invocations.Sum", "ContainerLatency.Average", "CPUUtilization.Average", *ERRORS} <= direct
    assert {label.partition(".")[0] for label in serial} == {"ContainerLatency"}
    assert not labels(Kind.REALTIME, Scope.CONTAINER)


def test_components_are_asked_for_copies_and_for_their_share() -> None:
    asked_of_component = labels(Kind.INFERENCE_COMPONENT, Scope.COMPONENT)
    assert {"Invocations.Sum", "InvocationsPerCopy.Sum", "ConcurrentRequestsPerCopy.Maximum"} <= asked_of_component
    assert {"NoCapacityInvocationFailures.Sum", "MemoryUtilizationNormalized.Average"} <= asked_of_component
    assert not labels(Kind.REALTIME, Scope.COMPONENT)
