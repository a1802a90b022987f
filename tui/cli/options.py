"""The options that every command takes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from smtop.tui.cli.common import Common

F = TypeVar("F", bound=Callable[..., Any])

_CONFIG = click.option("--config", metavar="FILE", type=click.Path(path_type=Path), help="Configuration file.")
_OPTIONS = (
    click.option("--profile", "profiles", metavar="P", multiple=True, help="AWS profile; may be repeated."),
    click.option("--region", "regions", metavar="R", multiple=True, help="AWS region; may be repeated."),
    _CONFIG,
    click.option(
        "--max-usd-per-hour",
        metavar="X",
        type=click.FloatRange(min=0, min_open=True),
        help="Poll less often where polling would cost more than this, in all places together.",
    ),
    click.option(
        "--sweep",
        is_flag=True,
        help="Above 500 endpoints, let CloudWatch Metrics Insights look for trouble every 5 min; costs extra.",
    ),
    click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal, to select text with."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
    click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII only."),
    click.option("--debug", is_flag=True, help="Show tracebacks."),
)


def common_options(command: F) -> F:
    """Adds the options to a command; it receives them as keyword arguments for `Common`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def common_options_without_config(command: F) -> F:
    """The same for a command that calls something of its own `--config`; the file is then named before the command."""
    for option in reversed([option for option in _OPTIONS if option is not _CONFIG]):
        command = option(command)
    return command


def common_of(context: click.Context, **own: Any) -> Common:
    """The options of a command, completed by those of the group; NO_COLOR is honoured from here on."""
    common = Common(**own).over(context.obj or Common())
    context.obj = common
    if common.no_color:
        os.environ["NO_COLOR"] = "1"
    return common
