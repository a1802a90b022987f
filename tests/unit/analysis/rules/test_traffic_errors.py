"""5XX and 4XX: each rule fires, does not fire, and is silent without data."""

from dataclasses import replace

import pytest

from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.analysis.thresholds import Band
from smtop.metrics.analysis.triage import findings
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Owner, not_collected
from tests.support.engine import Values, at, component, hosted, minutes, on, subject, variant_of
from tests.support.fleet import NOW_S
from tests.support.rules import Labels, open_before, said, seen, the

CALLS, E5, E4 = "Invocations.Sum", "Invocation5XXErrors.Sum", "Invocation4XXErrors.Sum"
REALTIME = hosted()


def failing(errors: Values, calls: Values | float = 600.0, label: str = E5) -> Subject:
    values = [calls] * len(errors) if isinstance(calls, float) else calls
    return seen(REALTIME, {CALLS: values, label: errors})


# 5XX


def test_two_of_three_failing_minutes_are_critical() -> None:
    finding = the(said("errors-5xx", failing([0, 0, 0, 60, 60])))
    assert (finding.severity, finding.variant, finding.since) == (Severity.CRITICAL, "AllTraffic", at(3))
    assert finding.title == "10% of requests fail with 5XX"
    assert finding.evidence == ("AllTraffic: 120 of 1,200 calls answered 5XX in 2 min",)
    assert finding.impact_per_minute == 60.0


@pytest.mark.parametrize(
    ("errors", "calls"),
    [
        ([0, 0, 0, 0, 600], 600.0),
        ([0, 0, 20, 20, 20], 600.0),
        ([600, 600, 0, 0, 0], 600.0),
        ([0, 0, 0, 0, 1], 1.0),
        ([0] * 12 + [1, 0, 1], 1.0),
        ([0] * 12 + [1, 1, 1], 1.0),
        ([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1], 20.0),
    ],
    ids=["one minute", "below", "over", "one lone", "two of few", "three of few", "noise of a small one"],
)
def test_less_than_that_is_no_news(errors: Values, calls: float) -> None:
    assert not said("errors-5xx", failing(errors, calls))


def test_sparse_calls_are_counted_together_over_a_quarter_of_an_hour() -> None:
    sparse: Values = [1, None, None] * 5
    errors: Values = [1, None, None] * 5
    finding = the(said("errors-5xx", failing(errors, sparse)))
    assert finding.evidence == ("AllTraffic: 5 of 5 calls answered 5XX in 13 min",)
    assert not said("errors-5xx", failing([0, None, None] * 2 + [1, None, None] * 3, sparse))


def test_errors_are_not_thinned_out_by_the_good_minutes_before_them() -> None:
    assert the(said("errors-5xx", failing([0, 0, 0, 6, 7], 40.0))).title == "16% of requests fail with 5XX"


@pytest.mark.parametrize(
    "labels",
    [{}, {CALLS: [600.0] * 5}, {E5: [60.0] * 5}, {CALLS: [0.0] * 5, E5: [0.0] * 5}],
    ids=["nothing", "no errors", "no calls", "quiet"],
)
def test_without_data_nothing_is_said(labels: Labels) -> None:
    assert not said("errors-5xx", seen(REALTIME, labels))
    assert not said("errors-4xx", seen(REALTIME, labels))


def test_errors_that_are_refused_are_not_judged() -> None:
    told = failing([60] * 5)
    refused = {on(REALTIME): {**told.samples[on(REALTIME)], E5: not_collected("denied")}}
    assert not said("errors-5xx", replace(told, samples=refused))


def test_minutes_that_still_grow_decide_nothing() -> None:
    points = {CALLS: minutes(100.0, 100.0, newest=2), E5: minutes(100.0, 100.0, newest=2)}
    samples = failing([1]).samples
    assert not said("errors-5xx", Subject(REALTIME, samples, {on(REALTIME): points}, NOW_S, at(2)))


