"""Callers have stopped calling an endpoint that serves."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.subject import Subject, Usual, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import IN_SERVICE, Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner, Point, SampleState

_ID = "traffic-gone"
_CALLS = "Invocations.Sum"
_SEEN_MINUTES = 15
_HOSTS = (
    "CPUUtilization.Average",
    "GPUUtilization.Average",
    "MemoryUtilization.Average",
    "CPUUtilizationNormalized.Average",
    "GPUUtilizationNormalized.Average",
)
_GONE_MINUTES = 5
"""Minutes of silence that end a steady stream, where nothing is known of what is usual."""

_STEADY = 0.5
_BUSY = 4


class _Gone(NamedTuple):
    """How many calls a minute there were to be, and from when on they are gone."""

    expected: float
    left: float
    since: int | None
    confidence: Confidence
    against: str


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Nearly none of the calls that are usual at this hour, of all variants together."""
    if subject.endpoint.status != IN_SERVICE or subject.endpoint.kind is Kind.ASYNC:
        return
    owners = _called(subject)
    usual = _usual(subject, owners)
    if not owners or _is_busy(subject, owners, usual, limits):
        return
    is_news = _may_be_news(usual, limits) if usual else len(subject.trend) >= limits.traffic_steady_minutes // 2
    until = _known_until(subject, owners) if is_news else None
    if until is None:
        return
    gone = _against_usual(subject, owners, until, limits, usual) if usual else _against_hour(subject, until, limits)
    if gone is not None:
        yield _finding(subject, gone)


def _called(subject: Subject) -> Sequence[Owner]:
    """Who is to get calls: the variants with a weight, or the components where only those report."""
    variants = [
        owner
        for owner, variant in zip(subject.variant_owners(), subject.endpoint.production, strict=True)
        if variant.weight is None or variant.weight.current
    ]
    if subject.endpoint.kind is Kind.INFERENCE_COMPONENT and not any(subject.settled(one, _CALLS) for one in variants):
        return subject.component_owners()
    return variants


def _is_busy(subject: Subject, owners: Sequence[Owner], usual: Usual | None, limits: Thresholds) -> bool:
    """Whether there are calls in the newest minute: the common case, told at once."""
    shown = sum(subject.sample(owner, _CALLS).value or 0.0 for owner in owners)
    return shown > (limits.traffic_gone.clears * usual.expected if usual else 0.0)


def _known_until(subject: Subject, owners: Sequence[Owner]) -> int | None:
    """The newest minute of which silence is known to be one: its counters were read, and its hosts still report."""
    until = min(subject.settled_until(owner, _CALLS) for owner in owners)
    for owner in owners:
        shown = subject.sample(owner, _CALLS)
        is_fresh = shown.filled or (shown.at is not None and shown.at >= until - DECIDING * PERIOD_S)
        if shown.state is not SampleState.OK or not is_fresh:
            return None
    if subject.endpoint.kind.is_serverless:
        return until
    reported = max((_reported_until(subject, owner) for owner in subject.variant_owners()), default=0)
    return min(until, reported) if reported >= until - DECIDING * PERIOD_S else None


def _reported_until(subject: Subject, owner: Owner) -> int:
    """The newest settled minute of the hosts: where it is late, so may the calls be, and a silence that is none."""
    newest = (subject.settled(owner, label)[-1:] for label in _HOSTS)
    return max((points[0].at for points in newest if points), default=0)


def _usual(subject: Subject, owners: Sequence[Owner]) -> Usual | None:
    """What is usual for all together, if it is known of each."""
    known = [subject.usual.get(owner, {}).get(_CALLS) for owner in owners]
    usual = [one for one in known if one is not None]
    if len(usual) < len(owners) or not usual:
        return None
    if len(usual) == 1:
        return usual[0]
    return Usual(sum(one.expected for one in usual), sum(one.low for one in usual), sum(one.high for one in usual))


