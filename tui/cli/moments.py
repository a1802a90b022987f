"""Times on the command line: `2026-11-21T06:00Z`, or `+2h` from now."""

import time

import click

from smtop.tui.view_models.moments import moment_of


def moment(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """Epoch seconds of an option's value; a time without an offset is UTC. Raises BadParameter."""
    try:
        return moment_of(text, time.time()) if text else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