def test_it_lasts_until_three_minutes_are_better() -> None:
    assert not said("errors-5xx", failing([60, 60, 24, 0, 0]))
    assert the(said("errors-5xx", open_before(failing([60, 60, 24, 0, 0]), "errors-5xx")))
    assert not said("errors-5xx", open_before(failing([60, 60, 0, 0, 0]), "errors-5xx"))


def test_it_is_told_of_the_variant_that_has_it_and_never_of_a_shadow() -> None:
    endpoint = hosted(variants=(variant_of(name="A"), variant_of(name="B"), variant_of(name="S", shadow=True)))
    bad: Labels = {CALLS: [40.0] * 3, E5: [20.0] * 3}
    good: Labels = {CALLS: [400.0] * 3, E5: [0.0] * 3}
    told = subject(endpoint, {on(endpoint, "A"): good, on(endpoint, "B"): bad, on(endpoint, "S"): bad})
    assert the(said("errors-5xx", told)).variant == "B"


def test_an_asynchronous_endpoint_fails_by_what_it_processed() -> None:
    told = seen(hosted(kind=Kind.ASYNC), {"InvocationsProcessed.Sum": [20.0] * 3, E5: [10.0] * 3})
    assert the(said("errors-5xx", told)).impact_per_minute == 10.0


def test_a_variant_of_components_has_the_calls_of_its_components() -> None:
    endpoint = hosted(kind=Kind.INFERENCE_COMPONENT, components=(component("chat"), component("embed")))
    calls = {Owner(endpoint.name, "AllTraffic", component=name): {CALLS: [50.0] * 3} for name in ("chat", "embed")}
    told = subject(endpoint, {on(endpoint): {E5: [20.0] * 3}, **calls})
    assert the(said("errors-5xx", told)).title == "20% of requests fail with 5XX"


def test_thresholds_are_the_callers() -> None:
    few = failing([0, 0, 20, 20, 20])
    assert the(said("errors-5xx", few, server_error_ratio=Band(0.02, 0.01)))


# 4XX


def test_refused_requests_are_a_warning() -> None:
    finding = the(said("errors-4xx", failing([0, 0, 120, 120, 120], label=E4)))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(4), 120.0)
    assert finding.title == "20% of requests are refused with 4XX"


@pytest.mark.parametrize(
    ("errors", "calls"),
    [([0, 0, 0, 0, 600], 600.0), ([50] * 5, 600.0), ([1] * 15, 5.0), ([3, 3, 3, 3, 3], 10.0)],
    ids=["one minute", "below", "sparse", "a noisy client's few"],
)
def test_a_few_refusals_are_no_news(errors: Values, calls: float) -> None:
    assert not said("errors-4xx", failing(errors, calls, E4))


def test_throttles_are_not_the_callers_fault() -> None:
    full = "ServerlessConcurrentExecutionsUtilization.Maximum"
    labels: Labels = {CALLS: [600.0] * 5, E4: [200.0] * 5, full: [1.0] * 5}
    assert [one.id for one in findings(seen(hosted(kind=Kind.SERVERLESS), labels))] == ["concurrency-limit"]
    calm = seen(hosted(kind=Kind.SERVERLESS), {**labels, full: [0.5] * 5})
    assert [one.id for one in findings(calm)] == ["errors-4xx"]


@pytest.mark.parametrize(("high", "fires"), [(250.0, False), (150.0, True)])
def test_what_is_usual_at_this_hour_is_no_news(high: float, fires: bool) -> None:
    usual = {on(REALTIME): {E4: Usual(100.0, 0.0, high)}}
    told = replace(failing([200] * 5, label=E4), usual=usual)
    assert bool(said("errors-4xx", told)) is fires


def test_errors_are_over_when_nobody_calls_any_more() -> None:
    zeros: Values = [0.0] * 4
    assert said("errors-5xx", failing([60] * 11, [600.0] * 11))
    assert not said("errors-5xx", failing([60] * 11 + [*zeros], [600.0] * 11 + [*zeros]))
