"""What all commands that change something have in common: options, the printed plan, confirmation, the result."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from smtop.metrics.actions.apply import UNDO
from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.plan import Confirm, Plan, plan_document
from smtop.metrics.journal import Entry, Journal, State
from smtop.tui.cli.common import Common
from smtop.tui.cli.exits import Exit, narrate
from smtop.tui.view_models.plan import due_line, left_over_line, plan_lines, result_document

if TYPE_CHECKING:
    from smtop.metrics.operator import Operator

F = TypeVar("F", bound=Callable[..., Any])

TIMEOUT_S = 3600.0

_OPTIONS = (
    click.option("--write", is_flag=True, help="Allow this command to change something."),
    click.option("--dry-run", is_flag=True, help="Print the plan and change nothing."),
    click.option("--yes", is_flag=True, help="Confirm what is small and can be taken back."),
    click.option(
        "--confirm", "confirm_text", metavar="TEXT", help="Confirm anything: the text that the plan asks for."
    ),
    click.option("--wait/--no-wait", default=True, show_default=True, help="Follow the change to its end."),
    click.option(
        "--timeout", "timeout_s", metavar="S", type=click.FloatRange(min=0), default=TIMEOUT_S, help="Seconds."
    ),
    click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
)


@dataclass(frozen=True)
class How:
    """How a change was asked for."""

    write: bool
    dry_run: bool
    yes: bool
    confirm_text: str | None
    wait: bool
    timeout_s: float
    form: str


def changing_options(command: F) -> F:
    """Adds the options of a changing command; it receives them as keyword arguments for `How`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def split(options: dict[str, Any]) -> tuple[How, dict[str, Any]]:
    """The options of `How`, and the rest."""
    own = {name: options.pop(name) for name in How.__dataclass_fields__}
    return How(**own), options


def change(common: Common, how: How, wanted: Change) -> int:
    """Plans, prints, asks and carries out; returns the exit code."""
    return asyncio.run(_change(common, how, wanted))


async def _change(common: Common, how: How, wanted: Change) -> int:
    from smtop.metrics.operator import operating

    async with operating(common.settings(), CorrectedClock(SystemClock())) as operator:
        _tell_what_waits(operator.journal, wanted)
        made = await operator.plan(wanted)
        if how.dry_run:
            _print_plan(made, how)
            return Exit.FINDINGS if made.blockers else Exit.FINE
        if made.blockers:
            return _refused(made, how, " ".join(made.blockers))
        if how.write and made.change != UNDO:
            operator.gate.open()
        closed = operator.gate.why_closed(own=made.change == UNDO)
        if closed:
            return _refused(made, how, closed)
        if not _is_confirmed(made, how):
            return _refused(made, how, f"Not confirmed; nothing was changed. {_how_to_confirm(made)}")
        return await _carry_out(operator, made, how)


def _tell_what_waits(journal: Journal, wanted: Change) -> None:
    """What was begun and has no end, and what is due, unless this is about it."""
    for due in journal.due():
        narrate(due_line(due))
    for entry in journal.leftovers():
        # All calls of one in progress are made: nothing is half done, and AWS goes on without us.
        if entry.state is not State.IN_PROGRESS and entry.id != getattr(wanted, "change_id", None):
            narrate(left_over_line(entry))


async def _carry_out(operator: "Operator", made: Plan, how: How) -> int:
    try:
        entry = await operator.carry_out(made, how.timeout_s if how.wait else 0.0)
    except asyncio.CancelledError:
        narrate(f"The change goes on; it stands in the journal as {made.id}. See: smtop journal")
        raise
    print_result(entry, how.form)
    goes_on = entry.state in (State.IN_PROGRESS, State.UNDER_WAY) and entry.error is None
    if entry.state in (State.APPLIED, State.DEFERRED) or (goes_on and not how.wait):
        return Exit.FINE
    return Exit.FINDINGS


def _refused(made: Plan, how: How, why: str) -> int:
    _print_plan(made, how, sys.stderr if how.form == "text" else None)
    narrate(why)
    return Exit.FINDINGS


def _is_confirmed(made: Plan, how: How) -> bool:
    if made.confirm is Confirm.NONE:
        return True
    if how.confirm_text is not None and how.confirm_text == (made.confirm_text or "yes"):
        return True
    if made.confirm is Confirm.YES and how.yes:
        return True
    return sys.stdin.isatty() and sys.stderr.isatty() and how.confirm_text is None and _asked(made)


def _asked(made: Plan) -> bool:
    """Asks on the terminal, with the plan above the question."""
    for line in plan_lines(made):
        click.echo(line, err=True)
    with _interruptible():
        if made.confirm is Confirm.YES:
            return click.confirm("Do it?", default=False, err=True)
        answer: str = click.prompt(f"Type {made.confirm_text} to do it", default="", show_default=False, err=True)
        return answer == made.confirm_text


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends a question at once: the event loop would only take note of it, and the question go on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _how_to_confirm(made: Plan) -> str:
    if made.confirm is Confirm.YES:
        return "Give --yes."
    return f"Give --confirm {json.dumps(made.confirm_text)}."


def _print_plan(made: Plan, how: How, stream: Any = None) -> None:
    if how.form == "json":
        click.echo(json.dumps(plan_document(made), ensure_ascii=sys.stdout.isatty(), allow_nan=False))
        return
    for line in plan_lines(made):
        click.echo(line, file=stream)


def print_result(entry: Entry, form: str) -> None:
    """What came of a change."""
    if form == "json":
        click.echo(json.dumps(result_document(entry), ensure_ascii=sys.stdout.isatty(), allow_nan=False))
    if entry.error:
        narrate(entry.error)
    if form == "text":
        narrate(f"{entry.id}: {entry.state.value}{f', {entry.status}' if entry.status else ''}")
        if entry.due_at is not None:
            narrate(due_line(entry))
        elif entry.plan.undo is not None and entry.state is not State.REFUSED:
            narrate(f"Take it back with: smtop undo {entry.id}")
