"""`smtop delete`: an endpoint, and what only it uses."""

from typing import Any

import click

from smtop.metrics.domain.change import Delete
from smtop.tui.cli.changing import change, changing_options, split
from smtop.tui.cli.options import common_of, common_options

_EXAMPLE = "\b\nExample: what would go, and what is lost?\n  smtop delete fraud-canary --with-config --dry-run"


@click.command(epilog=_EXAMPLE)
@click.argument("endpoint")
@click.option("--with-config", is_flag=True, help="Its config too, where nothing else uses it.")
@click.option("--with-models", is_flag=True, help="Its models too, where nothing else uses them.")
@changing_options
@common_options
@click.pass_context
def delete(context: click.Context, /, endpoint: str, with_config: bool, with_models: bool, **options: Any) -> int:
    """Deletes an endpoint with its components and scaling; `smtop undo` makes it anew."""
    how, common = split(options)
    return change(common_of(context, **common), how, Delete(endpoint, with_config, with_models))
