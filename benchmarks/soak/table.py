"""The table of a soak, and what of it must not be."""

from collections.abc import Iterator
from typing import Final

from benchmarks.soak.run import KINDS, Result

LEAST_SHARE: Final = 0.1
"""Of all calls so many go wrong at least."""

MOST_GROWTH_MB: Final = 24.0
"""What memory may grow by in the second half, beside the store's rings, which fill for a day."""

JUDGED_S: Final = 300.0
"""A shorter soak says nothing of memory: until then what is needed at all is still being loaded."""

_KINDS: Final = {
    "throttle": "throttled",
    "fail": "HTTP 500",
    "stall": "answered late",
    "cut-before": "connection cut before it was carried out",
    "cut-after": "connection cut after it was carried out",
    "truncate": "body cut short",
    "malform": "body that cannot be read, or of the wrong type",
    "expired": "token expired",
    "deny": "denied for a while",
    "partial": "results with a part of their points",
    "internal": "results that failed",
    "late": "results without the newest points",
    "duplicate": "points and results told twice",
    "disorder": "points and results out of order",
    "overdue": "minutes published seven to fifteen minutes late",
    "recreate": "endpoints deleted and made again",
}
_NO_CALLS: Final = frozenset({"overdue", "recreate"})


def faulty_calls(result: Result) -> int:
    """Calls that were made to go wrong; what is only published late, and what somebody else does, is not counted."""
    return sum(count for kind, count in result.weather.get("befallen", {}).items() if kind not in _NO_CALLS)


def breaches(result: Result) -> list[str]:
    """Sentences; a soak without any has passed."""
    return [*_weather_breaches(result), *_data_breaches(result), *result.audit.breaches, *_process_breaches(result)]


def _weather_breaches(result: Result) -> Iterator[str]:
    told, least = result.weather.get("befallen", {}), result.options.bar
    for kind in KINDS:
        if told.get(kind, 0) < least:
            yield f"The weather was too fine: {kind} happened {told.get(kind, 0)} times, {least} were wanted."
    if faulty_calls(result) < LEAST_SHARE * result.calls or not result.calls:
        yield f"The weather was too fine: {faulty_calls(result)} of {result.calls} calls went wrong."


def _data_breaches(result: Result) -> Iterator[str]:
    points = result.comparison
    if points.lost:
        yield f"{points.lost} points were lost, as {'; '.join(points.named)}."
    if not points.compared:
        yield "Nothing was compared."
    if not result.audit.changes.get("applied"):
        yield "No change was applied."


def _process_breaches(result: Result) -> Iterator[str]:
    yield from (f"Somebody should have caught it: {sentence}." for sentence in result.seen)
    yield from (f"{sentence[0].upper()}{sentence[1:]}." for sentence in result.left)
    if result.opened != 1:
        yield f"The feed was opened {result.opened} times."
    if result.memory.lasts_s >= JUDGED_S and result.growth_mb > MOST_GROWTH_MB:
        yield f"Memory grew by {result.growth_mb:.0f} MB in the second half."


def markdown(result: Result) -> Iterator[str]:
    """The table, a line each."""
    options, told = result.options, result.weather.get("befallen", {})
    calls = result.calls or 1
    yield f"Seed {options.seed}: {options.minutes:g} minutes at speed {options.speed:g}, {options.endpoints} endpoints."
    yield ""
    yield "| what went wrong | times | share of calls |"
    yield "|---|---|---|"
    for kind, words in _KINDS.items():
        share = "" if kind in _NO_CALLS else f"{told.get(kind, 0) / calls:.1%}"
        yield f"| {words} | {told.get(kind, 0)} | {share} |"
    yield f"| all | {faulty_calls(result)} of {result.calls} calls | {faulty_calls(result) / calls:.1%} |"
    yield ""
    yield "| what was done and what came of it | |"
    yield "|---|---|"
    for words, value in _rows(result):
        yield f"| {words} | {value} |"


def _rows(result: Result) -> Iterator[tuple[str, str]]:
    points, audit = result.comparison, result.audit
    yield "keys pressed", f"{result.keys} ({result.actions} of the actions)"
    yield "changes begun", ", ".join(f"{count} {word}" for word, count in sorted(audit.changes.items())) or "none"
    yield "calls that change something", f"{audit.writes} seen by AWS, {audit.sends} announced by the journal"
    yield (
        "of those",
        f"{audit.never_arrived} never arrived, {audit.found} found done, {audit.repeated} carried out twice",
    )
    yield "points compared", f"{points.compared:,} of {points.series:,} series"
    yield "still young when last read", f"{points.young:,}"
    yield "left alone while young, for hours", f"{points.alone:,}"
    yield "published after anybody reads it", f"{points.overdue:,}"
    yield "lost", f"{points.lost:,}"
    yield "resident memory", f"{result.memory.mb[0]:.0f} MB at first, {result.memory.mb[-1]:.0f} MB in the end"
    ring = f"{result.ring_growth_mb:.1f} MB by the store's rings"
    yield "growth in the second half", f"{result.growth_mb:.1f} MB, and {ring}"
    yield "left behind, uncaught", f"{len(result.left)}, {len(result.seen)}"
    yield "verdict", "passed" if not breaches(result) else f"{len(breaches(result))} breaches"
