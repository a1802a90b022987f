"""`smtop resize`: another size of a variant or component."""

from typing import Any

import click

from smtop.metrics.domain.change import Resize
from smtop.tui.cli.changing import change, changing_options, split
from smtop.tui.cli.moments import moment
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.rollout import deployment_of, deployment_options

_EXAMPLE = "\b\nExample: four instances instead of three\n  smtop resize fraud --count 4 --write"
_SIZES = (
    click.option("--variant", metavar="V", help="Where there are several."),
    click.option("--component", metavar="C", help="An inference component."),
    click.option("--count", metavar="N", type=int, help="Instances."),
    click.option("--type", metavar="T", help="Instance type; needs a new config."),
    click.option("--memory", "memory_mb", metavar="MB", type=int, help="Serverless memory; needs a new config."),
    click.option("--max-concurrency", metavar="N", type=int, help="Serverless: requests at once."),
    click.option(
        "--provisioned-concurrency", metavar="N", type=int, help="Serverless: kept warm; 0 takes it away by a config."
    ),
    click.option("--from", "begins_at", metavar="T", callback=moment, help="When provisioned concurrency begins."),
    click.option("--until", "ends_at", metavar="T", callback=moment, help="When it is due to be taken back."),
    click.option("--copies", metavar="N", type=int, help="Copies of an inference component."),
    click.option(
        "--async-concurrency", metavar="N", type=int, help="Asynchronous: requests at once for each instance."
    ),
)


def _sized(command: Any) -> Any:
    for option in reversed(_SIZES):
        command = option(command)
    return command


@click.command(epilog=_EXAMPLE)
@click.argument("endpoint")
@_sized
@deployment_options
@changing_options
@common_options
@click.pass_context
def resize(context: click.Context, /, endpoint: str, **options: Any) -> int:
    """Another size of a variant or of an inference component: in place where AWS can, else by a new config.

    T is a time such as 2026-11-21T06:00Z (UTC where it has no offset) or +2h from now.
    """
    sizes = {name: options.pop(name) for name in _NAMES}
    deployment = deployment_of(options)
    how, common = split(options)
    return change(common_of(context, **common), how, Resize(endpoint, deployment=deployment, **sizes))


_NAMES = (
    "variant",
    "component",
    "count",
    "type",
    "memory_mb",
    "max_concurrency",
    "provisioned_concurrency",
    "async_concurrency",
    "copies",
    "begins_at",
    "ends_at",
)
