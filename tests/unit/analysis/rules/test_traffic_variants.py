"""Several variants, and traffic as a whole: bad canaries, weights that are not followed, callers that have gone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.domain.change import Weights
from smtop.metrics.domain.endpoint import Endpoint, Kind, Moving
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.series import Sample, SampleState
from tests.support import fleet
from tests.support.engine import Values, at, hosted, on, subject, variant_of, with_status
from tests.support.fleet import NOW
from tests.support.rules import Labels, open_before, said, seen, the

CALLS, E5, E4, P50 = "Invocations.Sum", "Invocation5XXErrors.Sum", "Invocation4XXErrors.Sum", "ModelLatency.p50"


def split(stable: float = 0.8, canary: float = 0.2, *, desired: float | None = None) -> Endpoint:
    """An endpoint with two variants, by weight."""
    weights = (("stable", stable, stable), ("canary", canary, canary if desired is None else desired))
    return hosted(variants=[variant_of(name=name)._replace(weight=Moving(now, want)) for name, now, want in weights])


def modified(endpoint: Endpoint, ago: timedelta) -> Endpoint:
    return endpoint._replace(summary=endpoint.summary._replace(modified_at=NOW - ago))


def both(stable: Labels, canary: Labels, endpoint: Endpoint | None = None) -> Subject:
    target = endpoint or split()
    return subject(target, {on(target, "stable"): stable, on(target, "canary"): canary})


def erring(stable: Values, canary: Values, *, label: str = E5, calls: tuple[float, float] = (800.0, 200.0)) -> Subject:
    return both({CALLS: [calls[0]] * len(stable), label: stable}, {CALLS: [calls[1]] * len(canary), label: canary})


# Canaries


def test_a_canary_that_fails_more_than_the_others_is_critical_and_its_traffic_goes_back() -> None:
    finding = the(said("bad-canary", erring([1] * 6, [0, 0, 0, 68, 68, 68])))
    assert (finding.severity, finding.variant, finding.since) == (Severity.CRITICAL, "canary", at(4))
    assert finding.title == "canary answers 5XX to 17.0% of its calls, stable to 0.1%"
    assert finding.evidence[1] == "canary worse, p < 1e-06 after 1,200 of its requests (Fisher's exact test)"
    assert finding.change == Weights("fraud", {"canary": 0.0})
    assert finding.impact_per_minute == pytest.approx(204 / 5)


def test_a_canary_that_refuses_more_is_a_warning() -> None:
    assert the(said("bad-canary", erring([2] * 5, [34] * 5, label=E4))).severity is Severity.WARNING


@pytest.mark.parametrize(
    "told",
    [
        erring([1] * 5, [0, 0, 0, 0, 68]),
        erring([1] * 5, [68, 68, 0, 0, 0]),
        erring([80] * 5, [20] * 5),
        erring([80] * 5, [0] * 5),
        erring([1] * 5, [2] * 5),
        erring([0] * 5, [1, 0, 1, 0, 0], calls=(8.0, 2.0)),
        erring([0] * 15, [0] * 12 + [0, 1, 1], calls=(40.0, 10.0)),
        erring([0] * 5, [5] * 5, calls=(40.0, 5.0)),
        both({}, {}),
        both({CALLS: [800.0] * 5}, {CALLS: [200.0] * 5, E5: [68.0] * 5}),
    ],
    ids=[
        "one minute",
        "over",
        "all fail alike",
        "the main one fails",
        "too little",
        "few calls",
        "two lone failures",
        "fewer than fifty",
        "no data",
        "the other is not collected",
    ],
)
def test_a_canary_that_is_no_worse_is_no_news(told: Subject) -> None:
    assert not said("bad-canary", told)


def test_one_variant_alone_is_no_canary() -> None:
    assert not said("bad-canary", seen(hosted(), {CALLS: [200.0] * 5, E5: [68.0] * 5}))


def test_a_bad_canary_lasts_until_three_minutes_are_better() -> None:
    canary = on(split(), "canary")
    still = erring([1] * 6, [68, 68, 68, 5, 0, 0])
    assert not said("bad-canary", still)
    assert the(said("bad-canary", open_before(still, "bad-canary", canary)))
    over = erring([1] * 6, [68, 68, 68, 0, 0, 0])
    assert not said("bad-canary", open_before(over, "bad-canary", canary))


def slower(canary_ms: Values, ago: timedelta = timedelta(hours=1)) -> Subject:
    stable: Labels = {CALLS: [800.0] * len(canary_ms), P50: [100_000.0] * len(canary_ms)}
    canary: Labels = {CALLS: [200.0] * len(canary_ms), P50: [value and value * 1e3 for value in canary_ms]}
    return both(stable, canary, modified(split(), ago))


def test_a_new_variant_that_is_slower_is_a_warning() -> None:
    finding = the(said("bad-canary", slower([100, 100, 250, 250, 250])))
    assert (finding.severity, finding.since, finding.title) == (
        Severity.WARNING,
        at(4),
        "canary is 2.5 times as slow as stable",
    )
    assert finding.impact_per_minute == 100.0


@pytest.mark.parametrize(
    "told",
    [slower([100, 100, 100, 100, 250]), slower([130] * 5), slower([250] * 5, timedelta(days=3)), slower([None] * 5)],
    ids=["one minute", "little", "for days", "no data"],
)
def test_what_is_slower_for_ever_or_for_a_moment_is_no_news(told: Subject) -> None:
    assert not said("bad-canary", told)


# Weights


def calling(stable: Values, canary: Values, endpoint: Endpoint | None = None) -> Subject:
    return both({CALLS: stable}, {CALLS: canary}, endpoint)


def test_weights_that_are_not_those_that_were_asked_for_are_a_warning() -> None:
    finding = the(said("weights-drift", calling([800.0] * 5, [200.0] * 5, split(desired=0.8))))
    assert finding.severity is Severity.WARNING
    assert finding.evidence == ("stable: current 80%, desired 50%", "canary: current 20%, desired 50%")


def test_calls_that_do_not_follow_the_weights_are_a_warning() -> None:
    finding = the(said("weights-drift", calling([800.0] * 8, [200.0] * 4 + [800.0] * 4)))
    assert finding.title == "stable gets 62% of the calls, and its weight asks for 80%"
    assert (finding.severity, finding.since, finding.variant) == (Severity.WARNING, at(5), "stable")


@pytest.mark.parametrize(
    "told",
    [
        calling([800.0] * 8, [200.0] * 8),
        calling([800.0] * 8, [230.0] * 8),
        calling([8.0] * 8, [8.0] * 8),
        calling([500.0] * 8, [500.0] * 8, modified(split(), timedelta(minutes=10))),
        calling([500.0] * 8, [500.0] * 8, with_status(split(), "Updating")),
        calling([800.0] * 8, []),
        calling([800.0] * 6 + [800.0] * 2, [200.0] * 7 + [1800.0]),
        seen(hosted(), {CALLS: [800.0] * 8}),
    ],
    ids=["as asked", "nearly", "few calls", "just changed", "updating", "no data", "one minute", "one variant"],
)
def test_shares_that_are_as_asked_or_not_known_are_no_news(told: Subject) -> None:
    assert not said("weights-drift", told)


def test_a_drift_lasts_until_it_is_clearly_less() -> None:
    drifting = calling([800.0] * 8, [300.0] * 8)
    assert not said("weights-drift", drifting)
    assert the(said("weights-drift", open_before(drifting, "weights-drift", on(split(), "stable"))))


# Traffic that is gone

QUIET = hosted()
CPU = "CPUUtilization.Average"


def called(calls: Values, usual: Usual | None, endpoint: Endpoint = QUIET, *, cpu: float | None = 20.0) -> Subject:
    told = seen(endpoint, {CALLS: calls, CPU: [cpu] * 15})
    if usual is not None:
        told = replace(told, usual={on(endpoint): {CALLS: usual}})
    if calls and calls[-1] is None:
        zero = Sample(SampleState.OK, 0.0, at(2), filled=True)
        told = replace(told, samples={on(endpoint): {**told.samples[on(endpoint)], CALLS: zero}})
    return told


BUSY = Usual(600.0, 300.0, 900.0)


@pytest.mark.parametrize("end", [[0.0] * 5, [None] * 5, [29.0, 25.0, 20.0, 10.0, 5.0]])
def test_calls_that_are_gone_at_an_hour_that_has_them_are_a_warning(end: Values) -> None:
    finding = the(said("traffic-gone", called([600.0] * 10 + [*end], BUSY)))
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.MEDIUM)
    assert (finding.since, finding.variant, finding.impact_per_minute) == (at(6), None, None)


@pytest.mark.parametrize(
    "told",
    [
        called([600.0] * 15, BUSY),
        called([600.0] * 14 + [0.0], BUSY),
        called([100.0] * 15, BUSY),
        called([0.0] * 15, Usual(2.0, 1.0, 9.0)),
        called([0.0] * 15, Usual(600.0, 0.0, 2000.0)),
        called([0.0] * 15, BUSY, with_status(QUIET, "Updating")),
        called([0.0] * 15, BUSY, cpu=None),
        called([], BUSY),
        called([0.0] * 15, None),
        called([0.0] * 15, BUSY, hosted(kind=Kind.ASYNC)),
    ],
    ids=[
        "busy",
        "one minute",
        "less",
        "sparse",
        "often none",
        "updating",
        "hosts silent too",
        "no data",
        "no baseline",
        "asynchronous",
    ],
)
def test_silence_that_is_usual_or_not_known_is_no_news(told: Subject) -> None:
    assert not said("traffic-gone", told)


def test_hosts_that_are_late_say_nothing_of_the_minutes_after_their_newest() -> None:
    late, calls = [20.0] * 9 + [None] * 6, [600.0] * 9 + [None] * 6
    told = called(calls, BUSY)
    told = replace(told, points=seen(QUIET, {CALLS: calls, CPU: late}).points)
    assert not said("traffic-gone", told)


def test_gone_traffic_lasts_until_a_fifth_of_it_is_back() -> None:
    back = called([0.0] * 10 + [100.0] * 5, BUSY)
    assert not said("traffic-gone", back)
    assert the(said("traffic-gone", open_before(back, "traffic-gone", back.owner)))
    more = called([0.0] * 10 + [150.0] * 5, BUSY)
    assert not said("traffic-gone", open_before(more, "traffic-gone", more.owner))


def ended(trend: Sequence[float | None], silent: int) -> Subject:
    """Without a baseline: an hour of calls, and silence at its end."""
    told = called([*trend, *[None] * silent][-15:], None)
    return replace(told, trend=fleet.trend(*trend, *[None] * silent, None))


def test_without_a_baseline_only_the_end_of_a_steady_stream_is_told_with_low_confidence() -> None:
    finding = the(said("traffic-gone", ended([100.0] * 50, 9)))
    assert (finding.confidence, finding.since) == (Confidence.LOW, at(10))


@pytest.mark.parametrize(
    "told",
    [
        ended([100.0] * 50, 2),
        ended([100.0] * 20, 9),
        ended([10.0] * 50, 9),
        ended([100.0, 100.0, 10.0] * 17, 9),
        ended([100.0, None] * 25, 9),
    ],
    ids=["just now", "began just before", "few", "unsteady", "now and then"],
)
def test_other_silences_are_not_told_without_a_baseline(told: Subject) -> None:
    assert not said("traffic-gone", told)
