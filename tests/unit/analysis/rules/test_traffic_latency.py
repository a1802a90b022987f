"""Latency against what is usual, and against the limit of SageMaker."""

from dataclasses import replace

import pytest

from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Owner
from tests.support.engine import Values, at, component, hosted, on, subject, variant_of
from tests.support.rules import Labels, open_before, said, seen, the

CALLS, P99, P50 = "Invocations.Sum", "ModelLatency.p99", "ModelLatency.p50"
REALTIME = hosted()
USUAL = {P99: Usual(200_000.0, 150_000.0, 240_000.0), P50: Usual(40_000.0, 30_000.0, 50_000.0)}


def answering(p99_ms: Values, calls: float = 600.0, p50_ms: Values | None = None) -> Subject:
    labels: dict[str, Values] = {CALLS: [calls] * len(p99_ms), P99: [value and value * 1e3 for value in p99_ms]}
    if p50_ms is not None:
        labels[P50] = [value and value * 1e3 for value in p50_ms]
    return seen(REALTIME, labels, usual={on(REALTIME): USUAL})


# Against its usual


def test_two_of_three_minutes_beyond_the_usual_are_a_warning() -> None:
    finding = the(said("latency-high", answering([200, 200, 800, 200, 800])))
    assert (finding.severity, finding.since, finding.variant) == (Severity.WARNING, at(4), "AllTraffic")
    assert finding.title == "p99 latency is 4.0 times the usual"
    assert finding.evidence[0] == "AllTraffic: p99 800 ms, usually 200 ms and up to 240 ms at this hour"
    assert finding.impact_per_minute == pytest.approx(6.0)


def test_half_of_the_calls_are_slowed_where_the_median_is_unusual_too() -> None:
    finding = the(said("latency-high", answering([800] * 5, p50_ms=[300] * 5)))
    assert finding.impact_per_minute == pytest.approx(300.0)
    assert "half of the calls" in finding.evidence[1]


@pytest.mark.parametrize(
    ("p99_ms", "calls"),
    [([200, 200, 200, 200, 800], 600.0), ([300] * 5, 600.0), ([800, 800, 200, 200, 200], 600.0), ([800] * 5, 1.0)],
    ids=["one minute", "within the spread", "over", "few calls"],
)
def test_anything_less_is_no_news(p99_ms: Values, calls: float) -> None:
    assert not said("latency-high", answering(p99_ms, calls))


def test_a_rise_that_nobody_notices_is_no_news() -> None:
    fast = replace(answering([9] * 5), usual={on(REALTIME): {P99: Usual(3_000.0, 2_000.0, 4_000.0)}})
    assert not said("latency-high", fast)


def test_without_a_baseline_or_points_nothing_is_said() -> None:
    assert not said("latency-high", replace(answering([800] * 5), usual={}))
    assert not said("latency-high", seen(REALTIME, {CALLS: [600.0] * 5}, usual={on(REALTIME): USUAL}))


def test_it_lasts_until_the_range_is_reached_again() -> None:
    slower = answering([800, 800, 250, 230, 230])
    assert not said("latency-high", slower)
    assert the(said("latency-high", open_before(slower, "latency-high")))
    assert not said("latency-high", open_before(answering([800, 800, 230, 230, 230]), "latency-high"))


def test_a_component_is_held_against_its_own_usual_and_a_shadow_is_not_judged() -> None:
    endpoint = hosted(kind=Kind.INFERENCE_COMPONENT, components=(component("chat"),))
    owner = Owner(endpoint.name, "AllTraffic", component="chat")
    slow: Labels = {CALLS: [600.0] * 5, P99: [800_000.0] * 5}
    assert the(said("latency-high", seen(endpoint, slow, owner, usual={owner: USUAL}))).component == "chat"
    shadowed = hosted(variants=(variant_of(), variant_of(name="S", shadow=True)))
    shadow = on(shadowed, "S")
    assert not said("latency-high", replace(subject(shadowed, {shadow: slow}), usual={shadow: USUAL}))


# Near the limit


def near(p99_s: Values, calls: float = 100.0, kind: Kind = Kind.REALTIME) -> Subject:
    labels: Labels = {CALLS: [calls] * len(p99_s), P99: [value and value * 1e6 for value in p99_s]}
    return seen(hosted(kind=kind), labels)


def test_answers_near_the_limit_are_critical() -> None:
    finding = the(said("latency-near-limit", near([9, 9, 9, 50, 55])))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.CRITICAL, at(3), 1.0)
    assert finding.title == "p99 latency 50 s of 60 s"


@pytest.mark.parametrize(
    ("p99_s", "calls", "kind"),
    [
        ([9, 9, 9, 9, 55], 100.0, Kind.REALTIME),
        ([40] * 5, 100.0, Kind.REALTIME),
        ([50] * 5, 1.0, Kind.REALTIME),
        ([50] * 5, 100.0, Kind.ASYNC),
        ([9, 120, 9, 50, 50], 100.0, Kind.REALTIME),
        ([], 100.0, Kind.REALTIME),
    ],
    ids=["one minute", "below", "few calls", "asynchronous", "streams", "no data"],
)
def test_what_is_not_near_the_limit(p99_s: Values, calls: float, kind: Kind) -> None:
    assert not said("latency-near-limit", near(p99_s, calls, kind))


def test_streams_have_eight_minutes() -> None:
    assert the(said("latency-near-limit", near([400] * 5))).title == "p99 latency 400 s of 480 s"


def test_what_is_always_so_slow_is_a_warning() -> None:
    always = replace(near([50] * 5), usual={on(REALTIME): {P99: Usual(48e6, 40e6, 55e6)}})
    assert the(said("latency-near-limit", always)).severity is Severity.WARNING


def test_nearness_lasts_until_three_minutes_are_clearly_faster() -> None:
    faster = near([55, 55, 40, 30, 30])
    assert not said("latency-near-limit", faster)
    assert the(said("latency-near-limit", open_before(faster, "latency-near-limit")))
    assert not said("latency-near-limit", open_before(near([55, 55, 30, 30, 30]), "latency-near-limit"))
