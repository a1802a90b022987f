"""The lighter of several variants is worse than the others: it fails more, refuses more, or is slower."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from smtop.metrics.analysis.failures import Minute, any_failed, calls_of, minutes_of
from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.significance import chance_of_worse
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.clock import utc
from smtop.metrics.domain.change import Weights
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner, Point

_ID = "bad-canary"
_P50 = "ModelLatency.p50"
_FEW = 3


class _Worse(NamedTuple):
    """How a canary is worse: what is said of it, from where on, and what it costs callers."""

    severity: Severity
    title: str
    evidence: tuple[str, ...]
    since: int | None
    per_minute: float


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Each variant that is lighter than the heaviest, held against that one."""
    if len(subject.endpoint.production) < 2 or subject.endpoint.kind is Kind.ASYNC:
        return
    main, canaries = _sides(subject)
    for canary in canaries:
        worse = next(_comparisons(subject, canary, main, limits), None)
        if worse is not None:
            yield _finding(subject, canary, main, worse)


def _sides(subject: Subject) -> tuple[Owner, Sequence[Owner]]:
    """The variant with the largest weight, and the others that get traffic."""
    production = subject.endpoint.production
    weights = {variant.name: (variant.weight.current or 0.0) if variant.weight else 0.0 for variant in production}
    heaviest = max(weights, key=lambda name: weights[name])
    canaries = [
        owner for owner in subject.variant_owners() if owner.variant != heaviest and weights[owner.variant or ""]
    ]
    return Owner(subject.endpoint.name, heaviest), canaries


def _comparisons(subject: Subject, canary: Owner, main: Owner, limits: Thresholds) -> Iterator[_Worse]:
    """In what the canary is worse, the gravest first."""
    for code, severity, rise in (
        ("5XX", Severity.CRITICAL, limits.canary_server_rise),
        ("4XX", Severity.WARNING, limits.canary_client_rise),
    ):
        if any_failed(subject, canary, code):
            yield from _failing(subject, canary, main, _Terms(code, severity, rise), limits)
    yield from _slower(subject, canary, main, limits)


# Errors


class _Terms(NamedTuple):
    code: str
    severity: Severity
    rise: Band


def _failing(subject: Subject, canary: Owner, main: Owner, terms: _Terms, limits: Thresholds) -> Iterator[_Worse]:
    """More errors per call than the heaviest variant in the same minutes, and not by accident."""
    ours = minutes_of(subject, canary, terms.code)
    theirs = [one for one in minutes_of(subject, main, terms.code) if ours and one.at >= ours[0].at]
    calls, failed = _counted(ours)
    main_calls, main_failed = _counted(theirs)
    if calls < limits.canary_least_calls or main_calls < limits.canary_least_calls or failed < _FEW:
        return
    base = main_failed / main_calls
    rises = [Point(one.at, one.ratio - base) for one in ours]
    is_open = subject.is_open(_ID, canary)
    chance = chance_of_worse(failed, calls, main_failed, main_calls)
    if chance >= limits.canary_p_value or not holds(rises[-DECIDING:], terms.rise, is_open=is_open):
        return
    since = onset(rises, lambda rise: terms.rise.is_bad(rise, is_open=True))
    newest = ours[-limits.window_minutes :]
    yield _Worse(
        terms.severity,
        f"{canary.variant} answers {terms.code} to {failed / calls:.1%} of its calls, {main.variant} to {base:.1%}",
        (
            f"{canary.variant}: {failed:,.0f} of {calls:,.0f} calls answered {terms.code}; "
            f"{main.variant}: {main_failed:,.0f} of {main_calls:,.0f}",
            f"{canary.variant} worse, {_p_value(chance)} after {calls:,.0f} of its requests (Fisher's exact test)",
        ),
        since,
        sum(one.failed for one in newest) / max(len(newest), 1),
    )


def _counted(minutes: Sequence[Minute]) -> tuple[float, float]:
    return sum(one.calls for one in minutes), sum(one.failed for one in minutes)


