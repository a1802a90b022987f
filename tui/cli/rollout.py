"""`smtop update` and `smtop rollback`, and the options that say how an update is rolled out."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from smtop.metrics.domain.change import POLICIES, Deployment, Rollback, Update
from smtop.tui.cli.changing import change, changing_options, split
from smtop.tui.cli.options import common_of, common_options, common_options_without_config

F = TypeVar("F", bound=Callable[..., Any])

_DEPLOYMENT = (
    click.option("--policy", type=click.Choice(POLICIES), help="How it is rolled out; all-at-once without."),
    click.option("--alarm", "alarms", metavar="NAME", multiple=True, help="Alarm that rolls it back; repeatable."),
    click.option("--step", "step_percent", metavar="PERCENT", type=int, help="Size of canary, step or batch."),
    click.option("--interval", "interval_s", metavar="S", type=int, help="Seconds after each step."),
    click.option("--bake", "bake_s", metavar="S", type=int, help="Seconds that the old fleet is kept at the end."),
)


def deployment_options(command: F) -> F:
    """Adds the options; the command receives them as keyword arguments for `deployment_of`."""
    for option in reversed(_DEPLOYMENT):
        command = option(command)
    return command


def deployment_of(options: dict[str, Any]) -> Deployment:
    """Takes its own options out of all that were given."""
    return Deployment(**{name: options.pop(name) for name in Deployment.__dataclass_fields__})


_RETAIN = click.option("--retain/--reset", default=True, help="Keep live weights and counts, or take the config's.")
_UPDATE = "\b\nExample: a tenth of the traffic first\n  smtop update fraud --config fraud-v8 --policy canary --write"
_ROLLBACK = "\b\nExample: what would it change?\n  smtop rollback fraud --dry-run"


@click.command(epilog=_UPDATE)
@click.argument("endpoint")
@click.option("--config", "to", metavar="NAME", help="The endpoint config to serve with.")
@click.option("--model", metavar="M", help="The live config with this model instead.")
@_RETAIN
@deployment_options
@changing_options
@common_options_without_config
@click.pass_context
def update(
    context: click.Context, /, endpoint: str, to: str | None, model: str | None, retain: bool, **options: Any
) -> int:
    """Another endpoint config, or the live one with another model."""
    deployment = deployment_of(options)
    how, common = split(options)
    return change(common_of(context, **common), how, Update(endpoint, to, model, retain, deployment))


@click.command(epilog=_ROLLBACK)
@click.argument("endpoint")
@click.option("--to", metavar="CONFIG", help="The earlier config; the one before the live one without.")
@_RETAIN
@deployment_options
@changing_options
@common_options
@click.pass_context
def rollback(context: click.Context, /, endpoint: str, to: str | None, retain: bool, **options: Any) -> int:
    """Back to an earlier endpoint config."""
    deployment = deployment_of(options)
    how, common = split(options)
    return change(common_of(context, **common), how, Rollback(endpoint, to, retain, deployment))
