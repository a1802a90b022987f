"""`smtop journal`: what was changed from here, what of it was left half done, and what is due."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Any

import click

from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.journal import Entry, Journal, State
from smtop.tui.cli.changing import TIMEOUT_S, print_result
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.view_models.plan import due_line, entry_document, left_over_line

_EXAMPLE = "\b\nExample: the last change, as JSON\n  smtop journal --format json | jq '.changes[0]'"


@click.command(epilog=_EXAMPLE)
@click.option("--finish", "change_id", metavar="CHANGE", help="Go on with a change that was cut off or put off.")
@click.option("--write", is_flag=True, help="Allow to begin what was put off.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common_options
@click.pass_context
def journal(context: click.Context, /, change_id: str | None, write: bool, form: str, **common: Any) -> int:
    """The changes of this user, the newest first, with what came of each."""
    settings = common_of(context, **common).settings(spanning=change_id is None)
    if change_id is not None:
        return asyncio.run(_finish(settings, change_id, form, write=write))
    kept = Journal(settings.directories.state, SystemClock())
    entries, leftovers = kept.entries(), kept.leftovers()
    left = {entry.id for entry in leftovers}
    for entry in leftovers:
        narrate(left_over_line(entry))
    if form == "json":
        documents = [{**entry_document(entry), "left_over": entry.id in left} for entry in entries]
        click.echo(json.dumps({"schema": 1, "changes": documents}, ensure_ascii=sys.stdout.isatty(), allow_nan=False))
        return Exit.FINE
    for entry in entries:
        click.echo(_line(entry, left_over=entry.id in left))
    return Exit.FINE


async def _finish(settings: Settings, change_id: str, form: str, *, write: bool) -> int:
    from smtop.metrics.operator import operating

    async with operating(settings, CorrectedClock(SystemClock())) as operator:
        if write:
            operator.gate.open()
        entry = await operator.finish(change_id, TIMEOUT_S)
    print_result(entry, form)
    return Exit.FINE if entry.state is State.APPLIED else Exit.FINDINGS


def _line(entry: Entry, *, left_over: bool) -> str:
    moment = datetime.fromtimestamp(entry.planned_at, UTC)
    told = [f"{moment:%Y-%m-%d %H:%MZ}", entry.id, entry.plan.change, entry.plan.endpoint, entry.state.value]
    told += ["LEFT OVER"] if left_over else []
    told += [f"taken back by {entry.undone_by}"] if entry.undone_by else []
    told += [due_line(entry)] if entry.due_at is not None else []
    told += [entry.error] if entry.error else []
    return "  ".join(told)
