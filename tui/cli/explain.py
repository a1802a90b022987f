"""`smtop explain`: what is wrong with one endpoint, since when, how bad, and what to do."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import click

from smtop.metrics.analysis.judged import Look, looks, unjudged
from smtop.metrics.analysis.rulebook import rulebook_of
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.metrics.errors import RefusedError
from smtop.tui.cli.common import Common, draws_ascii
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.snapshot import exit_code, take
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.markdown import as_summary
from smtop.tui.view_models.verdicts import (
    looks_json,
    looks_lines,
    verdict_block,
    verdicts,
    verdicts_json,
)

_EXAMPLE = "\b\nExample: into a ticket\n  smtop explain fraud-scorer --format markdown | pbcopy"


@click.command(epilog=_EXAMPLE)
@click.argument("endpoint", metavar="ENDPOINT")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@common_options
@click.pass_context
def explain(context: click.Context, /, endpoint: str, form: str, **common: Any) -> int:
    """Why one endpoint is ill: evidence, onset, impact, what changed just before, and what to do."""
    said = common_of(context, **common)
    settings = said.settings(spanning=True)
    taken = asyncio.run(take(settings, only=endpoint))
    for problem in taken.problems:
        narrate(problem.message)
    if taken.listed_at is None:
        return exit_code(taken)
    view = next((view for view in taken.endpoints if view.endpoint.name == endpoint), None)
    if view is None:
        where = f"{taken.identity.account} / {taken.identity.region}" if taken.identity else "this account"
        raise RefusedError(f"There is no endpoint {endpoint} in {where}. smtop snapshot lists those that there are.")
    _PRINTERS[form](taken, view, list(looks(view, rulebook_of(settings.rules).terms(view.endpoint))), said)
    return Exit.FINE


def _paint(taken: FleetSnapshot, said: Common) -> Paint:
    return Paint(taken.generated_at.timestamp(), fmt.ASCII if draws_ascii(said) else fmt.BLOCKS)


def _print_text(taken: FleetSnapshot, view: EndpointView, looked: Sequence[Look], said: Common) -> None:
    paint = _paint(taken, said)
    endpoint = view.endpoint
    click.echo(paint.plain(f"{endpoint.name}: {view.severity.value} ({endpoint.kind.value}, {endpoint.status})"))
    for verdict in verdicts(taken):
        click.echo("")
        for line in verdict_block(verdict, paint):
            click.echo(line)
    click.echo("")
    why = unjudged(view)
    if why:
        click.echo(paint.plain(f"It cannot be called fine: {why}"))
    for finding in view.hints:
        click.echo(paint.plain(f"Early signal, not settled yet: {finding.title} ({finding.id})"))
    for line in looks_lines(looked, paint):
        click.echo(line)


def _print_json(taken: FleetSnapshot, view: EndpointView, looked: Sequence[Look], _: Common) -> None:
    why = unjudged(view)
    missed = [(view.endpoint.name, why)] if why else []
    document = verdicts_json(taken, verdicts(taken), missed)
    told = {"endpoint": view.endpoint.name, "severity": view.severity.value, "looked_at": looks_json(looked)}
    click.echo(json.dumps({**document, **told}, allow_nan=False))


def _print_markdown(taken: FleetSnapshot, view: EndpointView, _: Sequence[Look], said: Common) -> None:
    click.echo(as_summary(view, taken, _paint(taken, said)), nl=False)


_PRINTERS = {"text": _print_text, "json": _print_json, "markdown": _print_markdown}
