"""The results as Markdown."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.drills.run import Result
from benchmarks.drills.scoring import Outcome
from smtop.metrics.domain.finding import Severity

FOUND_SHARE, LEAST_SHARE, FALSE_CRITICALS = 0.95, 0.80, 1.0


class Tally(NamedTuple):
    """Of some troubles: how many there were, were found, by their right cause, and that within three minutes."""

    drills: int
    found: int
    right: int
    soon: int
    minutes: tuple[float, ...]

    @property
    def share(self) -> float:
        """What the bar is held against."""
        return self.soon / self.drills if self.drills else 1.0


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """The sums."""
    all_of_them = list(outcomes)
    minutes = sorted(one.minutes for one in all_of_them if one.minutes is not None)
    return Tally(
        len(all_of_them),
        len(minutes),
        sum(one.right_at is not None for one in all_of_them),
        sum(one.is_soon for one in all_of_them),
        tuple(minutes),
    )


class Rates(NamedTuple):
    """What was said wrongly of endpoints that are well, per hundred of their days."""

    days: float
    criticals: int
    warnings: int

    @property
    def critical_rate(self) -> float:
        return 100.0 * self.criticals / self.days if self.days else 0.0

    @property
    def warning_rate(self) -> float:
        return 100.0 * self.warnings / self.days if self.days else 0.0


def rates(results: Iterable[Result]) -> Rates:
    """The sums."""
    some = list(results)
    wrong = [episode.said.severity for one in some for episode in one.episodes if not episode.of.startswith("ill:")]
    return Rates(sum(one.well_days for one in some), wrong.count(Severity.CRITICAL), wrong.count(Severity.WARNING))


def markdown(results: Sequence[Result]) -> Iterator[str]:
    """All tables, a line each: tiers off, and beside it the default tiers where these were drilled."""
    plain, tiered = [[one for one in results if one.plan.tiered is with_tiers] for with_tiers in (False, True)]
    yield from _by_cause(plain, tiered)
    yield ""
    yield from _false(plain, tiered)
    yield ""
    yield from _by_rule(results)
    yield ""
    few = [one for one in results if one.plan.name in ("groups", "days")]
    yield f"Shared causes told of endpoints that share none: {sum(one.shared_beside for one in few)}."
    yield ""
    yield from _watched(results)


def _by_cause(plain: Sequence[Result], tiered: Sequence[Result]) -> Iterator[str]:
    heads = ("cause", "drills", "found", "right cause", "within 3 min", "median", "p95")
    yield f"| {' | '.join((*heads, 'default tiers: drills', 'within 3 min', 'median'))} |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    own, theirs = _grouped(plain), _grouped(tiered)
    for cause in sorted(own.keys() | theirs.keys()):
        yield _row(cause, tally(own[cause]), tally(theirs[cause]))
    yield _row("**all**", *(tally(one for result in some for one in result.outcomes) for some in (plain, tiered)))


def _grouped(results: Iterable[Result]) -> defaultdict[str, list[Outcome]]:
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for result in results:
        for one in result.outcomes:
            groups[one.trouble.cause].append(one)
    return groups


def _row(what: str, own: Tally, tiered: Tally) -> str:
    cells = [what, str(own.drills), *(_share(own, count) for count in (own.found, own.right, own.soon))]
    cells += [_minutes(own, median), _minutes(own, _p95)]
    cells += [str(tiered.drills or ""), _share(tiered, tiered.soon), _minutes(tiered, median)]
    return f"| {' | '.join(cells)} |"


def _share(of: Tally, count: int) -> str:
    return f"{100.0 * count / of.drills:.0f} %" if of.drills else ""


def _minutes(of: Tally, sum_up: Callable[[Sequence[float]], float]) -> str:
    return f"{sum_up(of.minutes):.1f} min" if of.minutes else ""


def _p95(values: Sequence[float]) -> float:
    return values[min(len(values) - 1, int(0.95 * len(values)))]


def _false(plain: Sequence[Result], tiered: Sequence[Result]) -> Iterator[str]:
    yield "| endpoints that are well | days | false criticals | per 100 days | false warnings | per 100 days |"
    yield "|---|--:|--:|--:|--:|--:|"
    for what, some in (("tiers off", plain), ("default tiers", tiered)):
        sum_ = rates(some)
        if some:
            yield (
                f"| {what} | {sum_.days:,.0f} | {sum_.criticals} | {sum_.critical_rate:.2f} "
                f"| {sum_.warnings} | {sum_.warning_rate:.2f} |"
            )


def _by_rule(results: Sequence[Result]) -> Iterator[str]:
    counts: Counter[tuple[str, str, str]] = Counter(
        (episode.said.id, episode.said.severity.value, episode.of) for one in results for episode in one.episodes
    )
    yield "| said wrongly | severity | of | times |"
    yield "|---|---|---|--:|"
    for (rule, severity, of), count in sorted(counts.items(), key=lambda each: (each[0][2][:3] == "ill", -each[1])):
        yield f"| {rule} | {severity} | {of} | {count} |"


def _watched(results: Sequence[Result]) -> Iterator[str]:
    """Honestly what was watched how closely."""
    groups: defaultdict[tuple[str, bool, int], list[Result]] = defaultdict(list)
    for one in results:
        groups[one.plan.name, one.plan.tiered, one.plan.step_s].append(one)
    yield "| fleets | tiers | looks | endpoint-days | of these well | views | CPU a view |"
    yield "|---|---|---|--:|--:|--:|--:|"
    for (name, is_tiered, step_s), some in groups.items():
        views, cpu_s = sum(one.views for one in some), sum(one.cpu_s for one in some)
        seeds = [one.plan.seed for one in some]
        looks = "every minute" if step_s == 60 else f"every {step_s // 60} min, read twice"
        days = f"{sum(one.days for one in some):,.1f} | {sum(one.well_days for one in some):,.1f}"
        yield (
            f"| {len(some)} x {name}, seeds {min(seeds)} to {max(seeds)} | {'default' if is_tiered else 'off'} "
            f"| {looks} | {days} | {views:,} | {1000.0 * cpu_s / views:.1f} ms |"
        )


def below_the_bar(results: Sequence[Result]) -> list[str]:
    """What is not as it must be, in sentences."""
    plain = [one for one in results if not one.plan.tiered]
    everything, wrong = tally(one for result in plain for one in result.outcomes), rates(plain)
    told = []
    if everything.share < FOUND_SHARE:
        told.append(f"{100.0 * everything.share:.1f} % were found by their right cause within 3 minutes, not 95 %")
    for cause, outcomes in sorted(_grouped(plain).items()):
        share = tally(outcomes).share
        if share < LEAST_SHARE:
            told.append(f"{cause}: {100.0 * share:.0f} %, not 80 %")
    if wrong.critical_rate >= FALSE_CRITICALS:
        told.append(f"{wrong.critical_rate:.2f} false criticals per 100 endpoint-days, not below 1")
    return told
