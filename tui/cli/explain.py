"""`smtop explain`: what is wrong with one endpoint, since when, how bad, and what to do."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
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
    missed_of,
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
    taken = asyncio.run(take(settings, only=endpoint.rpartition("/")[2]))
    for problem in taken.problems:
        narrate(problem.message)
    found = _found(endpoint, taken)
    if taken.listed_at is None or (taken.unread and not found):
        return exit_code(taken)
    view = _only(found, endpoint, taken)
    taken = replace(taken, endpoints=(view,))
    _PRINTERS[form](taken, view, list(looks(view, rulebook_of(settings.rules).terms(view.endpoint))), said)
    return Exit.FINE


def _found(named: str, taken: FleetSnapshot) -> list[EndpointView]:
    """The endpoints of this name, or the one of this `account/region/name`."""
    return [view for view in taken.endpoints if named in (view.key, view.endpoint.name)]


def _only(found: Sequence[EndpointView], named: str, taken: FleetSnapshot) -> EndpointView:
    """Raises RefusedError where there is not one."""
    if len(found) > 1:
        keys = ", ".join(view.key for view in found)
        raise RefusedError(f"There are {len(found)} endpoints called {named}: name one of {keys}.")
    if not found:
        places = " or ".join(f"{one.account} / {one.region}" for one in taken.identities) or "this account"
        raise RefusedError(f"There is no endpoint {named} in {places}. smtop snapshot lists those that there are.")
    return found[0]


def _paint(taken: FleetSnapshot, said: Common) -> Paint:
    return Paint(taken.generated_at.timestamp(), fmt.ASCII if draws_ascii(said) else fmt.BLOCKS)


def _print_text(taken: FleetSnapshot, view: EndpointView, looked: Sequence[Look], said: Common) -> None:
    paint = _paint(taken, said)
    endpoint = view.endpoint
    click.echo(paint.plain(f"{endpoint.title}: {view.severity.value} ({endpoint.kind.value}, {endpoint.status})"))
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
    unjudged_ones = [missed_of(view, why, taken)] if why else []
    document = verdicts_json(taken, verdicts(taken), unjudged_ones)
    told = {"endpoint": view.endpoint.name, "severity": view.severity.value, "looked_at": looks_json(looked)}
    click.echo(json.dumps({**document, **told}, allow_nan=False))


def _print_markdown(taken: FleetSnapshot, view: EndpointView, _: Sequence[Look], said: Common) -> None:
    click.echo(as_summary(view, taken, _paint(taken, said)), nl=False)


_PRINTERS = {"text": _print_text, "json": _print_json, "markdown": _print_markdown}
