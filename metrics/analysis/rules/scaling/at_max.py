"""Scaling has given all that it may, and the load is still above its target."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.activities import UNDER_WAY, moves
from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.rules.scaling.loads import PREDEFINED, Load, calling_alarm, loads
from smtop.metrics.analysis.rules.scaling.parts import Part, scaled_parts
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.scaling import PROVISIONED, Suspension
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.domain.surroundings import Alarm

_ID = "scaling-at-max"
_HALF_MORE = 1.5


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """At the maximum with all of it in service, and the load above the target since."""
    for part in scaled_parts(subject):
        if not _is_at_most(part):
            continue
        read = list(loads(subject, part))
        above = next((load for load in read if _is_above(subject, part, load, limits)), None)
        alarm = None if read else _lasting_alarm(subject, part, limits)
        if above is not None:
            yield _by_load(subject, part, above, limits)
        elif alarm is not None:
            yield _by_alarm(subject, part, alarm)


def _is_at_most(part: Part) -> bool:
    """All that scaling may have is wanted and there; on what is still starting the load will spread."""
    target, count = part.scaled.target, part.size
    if count.desired is None or count.desired < target.most or count.current != count.desired:
        return False
    if Suspension.SCALE_OUT in target.suspended:
        return False
    return not any(move.activity.status in UNDER_WAY for move in moves(part.scaled))


def _is_above(subject: Subject, part: Part, load: Load, limits: Thresholds) -> bool:
    """In two of the three newest settled minutes, of those since all of it has been in service."""
    first = subject.settled_until(load.owner, load.label) - (DECIDING - 1) * PERIOD_S
    since = max(first, _there_at(subject, part))
    points = [point for point in load.shares(subject) if point.at >= since]
    return holds(points, limits.scaling_load, is_open=subject.is_open(_ID, part.owner))


def _there_at(subject: Subject, part: Part) -> float:
    """When the last of it came, at the latest."""
    ends = (move.activity.ended_at or move.activity.started_at for move in moves(part.scaled))
    return max(*ends, subject.endpoint.summary.modified_at.timestamp(), 0.0)


def _lasting_alarm(subject: Subject, part: Part, limits: Thresholds) -> Alarm | None:
    """The policy's own word, once it has had time to become calm with all that there is."""
    alarm = calling_alarm(subject, part)
    if alarm is None:
        return None
    since = max(alarm.since, _there_at(subject, part))
    return alarm if minutes_since(since, subject.now) >= limits.scaling_minutes else None


def _by_load(subject: Subject, part: Part, load: Load, limits: Thresholds) -> Finding:
    shares = load.shares(subject)
    above = max(point.value for point in shares[-DECIDING:])
    return _finding(part, f"load {above:.0%} of the target", above)._replace(
        evidence=(
            _standing(part),
            f"{load.metric} is {above * load.target:,.4g}, policy {load.policy.name} wants {load.target:,.4g}",
        ),
        since=onset(shares, limits.scaling_load.is_bad),
    )


def _by_alarm(subject: Subject, part: Part, alarm: Alarm) -> Finding:
    minutes = lasted(minutes_since(alarm.since, subject.now))
    return _finding(part, f"its policy has called for more for {minutes}", _HALF_MORE)._replace(
        evidence=(_standing(part), f"alarm {alarm.name} in ALARM for {minutes}: {alarm.reason}".rstrip(": ")),
        since=int(alarm.since),
        confidence=Confidence.MEDIUM,
    )


def _standing(part: Part) -> str:
    target = part.scaled.target
    return f"{part.size.current} {part.units} in service, scaling may have {target.least} to {target.most}"


def _finding(part: Part, why: str, above: float) -> Finding:
    most = part.scaled.target.most
    enough = _enough(part, above)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"{part.name} is at its maximum of {most} {part.units}, {why}",
        variant=part.owner.variant,
        component=part.owner.component,
        next=f"Raise the maximum from {most} to {enough}, if quota and budget allow."
        if enough > most
        else "Raise the maximum concurrency of the variant first: provisioned concurrency cannot be more.",
        change=part.bounds(most=enough) if enough > most else None,
    )


def _enough(part: Part, above: float) -> int:
    """What would bring the load to the target, at most twice of what there is."""
    most, had = part.scaled.target.most, part.size.desired or 0
    wanted = min(max(ceil(had * above), most + 1), 2 * max(most, 1))
    if part.scaled.target.scalable.dimension == PROVISIONED and part.variant and part.variant.serverless:
        return min(wanted, part.variant.serverless.max_concurrency)
    return wanted


RULE = Rule(
    id=_ID,
    title="Scaling is at its maximum",
    severity=Severity.WARNING,
    check=check,
    reads=("scaled", "alarms", *PREDEFINED.values(), "CPUUtilization.Average"),
    limits=("scaling_load", "scaling_minutes"),
    help="""\
Application Auto Scaling has scaled out as far as its bounds let it, and the load is still above the target of a policy.
More load makes requests slower, and in the end makes them fail.

It is said when the desired count is at the maximum and all of it is in service, nothing is being scaled, and the metric
of a target-tracking policy was above its target in two of the three newest settled minutes since the last of it came.
It ends when three in a row are at the target or below. Where smtop does not read the metric, the policy's own alarm
must have called for more for a quarter of an hour. It is critical where CPU or GPU is critically full meanwhile, or
answers come near the limit.

A scale-out that is under way looks the same for minutes: the load spreads once the instances serve. A step policy has
no target to compare with. Where scaling out is suspended, that is the reason and not the maximum.

Raise the maximum, as prepared: to what would bring the load to the target, at most to twice. See `quota-near` first.
Raising it costs nothing until there is load.
""",
)
