"""`smtop policy`: the IAM policies that smtop needs, made from its own table of operations."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import click

from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.config import Settings
from smtop.tui.cli.options import common_of, common_options

_EXAMPLE = "\b\nExample: for a role of the on-call team\n  smtop policy --operator > smtop-operator.json"


@click.command(epilog=_EXAMPLE)
@click.option("--read-only", "which", flag_value="read", default=True, help="To see everything; the default.")
@click.option("--operator", "which", flag_value="operator", help="To change everything too, and to take it back.")
@click.option("--monitoring", "which", flag_value="monitoring", help="To ask metrics of linked accounts there.")
@click.option("--invoke", "endpoint", metavar="ENDPOINT", help="To invoke one endpoint, which is looked up.")
@common_options
@click.pass_context
def policy(context: click.Context, /, which: str, endpoint: str | None, **common: Any) -> None:
    """Prints an IAM policy with what smtop uses and nothing else."""
    from smtop.metrics.operator import invoke_policy, monitoring_policy, operator_policy, read_only_policy

    settings = common_of(context, **common).settings(spanning=endpoint is None)
    if endpoint is not None:
        document = invoke_policy(*asyncio.run(_target(settings, endpoint)))
    else:
        made = {"read": read_only_policy, "operator": operator_policy, "monitoring": monitoring_policy}
        document = made[which]()
    click.echo(json.dumps(document, indent=2))


async def _target(settings: Settings, endpoint: str) -> tuple[str, Sequence[str]]:
    """The ARN of an endpoint, and its containers where they can be invoked one by one."""
    from smtop.metrics.operator import operating

    async with operating(settings, CorrectedClock(SystemClock())) as operator:
        return await operator.target(endpoint)
