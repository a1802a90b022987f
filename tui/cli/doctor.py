"""`smtop doctor`: what smtop would do on this account, before it does it."""

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.tui.cli.options import common_of, common_options

if TYPE_CHECKING:
    from smtop.metrics.reports.doctor import CostPlan, SweepCost

_EXAMPLE = "\b\nExample: what an hour of watching costs, within a budget\n  smtop doctor --cost --max-usd-per-hour 0.20"


@click.command(epilog=_EXAMPLE)
@click.option("--cost", is_flag=True, help="What polling will cost. Lists and describes; asks CloudWatch nothing.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common_options
@click.pass_context
def doctor(context: click.Context, /, cost: bool, form: str, **common: Any) -> None:
    """Looks into the account and tells what smtop would do there."""
    said = common_of(context, **common)
    if not cost:
        raise click.UsageError("Say what to look into: --cost.")
    plan, problems = asyncio.run(_plan(said.settings()))
    if form == "json":
        click.echo(json.dumps(plan_json(plan)))
    else:
        for line in plan_text(plan):
            click.echo(line)
    for sentence in problems:
        click.echo(f"smtop: {sentence}", err=True)


async def _plan(settings: Settings) -> "tuple[CostPlan, list[str]]":
    from smtop.metrics.monitor import Monitor
    from smtop.metrics.reports.doctor import cost_plan

    async with Monitor(settings, SystemClock()) as monitor:
        endpoints, problems = await monitor.survey()
    return cost_plan(endpoints, settings.max_usd_per_hour, sweep=settings.sweep), [
        problem.message for problem in problems
    ]


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
    yield "List price; nothing was spent on this."
    if plan.sweep:
        yield from _sweep_text(plan.sweep)
    yield from plan.notices
