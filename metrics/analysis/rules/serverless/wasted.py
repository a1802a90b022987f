"""Most of the provisioned concurrency had nothing to do for an hour with traffic."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.labels import USE
from smtop.metrics.analysis.rules.serverless.settings import (
    changed_within,
    price_line,
    provisioned_variants,
    scaled_part,
)
from smtop.metrics.analysis.rules.serverless.slots import TARGET_USE, Remedy
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Bounds, Resize
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner, Points

_ID = "pc-wasted"

HOUR_MINUTES = 60

_LEAST_SPAN_S = 50 * PERIOD_S
_LEAST_SHARE = 0.8


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """The peak of an hour is low, the hour is known, and the settings are older than it."""
    for owner, settings, had in provisioned_variants(subject):
        now = subject.sample(owner, USE).value
        if now is None or now > limits.provisioned_wasted.clears or changed_within(subject, HOUR_MINUTES * PERIOD_S):
            continue
        used = known_hour(subject, owner)
        peak = max((point.value for point in used), default=None)
        if peak is None or not limits.provisioned_wasted.is_bad(peak, is_open=subject.is_open(_ID, owner)):
            continue
        needed = max(ceil(had * peak / TARGET_USE), 1)
        if needed < had:
            yield _finding(subject, owner, settings, (used, peak, needed))


def known_hour(subject: Subject, owner: Owner) -> Points:
    """How much was in use in the minutes of the last hour; none unless nearly all minutes with requests are known."""
    asked = {point.at for point in subject.trend if point.value > 0}
    if not asked or max(asked) - min(asked) < _LEAST_SPAN_S:
        return ()
    used = [point for point in subject.newest(owner, USE, HOUR_MINUTES) if point.at in asked]
    return used if len(used) >= _LEAST_SHARE * len(asked) else ()


def _finding(subject: Subject, owner: Owner, settings: Serverless, hour: tuple[Points, float, int]) -> Finding:
    used, peak, needed = hour
    had = settings.provisioned_concurrency or 0
    remedy = _remedy(subject, owner, had, needed)
    return Finding(
        id=_ID,
        severity=Severity.IDLE,
        title=f"{had - needed} of {had} provisioned slots have nothing to do",
        evidence=(
            f"at most {peak:.0%} of {had} in use at a time in the last hour with requests ({len(used)} minutes of it)",
            f"{needed} would be {had * peak / needed:.0%} in use at the peak of that hour",
            *price_line(subject, settings, had - needed),
        ),
        since=used[0].at,
        variant=owner.variant,
        next=f"{remedy.next} Look at a whole day first: another hour may need them.",
        confidence=Confidence.MEDIUM,
        impact_per_minute=0.0,
        change=remedy.change,
    )


def _remedy(subject: Subject, owner: Owner, had: int, needed: int) -> Remedy:
    endpoint, variant = subject.endpoint.name, owner.variant
    part = scaled_part(subject, owner)
    if part is not None and needed < part.target.least:
        told = f"Lower the minimum of its scaling from {part.target.least} to {needed}."
        return Remedy(told, Bounds(endpoint, variant, least=needed))
    told = f"Lower provisioned concurrency from {had} to {needed}."
    return Remedy(told, Resize(endpoint, variant, provisioned_concurrency=needed))


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency wasted",
    severity=Severity.IDLE,
    check=check,
    reads=(USE, "scaled"),
    limits=("provisioned_wasted",),
    minutes=HOUR_MINUTES,
    help="""\
Provisioned concurrency is paid by the hour whether it is used or not, and most of this has nothing to do.

It is said when the peak utilisation of a whole hour with requests was below the threshold, and until it is clearly
above. The use of nearly all minutes with requests must be known, and nothing may have been changed or scaled within
the hour. What is proposed would have been 70 % in use at the peak of that hour.

A quiet hour of a day with a busy one looks alike, which is why the confidence is medium: look at the history of a day
or a week. Without any request it is `pc-stuck-warm` or an idle endpoint.

Lower provisioned concurrency, or the minimum of its scaling. Where the day has busy hours, plan it (scheduled scaling)
or let Application Auto Scaling track the utilisation.
""",
)
