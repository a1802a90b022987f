"""`smtop`: the screen by default, and the commands beside it."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import click

from smtop.tui.cli.demo import demo
from smtop.tui.cli.exits import Exit, guarded
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.screen import watch
from smtop.tui.cli.snapshot import snapshot

_EXAMPLE = "\b\nExample:\n  smtop --profile prod --region eu-west-1"


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLE,
)
@click.version_option(version("smtop"), prog_name="smtop")
@common_options
@click.pass_context
def smtop(context: click.Context, /, **common: Any) -> None:
    """htop and k9s for Amazon SageMaker inference fleets.

    Without a command: the live screen, on the AWS credentials of this shell.
    """
    said = common_of(context, **common)
    if context.invoked_subcommand is None:
        watch(said)


smtop.add_command(demo)
smtop.add_command(snapshot)


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; returns the exit code."""
    debug = "--debug" in arguments
    return guarded(lambda: _result(smtop.main(list(arguments), prog_name="smtop", standalone_mode=False)), debug=debug)


def _result(value: object) -> int:
    return value if isinstance(value, int) else Exit.FINE
