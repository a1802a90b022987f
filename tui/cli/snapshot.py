"""`smtop snapshot`: discover, ask everything once, print, exit."""

import asyncio
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.metrics.errors import FaultKind
from smtop.tui.cli.common import Common, draws_ascii
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.table import print_table
from smtop.tui.view_models.filter import compile_filter
from smtop.tui.view_models.fleet import SORTS, is_descending, ordered
from smtop.tui.view_models.schema import CSV_COLUMNS, snapshot_csv, snapshot_json
from smtop.tui.view_state import WORST_FIRST, ViewState

_EXAMPLE = "\b\nExample: what needs attention, as JSON\n  smtop snapshot --format json --filter '!severity:ok' | jq ."


@click.command(epilog=_EXAMPLE)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--filter", "filter_text", metavar="F", default="", help="Which endpoints, in the grammar of /.")
@click.option(
    "--sort",
    metavar="C",
    type=click.Choice([WORST_FIRST, *SORTS], case_sensitive=False),
    default=WORST_FIRST,
    help="Column.",
)
@click.option("--desc", is_flag=True, help="Largest first.")
@click.option("-n", "rows", metavar="ROWS", type=click.IntRange(min=0), help="At most this many endpoints.")
@common_options
@click.pass_context
def snapshot(
    context: click.Context, /, form: str, filter_text: str, sort: str, desc: bool, rows: int | None, **common: Any
) -> int:
    """One picture of the fleet, worst first, on standard output."""
    said = common_of(context, **common)
    matches = compile_filter(filter_text)
    taken = asyncio.run(take(said.settings(spanning=True)))
    chosen = _sorted([view for view in taken.endpoints if matches(view)], sort, descending=desc)[:rows]
    _PRINTERS[form](replace(taken, endpoints=tuple(chosen)), said)
    for sentence in _narration(taken):
        narrate(sentence)
    return exit_code(taken)


async def take(settings: Settings, only: str | None = None) -> FleetSnapshot:
    """One picture of the fleet, or of one endpoint of it."""
    from smtop.metrics import places

    return await places.take(settings, CorrectedClock(SystemClock()), narrate, only)


def _narration(taken: FleetSnapshot) -> Iterator[str]:
    """What standard error has to say: an account without endpoints, and what could not be asked."""
    if taken.identities and taken.listed_at is not None and not taken.endpoints:
        places = ", ".join(f"{identity.account} / {identity.region}" for identity in taken.identities)
        yield f"There are no SageMaker endpoints in {places}."
    for problem in taken.problems:
        yield problem.message


def exit_code(taken: FleetSnapshot) -> Exit:
    """Fine once every inventory was read; otherwise denied, if nothing but a denial was in the way."""
    if taken.listed_at is not None and not taken.unread:
        return Exit.FINE
    in_the_way = [problem for problem in taken.problems if not taken.watched or problem.source in taken.unread]
    denied = all(problem.kind is FaultKind.PERMISSION for problem in in_the_way)
    return Exit.DENIED if denied else Exit.AWS


def _sorted(views: Sequence[EndpointView], sort: str, *, descending: bool) -> list[EndpointView]:
    if sort == WORST_FIRST:
        return ordered(views, ViewState(inverted=descending))
    states = (ViewState(sort=sort), ViewState(sort=sort, inverted=True))
    return ordered(views, next(state for state in states if is_descending(state) is descending))


def _print_json(taken: FleetSnapshot, _: Common) -> None:
    """As UTF-8; on a terminal in ASCII, since JSON allows control characters that terminals obey."""
    click.echo(json.dumps(snapshot_json(taken), ensure_ascii=sys.stdout.isatty(), allow_nan=False))


def _print_csv(taken: FleetSnapshot, _: Common) -> None:
    writer = csv.DictWriter(sys.stdout, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(snapshot_csv(taken))


def _print_table(taken: FleetSnapshot, said: Common) -> None:
    if taken.listed_at is not None:
        print_table(taken, ascii_only=draws_ascii(said))


_PRINTERS = {"table": _print_table, "json": _print_json, "csv": _print_csv}
