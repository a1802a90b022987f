"""`smtop undo`: back to where a change began."""

from typing import Any

import click

from smtop.metrics.domain.change import Undo
from smtop.tui.cli.changing import change, changing_options, split
from smtop.tui.cli.options import common_of, common_options

_EXAMPLE = "\b\nExample: what it would do\n  smtop undo --dry-run"


@click.command(epilog=_EXAMPLE)
@click.argument("change_id", metavar="[CHANGE]", required=False)
@changing_options
@common_options
@click.pass_context
def undo(context: click.Context, /, change_id: str | None, **options: Any) -> int:
    """Takes back a change, by default the newest one of yours here that can be; needs no --write."""
    how, common = split(options)
    return change(common_of(context, **common), how, Undo(change_id))