def _may_be_news(usual: Usual, limits: Thresholds) -> bool:
    """Whether enough calls are expected, and silence is not within what is usual."""
    many = usual.expected >= limits.traffic_least_per_minute
    return many and usual.low > limits.traffic_gone.fires * usual.expected


def _against_usual(
    subject: Subject, owners: Sequence[Owner], until: int, limits: Thresholds, usual: Usual
) -> _Gone | None:
    shares = [Point(at, value / usual.expected) for at, value in _calls(subject, owners, until)]
    if not holds(shares[-DECIDING:], limits.traffic_gone, is_open=subject.is_open(_ID, subject.owner)):
        return None
    since = onset(shares, lambda share: limits.traffic_gone.is_bad(share, is_open=True))
    return _Gone(usual.expected, shares[-1].value * usual.expected, since, Confidence.MEDIUM, "usual at this hour")


def _calls(subject: Subject, owners: Sequence[Owner], until: int) -> list[Point]:
    """Calls a minute of all together, with zeros where nothing was counted."""
    totals: dict[int, float] = {until - ago * PERIOD_S: 0.0 for ago in reversed(range(_SEEN_MINUTES))}
    for owner in owners:
        for at, value in subject.settled(owner, _CALLS):
            if at in totals:
                totals[at] += value
    return [Point(at, value) for at, value in totals.items()]


def _against_hour(subject: Subject, until: int, limits: Thresholds) -> _Gone | None:
    """A steady stream of many calls that ended within a minute or two, and stays away."""
    calls = {point.at: point.value for point in subject.trend if point.at <= until}
    before, ended_at = _before_the_end(calls, until)
    is_open = subject.is_open(_ID, subject.owner)
    if len(before) < (limits.traffic_steady_minutes // 2 if is_open else limits.traffic_steady_minutes):
        return None
    expected = median(before)
    is_steady = min(before) >= _STEADY * expected >= _STEADY * _BUSY * limits.traffic_least_per_minute
    if not is_steady or until - ended_at < (_GONE_MINUTES - 1) * PERIOD_S:
        return None
    return _Gone(expected, 0.0, ended_at, Confidence.LOW, "steady until then, in the hour that was read")


def _before_the_end(calls: Mapping[int, float], until: int) -> tuple[list[float], int]:
    """The unbroken run of minutes with calls up to the silence at the end, and where that silence begins.

    The last minute before the silence is a part of one, and is left out.
    """
    last = max((at for at, value in calls.items() if value), default=until)
    run, at = [], last - PERIOD_S
    while calls.get(at):
        run.append(calls[at])
        at -= PERIOD_S
    return run, last + PERIOD_S


def _finding(subject: Subject, gone: _Gone) -> Finding:
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"{gone.left:,.0f} calls a minute instead of {gone.expected:,.0f}",
        evidence=(f"{gone.expected:,.0f} calls a minute were {gone.against}", "the endpoint is InService"),
        since=gone.since,
        next="Ask who calls: their deployment, their credentials, DNS or the gateway between may have failed.",
        confidence=gone.confidence,
    )


RULE = Rule(
    id=_ID,
    title="Traffic is gone",
    severity=Severity.WARNING,
    check=check,
    reads=(_CALLS,),
    limits=("traffic_gone", "traffic_least_per_minute", "traffic_steady_minutes"),
    help="""\
The endpoint serves, and its callers have gone: something in front of it has probably failed, while all of its own
metrics look well.

Two of the three newest settled minutes have nearly none of the calls that the baseline expects at this hour, of all
variants together; a quiet night is known and no news. Where there is no baseline yet, only a steady stream of many
calls that ends at once is told, with low confidence. It lasts until a fifth of the calls is back. Requests that stay
away are neither failed nor slowed: no impact is told.

Where few calls are usual, silence says nothing. Where the hosts have stopped reporting too, metrics are missing rather
than calls. An endpoint that nobody has called for an hour, and is not expected to be called, is idle. An asynchronous
endpoint publishes no arrivals, and is not judged. Traffic that moved to another variant is at most `weights-drift`.

Ask those who call. There is nothing to change at the endpoint.
""",
)
