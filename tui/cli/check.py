"""`smtop check`: is anything wrong? For cron jobs, pipelines and Nagios."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import click

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import FaultKind, SmtopError
from smtop.tui.cli.common import Common, draws_ascii
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.snapshot import exit_code, take
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.nagios import State, nagios_line
from smtop.tui.view_models.verdicts import (
    Missed,
    Verdict,
    counted,
    missed,
    verdict_line,
    verdicts,
    verdicts_json,
)

_EXAMPLE = "\b\nExample: fail on warnings too\n  smtop check --fail-on warning --format json | jq .findings[].title"


@click.command(epilog=_EXAMPLE)
@click.option("--fail-on", type=click.Choice(["warning", "critical"]), help="The least that fails; critical without.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--nagios", is_flag=True, help="A line and exit codes for Nagios; warnings count unless --fail-on says otherwise."
)
@click.option("--allow-partial", is_flag=True, help="Endpoints that could not be judged do not fail.")
@common_options
@click.pass_context
def check(
    context: click.Context, /, fail_on: str | None, form: str, nagios: bool, allow_partial: bool, **common: Any
) -> int:
    """Judge the whole fleet once; exit 1 when something is wrong, 3 when that cannot be told."""
    said = common_of(context, **common)
    least = Severity(fail_on or ("warning" if nagios else "critical"))
    try:
        taken = asyncio.run(take(said.settings(spanning=True)))
    except SmtopError as error:
        if not nagios:
            raise
        click.echo(nagios_line(State.UNKNOWN, str(error), {}))
        return State.UNKNOWN
    found, unjudged = verdicts(taken), missed(taken)
    code = _code(taken, found, () if allow_partial else unjudged, least)
    if nagios:
        return _nagios(taken, found, unjudged, code)
    _PRINTERS[form](taken, found, unjudged, said)
    for problem in taken.problems:
        narrate(problem.message)
    return code


def _code(taken: FleetSnapshot, found: Sequence[Verdict], unjudged: Sequence[Missed], least: Severity) -> Exit:
    """Findings first; then whether something could not be judged, and whether only denials are to blame."""
    if any(verdict.finding.severity.rank <= least.rank for verdict in found):
        return Exit.FINDINGS
    if taken.listed_at is None:
        return exit_code(taken)
    if not unjudged:
        return Exit.FINE
    denied = taken.problems and all(problem.kind is FaultKind.PERMISSION for problem in taken.problems)
    return Exit.DENIED if denied else Exit.AWS


def _nagios(taken: FleetSnapshot, found: Sequence[Verdict], unjudged: Sequence[Missed], code: Exit) -> State:
    counts = counted(found)
    state = {Exit.FINE: State.OK, Exit.FINDINGS: State.WARNING}.get(code, State.UNKNOWN)
    if state is State.WARNING and counts[Severity.CRITICAL]:
        state = State.CRITICAL
    perfdata = {
        "critical": counts[Severity.CRITICAL],
        "warning": counts[Severity.WARNING],
        "unjudged": len(unjudged),
        "endpoints": len(taken.endpoints),
    }
    click.echo(nagios_line(state, _in_a_word(taken, found, unjudged), perfdata))
    return state


def _in_a_word(taken: FleetSnapshot, found: Sequence[Verdict], unjudged: Sequence[Missed]) -> str:
    """The worst of it."""
    worst = next((verdict for verdict in found if verdict.finding.severity.rank <= 1), None)
    if worst is not None:
        more = sum(counted(found).values()) - 1
        also = f", and {more} more" if more else ""
        return f"{worst.where}: {worst.finding.title} ({worst.finding.id}){also}"
    if taken.listed_at is None:
        return next((problem.message for problem in taken.problems), "the inventory could not be read")
    if unjudged:
        return _first_missed(taken, unjudged)
    return f"{len(taken.endpoints)} endpoints, nothing wrong"


def _first_missed(taken: FleetSnapshot, unjudged: Sequence[Missed]) -> str:
    first = unjudged[0]
    if first.endpoint is None:
        return f"{first.where}: {first.why}"
    return f"{len(unjudged)} of {len(taken.endpoints)} endpoints could not be judged: {first.where}: {first.why}"


def _print_text(taken: FleetSnapshot, found: Sequence[Verdict], unjudged: Sequence[Missed], said: Common) -> None:
    paint = Paint(taken.generated_at.timestamp(), fmt.ASCII if draws_ascii(said) else fmt.BLOCKS)
    for verdict in found:
        if verdict.finding.severity is not Severity.OK:
            click.echo(verdict_line(verdict, paint))
    for one in unjudged:
        click.echo(paint.plain(f"{'UNKNOWN':8}  {one.where}  {one.why}"))
    counts = counted(found)
    click.echo(
        f"{len(taken.endpoints)} endpoints: {counts[Severity.CRITICAL]} critical, {counts[Severity.WARNING]} warnings, "
        f"{len(unjudged)} not judged"
    )


def _print_json(taken: FleetSnapshot, found: Sequence[Verdict], unjudged: Sequence[Missed], _: Common) -> None:
    click.echo(json.dumps(verdicts_json(taken, found, unjudged), allow_nan=False))


_PRINTERS = {"text": _print_text, "json": _print_json}
