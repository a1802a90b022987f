"""Causes take their symptoms in: one finding says why, with the evidence of both."""

import pytest

from smtop.metrics.analysis.causes import CAUSES, CONSEQUENCES, explained, weighed
from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.analysis.triage import findings
from smtop.metrics.domain.endpoint import Moving
from smtop.metrics.domain.finding import Finding, Severity
from tests.support.engine import hosted, on, subject, variant_of

CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING


def finding(name: str, severity: Severity, variant: str | None = "A", impact: float | None = None) -> Finding:
    return Finding(name, severity, name, (f"as {name} shows",), variant=variant, impact_per_minute=impact)


@pytest.mark.parametrize(
    ("cause", "symptom", "left"),
    [
        (finding("bad-canary", CRITICAL), finding("errors-5xx", CRITICAL), ["bad-canary"]),
        (finding("concurrency-limit", CRITICAL), finding("errors-4xx", WARNING), ["concurrency-limit"]),
        (finding("cache-thrash", WARNING, None), finding("latency-high", WARNING), ["cache-thrash"]),
        (finding("bad-canary", WARNING), finding("errors-5xx", CRITICAL), ["bad-canary", "errors-5xx"]),
        (finding("bad-canary", CRITICAL, "B"), finding("errors-5xx", CRITICAL), ["bad-canary", "errors-5xx"]),
        (finding("disk-full", CRITICAL), finding("latency-high", WARNING), ["disk-full", "latency-high"]),
    ],
    ids=["same variant", "throttles", "the whole endpoint", "a lesser cause", "another variant", "unrelated"],
)
def test_a_symptom_is_taken_in_by_a_cause_that_is_as_grave(cause: Finding, symptom: Finding, left: list[str]) -> None:
    assert [one.id for one in explained([cause, symptom])] == left
    assert {one.id for one in explained([symptom, cause])} == set(left)


def test_the_cause_has_the_evidence_of_both_and_the_larger_impact() -> None:
    found = [finding("gpu-saturated", CRITICAL), finding("latency-near-limit", CRITICAL, impact=6.0)]
    [told] = explained([*found, finding("latency-high", WARNING, impact=300.0)])
    assert told.evidence == ("as gpu-saturated shows", "as latency-near-limit shows", "as latency-high shows")
    assert (told.id, told.impact_per_minute) == ("gpu-saturated", 300.0)


def test_a_hot_instance_that_makes_callers_wait_is_as_grave_as_that() -> None:
    found = [finding("latency-near-limit", CRITICAL, impact=6.0), finding("hot-instance", WARNING)]
    [told] = explained(found)
    assert (told.id, told.severity, told.impact_per_minute) == ("hot-instance", CRITICAL, 6.0)
    assert told.evidence == ("as hot-instance shows", "as latency-near-limit shows")


@pytest.mark.parametrize(
    ("cause", "beside", "severity"),
    [
        (finding("scaling-stuck", WARNING), finding("cpu-saturated", CRITICAL, impact=6.0), CRITICAL),
        (finding("scaling-stuck", WARNING), finding("cpu-saturated", WARNING), WARNING),
        (finding("scaling-stuck", WARNING, "B"), finding("cpu-saturated", CRITICAL), WARNING),
        (finding("scaling-stuck", WARNING), finding("disk-full", CRITICAL), WARNING),
    ],
    ids=["full", "nearly full", "another variant", "unrelated"],
)
def test_scaling_that_does_not_help_is_as_grave_as_what_it_should_help(
    cause: Finding, beside: Finding, severity: Severity
) -> None:
    weighty, other = weighed([cause, beside])
    assert (weighty.severity, weighty.impact_per_minute) == (
        severity,
        beside.impact_per_minute if severity is CRITICAL else None,
    )
    assert other == beside


def test_symptoms_and_causes_are_rules() -> None:
    assert {*CAUSES, *(cause for causes in CAUSES.values() for cause in causes)} <= BY_ID.keys()
    assert {*CONSEQUENCES, *(one for brought in CONSEQUENCES.values() for one in brought)} <= BY_ID.keys()


def test_a_failing_canary_is_told_once() -> None:
    variants = [variant_of(name=name)._replace(weight=Moving(now, now)) for name, now in (("main", 0.8), ("next", 0.2))]
    endpoint = hosted(variants=variants)
    calls, errors = "Invocations.Sum", "Invocation5XXErrors.Sum"
    values = {
        on(endpoint, "main"): {calls: [800.0] * 15, errors: [0.0] * 15},
        on(endpoint, "next"): {calls: [200.0] * 15, errors: [0.0] * 10 + [68.0] * 5},
    }
    assert [one.id for one in findings(subject(endpoint, values))] == ["bad-canary"]


def test_calls_that_fail_on_full_gpus_are_told_as_full_gpus() -> None:
    endpoint = hosted(variants=(variant_of(instance_type="ml.g5.xlarge"),))
    labels = {
        "Invocations.Sum": [600.0] * 15,
        "Invocation5XXErrors.Sum": [0.0] * 12 + [120.0] * 3,
        "GPUUtilization.Average": [60.0] * 10 + [97.0] * 5,
        "ModelLatency.p99": [2e6] * 12 + [58e6] * 3,
    }
    [told] = findings(subject(endpoint, {on(endpoint): labels}))
    assert (told.id, told.severity, told.impact_per_minute) == ("gpu-saturated", CRITICAL, 120.0)
