"""Nobody calls, and target tracking does not scale in: its alarm never sees a datapoint."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.labels import CALLS
from smtop.metrics.analysis.rules.serverless.settings import (
    changed_within,
    price_line,
    provisioned_variants,
    scaled_part,
    tracking,
)
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import IN_SERVICE, Serverless
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.scaling import ScaledPart, Suspension
from smtop.metrics.domain.series import PERIOD_S, Owner, SampleState

_ID = "pc-stuck-warm"
_HOUR_S = 60 * PERIOD_S


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Above the least that scaling may give it, tracked, and not called for an hour."""
    for owner, settings, had in provisioned_variants(subject):
        if subject.sample(owner, CALLS).value:
            continue
        part = scaled_part(subject, owner)
        least = max(part.target.least, 1) if part else had
        if part is not None and had > least and _should_scale_in(part) and _is_quiet(subject, owner):
            yield _finding(subject, owner, settings, least)


def _should_scale_in(part: ScaledPart) -> bool:
    """Whether it is tracked, and nobody has said that it shall not shrink."""
    policy = tracking(part)
    return policy is not None and not policy.never_in and Suspension.SCALE_IN not in part.target.suspended


def _is_quiet(subject: Subject, owner: Owner) -> bool:
    """Whether CloudWatch knows of no request in an hour in which nobody changed it and it served."""
    is_fresh = subject.is_collected(owner, CALLS) and subject.sample(owner, CALLS).state is not SampleState.STALE
    if not is_fresh or any(point.value for point in subject.trend):
        return False
    return subject.endpoint.status == IN_SERVICE and not changed_within(subject, _HOUR_S)


def _finding(subject: Subject, owner: Owner, settings: Serverless, least: int) -> Finding:
    had = settings.provisioned_concurrency or 0
    return Finding(
        id=_ID,
        severity=Severity.IDLE,
        title=f"{had} provisioned slots are kept warm, and nobody calls",
        evidence=(
            f"no request in the last hour, provisioned concurrency {had}, minimum of its scaling {least}",
            "without requests its utilisation has no datapoints, and the alarm that would scale it in does not fire",
            *price_line(subject, settings, had - least),
        ),
        since=int((subject.now - _HOUR_S) // PERIOD_S) * PERIOD_S,
        variant=owner.variant,
        next=f"Lower it to {least} by hand, and plan a lower maximum for the quiet hours (scheduled scaling).",
        impact_per_minute=0.0,
        change=Resize(subject.endpoint.name, owner.variant, provisioned_concurrency=least),
    )


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency stuck warm",
    severity=Severity.IDLE,
    check=check,
    reads=(CALLS, "scaled"),
    help="""\
Provisioned concurrency that was scaled out stays so although nobody calls any more: it costs money every hour.

Target tracking scales in when its alarm has seen a low utilisation for a while. Without requests the utilisation has no
datapoints at all, and the alarm stays in INSUFFICIENT_DATA. It is said when a variant has more than the minimum of its
scaling, a target tracking policy that may scale in, no request for an hour, and was not changed or scaled in that time.

Provisioned concurrency at the minimum is what somebody asked for; a policy that never scales in, and one whose scaling
in is suspended, are too. Whether it is scaled at all must be known.

Set it to the minimum by hand. So that it does not come back, give it a scheduled action that lowers the maximum of the
scaling for the quiet hours, and one that raises it again.
""",
)
