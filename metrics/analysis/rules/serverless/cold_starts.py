"""Many requests wait until a container has started."""

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.calm import is_silent
from smtop.metrics.analysis.rules.serverless.exhausted import is_exhausted
from smtop.metrics.analysis.rules.serverless.labels import CALLS, COLD_STARTS, CONCURRENCY, MODEL_US, SETUP_US, SPILL
from smtop.metrics.analysis.rules.serverless.settings import changed_within, serverless_variants
from smtop.metrics.analysis.rules.serverless.slots import TARGET_USE, Remedy, enough, grown, peak_executions
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "cold-starts"
_US_PER_S = 1e6
_BURSTS_MINUTES = 15

AFTER_A_CHANGE_S = 600
"""For this long after a change of the endpoint all containers are new: that passes by itself."""


class Starts(NamedTuple):
    """Cold starts among the calls of some settled minutes.

    `waited_s` is the time of all of them together, `served_s` what the model took for all calls; None where not read.
    """

    number: float
    calls: float
    minutes: int
    bad_minutes: int
    first_at: int
    waited_s: float | None = None
    served_s: float | None = None

    @property
    def ratio(self) -> float:
        return min(self.number / self.calls, 1.0) if self.calls else 1.0

    @property
    def time_share(self) -> float | None:
        """The part of the requests' time that cold starts are."""
        if self.waited_s is None or self.served_s is None:
            return None
        whole = self.waited_s + self.served_s
        return self.waited_s / whole if whole else None

    @property
    def each_s(self) -> float | None:
        return self.waited_s / self.number if self.waited_s is not None and self.number else None


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Enough cold starts for the calls, or for their time; where provisioned concurrency is used up, that speaks."""
    for owner, settings in serverless_variants(subject):
        found = storm(subject, owner, limits)
        if found is not None and not is_exhausted(subject, owner, limits):
            yield _finding(subject, owner, settings, found, limits)


def storm(subject: Subject, owner: Owner, limits: Thresholds) -> Starts | None:
    """The cold starts, where there are too many of them: bursts are told for a quarter of an hour."""
    if is_silent(subject, owner, COLD_STARTS):
        return None
    is_open = subject.is_open(_ID, owner)
    minutes = _BURSTS_MINUTES if is_open else limits.window_minutes
    found = starts(subject, owner, minutes, least=limits.least_cold_starts)
    if found is None:
        return None
    share = found.time_share
    slows = share is not None and limits.cold_start_time.is_bad(share, is_open=is_open)
    often = limits.cold_start_ratio.is_bad(found.ratio, is_open=is_open) and _matters(found, limits)
    if not (slows or often) or (not is_open and changed_within(subject, AFTER_A_CHANGE_S)):
        return None
    return found


def starts(
    subject: Subject, owner: Owner, minutes: int, *, least: float = 0.0, least_minutes: float = 1.0
) -> Starts | None:
    """The cold starts of the last settled minutes; None with fewer, or in fewer minutes, than are worth a look."""
    cold = {point.at: point.value for point in subject.newest(owner, COLD_STARTS, minutes, beside=CALLS) if point.value}
    if len(cold) < least_minutes or sum(cold.values()) < least:
        return None
    calls = {point.at: point.value for point in subject.newest(owner, CALLS, minutes, beside=COLD_STARTS)}
    setup = {point.at: point.value for point in subject.settled(owner, SETUP_US) if point.at in cold}
    model = {point.at: point.value for point in subject.settled(owner, MODEL_US) if point.at in calls}
    known = setup.keys() >= cold.keys()
    return Starts(
        number=sum(cold.values()),
        calls=sum(calls.values()),
        minutes=minutes,
        bad_minutes=len(cold),
        first_at=min(cold),
        waited_s=sum(count * setup[at] for at, count in cold.items()) / _US_PER_S if known else None,
        served_s=sum(calls[at] * us for at, us in model.items()) / _US_PER_S if model else None,
    )


def _matters(found: Starts, limits: Thresholds) -> bool:
    """Whether one cold start is long enough to be noticed; taken for so where that is not read."""
    return found.each_s is None or found.each_s >= limits.cold_start_s


def _finding(subject: Subject, owner: Owner, settings: Serverless, found: Starts, limits: Thresholds) -> Finding:
    floods = found.bad_minutes > 1 and limits.cold_start_flood.is_bad(found.ratio, is_open=subject.is_open(_ID, owner))
    remedy = _remedy(subject, owner, settings, found)
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL if floods else Severity.WARNING,
        title=_title(found),
        evidence=tuple(_evidence(found, settings)),
        since=subject.onset(owner, COLD_STARTS, lambda count: count > 0) or found.first_at,
        variant=owner.variant,
        next=remedy.next,
        impact_per_minute=found.number / found.minutes,
        change=remedy.change,
    )


def _title(found: Starts) -> str:
    each = f" of {found.each_s:,.1f} s each" if found.each_s is not None else ""
    return f"{found.number:,.0f} cold starts{each} in {found.minutes} min"


def _evidence(found: Starts, settings: Serverless) -> Iterator[str]:
    yield f"{found.ratio:.1%} of {found.calls:,.0f} requests waited for a container to start"
    if found.time_share is not None:
        yield f"cold starts are {found.time_share:.0%} of the time that requests took"
    if settings.provisioned_concurrency:
        yield f"they are what goes past the provisioned concurrency of {settings.provisioned_concurrency}"


def _remedy(subject: Subject, owner: Owner, settings: Serverless, found: Starts) -> Remedy:
    had = settings.provisioned_concurrency
    if had:
        return grown(subject, owner, settings, enough(subject, owner, had, found.minutes))
    peak = peak_executions(subject, owner, settings, found.minutes)
    otherwise = "or make the container start faster (smaller image, nothing installed or downloaded at start)"
    if peak is None:
        return Remedy(f"Give it provisioned concurrency for its peaks, {otherwise}.")
    remedy = grown(subject, owner, settings, max(ceil(peak / TARGET_USE), 1))
    return remedy._replace(next=f"{remedy.next.rstrip('.')}, {otherwise}.")


RULE = Rule(
    id=_ID,
    title="Cold-start storm",
    severity=Severity.CRITICAL,
    check=check,
    reads=(COLD_STARTS, SETUP_US, MODEL_US, CALLS, CONCURRENCY, SPILL),
    limits=("cold_start_ratio", "cold_start_time", "cold_start_flood", "cold_start_s", "least_cold_starts"),
    help="""\
A request that finds no container free waits until a new one has started: seconds, or a minute for a large image.

ModelSetupTime has one sample for each such start, and their length. It is said when, in the last few settled minutes,
there were enough of them, and they are a good share of the requests or of the time that requests took (few starts of
half a minute cost more than thousands of quick answers). Critical is a large share of the requests. It lasts until the
last quarter of an hour is well below, so that bursts a few minutes apart are one finding.

For ten minutes after a change of the endpoint all containers are new, and nothing is said. A call now and then that
finds no warm container is no storm. Where provisioned concurrency is used up, `pc-exhausted` speaks; containers that
start fill the maximum concurrency, too: see `concurrency-limit`.

Give the peaks provisioned concurrency, by a schedule where the bursts have one. Make the start faster: a smaller image,
no packages installed at start, a smaller model, more memory (which is also more CPU).
""",
)
