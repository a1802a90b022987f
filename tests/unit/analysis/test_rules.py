"""Every rule: fires at its threshold and not below, counts minutes, dates the onset, and shows its numbers."""

from collections.abc import Mapping

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import STARTER, Thresholds
from smtop.metrics.analysis.triage import findings
from smtop.metrics.domain.endpoint import BROKEN, Endpoint, Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner
from tests.support.engine import Values, at, component, hosted, minutes, on, subject, variant_of
from tests.support.fleet import NOW, NOW_S

Labels = Mapping[str, Values]

USE = "ServerlessProvisionedConcurrencyUtilization.Maximum"
SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"
CONCURRENCY = "ServerlessConcurrentExecutionsUtilization.Maximum"
HITS = "ModelCacheHit.Average"
WAITING = "HasBacklogWithoutCapacity.Maximum"


def found_on(kind: Kind, labels: Labels, endpoint: Endpoint | None = None) -> list[Finding]:
    target = endpoint or hosted(kind=kind)
    return list(findings(subject(target, {on(target): labels})))


def ids(found: list[Finding]) -> list[str]:
    return [finding.id for finding in found]


def only(found: list[Finding]) -> Finding:
    [finding] = found
    assert finding.title
    assert finding.next
    return finding


# The endpoint's status


@pytest.mark.parametrize("status", sorted(BROKEN))
def test_a_broken_endpoint_is_critical_with_the_reason_of_aws(status: str) -> None:
    endpoint = hosted(status=status, status_reason="The container does not answer /ping.")
    finding = only(found_on(Kind.REALTIME, {}, endpoint))
    assert (finding.id, finding.severity) == ("endpoint-failed", Severity.CRITICAL)
    assert status in finding.title
    assert finding.evidence == ("The container does not answer /ping.",)
    assert finding.since == int(endpoint.summary.modified_at.timestamp()) < NOW.timestamp()


def test_a_broken_endpoint_without_a_reason_has_no_evidence_made_up() -> None:
    assert only(found_on(Kind.REALTIME, {}, hosted(status="Failed"))).evidence == ()


