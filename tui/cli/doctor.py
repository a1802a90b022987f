"""`smtop doctor`: what smtop would do on this account, before it does it."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from smtop.metrics.clock import Clock, SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.errors import ConfigError
from smtop.tui.cli.coverage import coverage_json, coverage_text, measured_text
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.cli.options import common_of, common_options

if TYPE_CHECKING:
    from smtop.metrics.monitor import Monitor
    from smtop.metrics.reports.coverage import Coverage
    from smtop.metrics.reports.doctor import CostPlan, SweepCost
    from smtop.metrics.reports.lag import Measured, Sample

_EXAMPLE = (
    "\b\nExample: whether the installed libraries let smtop take its fast ways\n"
    "  smtop doctor\n\n"
    "\b\nExample: what an hour of watching costs, within a budget\n"
    "  smtop doctor --cost --max-usd-per-hour 0.20\n\n"
    "\b\nExample: which metrics CloudWatch lists, and how late they are\n"
    "  smtop doctor --catalogue --measure 5\n\n"
    "\b\nExample: what the terminal sends for a key\n"
    "  smtop doctor --keys"
)


@click.command(epilog=_EXAMPLE)
@click.option("--cost", is_flag=True, help="What polling will cost. Lists and describes; asks CloudWatch nothing.")
@click.option(
    "--catalogue",
    is_flag=True,
    help="Which metrics CloudWatch lists, beside those that smtop expects. Exits 1 where a name needs an override.",
)
@click.option("--keys", is_flag=True, help="What the terminal sends for each key, how it is called, what it does.")
@click.option(
    "--measure",
    "minutes",
    metavar="MINUTES",
    type=click.IntRange(1, 60),
    help="With --catalogue: watch how late the metrics come, for so long. This costs money; the price is told first.",
)
@click.option(
    "--max-usd",
    metavar="X",
    type=click.FloatRange(min=0, min_open=True),
    default=0.05,
    show_default=True,
    help="With --measure: watch no more than this pays for.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common_options
@click.pass_context
def doctor(
    context: click.Context,
    /,
    cost: bool,
    catalogue: bool,
    keys: bool,
    minutes: int | None,
    max_usd: float,
    form: str,
    **common: Any,
) -> int:
    """Looks into the account, or the keys, and tells what smtop would do there. Without an option it looks into the
    libraries that are installed, asks no AWS, and says where they make smtop take a slow path.
    """
    said = common_of(context, **common)
    if cost + catalogue + keys > 1:
        raise click.UsageError("Say what to look into, one at a time: --cost, --catalogue or --keys.")
    if minutes and not catalogue:
        raise click.UsageError("--measure goes with --catalogue.")
    if not (cost or catalogue or keys):
        return _tell_ways(form)
    if keys:
        return _tell_keys(said.settings(spanning=True), form)
    if cost:
        return _tell_cost(said.settings(), form)
    return _tell_names(said.settings(), form, Watch(minutes, max_usd) if minutes else None)


def _tell_ways(form: str) -> int:
    from smtop.tui.cli.ways import all_ways, versions, ways_json, ways_text

    ways = all_ways()
    _print(form, ways_json(versions(), ways), ways_text(versions(), ways))
    return Exit.FINE


def _tell_keys(settings: Settings, form: str) -> int:
    if form == "json":
        raise click.UsageError("--keys talks to whoever presses them: it has no JSON.")
    try:
        from smtop.tui.cli.keys import watch_keys
    except ImportError as error:
        raise ConfigError(
            f"--keys cannot work with this Textual: {error}. Install the one that smtop names."
        ) from error
    watch_keys(settings)
    return Exit.FINE


def _tell_cost(settings: Settings, form: str) -> int:
    plan, problems = asyncio.run(_plan(settings))
    _print(form, plan_json(plan), plan_text(plan))
    _say(problems)
    return Exit.FINE


async def _plan(settings: Settings) -> "tuple[CostPlan, list[str]]":
    from smtop.metrics.monitor import Monitor
    from smtop.metrics.reports.doctor import cost_plan

    async with Monitor(settings, SystemClock()) as monitor:
        endpoints, problems = await monitor.survey()
        max_usd_per_hour = monitor.max_usd_per_hour
    plan = cost_plan(
        endpoints,
        max_usd_per_hour,
        settings.catalogue,
        sweep=settings.sweep,
        baselines=settings.baselines,
    )
    return plan, [problem.message for problem in problems]


class Watch(NamedTuple):
    """For how long to watch how late metrics are, and what that may cost."""

    minutes: int
    max_usd: float


def _tell_names(settings: Settings, form: str, watch: Watch | None) -> int:
    coverage, measured = asyncio.run(_names(settings, watch))
    late = measured_text(measured) if measured else ()
    _print(form, coverage_json(coverage, measured), chain(coverage_text(coverage), late))
    return Exit.FINDINGS if coverage.misnamed else Exit.FINE


async def _names(settings: Settings, watch: Watch | None) -> "tuple[Coverage, Measured | None]":
    from smtop.metrics.monitor import Monitor
    from smtop.metrics.reports.coverage import compare, list_published
    from smtop.metrics.reports.lag import choose

    clock = SystemClock()
    async with Monitor(settings, clock) as monitor:
        endpoints, problems = await monitor.survey()
        _say(problem.message for problem in problems)
        listed = await list_published(monitor.source, settings.catalogue)
        coverage = compare(endpoints, listed, settings.catalogue, clock.wall())
        if watch is None:
            return coverage, None
        sample = choose(endpoints, listed, settings.catalogue, watch.minutes, watch.max_usd)
        return coverage, await _watched(monitor, sample, watch, clock)


async def _watched(monitor: "Monitor", sample: "Sample", watch: Watch, clock: Clock) -> "Measured":
    from smtop.metrics.reports.lag import EVERY_S, measure

    if sample.left_out and not sample.series:
        raise ConfigError(f"--max-usd {watch.max_usd:g} does not pay for a single metric over {watch.minutes} min.")
    more = f" ({sample.left_out} more would cost more than --max-usd)" if sample.left_out else ""
    what = f"{len(sample.series)} series{more} every {EVERY_S} s for {watch.minutes} min"
    _say([f"Watching {what}: {sample.metrics:,} metrics, ${sample.usd:.4f} at list price."])
    measured = await measure(sample, monitor.source, clock, lambda: monitor.spend.usd, watch.max_usd)
    _say(measured.problems)
    return measured


def _print(form: str, document: Any, lines: Iterable[str]) -> None:
    click.echo(json.dumps(document) if form == "json" else "\n".join(lines))


def _say(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        narrate(sentence)


def plan_json(plan: "CostPlan") -> dict[str, Any]:
    """The plan for scripts; dollars at list price."""
    return {
        "schema": 1,
        "endpoints": plan.endpoints,
        "first_look": {"metrics": plan.first_look_metrics, "usd": round(plan.first_look_usd, 6)},
        "tiers": [
            {
                "tier": one.tier.value,
                "endpoints": one.endpoints,
                "metrics": one.metrics,
                "cadence_s": one.cadence_s,
                "usd_per_hour": round(one.usd_per_hour, 6),
            }
            for one in plan.tiers
        ],
        "sweep": _sweep_json(plan.sweep) if plan.sweep else None,
        "baselines_usd": round(plan.baselines_usd, 6),
        "usd_per_hour": round(plan.usd_per_hour, 6),
        "usd_per_day": round(plan.usd_per_day, 6),
        "busiest_usd_per_hour": round(plan.busiest_usd_per_hour, 6),
        "quietest_usd_per_hour": round(plan.quietest_usd_per_hour, 6),
        "notices": list(plan.notices),
    }


def _sweep_json(sweep: "SweepCost") -> dict[str, Any]:
    return {
        "queries": sweep.queries,
        "metrics": sweep.metrics,
        "cadence_s": sweep.cadence_s,
        "usd_per_hour": round(sweep.usd_per_hour, 6),
        "price_verified": False,
        "included": sweep.included,
    }


def _sweep_text(sweep: "SweepCost") -> Iterator[str]:
    each = f"{sweep.queries} Metrics Insights queries over {sweep.metrics:,} metrics every {sweep.cadence_s // 60} min"
    verb = "costs" if sweep.included else "with --sweep would cost"
    yield f"The sweep ({each}) {verb} ${sweep.usd_per_hour:.4f} an hour. Its price is unverified."
    yield "A query goes through at most 10,000 metrics, returns at most 500 series, and knows no percentiles."


def plan_text(plan: "CostPlan") -> Iterator[str]:
    """The plan for people."""
    first = f"{plan.first_look_metrics:,} metrics: ${plan.first_look_usd:.4f}"
    yield f"{plan.endpoints} endpoints. A first look asks {first}."
    yield ""
    yield f"{'TIER':<10}{'ENDPOINTS':>10}{'METRICS':>9}{'EVERY':>8}{'$/HOUR':>9}"
    for one in plan.tiers:
        what = f"{one.tier.value:<10}{one.endpoints:>10}{one.metrics:>9}"
        yield f"{what}{one.cadence_s // 60:>4} min{one.usd_per_hour:>9.4f}"
    if plan.sweep and plan.sweep.included:
        yield f"{'sweep':<20}{plan.sweep.metrics:>9}{plan.sweep.cadence_s // 60:>4} min{plan.sweep.usd_per_hour:>9.4f}"
    yield f"{'together':<37}{plan.usd_per_hour:>9.4f}   ${plan.usd_per_day:.2f} a day"
    yield ""
    yield "Traffic is not known before it is asked: one endpoint in seven is taken as busy, one in three as slow."
    quiet, busy = plan.quietest_usd_per_hour, plan.busiest_usd_per_hour
    yield f"Without any traffic ${quiet:.4f} an hour, with traffic everywhere ${busy:.4f}."
    if plan.baselines_usd:
        yield f"The history of baselines costs ${plan.baselines_usd:.4f} once, with traffic everywhere."
    yield "List price; nothing was spent on this."
    if plan.sweep:
        yield from _sweep_text(plan.sweep)
    yield from plan.notices
