"""A multi-model endpoint loads models instead of serving them."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import Rule, saturates
from smtop.metrics.analysis.rules.models.cache import (
    CALLS,
    HITS,
    LOOKS,
    UNLOADED,
    Looks,
    is_warming,
    looks,
    multi_model_variants,
)
from smtop.metrics.analysis.rules.models.load_failing import FAILED, fails_to_load
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Variant
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner, Point

WAIT = "ModelLoadingWaitTime.Average"
LONGEST = "ModelLoadingWaitTime.Maximum"
P99 = "ModelLatency.p99"
_ID = "cache-thrash"
_US_PER_MS, _US_PER_S = 1e3, 1e6
_MORE = 1.5


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Too few calls find their model in two of three settled minutes, beyond chance, and not because it is all new."""
    for owner, variant in multi_model_variants(subject):
        if not _ever_missed(subject, owner, limits) or not saturates(
            subject, _ID, owner, HITS, limits.cache_hits, beside=CALLS
        ):
            continue
        seen = looks(subject, owner, limits)
        if not subject.is_open(_ID, owner) and not _is_news(subject, variant, seen, limits):
            continue
        if not fails_to_load(subject, owner, limits) or _misses_beside(subject, owner, seen, limits):
            yield _finding(subject, owner, variant, seen, limits)


def _misses_beside(subject: Subject, owner: Owner, seen: Looks, limits: Thresholds) -> bool:
    """Whether too few calls find their model even without those that failed because it cannot be loaded."""
    failed = subject.total(owner, FAILED, limits.window_minutes, beside=CALLS)
    share = 1.0 - max(seen.misses - failed, 0.0) / max(seen.calls, 1.0)
    return limits.cache_hits.is_bad(share, is_open=subject.is_open(_ID, owner))


def _ever_missed(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """A cheap look at all that is read, before the windows."""
    return any(point.value <= limits.cache_hits.clears for point in subject.settled(owner, HITS))


def _is_news(subject: Subject, variant: Variant, seen: Looks, limits: Thresholds) -> bool:
    if seen.calls < limits.least_calls or not seen.is_beyond_chance(limits.cache_hits.fires):
        return False
    return seen.is_full or not is_warming(subject, variant, limits)


def _finding(subject: Subject, owner: Owner, variant: Variant, seen: Looks, limits: Thresholds) -> Finding:
    collapsed = seen.hit_ratio <= limits.cache_collapsed
    has_room = seen.unloaded == 0
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL if collapsed and _suffers(subject, owner, limits) else Severity.WARNING,
        title=f"only {seen.hit_ratio:.0%} of requests find their model loaded",
        evidence=tuple(_evidence(subject, owner, seen, limits)),
        since=subject.onset(owner, HITS, limits.cache_hits.is_bad),
        variant=owner.variant,
        next="Find out who calls so many models for the first time; a larger cache would not help."
        if has_room
        else "Give the endpoint more memory, by more instances or larger ones, or spread the models over endpoints.",
        confidence=Confidence.HIGH if seen.is_full else Confidence.LOW if has_room else Confidence.MEDIUM,
        impact_per_minute=seen.misses / limits.window_minutes,
        change=None if has_room else _more(subject, variant),
    )


def _more(subject: Subject, variant: Variant) -> Resize | None:
    """Half as many instances again: together they hold as many more models."""
    now = variant.instances.count.desired if variant.instances else None
    return Resize(subject.endpoint.name, variant.name, count=ceil(now * _MORE)) if now else None


def _evidence(subject: Subject, owner: Owner, seen: Looks, limits: Thresholds) -> Iterator[str]:
    yield (
        f"{seen.misses:,.0f} of {seen.calls:,.0f} calls in {limits.window_minutes} min waited for their model to load, "
        f"warning at {1 - limits.cache_hits.fires:.0%}"
    )
    waits = subject.newest(owner, WAIT, limits.window_minutes, beside=CALLS)
    longest = subject.newest(owner, LONGEST, limits.window_minutes, beside=CALLS)
    if waits and longest:
        mean_ms = sum(point.value for point in waits) / len(waits) / _US_PER_MS
        yield f"each for {mean_ms:,.0f} ms, the longest for {_peak_s(longest):,.1f} s"
    if seen.unloaded:
        yield f"{seen.unloaded:,.0f} models were unloaded meanwhile to make room"
    elif seen.unloaded == 0:
        yield "no model was unloaded meanwhile: there is room, and these models are called for the first time"


def _peak_s(points: list[Point]) -> float:
    return max(point.value for point in points) / _US_PER_S


def _suffers(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether calls fail, wait nearly as long as an endpoint may take, or are far slower than is usual."""
    calls = subject.total(owner, CALLS, limits.window_minutes)
    failed = subject.total(owner, FAILED, limits.window_minutes, beside=CALLS)
    if calls and failed >= limits.server_error_ratio.fires * calls:
        return True
    longest = subject.newest(owner, LONGEST, limits.window_minutes, beside=CALLS)
    if longest and _peak_s(longest) >= limits.latency_limit_s.fires:
        return True
    usual, slowest = subject.usual.get(owner, {}).get(P99), subject.newest(owner, P99, limits.window_minutes)
    if usual is None or not slowest:
        return False
    least = max(limits.latency_spread * usual.high, usual.high + limits.latency_least_ms * _US_PER_MS)
    return 2 * sum(point.value >= least for point in slowest) > len(slowest)


RULE = Rule(
    id=_ID,
    title="Models are loaded again and again",
    severity=Severity.CRITICAL,
    check=check,
    reads=(HITS, LOOKS, CALLS, UNLOADED, WAIT, LONGEST, P99, FAILED),
    limits=("cache_hits", "cache_collapsed", "cache_warm_minutes", "least_calls"),
    help="""\
Callers ask for more models than the memory of the instances holds. Models are unloaded to make room and loaded again
when the next call asks for them, and each of these calls waits for a download and a load.

It is said when the share of calls that find their model loaded was too low in two of the three newest settled minutes,
and in the whole window by more than chance. It is critical when hardly any call finds its model and calls fail, nearly
run into the time limit, or are far slower than usual. It is over when three minutes in a row are clearly better.

An empty cache looks the same: after a deployment or a scale-out nothing is said for a quarter of an hour, unless as
many models are unloaded as loaded. Few calls say nothing. Loads that do not succeed are `model-load-failing`.

More instances or larger ones hold more models; the proposal is half as many again. Where a few models get most calls,
an endpoint of their own helps more. Where nothing is unloaded, models are new rather than pushed out.
""",
)
