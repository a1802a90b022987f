"""`smtop scaling`: what Application Auto Scaling does to an endpoint."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import Bounds, Policy, Schedule, Suspend, Unscale
from smtop.tui.cli.changing import change, changing_options, split
from smtop.tui.cli.exits import Exit
from smtop.tui.cli.options import common_of, common_options

F = TypeVar("F", bound=Callable[..., Any])

_PART = (
    click.option("--variant", metavar="V", help="Production variant, where there are several."),
    click.option("--component", metavar="C", help="Inference component."),
)
_EXAMPLE = "\b\nExample: 70 invocations a minute and instance, 1 to 4 instances\n  smtop scaling fraud target --write"


@click.group(epilog=_EXAMPLE)
@click.argument("endpoint")
@click.pass_context
def scaling(context: click.Context, /, endpoint: str) -> None:
    """Targets, policies and schedules of Application Auto Scaling."""
    context.meta["smtop.endpoint"] = endpoint


def _part_options(command: F) -> F:
    for option in reversed(_PART):
        command = option(command)
    return command


def _changed(context: click.Context, kind: Callable[..., Any], options: dict[str, Any], **members: Any) -> int:
    how, common = split(options)
    part = {name: common.pop(name) for name in ("variant", "component")}
    wanted = kind(context.meta["smtop.endpoint"], **part, **members)
    return change(common_of(context, **common), how, wanted)


@scaling.command(epilog="\b\nExample:\n  smtop scaling fraud bounds --min 2 --max 8 --write")
@click.option("--min", "least", metavar="N", type=int, help="The least; 1 where nothing is registered.")
@click.option("--max", "most", metavar="N", type=int, help="The most; 4 where nothing is registered.")
@_part_options
@changing_options
@common_options
@click.pass_context
def bounds(context: click.Context, /, least: int | None, most: int | None, **options: Any) -> int:
    """Registers a variant or component, or gives it other bounds."""
    return _changed(context, Bounds, options, least=least, most=most)


@scaling.command(epilog="\b\nExample:\n  smtop scaling fraud target --metric cpu --target 60 --write")
@click.option("--metric", metavar="M", help="invocations, backlog, provisioned, cpu, gpu, ... or NAMESPACE:NAME:STAT.")
@click.option("--target", metavar="X", type=float, help="The value to keep; percent of the whole for cpu and gpu.")
@click.option("--name", metavar="NAME", help="Of the policy; one of this name is replaced.")
@click.option("--in-cooldown", "in_cooldown_s", metavar="S", type=click.IntRange(0), help="300 without.")
@click.option("--out-cooldown", "out_cooldown_s", metavar="S", type=click.IntRange(0), help="60 without.")
@click.option("--never-in", is_flag=True, help="Scale out only.")
@_part_options
@changing_options
@common_options
@click.pass_context
def target(context: click.Context, /, **options: Any) -> int:
    """Target tracking by a metric."""
    names = ("metric", "target", "name", "in_cooldown_s", "out_cooldown_s", "never_in")
    return _changed(context, Policy, options, **{name: options.pop(name) for name in names})


@scaling.command(epilog="\b\nExample:\n  smtop scaling transcribe policy --write")
@click.option("--name", metavar="NAME", help="Of the policy; one of this name is replaced.")
@click.option("--cooldown", "out_cooldown_s", metavar="S", type=click.IntRange(0), help="300 without.")
@_part_options
@changing_options
@common_options
@click.pass_context
def policy(context: click.Context, /, name: str | None, out_cooldown_s: int | None, **options: Any) -> int:
    """The step policy that leaves zero instances as soon as requests wait (asynchronous endpoints)."""
    return _changed(context, Policy, options, name=name, out_cooldown_s=out_cooldown_s, step=True)


@scaling.command(
    epilog="\b\nExample:\n  smtop scaling fraud schedule night 'cron(0 20 * * ? *)' --min 1 --max 2 --write"
)
@click.argument("name")
@click.argument("schedule")
@click.option("--timezone", metavar="TZ", help="IANA name; UTC without.")
@click.option("--min", "least", metavar="N", type=int)
@click.option("--max", "most", metavar="N", type=int)
@_part_options
@changing_options
@common_options
@click.pass_context
def schedule(context: click.Context, /, **options: Any) -> int:
    """Other bounds at set times."""
    names = ("name", "schedule", "timezone", "least", "most")
    return _changed(context, Schedule, options, **{name: options.pop(name) for name in names})


@scaling.command(epilog="\b\nExample:\n  smtop scaling fraud suspend in --write")
@click.argument("what", nargs=-1, type=click.Choice(["in", "out", "scheduled"]))
@_part_options
@changing_options
@common_options
@click.pass_context
def suspend(context: click.Context, /, what: tuple[str, ...], **options: Any) -> int:
    """Stops scaling in, out, at set times, or altogether."""
    return _changed(context, Suspend, options, what=what)


@scaling.command(epilog="\b\nExample:\n  smtop scaling fraud resume --write")
@click.argument("what", nargs=-1, type=click.Choice(["in", "out", "scheduled"]))
@_part_options
@changing_options
@common_options
@click.pass_context
def resume(context: click.Context, /, what: tuple[str, ...], **options: Any) -> int:
    """Lets what was suspended go on."""
    return _changed(context, Suspend, options, what=what, resume=True)


@scaling.command(epilog="\b\nExample:\n  smtop scaling fraud remove --policy smtop-cpu --write")
@click.option("--policy", metavar="NAME", help="This policy only.")
@click.option("--schedule", metavar="NAME", help="This scheduled action only.")
@_part_options
@changing_options
@common_options
@click.pass_context
def remove(context: click.Context, /, policy: str | None, schedule: str | None, **options: Any) -> int:
    """Takes a policy, a scheduled action, or all scaling away."""
    return _changed(context, Unscale, options, policy=policy, schedule=schedule)


@scaling.command(epilog="\b\nExample:\n  smtop scaling fraud show --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common_options
@click.pass_context
def show(context: click.Context, /, form: str, **common: Any) -> int:
    """Targets, policies, scheduled actions with their next time, and what was done last."""
    settings = common_of(context, **common).settings()
    return asyncio.run(_show(settings, context.meta["smtop.endpoint"], form))


async def _show(settings: Settings, endpoint: str, form: str) -> int:
    from smtop.metrics.operator import operating
    from smtop.tui.view_models.scaling_show import scaling_lines

    clock = CorrectedClock(SystemClock())
    async with operating(settings, clock) as operator:
        scaled = await operator.scaled(endpoint)
    if form == "json":
        click.echo(json.dumps({"schema": 1, "endpoint": endpoint, **scaled}, ensure_ascii=sys.stdout.isatty()))
    else:
        for line in scaling_lines(scaled, clock.wall()):
            click.echo(line)
    return Exit.FINE