def _p_value(chance: float) -> str:
    """As far as it matters: nobody needs to know how much below one in a million it is."""
    return next((f"p < {limit:g}" for limit in (0.000001, 0.0001, 0.001, 0.01) if chance < limit), f"p = {chance:.2f}")


# Latency


def _slower(subject: Subject, canary: Owner, main: Owner, limits: Thresholds) -> Iterator[_Worse]:
    """A median clearly above that of the heaviest variant, soon after something was deployed."""
    news = timedelta(minutes=limits.canary_new_minutes)
    if subject.endpoint.summary.modified_at < utc(subject.now) - news:
        return
    theirs = {point.at: point.value for point in subject.settled(main, _P50)}
    pairs = [(point, theirs[point.at]) for point in subject.settled(canary, _P50) if theirs.get(point.at)]
    ratios = [Point(ours.at, ours.value / other) for ours, other in pairs]
    newest = {point.at for point in subject.newest(canary, _P50, DECIDING)}
    deciding = [ratio for ratio in ratios if ratio.at in newest]
    if not holds(deciding, limits.canary_latency, is_open=subject.is_open(_ID, canary)):
        return
    ours, other = pairs[-1]
    calls = [point.value for point in calls_of(subject, canary)[-len(pairs) :]]
    is_noticed = ours.value - other >= limits.latency_least_ms * 1000
    if len(pairs) < DECIDING or sum(calls) < limits.canary_least_calls or not is_noticed:
        return
    since = onset(ratios, lambda ratio: limits.canary_latency.is_bad(ratio, is_open=True))
    yield _Worse(
        Severity.WARNING,
        f"{canary.variant} is {ours.value / other:.1f} times as slow as {main.variant}",
        (
            f"median latency: {canary.variant} {ours.value / 1000:,.0f} ms, {main.variant} {other / 1000:,.0f} ms",
            f"in {sum(calls):,.0f} requests of {canary.variant} over {len(pairs)} min",
        ),
        since,
        sum(calls) / len(calls) / 2,
    )


# What to do


def _finding(subject: Subject, canary: Owner, main: Owner, worse: _Worse) -> Finding:
    return Finding(
        id=_ID,
        severity=worse.severity,
        title=worse.title,
        evidence=worse.evidence,
        since=worse.since,
        variant=canary.variant,
        next=f"Take the traffic away from {canary.variant}: set its weight to 0, and {main.variant} answers all.",
        confidence=Confidence.HIGH if worse.severity is Severity.CRITICAL else Confidence.MEDIUM,
        impact_per_minute=worse.per_minute,
        change=Weights(subject.endpoint.name, {canary.variant or "": 0.0}),
    )


RULE = Rule(
    id=_ID,
    title="A new variant is worse than the others",
    severity=Severity.CRITICAL,
    check=check,
    reads=("Invocation5XXErrors.Sum", "Invocation4XXErrors.Sum", "Invocations.Sum", _P50),
    limits=(
        "canary_p_value",
        "canary_least_calls",
        "canary_server_rise",
        "canary_client_rise",
        "canary_latency",
        "canary_new_minutes",
        "latency_least_ms",
    ),
    help="""\
One variant of several, and not the one with the largest weight, serves callers worse than that one does: it answers
more 5XX (critical) or 4XX, or its median latency is clearly higher (warnings).

The errors per call of both are compared over the same minutes, fifteen at most, by Fisher's exact test, which holds for
small counts too; the evidence has the chance that a variant as good as the other fails so often. It is asked every
minute, so the chance must be small. Besides, two of the three newest settled minutes must be worse by a margin. Latency
is compared for a day after a change of the endpoint: a variant on smaller instances is slower for ever, and on purpose.

If the variant with the largest weight is the worse one, or all are bad, see `errors-5xx` and `errors-4xx`.

Set the weight of the worse variant to 0; its instances stay for those who want to look. Then read its log.
""",
)
