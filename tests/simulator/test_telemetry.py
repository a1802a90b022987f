"""What CloudWatch would answer: repeatable, consistent, late, and of each kind exactly its own metrics."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from smtop.metrics.simulator.resources import MetricId
from tests.simulator.fleet_playback import OPENED, Account, variant_metric

HOSTS = "/aws/sagemaker/Endpoints"
COPIES = "/aws/sagemaker/InferenceComponents"
END = int(OPENED // 300 * 300)
SETTLED = END + 900.0


@pytest.fixture(scope="module")
def account() -> Account:
    return Account("healthy")


def _read(account: Account, metric: MetricId, stat: str, *, minutes: int = 60, period: int = 60) -> dict[int, float]:
    return dict(zip(*account.reader.read(metric, stat, END - minutes * 60, END, period, SETTLED), strict=True))


# Repeatable


def test_value_does_not_depend_on_what_was_asked_before() -> None:
    asked = [variant_metric("ModelLatency", name) for name in ("fraud-scorer-prod", "checkout-fraud-slpc")]
    asked.append(variant_metric("ApproximateBacklogSize", "doc-ocr-async", None))
    forward, backward = Account(), Account()
    for old in range(40, 0, -1):
        backward.reader.read(asked[1], "p90", END - old * 36_000, END - old * 36_000 + 3600, 60, SETTLED)
    first = [_read(forward, metric, "Average", minutes=600) for metric in asked]
    last = [_read(backward, metric, "Average", minutes=600) for metric in reversed(asked)]
    assert first == last[::-1]
    assert all(len(points) > 500 for points in first)


def test_two_processes_with_different_hash_seeds_agree() -> None:
    program = (
        "import json\n"
        "from tests.simulator.fleet_playback import Account\n"
        "account = Account(endpoints=60)\n"
        "names = account.deployments.endpoint_names()\n"
        "print(json.dumps([account.points('Invocations', name, 'Sum') for name in names]))\n"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join([".dev", "."])},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert answers[0] == answers[1]
    assert sum(len(points) for points in json.loads(answers[0])) > 300


def test_another_seed_makes_another_fleet_history() -> None:
    assert Account(seed=1).points("Invocations", "rec-ranker-v7", "Sum", variant="current") != Account(seed=2).points(
        "Invocations", "rec-ranker-v7", "Sum", variant="current"
    )


# Statistics


def test_average_is_sum_over_samples_and_extremes_enclose_it(account: Account) -> None:
    for metric in account.reader.metrics(OPENED):
        total, count, mean, low, high = (
            _read(account, metric, stat, minutes=15) for stat in ("Sum", "SampleCount", "Average", "Minimum", "Maximum")
        )
        assert list(total) == list(count) == list(mean)
        for at in total:
            assert mean[at] == total[at] / count[at]
            assert low[at] <= mean[at] * (1 + 1e-12)
            assert mean[at] <= high[at] * (1 + 1e-12)


def test_statistics_of_five_minutes_are_those_of_their_minutes(account: Account) -> None:
    for metric in account.reader.metrics(OPENED)[::7]:
        minutes = {stat: _read(account, metric, stat) for stat in ("Sum", "SampleCount", "Minimum", "Maximum")}
        for at, total in _read(account, metric, "Sum", period=300).items():
            inside = [minute for minute in minutes["Sum"] if at <= minute < at + 300]
            assert total == pytest.approx(sum(minutes["Sum"][minute] for minute in inside))
            assert _read(account, metric, "SampleCount", period=300)[at] == pytest.approx(
                sum(minutes["SampleCount"][minute] for minute in inside)
            )
            assert _read(account, metric, "Minimum", period=300)[at] == min(minutes["Minimum"][m] for m in inside)
            assert _read(account, metric, "Maximum", period=300)[at] == max(minutes["Maximum"][m] for m in inside)


@pytest.mark.parametrize("period", [60, 300, 3600])
@pytest.mark.parametrize("endpoint", ["fraud-scorer-prod", "llm-support-chat", "webhook-classifier-sls"])
def test_percentiles_rise_to_the_maximum(account: Account, endpoint: str, period: int) -> None:
    metric = variant_metric("ModelLatency", endpoint)
    stats = ("Minimum", "p1", "p10", "p50", "p90", "p99", "p99.9", "p100", "Maximum")
    series = [_read(account, metric, stat, minutes=120, period=period) for stat in stats]
    assert series[0]
    for lower, higher in itertools.pairwise(series):
        assert all(lower[at] <= higher[at] for at in lower)


def test_median_latency_is_that_of_the_lognormal_service(account: Account) -> None:
    points = _read(account, variant_metric("ModelLatency", "fraud-scorer-prod"), "p50", period=3600)
    (median_us,) = points.values()
    speed_of_c6i = 1.12
    assert median_us == pytest.approx(22_000 / speed_of_c6i, rel=0.05)


@pytest.mark.parametrize("stat", ["average", "p", "p101", "median", "", "pp50", "p-1"])
def test_unknown_statistic_is_an_error(account: Account, stat: str) -> None:
    with pytest.raises(ValueError, match="statistic"):
        account.points("Invocations", "fraud-scorer-prod", stat)


# Conservation


def test_variants_share_the_calls_by_weight(account: Account) -> None:
    current = sum(account.points("Invocations", "rec-ranker-v7", "Sum", variant="current", minutes=120).values())
    candidate = sum(account.points("Invocations", "rec-ranker-v7", "Sum", variant="candidate", minutes=120).values())
    assert candidate / (current + candidate) == pytest.approx(0.25 / 1.25, rel=0.02)


def test_splitting_traffic_does_not_change_how_much_there_is() -> None:
    split, whole = Account("healthy"), Account("healthy")
    (variant,) = whole.deployments.histories["fraud-scorer-prod"][-1].variants
    parts = (replace(variant, weight=3.0), replace(variant, name="b", weight=1.0))
    split.deployments.deploy("fraud-scorer-prod", OPENED - 7200, *parts)
    before = sum(whole.points("Invocations", "fraud-scorer-prod", "Sum", minutes=120).values())
    after = [
        sum(split.points("Invocations", "fraud-scorer-prod", "Sum", variant=name, minutes=120).values())
        for name in ("AllTraffic", "b")
    ]
    assert sum(after) == pytest.approx(before, rel=0.005)


def test_shadow_gets_a_copy_of_every_call(account: Account) -> None:
    production = account.points("Invocations", "eta-predictor", "Sum")
    assert production
    assert account.points("Invocations", "eta-predictor", "Sum", variant="shadow-next") == production


def test_invocations_per_instance_is_the_calls_over_the_instances(account: Account) -> None:
    calls = account.points("Invocations", "fraud-scorer-prod", "Sum")
    assert account.points("InvocationsPerInstance", "fraud-scorer-prod", "Sum") == {
        at: n / 4 for at, n in calls.items()
    }


@pytest.mark.parametrize("name", ["Invocation4XXErrors", "Invocation5XXErrors"])
def test_average_of_an_error_metric_is_the_error_ratio(account: Account, name: str) -> None:
    calls = account.points("Invocations", "fraud-scorer-prod", "Sum")
    errors = account.points(name, "fraud-scorer-prod", "Sum")
    ratios = account.points(name, "fraud-scorer-prod", "Average")
    assert list(calls) == list(errors)
    assert ratios == {at: errors[at] / calls[at] for at in calls}


def test_containers_called_directly_share_the_variants_calls(account: Account) -> None:
    def calls(host: str) -> dict[int, float]:
        dimensions = (("ContainerName", host), ("EndpointName", "nlp-toolkit-direct"), ("VariantName", "AllTraffic"))
        return _read(account, MetricId("AWS/SageMaker", "Invocations", dimensions), "Sum")

    parts = [calls(host) for host in ("tokenizer", "ner", "sentiment")]
    whole = _read(account, variant_metric("Invocations", "nlp-toolkit-direct"), "Sum")
    assert {at: sum(part[at] for part in parts) for at in whole} == whole


def test_steps_of_a_pipeline_add_up_to_the_model_latency(account: Account) -> None:
    def seconds(host: str) -> dict[int, float]:
        dimensions = (("ContainerName", host), ("EndpointName", "credit-pipeline"), ("VariantName", "AllTraffic"))
        return _read(account, MetricId("AWS/SageMaker", "ContainerLatency", dimensions), "Average")

    parts = [seconds(host) for host in ("preprocess", "predict", "explain")]
    whole = _read(account, variant_metric("ModelLatency", "credit-pipeline"), "Average")
    assert {at: sum(part[at] for part in parts) for at in whole} == pytest.approx(whole)


def test_components_calls_add_up_to_the_variants(account: Account) -> None:
    parts = [
        _read(account, MetricId("AWS/SageMaker", "Invocations", (("InferenceComponentName", name),)), "Sum")
        for name in ("credit-limit", "next-best-offer")
    ]
    whole = _read(account, variant_metric("Invocations", "shared-tabular-pool"), "Sum")
    assert {at: sum(part.get(at, 0) for part in parts) for at in whole} == whole


def test_async_queue_loses_no_request() -> None:
    account = Account("async-stuck")
    grown = account.points("ApproximateBacklogSize", "video-transcribe-async", "Maximum", variant=None, minutes=10)
    levels = list(grown.values())
    assert levels == sorted(levels)
    assert levels[-1] > levels[0] > 0


def test_host_metric_has_one_sample_an_instance_and_is_scaled_by_vcpus(account: Account) -> None:
    samples = account.points("CPUUtilization", "ad-click-ctr-prod", "SampleCount", namespace=HOSTS)
    highest = account.points("CPUUtilization", "ad-click-ctr-prod", "Maximum", namespace=HOSTS)
    assert set(samples.values()) == {6.0}
    assert all(100.0 < value <= 1600.0 for value in highest.values())


# What is not there


@pytest.mark.parametrize(
    "metric",
    [
        MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "fraud-scorer-prod"),)),
        MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "fraud-scorer-prod"), ("VariantName", "Other"))),
        MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "nobody"), ("VariantName", "AllTraffic"))),
        MetricId("AWS/SageMaker", "Invocations", ()),
        MetricId("AWS/SageMaker", "Invocations", (("InferenceComponentName", "nobody"),)),
        MetricId(
            "aws/sagemaker", "Invocations", (("EndpointName", "fraud-scorer-prod"), ("VariantName", "AllTraffic"))
        ),
        variant_metric("CPUUtilization", "fraud-scorer-prod"),
        variant_metric("ApproximateBacklogSize", "doc-ocr-async"),
        variant_metric("Invocations", "doc-ocr-async"),
        variant_metric("InvocationsPerInstance", "invoice-parser-sls"),
        variant_metric("GPUUtilization", "fraud-scorer-prod", namespace=HOSTS),
        variant_metric("CPUUtilization", "invoice-parser-sls", namespace=HOSTS),
        variant_metric("CPUUtilizationNormalized", "fraud-scorer-prod", namespace=HOSTS),
        variant_metric("NoSuchMetric", "fraud-scorer-prod"),
    ],
)
def test_metric_that_does_not_exist_is_empty(account: Account, metric: MetricId) -> None:
    assert account.reader.read(metric, "Sum", END - 3600, END, 60, SETTLED) == ([], [])
    assert account.reader.last_published(metric, OPENED) is None


def test_period_must_be_whole_minutes(account: Account) -> None:
    metric = variant_metric("Invocations", "fraud-scorer-prod")
    assert account.reader.read(metric, "Sum", END - 600, END, 30, SETTLED) == ([], [])


def test_nobody_calls_means_no_point_but_a_host_is_seen(account: Account) -> None:
    assert account.points("Invocations", "geo-normalizer-dev", "Sum", minutes=600) == {}
    assert account.points("ModelLatency", "geo-normalizer-dev", "p99", minutes=600) == {}
    assert len(account.points("CPUUtilization", "geo-normalizer-dev", namespace=HOSTS)) == 15


def test_sparse_calls_leave_gaps_and_a_call_without_error_has_a_zero(account: Account) -> None:
    calls = account.points("Invocations", "lead-scoring-dev", "Sum", minutes=600)
    errors = account.points("Invocation5XXErrors", "lead-scoring-dev", "Sum", minutes=600)
    assert 30 <= len(calls) <= 100
    assert set(errors) == set(calls)
    assert set(errors.values()) == {0.0}


def test_minutes_before_the_endpoint_existed_are_empty(account: Account) -> None:
    since = int(account.deployments.histories["fraud-scorer-prod"][0].since) // 60 * 60
    metric = variant_metric("Invocations", "fraud-scorer-prod")
    times, _ = account.reader.read(metric, "Sum", since - 3600, since + 3600, 60, SETTLED)
    assert times[0] == since
    assert len(times) == 60


# Lateness


def _growing(account: Account, minute: int, ages: range) -> list[float]:
    metric = variant_metric("Invocations", "fraud-scorer-prod")
    reads = [account.reader.read(metric, "Sum", minute, minute + 60, 60, minute + 60.0 + age) for age in ages]
    return [values[0] if values else 0.0 for _, values in reads]


def test_newest_minute_appears_late_and_grows_until_it_is_settled(account: Account) -> None:
    seen = _growing(account, END, range(0, 301, 10))
    assert seen[:6] == [0.0] * 6
    assert seen == sorted(seen)
    assert len({value for value in seen if value}) > 2
    assert 0 < next(value for value in seen if value) < seen[-1]
    assert seen[-1] == seen[24] == _growing(account, END, range(9000, 9001))[0]
    assert seen == _growing(Account("healthy"), END, range(0, 301, 10))


def test_late_data_comes_five_to_eight_minutes_late() -> None:
    late, punctual = Account("late-data"), Account("healthy")
    seen = _growing(late, END, range(0, 601, 10))
    assert not any(seen[:30])
    assert seen[48] == seen[-1] == _growing(punctual, END, range(600, 601))[0]
    assert list(late.fleet.plumbing) == ["late-data"]


def test_last_published_is_the_newest_visible_minute(account: Account) -> None:
    metric = variant_metric("Invocations", "fraud-scorer-prod")
    times, _ = account.reader.read(metric, "Sum", END - 1800, END, 60, OPENED)
    last = account.reader.last_published(metric, OPENED)
    assert last is not None
    assert last >= times[-1]
    assert 60 <= OPENED - last <= 240


def test_last_published_finds_a_sparse_call_within_three_hours(account: Account) -> None:
    metric = variant_metric("Invocations", "lead-scoring-dev")
    points = account.points("Invocations", "lead-scoring-dev", "Sum", minutes=180)
    now = END + 2000.0
    last = account.reader.last_published(metric, now)
    assert last is not None
    assert last >= max(points)
    assert account.reader.last_published(variant_metric("Invocations", "geo-normalizer-dev"), OPENED) is None


# Kinds

_CALLED = {"Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"}
_ON_INSTANCES = _CALLED | {"InvocationsPerInstance", "InvocationModelErrors", "OverheadLatency"}
_HOST = {"CPUUtilization", "MemoryUtilization", "DiskUtilization"}
_GPU = {"GPUUtilization", "GPUMemoryUtilization"}
_LOADS = {"Wait": "ModelLoadingWaitTime", "Down": "ModelDownloadingTime", "Load": "ModelLoadingTime"}
_SERVERLESS = _CALLED | {"OverheadLatency", "ModelSetupTime", "ServerlessConcurrentExecutionsUtilization"}
_PROVISIONED = {
    f"ServerlessProvisionedConcurrency{part}"
    for part in ("Executions", "Utilization", "Invocations", "SpilloverInvocations")
}
_ASYNC = {
    *("InvocationsProcessed", "InvocationFailures", "ExpiredRequests", "RequestDownloadFailures"),
    *("ResponseUploadFailures", "NotificationFailures", "RequestDownloadLatency", "ResponseUploadLatency"),
    *("TimeInBacklog", "TotalProcessingTime"),
} | (_CALLED - {"Invocations"})
_QUEUE = {
    *("ApproximateBacklogSize", "ApproximateBacklogSizePerInstance", "ApproximateAgeOfOldestRequest"),
    "HasBacklogWithoutCapacity",
}
_NORMALIZED = {"CPUUtilizationNormalized", "GPUUtilizationNormalized", "GPUMemoryUtilizationNormalized"}
_RESERVED = {"CPUReservation", "MemoryReservation", "GPUReservation"}
KINDS: dict[str, dict[str, set[str]]] = {
    "fraud-scorer-prod": {"variant": _ON_INSTANCES, "host": _HOST},
    "llm-support-chat": {"variant": _ON_INSTANCES | {"ConcurrentRequestsPerModel"}, "host": _HOST | _GPU},
    "tenant-forecasts": {
        "variant": _ON_INSTANCES | set(_LOADS.values()) | {"ModelCacheHit", "ModelUnloadingTime"},
        "host": _HOST | {"LoadedModelCount"},
    },
    "credit-pipeline": {"variant": _ON_INSTANCES, "host": _HOST, "container": {"ContainerLatency"}},
    "nlp-toolkit-direct": {
        "variant": _ON_INSTANCES,
        "host": _HOST,
        "container": (_CALLED - {"ModelLatency"}) | {"OverheadLatency", "ContainerLatency"},
        "container host": {"CPUUtilization", "MemoryUtilization"},
    },
    "doc-ocr-async": {"variant": _ASYNC, "endpoint": _QUEUE, "host": _HOST | _GPU},
    "invoice-parser-sls": {"variant": _SERVERLESS, "host": {"MemoryUtilization"}},
    "checkout-fraud-slpc": {"variant": _SERVERLESS | _PROVISIONED, "host": {"MemoryUtilization"}},
    "shared-genai-pool": {
        "variant": _CALLED | {"InvocationModelErrors"},
        "host": _HOST | _GPU | _NORMALIZED | _RESERVED,
    },
    "chat-8b": {
        "component": _CALLED | {"InvocationsPerCopy", "ConcurrentRequestsPerCopy", "NoCapacityInvocationFailures"},
        "copy": _NORMALIZED | {"MemoryUtilizationNormalized"},
    },
    "geo-normalizer-dev": {"host": _HOST},
}


def _place(metric: MetricId) -> str:
    dimensions = {name for name, _ in metric.dimensions}
    if "ContainerName" in dimensions:
        return "container host" if metric.namespace == HOSTS else "container"
    if "InferenceComponentName" in dimensions:
        return "copy" if metric.namespace == COPIES else "component"
    if metric.namespace == HOSTS:
        return "host"
    return "variant" if "VariantName" in dimensions else "endpoint"


@pytest.mark.parametrize("owner", KINDS)
def test_kind_publishes_exactly_its_metrics(account: Account, owner: str) -> None:
    found: dict[str, set[str]] = {}
    for metric in account.reader.metrics(OPENED):
        if owner in dict(metric.dimensions).values():
            found.setdefault(_place(metric), set()).add(metric.name)
    assert found == KINDS[owner]


def test_every_listed_metric_has_had_a_point_or_counts_something_rare(account: Account) -> None:
    rare = {"ModelSetupTime", "NoCapacityInvocationFailures", "ModelUnloadingTime", *_LOADS.values(), *_PROVISIONED}
    listed = account.reader.metrics(OPENED)
    unchanged = {name for name, history in account.deployments.histories.items() if len(history) == 1}
    asked = [metric for metric in listed if dict(metric.dimensions).get("EndpointName") in unchanged]
    empty = {metric.name for metric in asked if not _read(account, metric, "SampleCount", minutes=1500, period=300)}
    assert len(asked) > 300
    assert empty <= rare
    assert len(listed) == len(set(listed))


def test_dimensions_are_sorted_and_units_known(account: Account) -> None:
    units = {metric.name: account.reader.units(metric) for metric in account.reader.metrics(OPENED)}
    assert all(list(metric.dimensions) == sorted(metric.dimensions) for metric in account.reader.metrics(OPENED))
    assert units["ModelLatency"] == units["RequestDownloadLatency"] == "Microseconds"
    assert units["TimeInBacklog"] == units["TotalProcessingTime"] == "Milliseconds"
    assert units["ApproximateAgeOfOldestRequest"] == "Seconds"
    assert units["CPUUtilization"] == "Percent"
    assert units["Invocations"] == units["ServerlessConcurrentExecutionsUtilization"] == "None"


_SCALES: dict[str, tuple[str, Callable[[float], bool]]] = {
    "ServerlessConcurrentExecutionsUtilization": ("invoice-parser-sls", lambda value: 0 < value <= 1),
    "ServerlessProvisionedConcurrencyUtilization": ("checkout-fraud-slpc", lambda value: 0 < value <= 1),
    "ModelCacheHit": ("tenant-forecasts", lambda value: 0.8 <= value <= 1),
    "TimeInBacklog": ("doc-ocr-async", lambda value: 0 < value < 3_600_000),
    "ModelLatency": ("doc-ocr-async", lambda value: 1_000_000 < value < 60_000_000),
}


@pytest.mark.parametrize("name", _SCALES)
def test_value_is_on_the_documented_scale(account: Account, name: str) -> None:
    endpoint, sane = _SCALES[name]
    values = account.points(name, endpoint).values()
    assert values
    assert all(sane(value) for value in values)
