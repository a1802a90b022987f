"""Variants do not get the share of the traffic that they are meant to have."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from smtop.metrics.analysis.failures import SEEN_MINUTES
from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.significance import chance_of_failures
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import IN_SERVICE, Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Point

_ID = "weights-drift"
_CALLS = "Invocations.Sum"
_CHANCE = 1e-6
_LEAST_A_MINUTE = 20


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Weights that are not those that were asked for, or calls that do not follow the weights."""
    endpoint = subject.endpoint
    if len(endpoint.production) < 2 or endpoint.status != IN_SERVICE or endpoint.kind is Kind.ASYNC:
        return
    current = _shares({one.name: one.weight.current if one.weight else None for one in endpoint.production})
    desired = _shares({one.name: one.weight.desired if one.weight else None for one in endpoint.production})
    if not current:
        return
    if desired and any(abs(share - desired[name]) > 0.005 for name, share in current.items()):
        yield _not_as_asked(current, desired)
        return
    yield from _not_followed(subject, current, limits)


def _shares(weights: Mapping[str, float | None]) -> dict[str, float]:
    """Share of the traffic by variant; nothing where a weight is not known, or all are 0."""
    known = {name: weight for name, weight in weights.items() if weight is not None}
    total = sum(known.values())
    return {name: weight / total for name, weight in known.items()} if len(known) == len(weights) and total else {}


def _not_as_asked(current: Mapping[str, float], desired: Mapping[str, float]) -> Finding:
    name = max(current, key=lambda one: abs(current[one] - desired[one]))
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"the weight of {name} is {current[name]:.0%} of all, not the {desired[name]:.0%} that were asked for",
        evidence=tuple(f"{one}: current {current[one]:.0%}, desired {desired[one]:.0%}" for one in current),
        variant=name,
        next="Set the weights again; nothing is being updated that would still move them.",
        confidence=Confidence.HIGH,
    )


def _not_followed(subject: Subject, asked: Mapping[str, float], limits: Thresholds) -> Iterator[Finding]:
    """Calls of the last quarter of an hour, if the weights have been what they are for as long."""
    settled_for = timedelta(minutes=SEEN_MINUTES + limits.window_minutes)
    if subject.endpoint.summary.modified_at > utc(subject.now) - settled_for:
        return
    calls = {owner.variant or "": _minutes(subject.settled(owner, _CALLS)) for owner in subject.variant_owners()}
    if not all(calls[name] for name, share in asked.items() if share):
        return  # what has no points at all may be missing rather than idle
    totals = {name: sum(own.values()) for name, own in calls.items()}
    everything = sum(totals.values())
    if everything < limits.weight_least_calls:
        return
    name = max(asked, key=lambda one: abs(totals[one] / everything - asked[one]))
    drifts = _drifts(calls, name, asked[name])
    is_open = subject.is_open(_ID, next(one for one in subject.variant_owners() if one.variant == name))
    if not holds(drifts[-DECIDING:], limits.weight_drift, is_open=is_open):
        return
    is_more = totals[name] / everything > asked[name]
    counted, share = (totals[name], asked[name]) if is_more else (everything - totals[name], 1.0 - asked[name])
    if chance_of_failures(counted, everything, share) >= _CHANCE:
        return
    yield Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"{name} gets {totals[name] / everything:.0%} of the calls, and its weight asks for {asked[name]:.0%}",
        evidence=tuple(
            f"{one}: {totals[one]:,.0f} of {everything:,.0f} calls, weight {asked[one]:.0%}" for one in asked
        ),
        since=onset(drifts, lambda drift: limits.weight_drift.is_bad(drift, is_open=True)),
        variant=name,
        next="Look for callers that name a variant (TargetVariant) or keep sessions: those pass the weights by.",
        confidence=Confidence.MEDIUM,
    )


def _minutes(points: list[Point]) -> dict[int, float]:
    last = points[-1].at if points else 0
    return {point.at: point.value for point in points if point.at > last - SEEN_MINUTES * PERIOD_S}


def _drifts(calls: Mapping[str, Mapping[int, float]], name: str, asked: float) -> list[Point]:
    """By how much the share of a variant is off, of each minute with enough calls to say so."""
    minutes = sorted({at for own in calls.values() for at in own})
    totals = {at: sum(own.get(at, 0.0) for own in calls.values()) for at in minutes}
    return [
        Point(at, abs(calls[name].get(at, 0.0) / total - asked))
        for at, total in totals.items()
        if total >= _LEAST_A_MINUTE
    ]


RULE = Rule(
    id=_ID,
    title="Traffic does not follow the weights",
    severity=Severity.WARNING,
    check=check,
    reads=(_CALLS,),
    limits=("weight_drift", "weight_least_calls"),
    help="""\
The variants of an endpoint do not get the traffic that they are meant to get: an experiment compares what nobody asked
for, or a canary has more callers than it should.

Either the weights that AWS reports are not those that were asked for, while nothing is being updated. Or the calls do
not follow them: over fifteen minutes with enough calls the share of a variant is off by ten points or more, in two of
the three newest settled minutes too, and chance would not do that once in a million. Weights that have just been
changed are given twenty minutes.

Callers that name the variant (TargetVariant) and sticky sessions pass the weights by, and may be meant to. Shadow
variants get copies of calls, and do not count.

Set the weights again, or find those who name the variant.
""",
)
