"""CloudWatch alarms that somebody set on the endpoint are firing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.surroundings import Alarm, AlarmState

_LISTED = 5


def check(subject: Subject, _: Thresholds) -> Iterator[Finding]:
    """In ALARM, and not there for a scaling policy to act on."""
    alarms = subject.around.alarms
    if not alarms:
        return
    firing = [alarm for alarm in alarms if alarm.state is AlarmState.ALARM and not alarm.scales]
    if not firing:
        return
    acted_on = _of_policies(subject)
    by_part: dict[tuple[str | None, str | None], list[Alarm]] = defaultdict(list)
    for alarm in firing:
        if alarm.name not in acted_on:
            by_part[alarm.variant, alarm.component].append(alarm)
    for (variant, component), some in by_part.items():
        oldest_first = sorted(some, key=lambda alarm: (alarm.since, alarm.name))
        yield _finding(oldest_first, subject.now)._replace(variant=variant, component=component)


def _of_policies(subject: Subject) -> frozenset[str]:
    """Alarms that step policies act on may be anybody's: that they fire is how scaling works."""
    parts = subject.around.scaled or ()
    return frozenset(name for part in parts for policy in part.policies or () for name in policy.alarms)


def _finding(alarms: Sequence[Alarm], now: float) -> Finding:
    first = alarms[0]
    return Finding(
        id="alarm-firing",
        severity=Severity.WARNING,
        title=f"alarm {first.name} is firing" if len(alarms) == 1 else f"{len(alarms)} alarms are firing",
        evidence=tuple(_line(alarm, now) for alarm in alarms[:_LISTED]),
        since=int(first.since),
        next="Look at what it watches: whoever set it wants to know when it fires. Set it right if it means nothing.",
    )


def _line(alarm: Alarm, now: float) -> str:
    on = f" on {alarm.metric}" if alarm.metric else ""
    why = f": {' '.join(alarm.reason.split())}" if alarm.reason else ""
    return f"{alarm.name}{on} in ALARM for {lasted(minutes_since(alarm.since, now))}{why}"


RULE = Rule(
    id="alarm-firing",
    title="A CloudWatch alarm is firing",
    severity=Severity.WARNING,
    check=check,
    reads=("alarms", "scaled"),
    help="""\
A CloudWatch alarm on a metric of this endpoint is in the state ALARM. Somebody thought its threshold worth a call.

CloudWatch decides, smtop repeats: the time is when it came into this state, the reason is CloudWatch's own. Alarms that
scaling policies made for themselves or act on are left out: they fire whenever there is something to scale.

INSUFFICIENT_DATA is not ALARM. An alarm that has been firing for days watches the wrong thing or a real trouble that
everybody got used to.

See what other findings say of the same time. If it is a known matter, mute it with a reason; if the threshold is wrong,
correct the alarm.
""",
)
