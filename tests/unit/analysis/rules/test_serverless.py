"""Serverless endpoints: each rule fires, does not fire, is silent without data, begins and ends with hysteresis."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.rules.serverless.memory import is_out_of_memory
from smtop.metrics.analysis.rules.serverless.refused import is_refusing
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import STANDARD
from smtop.metrics.domain.change import Bounds, Resize
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.scaling import (
    Scalable,
    ScalableTarget,
    ScaledPart,
    ScalingActivity,
    ScalingPolicy,
    Suspension,
)
from smtop.metrics.domain.series import Owner, Sample, SampleState
from smtop.metrics.domain.surroundings import ModelFacts, Quota, Surroundings
from tests.support.engine import Values, at, hosted, minutes, on, variant_of
from tests.support.fleet import NOW, NOW_S
from tests.support.rules import Labels, open_before, said, seen, the

USE = "ServerlessProvisionedConcurrencyUtilization.Maximum"
SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"
CALLS = "Invocations.Sum"
CONCURRENCY = "ServerlessConcurrentExecutionsUtilization.Maximum"
REFUSED = "Invocation4XXErrors.Sum"
FAILED = "Invocation5XXErrors.Sum"
COLD = "ModelSetupTime.SampleCount"
SETUP_US = "ModelSetupTime.Average"
MODEL_US = "ModelLatency.Average"
MEMORY = "MemoryUtilization.Maximum"

PROVISIONED = hosted(kind=Kind.SERVERLESS_PROVISIONED)
ON_DEMAND = hosted(kind=Kind.SERVERLESS)
OWN = Scalable("endpoint/fraud/variant/AllTraffic", "sagemaker:variant:DesiredProvisionedConcurrency")
TRACKING = ScalingPolicy(OWN, "use", "TargetTrackingScaling", target=0.7)


def full(use: Values, spill: Values) -> Labels:
    return {USE: use, SPILL: spill, CALLS: [600.0] * 5}


def sized(endpoint: Endpoint, **settings: int) -> Endpoint:
    """The same endpoint with other serverless settings."""
    (variant,) = endpoint.variants
    assert variant.serverless
    return endpoint._replace(variants=(variant._replace(serverless=variant.serverless._replace(**settings)),))


def modified(endpoint: Endpoint, ago: timedelta) -> Endpoint:
    return endpoint._replace(summary=endpoint.summary._replace(modified_at=NOW - ago))


def scaled(
    least: int,
    most: int,
    *policies: ScalingPolicy,
    suspended: frozenset[Suspension] = frozenset(),
    activities: Sequence[ScalingActivity] = (),
) -> Surroundings:
    return Surroundings((ScaledPart(ScalableTarget(OWN, least, most, suspended), policies, (), tuple(activities)),))


def quiet(count: int, *tail: float | None) -> list[float | None]:
    """Minutes without a point, and then these."""
    return [*[None] * (count - len(tail)), *tail]


# Provisioned concurrency used up


def test_two_of_three_full_minutes_that_spill_over_are_critical() -> None:
    finding = the(said("pc-exhausted", seen(PROVISIONED, full([0.5, 0.5, 1.0, 0.9, 1.0], [0, 0, 60, 0, 60]))))
    assert (finding.severity, finding.variant, finding.since) == (Severity.CRITICAL, "AllTraffic", at(4))
    assert finding.impact_per_minute == 40.0
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)
    assert "from 5 to 7" in (finding.next or "")


@pytest.mark.parametrize(
    ("use", "spill"),
    [
        ([0.5, 0.5, 0.5, 0.5, 1.0], [0, 0, 0, 0, 60]),
        ([1.0, 1.0, 1.0, 1.0, 1.0], [0, 0, 0, 0, 0]),
        ([0.9, 0.9, 0.9, 0.9, 0.9], [60, 60, 60, 60, 60]),
        ([1.0, 1.0, 0.5, 0.5, 0.5], [60, 60, 0, 0, 0]),
        ([1.0, 1.0, 1.0, 1.0, 1.0], [9, 9, 9, 9, 9]),
    ],
    ids=["one minute", "nothing spills", "not full", "over", "few of many spill"],
)
def test_anything_less_is_not(use: Values, spill: Values) -> None:
    assert not said("pc-exhausted", seen(PROVISIONED, full(use, spill)))


@pytest.mark.parametrize("labels", [{}, {CALLS: [600.0] * 5}, {USE: [1.0] * 5, CALLS: [600.0] * 5}])
def test_without_data_nothing_is_said(labels: Labels) -> None:
    for rule in ("pc-exhausted", "spillover"):
        assert not said(rule, seen(PROVISIONED, labels))


def test_it_lasts_until_three_minutes_are_better() -> None:
    still = open_before(seen(PROVISIONED, full([1.0, 1.0, 0.96, 0.5, 0.5], [60, 60, 60, 0, 0])), "pc-exhausted")
    assert the(said("pc-exhausted", still))
    over = open_before(seen(PROVISIONED, full([1.0, 1.0, 0.5, 0.5, 0.5], [60, 60, 0, 0, 0])), "pc-exhausted")
    assert not said("pc-exhausted", over)


def test_where_bursts_are_known_it_takes_three_minutes() -> None:
    two = seen(PROVISIONED, full([0.5, 0.5, 0.5, 1.0, 1.0], [0, 0, 0, 60, 60]))
    assert said("pc-exhausted", two)
    assert not said("pc-exhausted", open_before(two, "spillover"))
    three = seen(PROVISIONED, full([0.5, 0.5, 1.0, 1.0, 1.0], [0, 0, 60, 60, 60]))
    assert said("pc-exhausted", open_before(three, "spillover"))


def test_what_is_full_by_its_own_maximum_has_both_raised() -> None:
    most = sized(PROVISIONED, provisioned_concurrency=20)
    finding = the(said("pc-exhausted", seen(most, full([1.0] * 5, [60] * 5))))
    assert finding.change == Resize("fraud", "AllTraffic", max_concurrency=27, provisioned_concurrency=27)
    assert "maximum concurrency of 20" in (finding.next or "")


def test_what_is_full_by_the_maximum_of_aws_has_no_change() -> None:
    most = sized(PROVISIONED, provisioned_concurrency=200, max_concurrency=200)
    finding = the(said("pc-exhausted", seen(most, full([1.0] * 5, [60] * 5))))
    assert finding.change is None
    assert "split it" in (finding.next or "")


def test_what_scaling_would_take_back_is_a_change_of_its_maximum() -> None:
    told = seen(PROVISIONED, full([1.0] * 5, [60] * 5), around=scaled(2, 5, TRACKING))
    assert the(said("pc-exhausted", told)).change == Bounds("fraud", "AllTraffic", most=7)
    told = seen(PROVISIONED, full([1.0] * 5, [60] * 5), around=scaled(2, 10, TRACKING))
    finding = the(said("pc-exhausted", told))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)
    assert "Application Auto Scaling may still raise it" in finding.evidence


# Spillover


def test_bursts_that_spill_over_are_a_warning() -> None:
    finding = the(said("spillover", seen(PROVISIONED, full([0.5, 1.0, 1.0, 0.5, 0.5], [0, 60, 60, 0, 0]))))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(5), 24.0)
    assert finding.title == "4.0% of the requests spill over"
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)


@pytest.mark.parametrize(
    ("use", "spill"),
    [
        ([0.5] * 5, [0, 0, 0, 0, 1]),
        ([0.5] * 5, [0, 0, 0, 0, 300]),
        ([0.5] * 5, [0, 2, 0, 0, 2]),
        ([0.5] * 5, [5, 5, 5, 5, 5]),
        ([1.0] * 5, [60] * 5),
    ],
    ids=["one request", "one minute", "few requests", "few of many", "used up"],
)
def test_less_is_no_spillover_and_more_is_exhaustion(use: Values, spill: Values) -> None:
    assert not said("spillover", seen(PROVISIONED, full(use, spill)))


def test_bursts_minutes_apart_are_one_spillover() -> None:
    calls = [600.0] * 15
    burst = [0.0] * 15
    burst[2] = burst[11] = 120.0
    told = seen(PROVISIONED, {USE: [0.5] * 15, SPILL: burst, CALLS: calls})
    assert the(said("spillover", told)).evidence[0] == "240 of 9,000 requests in 15 min, in 2 of them"
    later = [0.0] * 15
    later[1] = 120.0
    assert not said("spillover", seen(PROVISIONED, {SPILL: later, CALLS: calls}))
    assert said("spillover", open_before(seen(PROVISIONED, {SPILL: later, CALLS: calls}), "spillover"))
    over = [40.0, *[0.0] * 14]
    assert not said("spillover", open_before(seen(PROVISIONED, {SPILL: over, CALLS: calls}), "spillover"))


# Nearly used up


def test_a_high_utilisation_is_a_warning_until_requests_spill_over() -> None:
    high = seen(PROVISIONED, full([0.5, 0.5, 0.5, 0.85, 0.85], [0] * 5))
    finding = the(said("pc-high", high))
    assert (finding.severity, finding.since) == (Severity.WARNING, at(3))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)
    assert not said("pc-high", seen(PROVISIONED, full([0.79] * 5, [0] * 5)))
    assert not said("pc-high", seen(PROVISIONED, full([1.0] * 5, [60] * 5)))
    assert not said("pc-high", seen(PROVISIONED, full([1.0] * 5, [9] * 5)))
    assert not said("pc-high", seen(PROVISIONED, {}))


def test_high_lasts_until_three_minutes_are_clearly_below() -> None:
    assert said("pc-high", open_before(seen(PROVISIONED, full([0.5, 0.5, 0.75, 0.6, 0.6], [0] * 5)), "pc-high"))
    assert not said("pc-high", open_before(seen(PROVISIONED, full([0.85, 0.85, 0.6, 0.6, 0.6], [0] * 5)), "pc-high"))


def test_a_few_slots_are_not_high_and_scaling_with_room_sees_to_it() -> None:
    labels = full([1.0] * 5, [0] * 5)
    assert not said("pc-high", seen(sized(PROVISIONED, provisioned_concurrency=1), labels))
    assert not said("pc-high", seen(PROVISIONED, labels, around=scaled(2, 10, TRACKING)))
    held = scaled(2, 10, TRACKING, suspended=frozenset({Suspension.SCALE_OUT}))
    for around in (scaled(2, 5, TRACKING), scaled(2, 10), held):
        assert said("pc-high", seen(PROVISIONED, labels, around=around))


# Wasted


def hour(use: float, calls: float = 60.0, *, endpoint: Endpoint = PROVISIONED, **more: Any) -> Subject:
    labels: Labels = {USE: [use] * 60, CALLS: [calls] * 60}
    return seen(endpoint, labels, trend=minutes(*[calls] * 60), **more)


TWENTY = sized(PROVISIONED, provisioned_concurrency=20)


def test_slots_that_had_nothing_to_do_for_an_hour_are_wasted() -> None:
    finding = the(said("pc-wasted", hour(0.2, endpoint=TWENTY)))
    assert (finding.severity, finding.confidence, finding.since) == (Severity.IDLE, Confidence.MEDIUM, at(61))
    assert finding.title == "14 of 20 provisioned slots have nothing to do"
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=6)


def test_waste_has_a_price_where_it_is_known() -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"
    there = TWENTY._replace(summary=TWENTY.summary._replace(arn=arn))
    assert "14 kept warm cost about $368 a month" in the(said("pc-wasted", hour(0.2, endpoint=there))).evidence[-1]


def test_the_minimum_of_scaling_is_lowered_where_it_holds_the_slots() -> None:
    finding = the(said("pc-wasted", hour(0.2, endpoint=TWENTY, around=scaled(20, 40, TRACKING))))
    assert finding.change == Bounds("fraud", "AllTraffic", least=6)
    finding = the(said("pc-wasted", hour(0.2, endpoint=TWENTY, around=scaled(2, 40, TRACKING))))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=6)


def test_waste_ends_clearly_above_its_threshold() -> None:
    above = hour(0.25, endpoint=TWENTY)
    assert not said("pc-wasted", above)
    assert said("pc-wasted", open_before(above, "pc-wasted"))
    assert not said("pc-wasted", open_before(hour(0.31, endpoint=TWENTY), "pc-wasted"))


def test_an_hour_that_is_not_known_says_nothing_of_waste() -> None:
    known = hour(0.1, endpoint=TWENTY)
    assert said("pc-wasted", known)
    quarter: Labels = {USE: [0.1] * 15, CALLS: [60.0] * 60}
    scaling = ScalingActivity(OWN, NOW_S - 1800, "Successful", "", "")
    silent = {
        "use of a quarter of it": seen(TWENTY, quarter, trend=minutes(*[60.0] * 60)),
        "requests of half of it": replace(known, trend=minutes(*[60.0] * 30)),
        "no requests": replace(known, trend=()),
        "modified in it": hour(0.1, endpoint=modified(TWENTY, timedelta(minutes=40))),
        "scaled in it": hour(0.1, endpoint=TWENTY, around=scaled(2, 40, TRACKING, activities=[scaling])),
        "one peak in it": seen(TWENTY, {USE: [*[0.1] * 59, 0.9]}, trend=minutes(*[60.0] * 60)),
        "one slot is needed, and there": hour(0.1, endpoint=sized(PROVISIONED, provisioned_concurrency=1)),
    }
    assert {why for why, subject in silent.items() if said("pc-wasted", subject)} == set()


# Stuck warm


def forgotten(endpoint: Endpoint = PROVISIONED, **more: Any) -> Subject:
    """Nobody has called for an hour, and CloudWatch says so."""
    told = seen(endpoint, {}, **{"around": scaled(2, 10, TRACKING), **more})
    return replace(told, samples={on(endpoint): {CALLS: Sample(SampleState.OK, 0.0, at(2), filled=True)}})


def test_slots_above_the_minimum_that_nobody_calls_are_stuck() -> None:
    finding = the(said("pc-stuck-warm", forgotten()))
    assert (finding.severity, finding.since) == (Severity.IDLE, at(60))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=2)
    assert "no request in the last hour, provisioned concurrency 5, minimum of its scaling 2" in finding.evidence


def test_slots_that_are_meant_or_may_yet_go_are_not_stuck() -> None:
    held = frozenset({Suspension.SCALE_IN})
    scaling = ScalingActivity(OWN, NOW_S - 1800, "Successful", "", "")
    fine = {
        "at the minimum": forgotten(around=scaled(5, 10, TRACKING)),
        "no policy": forgotten(around=scaled(2, 10)),
        "never in": forgotten(around=scaled(2, 10, replace(TRACKING, never_in=True))),
        "suspended": forgotten(around=scaled(2, 10, TRACKING, suspended=held)),
        "scaled just now": forgotten(around=scaled(2, 10, TRACKING, activities=[scaling])),
        "not known to be scaled": forgotten(around=Surroundings()),
        "another variant's": forgotten(
            around=Surroundings((ScaledPart(ScalableTarget(OWN._replace(resource="x"), 2, 9)),))
        ),
        "called in the hour": forgotten(trend=minutes(5.0, *[0.0] * 30)),
        "modified in the hour": forgotten(modified(PROVISIONED, timedelta(minutes=30))),
        "not asked": replace(forgotten(), samples={}),
        "an old answer": replace(
            forgotten(), samples={on(PROVISIONED): {CALLS: Sample(SampleState.STALE, 0.0, at(30))}}
        ),
        "on demand": forgotten(ON_DEMAND),
    }
    assert {why for why, subject in fine.items() if said("pc-stuck-warm", subject)} == set()


# Cold starts


def cold(starts: Values, calls: Values, setup_s: float | None = 4.0, model_s: float = 0.1, **more: Any) -> Labels:
    known = {SETUP_US: [None if one is None else setup_s * 1e6 for one in starts]} if setup_s else {}
    return {COLD: starts, CALLS: calls, MODEL_US: [model_s * 1e6] * len(calls), **known, **more}


def test_cold_starts_of_many_calls_are_a_storm() -> None:
    labels = cold(quiet(5, 8.0, 8.0), [20.0] * 5)
    finding = the(said("cold-starts", seen(ON_DEMAND, {**labels, CONCURRENCY: [0.2, 0.2, 0.2, 0.35, 0.35]})))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(3), 3.2)
    assert finding.title == "16 cold starts of 4.0 s each in 5 min"
    assert finding.evidence[0] == "16.0% of 100 requests waited for a container to start"
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=10)


def test_a_third_of_the_calls_is_critical_unless_it_is_one_minute() -> None:
    assert the(said("cold-starts", seen(ON_DEMAND, cold(quiet(5, 8, 8), [8.0] * 5)))).severity is Severity.CRITICAL
    assert the(said("cold-starts", seen(ON_DEMAND, cold(quiet(5, 16), [8.0] * 5)))).severity is Severity.WARNING


def test_few_long_cold_starts_beside_many_calls_are_a_storm_by_their_time() -> None:
    burst = [90.0, 90.0, 1100.0, 1150.0, 1150.0]
    finding = the(said("cold-starts", seen(ON_DEMAND, cold([None, None, 12.0, None, None], burst, 39.0, 0.2))))
    assert "cold starts are 40% of the time that requests took" in finding.evidence
    assert not said("cold-starts", seen(ON_DEMAND, cold([None, None, 12.0, None, None], burst, 4.0, 0.2)))


@pytest.mark.parametrize(
    "labels",
    [
        cold([1.0, None, 1.0, None, 1.0], [1.0, None, 1.0, None, 1.0]),
        cold(quiet(5, 3.0, 3.0), [600.0] * 5),
        cold(quiet(5, 8.0, 8.0), [20.0] * 5, setup_s=0.05, model_s=1.0),
        {CALLS: [20.0] * 5},
        {},
    ],
    ids=["sparse calls", "few of many", "nobody notices", "none", "nothing"],
)
def test_less_is_no_storm(labels: Labels) -> None:
    assert not said("cold-starts", seen(ON_DEMAND, labels))


def test_a_change_makes_all_containers_new() -> None:
    labels = cold(quiet(5, 8.0, 8.0), [20.0] * 5)
    fresh = seen(modified(ON_DEMAND, timedelta(minutes=5)), labels)
    assert not said("cold-starts", fresh)
    assert said("cold-starts", open_before(fresh, "cold-starts"))
    assert said("cold-starts", seen(modified(ON_DEMAND, timedelta(minutes=15)), labels))


def test_a_storm_lasts_for_a_quarter_of_an_hour_after_its_last_burst() -> None:
    calls = [60.0] * 15
    burst = cold([*quiet(10, 20.0), *quiet(5)], calls)
    assert not said("cold-starts", seen(ON_DEMAND, burst))
    assert said("cold-starts", open_before(seen(ON_DEMAND, burst), "cold-starts"))
    few = cold([*quiet(10, 4.0), *quiet(5)], calls)
    assert not said("cold-starts", open_before(seen(ON_DEMAND, few), "cold-starts"))


def test_of_provisioned_concurrency_that_is_used_up_exhaustion_speaks() -> None:
    labels = {**cold([60.0] * 5, [600.0] * 5), **full([1.0] * 5, [60] * 5)}
    assert not said("cold-starts", seen(PROVISIONED, labels))
    bursts = {**cold([60.0] * 5, [600.0] * 5), **full([0.9] * 5, [60] * 5)}
    finding = the(said("cold-starts", seen(PROVISIONED, bursts)))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)


def test_without_its_length_a_cold_start_is_taken_to_matter() -> None:
    told = seen(ON_DEMAND, cold(quiet(5, 8.0, 8.0), [20.0] * 5, setup_s=None))
    finding = the(said("cold-starts", told))
    assert finding.title == "16 cold starts in 5 min"
    assert finding.change is None


# Concurrency limit


def crowded(use: Values, refused: Values | None, calls: float = 600.0, count: int = 15) -> Labels:
    labels: Labels = {CONCURRENCY: use, CALLS: [calls] * count}
    return labels if refused is None else {**labels, REFUSED: refused}


def test_refused_callers_are_critical() -> None:
    labels = crowded([0.3] * 13 + [1.0] * 2, [6.0] * 13 + [156.0] * 2)
    finding = the(said("concurrency-limit", seen(ON_DEMAND, labels)))
    assert (finding.severity, finding.confidence, finding.since) == (Severity.CRITICAL, Confidence.HIGH, at(3))
    assert finding.title == "25% of the callers are refused"
    assert finding.impact_per_minute == 100.0
    assert finding.change == Resize("fraud", "AllTraffic", max_concurrency=32)
    assert "in the other minutes 1.0% of them did" in finding.evidence


@pytest.mark.parametrize(
    ("use", "refused"),
    [
        ([0.3] * 15, [60.0] * 15),
        ([0.3] * 14 + [1.0], [6.0] * 14 + [156.0]),
        ([0.3] * 13 + [0.95] * 2, [60.0] * 15),
        ([0.3] * 13 + [0.95] * 2, [0.0] * 13 + [2.0] * 2),
    ],
    ids=["a bad client", "one minute", "a bad client near the limit", "few"],
)
def test_other_4xx_are_not_refusals(use: Values, refused: Values) -> None:
    told = seen(ON_DEMAND, crowded(use, refused))
    assert all(finding.severity is Severity.WARNING for finding in said("concurrency-limit", told))
    assert not is_refusing(told, on(ON_DEMAND), STANDARD)


def test_where_all_minutes_are_full_the_cause_is_less_sure() -> None:
    finding = the(said("concurrency-limit", seen(ON_DEMAND, crowded([1.0] * 15, [100.0] * 15))))
    assert (finding.severity, finding.confidence) == (Severity.CRITICAL, Confidence.MEDIUM)


def test_refusals_in_bursts_are_a_warning_between_them() -> None:
    labels = crowded([0.3] * 4 + [1.0] * 2 + [0.3] * 9, [0.0] * 4 + [150.0] * 2 + [0.0] * 9)
    finding = the(said("concurrency-limit", seen(ON_DEMAND, labels)))
    assert finding.severity is Severity.WARNING
    assert finding.title == "25% of the callers are refused in bursts"
    assert finding.impact_per_minute == 20.0
    assert is_refusing(seen(ON_DEMAND, labels), on(ON_DEMAND), STANDARD)


def test_refusals_stay_critical_with_one_bad_minute_of_three() -> None:
    labels = crowded([0.3] * 9 + [1.0] * 4 + [0.3] * 2, [0.0] * 9 + [150.0] * 4 + [0.0] * 2)
    assert the(said("concurrency-limit", seen(ON_DEMAND, labels))).severity is Severity.WARNING
    still = open_before(seen(ON_DEMAND, labels), "concurrency-limit")
    assert the(said("concurrency-limit", still)).severity is Severity.CRITICAL


def test_near_the_limit_without_refusals_is_a_warning() -> None:
    finding = the(said("concurrency-limit", seen(ON_DEMAND, crowded([0.2, 0.93, 0.95], [0.0] * 3, count=3))))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(3), 0.0)
    assert finding.change == Resize("fraud", "AllTraffic", max_concurrency=24)
    unread = the(said("concurrency-limit", seen(ON_DEMAND, crowded([0.2, 0.93, 0.95], None, count=3))))
    assert (unread.severity, unread.impact_per_minute) == (Severity.WARNING, None)
    assert "whether callers are refused is not read" in unread.evidence


def test_near_has_hysteresis_and_needs_more_than_a_few_slots() -> None:
    assert not said("concurrency-limit", seen(ON_DEMAND, crowded([0.2, 0.2, 0.95], [0.0] * 3, count=3)))
    assert not said("concurrency-limit", seen(ON_DEMAND, {CALLS: [600.0] * 3}))
    labels = crowded([0.85, 0.5, 0.5], [0.0] * 3, count=3)
    assert said("concurrency-limit", open_before(seen(ON_DEMAND, labels), "concurrency-limit"))
    labels = crowded([0.79] * 3, [0.0] * 3, count=3)
    assert not said("concurrency-limit", open_before(seen(ON_DEMAND, labels), "concurrency-limit"))
    single = sized(ON_DEMAND, max_concurrency=1)
    assert not said("concurrency-limit", seen(single, crowded([1.0] * 15, [0.0] * 15, calls=3.0)))
    assert said("concurrency-limit", seen(single, crowded([1.0] * 15, [2.0] * 15, calls=20.0)))


def test_what_neither_aws_nor_the_account_gives_is_no_change() -> None:
    labels = crowded([1.0] * 15, [100.0] * 15)
    most = the(said("concurrency-limit", seen(sized(ON_DEMAND, max_concurrency=200), labels)))
    assert (most.change, "split it" in (most.next or "")) == (None, True)
    quota = Surroundings(quotas={"serverless": Quota("serverless concurrency", 1000, 998)})
    bounded = the(said("concurrency-limit", seen(ON_DEMAND, labels, around=quota)))
    assert (bounded.change, "998 of 1,000" in (bounded.next or "")) == (None, True)


# Memory


def test_little_memory_is_a_warning_with_the_size_that_would_do() -> None:
    finding = the(said("serverless-memory", seen(ON_DEMAND, {MEMORY: [70.0, 90.0, 80.0, 91.0]})))
    assert (finding.severity, finding.title, finding.since) == (Severity.WARNING, "memory at 91%", at(4))
    assert finding.change == Resize("fraud", "AllTraffic", memory_mb=3072)


def test_memory_has_hysteresis_and_needs_data() -> None:
    assert not said("serverless-memory", seen(ON_DEMAND, {MEMORY: [84.0] * 3}))
    assert not said("serverless-memory", seen(ON_DEMAND, {MEMORY: [70.0, 70.0, 99.0]}))
    assert not said("serverless-memory", seen(ON_DEMAND, {}))
    assert said("serverless-memory", open_before(seen(ON_DEMAND, {MEMORY: [82.0, 70.0, 70.0]}), "serverless-memory"))
    assert not said("serverless-memory", open_before(seen(ON_DEMAND, {MEMORY: [79.0] * 3}), "serverless-memory"))


def test_no_memory_and_failures_are_critical() -> None:
    labels: Labels = {MEMORY: [98.0] * 5, CALLS: [60.0] * 5, FAILED: [0.0, 0.0, 10.0, 10.0, 10.0]}
    told = seen(ON_DEMAND, labels)
    finding = the(said("serverless-memory", told))
    assert (finding.severity, finding.impact_per_minute) == (Severity.CRITICAL, 6.0)
    assert finding.title == "out of memory: 10% of requests fail with 5XX"
    assert is_out_of_memory(told, on(ON_DEMAND), STANDARD)
    fine = seen(ON_DEMAND, {**labels, FAILED: [0.0] * 5})
    assert the(said("serverless-memory", fine)).severity is Severity.WARNING
    assert not is_out_of_memory(fine, on(ON_DEMAND), STANDARD)


def with_model(artifact_mb: float | None, **settings: int) -> Subject:
    endpoint = sized(ON_DEMAND, **settings)
    endpoint = endpoint._replace(variants=(endpoint.variants[0]._replace(model="m"),))
    size = None if artifact_mb is None else int(artifact_mb * 2**20)
    return seen(endpoint, {}, around=Surroundings(models={"m": ModelFacts("m", artifact_bytes=size)}))


def test_a_model_larger_than_the_memory_is_advice() -> None:
    finding = the(said("serverless-memory", with_model(3000.0)))
    assert (finding.severity, finding.confidence) == (Severity.OK, Confidence.MEDIUM)
    assert finding.change == Resize("fraud", "AllTraffic", memory_mb=3072)
    assert not said("serverless-memory", with_model(2048.0))
    assert not said("serverless-memory", with_model(None))
    too_large = the(said("serverless-memory", with_model(9000.0, memory_mb=6144)))
    assert (too_large.change, "on an instance" in (too_large.next or "")) == (None, True)


# All of them


def test_instances_and_shadows_are_none_of_their_business() -> None:
    shadow = hosted(
        kind=Kind.SERVERLESS_PROVISIONED, variants=(variant_of(Kind.SERVERLESS_PROVISIONED, name="S", shadow=True),)
    )
    labels = {**full([1.0] * 5, [60] * 5), **cold([60.0] * 5, [600.0] * 5), MEMORY: [99.0] * 5, CONCURRENCY: [1.0] * 5}
    rules = ("pc-exhausted", "spillover", "pc-high", "cold-starts", "concurrency-limit", "serverless-memory")
    for rule in rules:
        assert not said(rule, seen(hosted(), labels))
        assert not said(rule, seen(shadow, labels, Owner("fraud", "S")))
