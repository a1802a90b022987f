"""One fleet watched from its opening to its end, and what is to be counted of that."""

import asyncio
import resource
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.drills.clock import HandClock
from benchmarks.drills.deciding import last_minute
from benchmarks.drills.feed import Feed
from benchmarks.drills.metrics import MetricsAhead
from benchmarks.drills.scoring import (
    SOON_S,
    Episode,
    Group,
    Outcome,
    Said,
    Shared,
    Told,
    Trouble,
    entry_of,
    false_episodes,
    group_outcome,
    outcome,
)
from benchmarks.drills.watch import Look, Tiered, Untiered, Watch, aws
from smtop.metrics.domain.series import PERIOD_S

OPENED: Final = 1_795_000_020.0
FIRST_LOOK_S = 900.0
_AFTER_MINUTE_S = 7.0
_GAP_S = 900.0
DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class Plan:
    """A fleet by its seed, and how it is watched: so many seconds from its opening on, a look every `step_s`.

    `world` is what the feed makes the fleet from. Without `baselines` nobody knows what is usual: histories cost more
    to simulate than anything else.
    """

    name: str
    seed: int
    lasts_s: float
    world: Mapping[str, Any]
    step_s: int = PERIOD_S
    tiered: bool = False
    baselines: bool = True

    @property
    def moments(self) -> list[float]:
        """The looks."""
        first = OPENED + FIRST_LOOK_S
        count = int((self.lasts_s - FIRST_LOOK_S) // self.step_s)
        return [first + step * self.step_s + _AFTER_MINUTE_S for step in range(count)]


@dataclass
class Result:
    """What came of a plan. Days are those of endpoints; `well_days` those without anything ill."""

    plan: Plan
    outcomes: list[Outcome] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    days: float = 0.0
    well_days: float = 0.0
    views: int = 0
    cpu_s: float = 0.0
    shared_beside: int = 0
    problems: Counter[str] = field(default_factory=Counter)


def run(plan: Plan) -> Result:
    """Opens the fleet, watches it, and holds what was said against the key."""
    wish = {"seed": plan.seed, "opened": OPENED, **plan.world}
    with Feed() as present, Feed() as ahead:
        present.ask("open", **wish)
        ahead.ask("open", **wish)
        clock = HandClock(OPENED)
        metrics = MetricsAhead(present, ahead, clock, _readings(plan))
        outside = aws(present, clock, metrics)
        again_s = PERIOD_S if plan.step_s > PERIOD_S else 0
        watch: Watch = Tiered(outside) if plan.tiered else Untiered(outside, again_s, plan.baselines)
        began_s = _cpu_s()
        result = Result(plan)
        told = asyncio.run(_watched(watch, plan, result))
        result.cpu_s = _cpu_s() - began_s
        score(result, present, told)
    return result


def _readings(plan: Plan) -> list[float]:
    if plan.step_s == PERIOD_S:
        return plan.moments
    return [at for moment in plan.moments for at in (moment - PERIOD_S, moment)]


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _watched(watch: Watch, plan: Plan, result: Result) -> list[Told]:
    told = []
    for moment in plan.moments:
        look = await watch.look(moment)
        result.views += len(look.views)
        result.problems.update(f"{problem.kind} {problem.operation}" for problem in look.problems)
        told.append(told_of(look))
    result.days = result.views * plan.step_s / DAY_S
    return told


def told_of(look: Look) -> Told:
    """A look without its numbers."""
    said = {
        view.endpoint.name: tuple(Said(one.id, one.severity, one.variant, one.component) for one in view.findings)
        for view in look.views
        if view.findings
    }
    shared = tuple(Shared(one.endpoints, "\n".join((one.finding.title, *one.finding.evidence))) for one in look.shared)
    return Told(look.at, said, shared)


def score(result: Result, feed: Feed, told: Sequence[Told]) -> None:
    """Fills in what became of the troubles that the feed has in its key, and what was said wrongly."""
    entries = feed.ask("truth").members["truth"]
    own = [entry for entry in entries if entry["group"] is None]
    troubles = [entry_of(entry, _readable_at(entry, feed, told[0].at)) for entry in own]
    for trouble in troubles:
        if not trouble.is_confounder and trouble.readable_at + SOON_S < told[-1].at:
            beside = [other for other in troubles if other.endpoint == trouble.endpoint and other is not trouble]
            result.outcomes.append(outcome(trouble, beside, told))
    groups = [_group(entry, troubles) for entry in entries if entry["group"] is not None]
    result.outcomes += [group_outcome(group, told) for group in groups]
    members = frozenset(name for group in groups for name in group.endpoints)
    result.shared_beside = len(
        {one.endpoints[0] for each in told for one in each.shared if not members & set(one.endpoints)}
    )
    result.episodes = list(false_episodes(told, troubles, _GAP_S))
    result.well_days = _well_days(result, troubles, told)


def _readable_at(entry: Mapping[str, Any], feed: Feed, first: float) -> float:
    """When all that decides can be read, which is not before anybody looks."""
    minute = last_minute(entry)
    if minute is None:
        return max(first, float(entry["full_at"]))
    moments = feed.ask("publication", endpoint=entry["endpoint"], start=minute, end=minute + PERIOD_S).array
    assert moments is not None
    return max(first, float(moments[1, 0]))


def _group(entry: Mapping[str, Any], troubles: Sequence[Trouble]) -> Group:
    members = frozenset(entry["group"]["endpoints"])
    readable_at = max(trouble.readable_at for trouble in troubles if trouble.endpoint in members)
    shared = tuple(value.rsplit("/", 1)[-1] for value in entry["group"]["shared"].values())
    return Group(members, shared, entry["cause"], entry["severity"], entry["began_at"], readable_at)


def _well_days(result: Result, troubles: Sequence[Trouble], told: Sequence[Told]) -> float:
    """All days but those of endpoints that something has befallen."""
    last = told[-1].at
    ill: dict[str, float] = {}
    for trouble in troubles:
        if not trouble.is_confounder:
            began_at = max(trouble.began_at, told[0].at)
            ill[trouble.endpoint] = min(began_at, ill.get(trouble.endpoint, began_at))
    return result.days - sum(max(0.0, last - began_at) for began_at in ill.values()) / DAY_S
