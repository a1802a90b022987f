"""`smtop weights`: how the traffic is shared among production variants."""

from typing import Any

import click

from smtop.metrics.domain.change import Weights
from smtop.tui.cli.changing import change, changing_options, split
from smtop.tui.cli.options import common_of, common_options

_EXAMPLE = "\b\nExample: a tenth of the traffic to the canary\n  smtop weights fraud A=90 B=10 --write"


@click.command(epilog=_EXAMPLE)
@click.argument("endpoint")
@click.argument("pairs", metavar="VARIANT=WEIGHT...", nargs=-1, required=True)
@changing_options
@common_options
@click.pass_context
def weights(context: click.Context, /, endpoint: str, pairs: tuple[str, ...], **options: Any) -> int:
    """Sets the weights of production variants; those that are not named keep theirs."""
    how, common = split(options)
    return change(common_of(context, **common), how, Weights(endpoint, dict(_pair(text) for text in pairs)))


def _pair(text: str) -> tuple[str, float]:
    name, equals, number = text.rpartition("=")
    try:
        return (name, float(number)) if equals and name else _malformed(text)
    except ValueError:
        return _malformed(text)


def _malformed(text: str) -> tuple[str, float]:
    raise click.UsageError(f"{text} is no VARIANT=WEIGHT, like A=90.")
