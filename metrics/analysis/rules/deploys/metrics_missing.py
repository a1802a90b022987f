"""An endpoint that serves publishes nothing any more, while the fleet's data goes on."""

from collections.abc import Iterator, Sequence

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted
from smtop.metrics.domain.endpoint import IN_SERVICE, Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner, SampleState

_ID = "metrics-missing"
_HEARTBEATS = ("CPUUtilization.Average", "MemoryUtilization.Average")
"""What every instance publishes each minute, busy or not."""

_FRESH = frozenset({SampleState.OK, SampleState.PROVISIONAL, SampleState.NO_DATA})
_TO_ZERO = frozenset({Kind.ASYNC, Kind.INFERENCE_COMPONENT})
"""Kinds whose instances may all have gone a while ago."""


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Instances run, their metrics were asked, there were some before, and none for long enough."""
    trend, lately = subject.trend, subject.frontier - (limits.silent_minutes - 1) * PERIOD_S
    if (trend and trend[-1].at >= lately) or subject.endpoint.status != IN_SERVICE:
        return
    owners = _running(subject)
    if not owners or _beats(subject, owners[0], lately) or not all(_is_asked(subject, owner) for owner in owners):
        return
    until = min(subject.reach(owner, label) for owner in owners for label in _HEARTBEATS)
    silent_from = until - (limits.silent_minutes - 1) * PERIOD_S
    newest = _newest(subject)
    if newest is not None and newest >= silent_from:
        return
    if _is_unsettled(subject, silent_from - limits.silent_minutes * PERIOD_S) or not _was_there(subject, owners):
        return
    yield _finding(subject, owners, newest, until, limits)


def _running(subject: Subject) -> list[Owner]:
    """The variants with instances that are there."""
    return [
        Owner(subject.endpoint.name, variant.name)
        for variant in subject.endpoint.production
        if variant.instances is not None and variant.instances.count.current
    ]


def _beats(subject: Subject, owner: Owner, lately: int) -> bool:
    """Whether an instance was heard of lately: the quick answer for whatever is well."""
    series = subject.points.get(owner, {})
    ends = (next(reversed(series[label]), None) for label in _HEARTBEATS if label in series)
    return any(point is not None and point.at >= lately for point in ends)


def _is_asked(subject: Subject, owner: Owner) -> bool:
    """Whether a metric that must be there was asked a moment ago, and answered."""
    told = subject.samples.get(owner, {})
    return any(label in told and told[label].state in _FRESH for label in _HEARTBEATS)


def _newest(subject: Subject) -> int | None:
    """The newest minute of which any series of the endpoint has a point."""
    ends = (next(reversed(points), None) for series in subject.points.values() for points in series.values())
    known = [point.at for point in (*ends, *subject.trend[-1:]) if point is not None]
    return max(known, default=None)


def _is_unsettled(subject: Subject, before: int) -> bool:
    """Whether its instances may be new: it was changed or scaled lately, or that cannot be told where it matters."""
    if subject.endpoint.summary.modified_at.timestamp() >= before:
        return True
    scaled = subject.around.scaled
    if scaled is None:
        return subject.endpoint.kind in _TO_ZERO
    return any(activity.started_at >= before for part in scaled for activity in part.activities or ())


def _was_there(subject: Subject, owners: Sequence[Owner]) -> bool:
    """Whether there is proof that its instances did publish: points that are left, what is usual, or the last look."""
    if any(finding_id == _ID for finding_id, _, _ in subject.open):
        return True
    places = [(owner, label) for owner in owners for label in _HEARTBEATS]
    return any(
        subject.points.get(owner, {}).get(label) or label in subject.usual.get(owner, {}) for owner, label in places
    )


def _finding(subject: Subject, owners: Sequence[Owner], newest: int | None, until: int, limits: Thresholds) -> Finding:
    silent = limits.silent_minutes if newest is None else (until - newest) // PERIOD_S
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"no metric for {lasted(silent)}",
        evidence=(
            f"InService, and no metric of it for {lasted(silent)} of CloudWatch's data"
            + (" or more" if newest is None else ""),
            f"even idle instances publish CPU and memory each minute, as those of {_names(owners)} did",
        ),
        since=None if newest is None else newest + PERIOD_S,
        next="Call it once, and look into its log: nobody knows whether it serves. Then ask AWS's support.",
        confidence=Confidence.MEDIUM,
    )


def _names(owners: Sequence[Owner]) -> str:
    return ", ".join(owner.variant or owner.endpoint for owner in owners)


RULE = Rule(
    id=_ID,
    title="Metrics are missing",
    severity=Severity.WARNING,
    check=check,
    reads=("CPUUtilization.Average", "MemoryUtilization.Average", "scaled"),
    limits=("silent_minutes",),
    help="""\
The endpoint is InService and has instances, and CloudWatch has nothing of it any more, not even CPU and memory, which
instances publish whether they have work or not. All other rules are blind for it.

It is said when nothing at all came for the threshold, counted to the minute that the data of the fleet has reached, so
that data which is late for all says nothing; when CPU or memory was asked and CloudWatch answered; and when there is
proof that they were published before. It is silent for serverless endpoints, which publish nothing without requests,
for variants at zero instances, and shortly after a change or a scaling.

Requests that stop while CPU and memory go on are `traffic-gone` or an idle endpoint. Metrics that smtop may not or does
not read are marked as not collected, and are no finding.

Call the endpoint, and read its log. Instances that hang, or that lost their way to CloudWatch, look like this.
""",
)
