"""The maximum concurrency is near what a usual hour asks for."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.calm import is_calm
from smtop.metrics.analysis.rules.serverless.concurrency_limit import is_near, raised
from smtop.metrics.analysis.rules.serverless.labels import CONCURRENCY
from smtop.metrics.analysis.rules.serverless.refused import refusals
from smtop.metrics.analysis.rules.serverless.settings import serverless_variants
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner, Point

_ID = "max-concurrency-low"
_HOUR_MINUTES = 60
_LEAST_MINUTES = 30


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """High in many minutes of an hour; while it is at its limit, that rule speaks."""
    for owner, settings in serverless_variants(subject):
        near = limits.concurrency_full.clears
        if settings.max_concurrency < limits.least_slots or is_calm(subject, owner, CONCURRENCY, below=near):
            continue
        used = subject.newest(owner, CONCURRENCY, _HOUR_MINUTES)
        high = [point for point in used if point.value >= near]
        is_open = subject.is_open(_ID, owner)
        if len(used) < _LEAST_MINUTES or not limits.concurrency_often.is_bad(len(high) / len(used), is_open=is_open):
            continue
        if not refusals(subject, owner, limits).minutes and not is_near(subject, owner, settings, limits):
            yield _finding(subject, owner, settings, (used, high), limits)


def _finding(
    subject: Subject, owner: Owner, settings: Serverless, hour: tuple[list[Point], list[Point]], limits: Thresholds
) -> Finding:
    used, high = hour
    peak = max(point.value for point in high)
    remedy = raised(subject, settings, owner, 1.0)
    return Finding(
        id=_ID,
        severity=Severity.OK,
        title=f"maximum concurrency of {settings.max_concurrency} leaves little room",
        evidence=(
            f"{limits.concurrency_full.clears:.0%} or more of it at a time in {len(high)} of {len(used)} minutes with "
            f"requests, {peak:.0%} at most",
        ),
        since=high[0].at,
        variant=owner.variant,
        next=remedy.next,
        impact_per_minute=0.0,
        change=remedy.change,
    )


RULE = Rule(
    id=_ID,
    title="Maximum concurrency too low",
    severity=Severity.OK,
    check=check,
    reads=(CONCURRENCY,),
    limits=("concurrency_often", "concurrency_full", "least_slots"),
    minutes=_HOUR_MINUTES,
    help="""\
A serverless variant often runs nearly as many requests at a time as it may. The next burst is refused with 429.

It is said when, in a good part of the minutes with requests of the last hour, the peak was where `concurrency-limit`
would still be open, and at least half an hour of them is known. While `concurrency-limit` speaks, this is silent.

A variant of a few requests at a time is full with any of them, and is judged by refusals alone. One busy hour of a day
looks alike: it is what the maximum has to hold.

Raise the maximum concurrency: it costs nothing by itself, but counts against the quota of the account.
""",
)
