"""One of several containers has become the one that takes nearly all the time, or answers nearly all the errors."""

from collections.abc import Iterator, Mapping

from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.rules.models.containers import (
    CALLS,
    FAILED,
    KINDS,
    TIME,
    TIMED,
    Errors,
    containers_of,
    failing_container,
    mean_seconds,
    seconds_by_minute,
    skew,
    skews,
    usual_seconds,
)
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "container-skew"
_BEFORE_LEAST = 3

Seconds = Mapping[str, float]


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Errors of one container first; else one whose time, beside that of its siblings, is not what it was."""
    if subject.endpoint.kind not in KINDS:
        return
    for owner in subject.variant_owners():
        errors = failing_container(subject, owner, limits)
        if errors is not None:
            yield _of_errors(subject, owner, errors, limits)
        else:
            yield from _of_time(subject, owner, limits)


def _of_errors(subject: Subject, owner: Owner, errors: Errors, limits: Thresholds) -> Finding:
    part = owner._replace(container=errors.container)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"container {errors.container} answers {errors.ratio:.0%} of its calls with 5XX, its siblings hardly any",
        evidence=(
            f"{errors.container}: {errors.failed:,.0f} of {errors.calls:,.0f} calls failed in "
            f"{limits.window_minutes} min; in all others together {errors.of_siblings:,.0f}",
        ),
        since=subject.onset(part, FAILED, lambda count: count > 0),
        variant=owner.variant,
        next=f"Read the log of container {errors.container}, and look at who calls it.",
        impact_per_minute=errors.failed / limits.window_minutes,
    )


def _of_time(subject: Subject, owner: Owner, limits: Thresholds) -> Iterator[Finding]:
    is_open = subject.is_open(_ID, owner)
    newest = seconds_by_minute(subject, owner, DECIDING)
    if len(newest) < 2:
        return
    now = mean_seconds(list(newest.values()))
    longest = max(now, key=lambda name: now[name])
    if not holds(skews(newest, longest), limits.container_skew, is_open=is_open):
        return
    if not _is_busy(subject, owner, limits):
        return
    by_minute = seconds_by_minute(subject, owner)
    points = skews(by_minute, longest)
    before = usual_seconds(subject, owner) or _earlier(by_minute, limits)
    if is_open or _has_grown(before, now, longest, limits):
        since = onset(points, limits.container_skew.is_bad)
        yield _finding(subject, owner, longest, before, now, since)


def _is_busy(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    parts = containers_of(subject, owner)
    return sum(subject.total(part, TIMED, limits.window_minutes) for part in parts) >= limits.least_calls * len(parts)


def _earlier(by_minute: Mapping[int, Seconds], limits: Thresholds) -> dict[str, float]:
    """The first minutes that are known: what came before the window."""
    first = list(by_minute.values())[: -limits.window_minutes][: limits.window_minutes]
    return mean_seconds(first) if len(first) >= _BEFORE_LEAST else {}


def _has_grown(before: Seconds, now: Seconds, longest: str, limits: Thresholds) -> bool:
    was = skew(before, longest) if before.keys() == now.keys() else 0.0
    return was > 0 and skew(now, longest) >= limits.container_growth * was


def _finding(subject: Subject, owner: Owner, longest: str, before: Seconds, now: Seconds, since: int | None) -> Finding:
    whole_s, was_s = sum(now.values()), sum(before.values())
    share = now[longest] / whole_s
    was = f"; before it was {before[longest] / was_s:.0%}" if was_s else ""
    others = ", ".join(f"{name} {own / whole_s:.0%}" for name, own in now.items() if name != longest)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"container {longest} takes {share:.0%} of the time",
        evidence=(
            f"{longest}: {now[longest]:,.1f} of {whole_s:,.1f} s of work a minute, {share:.0%}{was}",
            f"the others: {others}",
        ),
        since=since,
        variant=owner.variant,
        next=f"Look at what container {longest} is given, and give it an endpoint of its own if it has to be so.",
        confidence=Confidence.MEDIUM,
    )


RULE = Rule(
    id=_ID,
    title="One container is unlike its siblings",
    severity=Severity.WARNING,
    check=check,
    reads=(TIME, TIMED, CALLS, FAILED),
    limits=("container_skew", "container_growth", "server_error_ratio", "least_calls"),
    help="""\
Behind one variant stand several containers: the steps of a pipeline, or models that are called directly. One of them
takes far more of the time than it did, beside its siblings, or nearly all errors come from it.

Time is the time of a call in the container times the calls. It is said when that, per mean of the siblings, is at the
threshold in two of the three newest settled minutes, and twice what is usual at this hour, or what it was before the
last minutes; until three in a row are better. Errors count per directly invoked container, with the threshold for 5XX.

A pipeline whose model takes nearly all the time has always been so: without anything to compare, nothing is said. Few
calls say nothing. A job that calls one container every night looks new on the first night only.

Look at the container's own log and at what it is given. All containers share the instances, so that one hungry
container slows the others; an endpoint of its own sets it apart.
""",
)
