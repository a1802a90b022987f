"""Scaling does not bring what it wants: attempts fail, do not end, or the count stays what it was."""

from collections.abc import Iterator, Sequence
from itertools import dropwhile, takewhile

from smtop.metrics.analysis.activities import DONE, FAILED, UNDER_WAY, Move, is_for_want, is_turned_away, moves
from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.scaling.component_without_capacity import is_without_capacity
from smtop.metrics.analysis.rules.scaling.parts import Part, scaled_parts
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since, quoted
from smtop.metrics.domain.endpoint import IN_SERVICE
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.scaling import ScaledPart

_ID = "scaling-stuck"
_NEWS_S = 3600
"""How long a failure without another attempt is worth a word: what is still wanted is tried again."""

_FOR_WANT = "Choose another instance type or wait: AWS has none of these now, or a quota is in the way."
_LOOK = "Read what AWS says, and whether the endpoint was being changed; scale it by hand if it is needed now."


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """What failed last, else what is under way for too long, else a count that is not what it should be."""
    told = set()
    if any(_is_astray(scaled) for scaled in subject.around.scaled or ()):
        for part in scaled_parts(subject):
            finding = _of_attempts(subject, part, limits)
            if finding is not None and finding.place not in told:
                told.add(finding.place)
                yield finding
    if subject.around.uneven_since:
        yield from (finding for finding in _uneven(subject, limits) if finding.place not in told)


def _is_astray(scaled: ScaledPart) -> bool:
    """Whether the newest attempt did not bring what it should: seldom, and so asked before all else."""
    newest = next(moves(scaled), None)
    return newest is not None and newest.activity.status != DONE


def _of_attempts(subject: Subject, part: Part, limits: Thresholds) -> Finding | None:
    attempts = list(moves(part.scaled))
    if not attempts or _is_said_of_component(subject, part, limits):
        return None
    newest = attempts[0].activity
    minutes = minutes_since(newest.started_at, subject.now)
    if newest.status not in UNDER_WAY:
        return None if subject.endpoint.is_changing else _failing(subject, part, attempts, limits)
    if minutes >= limits.scaling_minutes:
        return _slow(part, attempts[0], minutes)
    ended = list(dropwhile(lambda move: move.activity.status in UNDER_WAY, attempts))
    failing = _failing(subject, part, ended, limits)
    again = f"tried again for {lasted(minutes)}"
    return failing._replace(evidence=(*failing.evidence, again)) if failing else None


def _is_said_of_component(subject: Subject, part: Part, limits: Thresholds) -> bool:
    return part.component is not None and is_without_capacity(subject, part.component, limits)


def _failing(subject: Subject, part: Part, attempts: Sequence[Move], limits: Thresholds) -> Finding | None:
    """Of attempts that have ended: twice in a row, or once and not made good in the window."""
    run = [move.activity for move in takewhile(lambda move: move.activity.status in FAILED, attempts)]
    modified_at = subject.endpoint.summary.modified_at.timestamp()
    run = [activity for activity in run if not is_turned_away(activity, modified_at)]
    if not run or subject.now - run[0].started_at > _NEWS_S:
        return None
    minutes = minutes_since(run[-1].started_at, subject.now)
    if len(run) < 2 and minutes < limits.window_minutes:
        return None
    times = "once" if len(run) == 1 else f"{len(run)} times"
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"scaling {part.name} to {attempts[0].to} {part.units} has failed {times} in {lasted(minutes)}",
        evidence=(quoted(run[0].message), _standing(part), f"wanted because {run[0].cause}"),
        since=int(run[-1].started_at),
        variant=part.owner.variant,
        component=part.owner.component,
        next=_FOR_WANT if is_for_want(run[0]) else _LOOK,
    )


def _slow(part: Part, move: Move, minutes: int) -> Finding:
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"scaling {part.name} to {move.to} {part.units} is under way for {lasted(minutes)}",
        evidence=(quoted(move.activity.message), _standing(part), f"wanted because {move.activity.cause}"),
        since=int(move.activity.started_at),
        variant=part.owner.variant,
        component=part.owner.component,
        next="Look at the endpoint's events and the new instances' log; AWS may be short of this instance type.",
        confidence=Confidence.MEDIUM,
    )


def _standing(part: Part) -> str:
    return f"{part.size.current} of {part.size.desired} {part.units} are there"


def _uneven(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Variants with another number of instances than is desired, while nobody changes the endpoint."""
    if subject.endpoint.status != IN_SERVICE:
        return
    for variant in subject.endpoint.production:
        since = subject.around.uneven_since.get((variant.name, None))
        count = variant.instances.count if variant.instances else None
        if since is None or count is None or count.current is None or count.current == count.desired:
            continue
        minutes = minutes_since(since, subject.now)
        if minutes >= limits.scaling_minutes:
            yield Finding(
                id=_ID,
                severity=Severity.WARNING,
                title=f"{variant.name} has {count.current} of {count.desired} instances for {lasted(minutes)}",
                evidence=(f"InService, {count.current} instances there and {count.desired} desired",),
                since=int(since),
                variant=variant.name,
                next="Read the log of the instances that do not come up; AWS may be short of this instance type.",
                confidence=Confidence.MEDIUM,
            )


RULE = Rule(
    id=_ID,
    title="Scaling does not get on",
    severity=Severity.WARNING,
    check=check,
    reads=("scaled", "uneven_since"),
    limits=("scaling_minutes", "window_minutes"),
    help="""\
Something should have more or fewer instances, copies or provisioned concurrency, and does not get there: Application
Auto Scaling's attempts fail, one does not end, or the count has not become what is desired.

It is said when the newest attempts failed twice in a row, or the newest failed and was not made good within minutes;
when one is pending or in progress for a quarter of an hour; or when an endpoint in service has had another count than
is desired for so long. Another attempt that is under way does not end it, one that succeeds does. AWS's own sentence
says why, an insufficient capacity of an instance type for instance. It is critical where CPU or GPU is
critically full meanwhile, or answers come near the limit.

AWS does not scale what is just being updated: attempts that were turned away for that are not counted, they are made
again. A component that waits for copies is `component-without-capacity`. At the maximum nothing is tried:
`scaling-at-max`.

Where capacity is short, take another instance type, size or region, or wait. Where a quota is in the way, have it
raised.
""",
)
