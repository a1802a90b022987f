"""Models of a multi-model endpoint cannot be loaded: the calls for them fail, the others are fine."""

from collections.abc import Iterator
from typing import NamedTuple

from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.rules.models.cache import CALLS, HITS, LOOKS, looks, misses_by_minute, multi_model_variants
from smtop.metrics.analysis.rules.models.failing import may_fail
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner, Point

FAILED = "Invocation5XXErrors.Sum"
LOADED = "ModelLoadingTime.SampleCount"
_ID = "model-load-failing"
_MINUTES = 15
_FEW = 0.5


class _Minute(NamedTuple):
    """Of one settled minute; `missed` are the calls that did not find their model beyond those that never do."""

    at: int
    calls: float
    failed: float
    missed: float
    unloaded: float
    """Missed, and followed by no load that was timed."""

    def is_bad(self, limits: Thresholds, *, is_open: bool) -> bool:
        """Enough calls fail, and about as many as find no model: failures of loaded models are not of this kind."""
        if not limits.server_error_ratio.is_bad(self.failed / max(self.calls, 1.0), is_open=is_open):
            return False
        least = limits.failing_loads.clears if is_open else limits.failing_loads.fires
        return any(least * calls <= self.failed <= calls / least for calls in (self.missed, self.unloaded))


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """As many calls fail as find no model loaded, in two of the three newest settled minutes."""
    for owner, _ in multi_model_variants(subject):
        if fails_to_load(subject, owner, limits):
            yield _finding(subject, owner, limits)


def fails_to_load(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether 5XX of a multi-model variant come from models that cannot be loaded: this is then the cause of them."""
    if subject.endpoint.kind is not Kind.MULTI_MODEL:
        return False
    failed, calls = subject.settled(owner, FAILED)[-DECIDING:], subject.settled(owner, LOOKS)[-DECIDING:]
    if not may_fail(failed, calls, limits.server_error_ratio.clears):
        return False
    is_open = subject.is_open(_ID, owner)
    if not is_open and looks(subject, owner, limits).calls < limits.least_calls:
        return False
    newest = _by_minute(subject, owner, DECIDING)
    return sum(minute.is_bad(limits, is_open=is_open) for minute in newest) >= (1 if is_open else 2)


def _by_minute(subject: Subject, owner: Owner, minutes: int) -> list[_Minute]:
    calls = {point.at: point.value for point in subject.newest(owner, LOOKS, minutes, beside=CALLS)}
    failed = {point.at: point.value for point in subject.newest(owner, FAILED, minutes, beside=CALLS)}
    usual = subject.usual.get(owner, {}).get(HITS)
    expected = min(max(1 - usual.expected, 0.0), 1.0) if usual else 0.0
    loaded = {point.at: point.value for point in subject.newest(owner, LOADED, minutes, beside=CALLS)}
    return [
        _Minute(
            at,
            calls[at],
            failed.get(at, 0.0),
            max(missed - expected * calls[at], 0.0),
            max(missed - max(expected * calls[at], loaded.get(at, 0.0)), 0.0),
        )
        for at, missed in misses_by_minute(subject, owner, minutes)
    ]


def _finding(subject: Subject, owner: Owner, limits: Thresholds) -> Finding:
    by_minute = _by_minute(subject, owner, _MINUTES)
    window = by_minute[-limits.window_minutes :]
    calls, failed, missed, unloaded = (sum(column) for column in tuple(zip(*window, strict=True))[1:])
    loads = subject.total(owner, LOADED, limits.window_minutes, beside=CALLS)
    is_sure = subject.is_collected(owner, LOADED) and loads <= _FEW * missed
    bad = [Point(one.at, float(one.is_bad(limits, is_open=False))) for one in by_minute]
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL,
        title=f"models fail to load: {failed / max(calls, 1.0):.0%} of requests fail",
        evidence=(
            f"{failed:,.0f} of {calls:,.0f} calls answered 5XX in {len(window)} min, "
            f"and about as many, {min(missed, unloaded, key=lambda many: abs(many - failed)):,.0f}, "
            "did not find their model loaded",
            *((f"only {loads:,.0f} models were loaded in the same time",) if is_sure else ()),
        ),
        since=onset(bad, lambda value: value > 0),
        variant=owner.variant,
        next="Read the container's log for the models that fail: is the artifact there, readable, and small enough?",
        confidence=Confidence.HIGH if is_sure else Confidence.MEDIUM,
        impact_per_minute=failed / max(len(window), 1),
    )


RULE = Rule(
    id=_ID,
    title="Models fail to load",
    severity=Severity.CRITICAL,
    check=check,
    reads=(HITS, LOOKS, CALLS, FAILED, LOADED),
    limits=("failing_loads", "server_error_ratio", "least_calls"),
    help="""\
Some models behind a multi-model endpoint cannot be loaded. Every call for one of them misses the cache, waits for the
attempt and fails; calls for models that are loaded are answered as ever.

It is said when, in two of the three newest settled minutes, 5XX are at the threshold for errors and about as many as
calls that did not find their model loaded (beyond the usual, where that is known, or but for those after which a model
was loaded), and until three minutes in a row are better. Where fewer loads are timed than models are missed, the
verdict is sure; without these times it is likely.

Where 5XX have nothing to do with misses, it is the container or the model: `errors-5xx`. Where models are missed and
loaded with success, again and again, it is `cache-thrash`. A container that restarts fails and loses its models too.

Find the models in the container's log. Usual reasons are an artifact that is gone from S3 or may not be read by the
role, a broken archive, a model that is larger than the memory of an instance, or one made for another framework.
""",
)
