"""Cold starts come again and again: fewer provisioned slots than there are cold starts to avoid."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.calm import is_silent
from smtop.metrics.analysis.rules.serverless.cold_starts import Starts, starts, storm
from smtop.metrics.analysis.rules.serverless.exhausted import is_exhausted
from smtop.metrics.analysis.rules.serverless.labels import CALLS, COLD_STARTS, CONCURRENCY, MODEL_US, SETUP_US
from smtop.metrics.analysis.rules.serverless.settings import changed_within, price_line, serverless_variants
from smtop.metrics.analysis.rules.serverless.slots import TARGET_USE, grown, peak_executions
from smtop.metrics.analysis.rules.serverless.spillover import spilling_minutes
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner

_ID = "pc-low"
_HOUR_MINUTES = 60
_LEAST_SPAN_S = 30 * PERIOD_S


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Minutes with cold starts all over the hour; while a graver rule names them, it speaks."""
    for owner, settings in serverless_variants(subject):
        if is_silent(subject, owner, COLD_STARTS) or changed_within(subject, _HOUR_MINUTES * PERIOD_S):
            continue
        found = starts(subject, owner, _HOUR_MINUTES, least_minutes=limits.cold_minutes.clears)
        if found is None or not _recurs(subject, owner, found, limits) or not _costs(found, limits):
            continue
        if not settings.provisioned_concurrency and found.ratio < limits.cold_share:
            continue
        if not _is_told_otherwise(subject, owner, limits):
            yield _finding(subject, owner, settings, found)


def _recurs(subject: Subject, owner: Owner, found: Starts, limits: Thresholds) -> bool:
    """Whether they are spread over the hour rather than one burst in it."""
    newest = subject.newest(owner, COLD_STARTS, _HOUR_MINUTES, beside=CALLS)[-1]
    spread = newest.at - found.first_at >= _LEAST_SPAN_S
    return spread and limits.cold_minutes.is_bad(found.bad_minutes, is_open=subject.is_open(_ID, owner))


def _costs(found: Starts, limits: Thresholds) -> bool:
    """Whether callers notice: a cold start is long by itself, and several times what the model takes."""
    each_s = found.each_s
    if each_s is None or each_s < limits.cold_start_s or found.served_s is None or not found.calls:
        return False
    return each_s >= limits.cold_start_times * found.served_s / found.calls


def _is_told_otherwise(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    if is_exhausted(subject, owner, limits) or storm(subject, owner, limits) is not None:
        return True
    return spilling_minutes(subject, owner, limits) is not None


def _finding(subject: Subject, owner: Owner, settings: Serverless, found: Starts) -> Finding:
    had = settings.provisioned_concurrency or 0
    peak = peak_executions(subject, owner, settings, _HOUR_MINUTES)
    slots = max(ceil(peak / TARGET_USE) if peak is not None else 0, had + 1)
    remedy = grown(subject, owner, settings, slots)
    return Finding(
        id=_ID,
        severity=Severity.OK,
        title=f"{found.number:,.0f} cold starts of {found.each_s or 0:,.1f} s each within the hour",
        evidence=(
            f"in {found.bad_minutes} of the last {_HOUR_MINUTES} min, {found.ratio:.1%} of {found.calls:,.0f} requests",
            f"provisioned concurrency {had}" if had else "no provisioned concurrency",
            *price_line(subject, settings, slots - had),
        ),
        since=found.first_at,
        variant=owner.variant,
        next=f"If that latency matters: {remedy.next}",
        confidence=Confidence.MEDIUM,
        impact_per_minute=found.number / _HOUR_MINUTES,
        change=remedy.change,
    )


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency too low",
    severity=Severity.OK,
    check=check,
    reads=(COLD_STARTS, SETUP_US, MODEL_US, CONCURRENCY, CALLS),
    limits=("cold_minutes", "cold_share", "cold_start_s", "cold_start_times"),
    minutes=_HOUR_MINUTES,
    help="""\
Every few minutes a request waits for a container to start. Provisioned concurrency is bought against that, and there is
none, or less than there are cold starts to avoid.

It is said when the cold starts are spread over the last hour in many of its minutes, each long enough to be noticed and
several times what the model takes, and nobody has changed the endpoint within the hour. Without any provisioned
concurrency they must also be enough of the calls for the p99 to show them. What is proposed would be 70 % in use at the
peak of the hour.

A storm of cold starts is `cold-starts`; what leaves provisioned concurrency is `spillover` or `pc-exhausted`; then this
is silent. A caller that comes every ten minutes meets a cold start each time: only who runs it knows whether that
matters, and it costs less than slots that wait.

Give it provisioned concurrency if the latency matters. A smaller image and a smaller model make cold starts shorter for
nothing.
""",
)