@pytest.mark.parametrize("status", ["InService", "Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_a_serving_or_changing_endpoint_is_not_broken(status: str) -> None:
    assert found_on(Kind.REALTIME, {}, hosted(status=status)) == []


# 5XX and 4XX


@pytest.mark.parametrize(
    ("label", "finding_id", "severity", "enough", "short"),
    [
        ("Invocation5XXErrors.Sum", "errors-5xx", Severity.CRITICAL, 5.0, 4.0),
        ("Invocation4XXErrors.Sum", "errors-4xx", Severity.WARNING, 10.0, 9.0),
    ],
)
def test_errors_are_told_from_their_ratio_on(
    label: str, finding_id: str, severity: Severity, enough: float, short: float
) -> None:
    calls = [20.0] * 5
    finding = only(found_on(Kind.REALTIME, {"Invocations.Sum": calls, label: [0.0, 0.0, 0.0, 0.0, enough]}))
    assert (finding.id, finding.severity, finding.variant) == (finding_id, severity, "AllTraffic")
    what = finding_id[-3:].upper()
    assert finding.evidence == (f"AllTraffic: {enough:.0f} of 100 calls answered {what} in 5 min",)
    assert finding.since == at(2)
    assert found_on(Kind.REALTIME, {"Invocations.Sum": calls, label: [0.0, 0.0, 0.0, 0.0, short]}) == []


def test_errors_over_few_calls_say_nothing() -> None:
    few: Labels = {"Invocations.Sum": [19.0], "Invocation5XXErrors.Sum": [19.0]}
    enough: Labels = {"Invocations.Sum": [20.0], "Invocation5XXErrors.Sum": [20.0]}
    assert found_on(Kind.REALTIME, few) == []
    assert only(found_on(Kind.REALTIME, enough)).title == "100% of requests fail with 5XX"


def test_errors_from_before_the_window_are_over() -> None:
    labels: Labels = {
        "Invocations.Sum": [100.0] * 6,
        "Invocation5XXErrors.Sum": [100.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    }
    assert found_on(Kind.REALTIME, labels) == []


def test_errors_began_with_the_unbroken_run_of_bad_minutes() -> None:
    labels: Labels = {
        "Invocations.Sum": [100.0] * 9,
        "Invocation5XXErrors.Sum": [50.0, 0.0, 4.0, 5.0, 6.0, 30.0, 30.0, 30.0, 30.0],
    }
    assert only(found_on(Kind.REALTIME, labels)).since == at(7)


def test_errors_that_stopped_a_minute_ago_have_no_onset() -> None:
    labels: Labels = {"Invocations.Sum": [100.0] * 5, "Invocation5XXErrors.Sum": [50.0, 50.0, 50.0, 50.0, 0.0]}
    assert only(found_on(Kind.REALTIME, labels)).since is None


def test_errors_of_an_async_endpoint_are_of_what_it_processed() -> None:
    labels: Labels = {"InvocationsProcessed.Sum": [20.0], "Invocation5XXErrors.Sum": [10.0]}
    assert ids(found_on(Kind.ASYNC, labels)) == ["errors-5xx"]


def test_errors_are_told_of_the_variant_that_has_them() -> None:
    endpoint = hosted(variants=(variant_of(name="A"), variant_of(name="B"), variant_of(name="S", shadow=True)))
    bad: Labels = {"Invocations.Sum": [40.0], "Invocation5XXErrors.Sum": [20.0]}
    good: Labels = {"Invocations.Sum": [4000.0], "Invocation5XXErrors.Sum": [0.0]}
    told = subject(endpoint, {on(endpoint, "A"): good, on(endpoint, "B"): bad, on(endpoint, "S"): bad})
    assert [finding.variant for finding in findings(told)] == ["B"]


def test_a_minute_that_still_grows_raises_no_alarm() -> None:
    endpoint = hosted()
    points = {"Invocations.Sum": minutes(100.0, newest=1), "Invocation5XXErrors.Sum": minutes(100.0, newest=1)}
    assert findings(Subject(endpoint, {}, {on(endpoint): points}, NOW_S, at(2))) == ()


# Provisioned concurrency and spillover


def test_full_and_spilling_in_three_of_five_minutes_is_exhausted() -> None:
    labels: Labels = {USE: [1.0, 0.7, 1.0, 0.7, 1.2], SPILL: [10.0, 0.0, 20.0, 0.0, 160.0]}
    finding = only(found_on(Kind.SERVERLESS_PROVISIONED, labels))
    assert (finding.id, finding.severity, finding.variant) == ("pc-exhausted", Severity.CRITICAL, "AllTraffic")
    assert finding.evidence == (
        "utilisation 100% or more in 3 of 5 min",
        "38 invocations a minute spill over to on-demand capacity and its cold starts",
    )
    assert finding.since == at(2)


def test_full_in_two_minutes_is_high_and_its_spillover_is_told_apart() -> None:
    labels: Labels = {USE: [0.1, 0.1, 0.1, 1.0, 1.0], SPILL: [0.0, 0.0, 0.0, 10.0, 20.0]}
    assert ids(found_on(Kind.SERVERLESS_PROVISIONED, labels)) == ["pc-high", "spillover"]


def test_full_without_spillover_is_high_but_not_exhausted() -> None:
    labels: Labels = {USE: [1.0] * 5, SPILL: [0.0] * 5}
    assert ids(found_on(Kind.SERVERLESS_PROVISIONED, labels)) == ["pc-high"]


@pytest.mark.parametrize(
    ("use", "fires"),
    [([0.79] * 5, False), ([0.1, 0.1, 0.8, 0.1, 0.1], True), ([0.1, 0.99, 0.1, 0.1, 0.1], False)],
)
def test_one_high_minute_of_the_newest_three_is_a_warning(use: Values, fires: bool) -> None:
    assert ids(found_on(Kind.SERVERLESS_PROVISIONED, {USE: use})) == (["pc-high"] if fires else [])


def test_high_use_says_its_peak_and_since_when() -> None:
    finding = only(found_on(Kind.SERVERLESS_PROVISIONED, {USE: [0.5, 0.85, 0.9]}))
    assert finding.severity is Severity.WARNING
    assert finding.evidence == ("peak 90% in the last 3 min, warning at 80%",)
    assert finding.since == at(3)


def test_any_spillover_in_the_window_is_told_with_their_number() -> None:
    finding = only(found_on(Kind.SERVERLESS_PROVISIONED, {SPILL: [100.0, 0.0, 0.0, 0.0, 60.0, 40.0]}))
    assert (finding.id, finding.severity, finding.since) == ("spillover", Severity.WARNING, at(3))
    assert finding.title == "100 requests spilled over in 5 min"
    assert found_on(Kind.SERVERLESS_PROVISIONED, {SPILL: [100.0, 0.0, 0.0, 0.0, 0.0, 0.0]}) == []


# Concurrency limit


@pytest.mark.parametrize(
    ("use", "fires"),
    [([0.89] * 5, False), ([0.1, 0.1, 0.9, 0.1, 0.1], True), ([1.0, 1.0, 0.1, 0.1, 0.1], False)],
)
def test_the_concurrency_limit_is_told_from_nine_tenths_on(use: Values, fires: bool) -> None:
    assert ids(found_on(Kind.SERVERLESS, {CONCURRENCY: use})) == (["concurrency-limit"] if fires else [])


def test_the_concurrency_limit_is_critical_and_says_what_comes_next() -> None:
    finding = only(found_on(Kind.SERVERLESS, {CONCURRENCY: [0.2, 0.93, 0.95]}))
    assert (finding.severity, finding.since) == (Severity.CRITICAL, at(3))
    assert "95%" in finding.title
    assert "429" in finding.evidence[0]


# Backlog


def backlog(*values: float | None, waiting: Values = (4812.0,), oldest_s: Values = (1140.0,)) -> list[Finding]:
    endpoint = hosted("batch", Kind.ASYNC)
    labels: Labels = {
        WAITING: values,
        "ApproximateBacklogSize.Maximum": waiting,
        "ApproximateAgeOfOldestRequest.Maximum": oldest_s,
    }
    return list(findings(subject(endpoint, {Owner("batch"): labels})))


def test_a_backlog_without_capacity_is_a_warning_at_once() -> None:
    finding = only(backlog(0.0, 1.0))
    assert (finding.id, finding.severity, finding.since) == ("backlog-without-capacity", Severity.WARNING, at(2))
    assert finding.evidence == ("4812 requests wait", "the oldest waits for 19 min")


@pytest.mark.parametrize(("lasting", "severity"), [(9, Severity.WARNING), (10, Severity.CRITICAL)])
def test_a_backlog_that_nobody_takes_for_ten_minutes_is_critical(lasting: int, severity: Severity) -> None:
    finding = only(backlog(0.0, *[1.0] * lasting))
    assert finding.severity is severity
    assert ("no capacity for 10 min or more" in finding.evidence) is (severity is Severity.CRITICAL)


def test_a_backlog_that_has_found_an_instance_is_over() -> None:
    assert backlog(1.0, 1.0, 0.0) == []
    assert backlog(1.0, None, None, None) == []
    assert backlog() == []


def test_a_backlog_of_unknown_size_is_told_without_numbers() -> None:
    assert only(backlog(1.0, waiting=(), oldest_s=())).evidence == ()


# Model cache


@pytest.mark.parametrize(
    ("hits", "fires"),
    [
        ([0.79, 0.79, 0.79, 0.9, 0.9], True),
        ([0.79, 0.79, 0.9, 0.9, 0.9], False),
        ([0.79, 0.9], False),
        ([0.8] * 5, False),
        ([None, None, None, None, 0.5], True),
        ([0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9], False),
    ],
)
def test_the_model_cache_thrashes_when_most_minutes_with_requests_miss(hits: Values, fires: bool) -> None:
    assert ids(found_on(Kind.MULTI_MODEL, {HITS: hits})) == (["cache-thrash"] if fires else [])


def test_cache_thrash_says_how_bad_and_since_when() -> None:
    finding = only(found_on(Kind.MULTI_MODEL, {HITS: [0.95, 0.6, 0.4, 0.5]}))
    assert (finding.severity, finding.since) == (Severity.WARNING, at(4))
    assert "61%" in finding.title
    assert finding.evidence == ("below 80% in 3 of 4 min, 40% at worst",)


# Hosts and components


@pytest.mark.parametrize(
    ("finding_id", "label", "instance_type", "full"),
    [
        ("cpu-saturated", "CPUUtilization.Average", "ml.m5.xlarge", 360.0),
        ("cpu-saturated", "CPUUtilization.Average", "ml.c5.18xlarge", 6480.0),
        ("gpu-saturated", "GPUUtilization.Average", "ml.g5.12xlarge", 360.0),
        ("memory-saturated", "MemoryUtilization.Average", "ml.g5.12xlarge", 90.0),
        ("memory-saturated", "MemoryUtilization.Average", None, 90.0),
    ],
)
def test_a_host_is_full_when_three_of_five_minutes_are(
    finding_id: str, label: str, instance_type: str | None, full: float
) -> None:
    endpoint = hosted(variants=(variant_of(instance_type=instance_type),))
    finding = only(found_on(Kind.REALTIME, {label: [full, 1.0, full, 1.0, full]}, endpoint))
    assert (finding.id, finding.severity, finding.since) == (finding_id, Severity.WARNING, at(2))
    assert "90%" in finding.title
    assert finding.evidence == ("AllTraffic: 90% or more in 3 of 5 min",)
    assert found_on(Kind.REALTIME, {label: [full, 1.0, 1.0, full, full - 0.1]}, endpoint) == []


def test_a_summed_percentage_of_an_unknown_type_is_not_judged() -> None:
    endpoint = hosted(variants=(variant_of(instance_type=None),))
    assert found_on(Kind.REALTIME, {"CPUUtilization.Average": [400.0] * 5}, endpoint) == []


def test_serverless_memory_is_judged_as_the_plain_percentage_that_it_is() -> None:
    assert ids(found_on(Kind.SERVERLESS, {"MemoryUtilization.Average": [95.0] * 5})) == ["memory-saturated"]


def test_gpu_memory_is_no_alarm() -> None:
    endpoint = hosted(variants=(variant_of(instance_type="ml.g5.xlarge"),))
    assert found_on(Kind.REALTIME, {"GPUMemoryUtilization.Average": [99.0] * 5}, endpoint) == []


@pytest.mark.parametrize("resource", ["CPU", "GPU", "Memory"])
def test_a_component_is_full_by_its_own_share(resource: str) -> None:
    endpoint = hosted("llm", Kind.INFERENCE_COMPONENT, components=(component("chat"), component("embed")))
    owner = Owner("llm", "AllTraffic", component="chat")
    labels: Labels = {f"{resource}UtilizationNormalized.Average": [95.0] * 5}
    finding = only(list(findings(subject(endpoint, {owner: labels}))))
    assert finding.id == f"{resource.lower()}-saturated"
    assert finding.evidence == ("chat: 90% or more in 5 of 5 min",)
    assert "copies" in (finding.next or "")


# All together


def test_findings_come_worst_first() -> None:
    labels: Labels = {
        "CPUUtilization.Average": [400.0] * 5,
        "Invocations.Sum": [100.0] * 5,
        "Invocation4XXErrors.Sum": [50.0] * 5,
        "Invocation5XXErrors.Sum": [50.0] * 5,
    }
    found = found_on(Kind.REALTIME, labels)
    assert ids(found) == ["errors-5xx", "cpu-saturated", "errors-4xx"]


def test_a_healthy_endpoint_has_no_findings() -> None:
    labels: Labels = {
        "CPUUtilization.Average": [120.0] * 15,
        "MemoryUtilization.Average": [40.0] * 15,
        "Invocations.Sum": [100.0] * 15,
        "Invocation4XXErrors.Sum": [1.0] * 15,
        "Invocation5XXErrors.Sum": [0.0] * 15,
    }
    assert found_on(Kind.REALTIME, labels) == []


def test_without_data_nothing_is_found() -> None:
    for kind in Kind:
        endpoint = hosted(kind=kind)
        assert findings(Subject(endpoint, {}, {}, NOW_S, at(2))) == ()


def test_thresholds_are_the_callers() -> None:
    endpoint = hosted()
    told = subject(endpoint, {on(endpoint): {"Invocations.Sum": [100.0], "Invocation5XXErrors.Sum": [3.0]}})
    assert findings(told, STARTER) == ()
    assert ids(list(findings(told, Thresholds(server_error_ratio=0.03)))) == ["errors-5xx"]
