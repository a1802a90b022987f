"""The command line as click reads it: the screen by default, and the commands beside it."""

import importlib
from collections.abc import Sequence
from typing import Any

import click

from smtop.tui.cli.exits import Exit
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.screen import watch

_COMMANDS = {
    "baseline": "smtop.tui.cli.baseline",
    "check": "smtop.tui.cli.check",
    "delete": "smtop.tui.cli.delete",
    "demo": "smtop.tui.cli.demo",
    "doctor": "smtop.tui.cli.doctor",
    "explain": "smtop.tui.cli.explain",
    "invoke": "smtop.tui.cli.invoke",
    "journal": "smtop.tui.cli.journal",
    "policy": "smtop.tui.cli.policy",
    "resize": "smtop.tui.cli.resize",
    "rollback": "smtop.tui.cli.rollout",
    "scaling": "smtop.tui.cli.scaling",
    "snapshot": "smtop.tui.cli.snapshot",
    "undo": "smtop.tui.cli.undo",
    "update": "smtop.tui.cli.rollout",
    "weights": "smtop.tui.cli.weights",
}
"""Each command is an object of its own name in a module that is imported when it is asked for."""

_EXAMPLE = "\b\nExample:\n  smtop --profile prod --region eu-west-1"


class Commands(click.Group):
    """A group whose commands cost nothing until they run: the screen must not wait for them."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLE,
)
@click.version_option(package_name="smtop", prog_name="smtop")
@click.option("--view", metavar="NAME", help="Begin with this view of the configuration file.")
@common_options
@click.pass_context
def smtop(context: click.Context, /, **common: Any) -> int | None:
    """htop and k9s for Amazon SageMaker inference fleets.

    Without a command: the live screen, on the AWS credentials of this shell.
    """
    said = common_of(context, **common)
    return watch(said) if context.invoked_subcommand is None else None


def carry_out(arguments: Sequence[str]) -> int:
    """Runs the command that is named; returns the exit code. What click objects to it says itself."""
    try:
        value = smtop.main(list(arguments), prog_name="smtop", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return Exit.INTERRUPTED
    return value if isinstance(value, int) else Exit.FINE
