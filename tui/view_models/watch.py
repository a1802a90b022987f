"""What comes of changes, while they are made and for ten minutes after: AWS's state, the numbers before and after."""

import math
from collections.abc import Iterator, Mapping

from smtop.metrics.actions.reasons import explained
from smtop.metrics.domain.plan import Call
from smtop.metrics.domain.series import PERIOD_S, Owner, Sample
from smtop.metrics.domain.snapshot import Vitals
from smtop.metrics.journal import Entry, Made, State
from smtop.tui.view_models import cells, fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.plan_dialog import fit_line, wrapped
from smtop.tui.view_models.undertaking import WATCH_S, Step, Undertaking

_STATE_STYLES: Mapping[State, str] = {
    State.APPLIED: "bold",
    State.FAILED: "critical",
    State.REFUSED: "warning",
}
_NUMBER_CELLS = 7


def summary(undertaking: Undertaking, now: float) -> str:
    """What is under way in a line: `weights fraud: Updating, 40s`; empty once it is over."""
    if undertaking.is_over:
        return ""
    step = undertaking.current
    done = sum(one.has_ended for one in undertaking.steps)
    of_several = f" ({done + 1} of {len(undertaking.steps)})" if len(undertaking.steps) > 1 else ""
    elapsed = f", {fmt.age(now - step.began_at)}" if step.began_at is not None else ""
    return f"{step.plan.change} {step.plan.endpoint}{of_several}: {step.word}{elapsed}   :watch shows it"


def ending(undertaking: Undertaking) -> str:
    """What has come of it, in a sentence for the last line."""
    failed = [step for step in undertaking.steps if step.has_ended and not step.is_well]
    if failed:
        step = failed[0]
        error = step.fault or (step.entry.error if step.entry else "") or ""
        return f"{step.plan.change} {step.plan.endpoint} {step.word}: {error}"
    done = [step for step in undertaking.steps if step.is_well]
    names = ", ".join(step.plan.endpoint for step in done)
    word = "done. u takes it back" if all(step.word == "done" for step in done) else "put off; :changes has it"
    return f"{undertaking.steps[0].plan.change} {names}: {word}." if done else ""


def watch_lines(undertaking: Undertaking, now: float, width: int, paint: Paint) -> list[Line]:
    """Every step with its calls, its state, and its numbers before and after."""
    lines: list[Line] = []
    for step in undertaking.steps:
        lines += [*_step(step, now, width, paint), ()]
    return lines[:-1]


def _step(step: Step, now: float, width: int, paint: Paint) -> Iterator[Line]:
    yield _head(step, now, width, paint)
    entry = step.entry
    yield from _calls(step, width, paint)
    for sentence in filter(None, (step.fault, entry.turning_back if entry and not step.has_ended else None)):
        yield from wrapped("  ! ", sentence, width, paint, "critical")
    if entry is not None:
        yield from _outcome(entry, width, paint)
    if step.began_at is not None:
        yield from _numbers(step, now, width, paint)


def _head(step: Step, now: float, width: int, paint: Paint) -> Line:
    end = step.ended_at if step.ended_at is not None else now
    elapsed = f"  {fmt.age(end - step.began_at)}" if step.began_at is not None else ""
    style = _STATE_STYLES.get(step.entry.state, "changing") if step.entry else "dim"
    word = paint.plain(step.word)
    room = max(width - fmt.cells(word) - len(elapsed) - 3, 6)
    title = fmt.cut_middle(f"{step.plan.change} {paint.plain(step.plan.endpoint)}", room, paint.glyphs)
    status = step.entry.status if step.entry and step.entry.state.is_final else None
    said = f"  {paint.plain(status)}" if status else ""
    line = (Cell(title, "title"), Cell("  "), Cell(word, style), Cell(said), Cell(elapsed, "dim"))
    return fit_line(line, width, paint)


def _calls(step: Step, width: int, paint: Paint) -> Iterator[Line]:
    """Each call with how it stands; an unmade one that was to be taken in place of a refused one is left out."""
    known = step.entry.calls if step.entry else {}
    for place, call in enumerate(step.plan.calls):
        yield _call(call, known.get(str(place)), step, width, paint)
        for below, other in enumerate(call.otherwise):
            if f"{place}.{below}" in known:
                yield _call(other, known[f"{place}.{below}"], step, width, paint)


def _call(call: Call, made: Made | None, step: Step, width: int, paint: Paint) -> Line:
    """A call; what AWS calls the request is for whoever has to ask AWS afterwards."""
    word, style = _standing(made)
    request = f"  {made.request_id}" if made and made.request_id and step.has_ended else ""
    return fit_line((Cell(f"  {word:<9}", style), Cell(call.name), Cell(paint.plain(request), "dim")), width, paint)


def _standing(made: Made | None) -> tuple[str, str]:
    if made is None:
        return "not yet", "dim"
    if made.refused is not None:
        return "refused", "warning"
    return ("done", "bold") if made.done else ("sent", "changing")


def _outcome(entry: Entry, width: int, paint: Paint) -> Iterator[Line]:
    """What AWS says, what usually causes it and what to do, and how it was taken back."""
    if entry.error:
        yield from wrapped("  ! ", entry.error, width, paint, "critical")
        reason = explained(entry.error) if entry.state is State.FAILED else None
        if reason is not None and reason.is_known:
            yield from wrapped("    ", f"Usually: {reason.cause}", width, paint)
            yield from wrapped(f"  {paint.glyphs.arrow} ", reason.next, width, paint, "bold")
    if entry.due_at is not None:
        todo = "begun" if entry.state is State.DEFERRED else "taken back"
        yield from wrapped("  ", f"Due to be {todo} at {fmt.moment(entry.due_at, math.inf)}.", width, paint, "bold")
    if entry.undone_by:
        yield from wrapped("  ", f"Taken back by {entry.undone_by}.", width, paint, "dim")


# Numbers


def _numbers(step: Step, now: float, width: int, paint: Paint) -> Iterator[Line]:
    """A line a part: requests, errors and p99, each before and now."""
    parts = list(step.before) or list(step.now)
    if not parts:
        return
    longest = max(fmt.cells(paint.plain(_name(part))) for part in parts)
    names = min(max(longest, 4), max(width - 60, 8))
    pair = 2 * _NUMBER_CELLS + 4
    head = f"  {fmt.pad('PART', names)}  {'REQ/m':<{pair}}{'5XX%':<{pair}}{'P99ms':<{pair}}"
    yield fit_line((Cell(head, "title"),), width, paint)
    for part in parts:
        was, is_now = step.before.get(part), step.now.get(part)
        pairs = (_pair(was, is_now, name, step, paint) for name in _NUMBERS)
        name = fmt.cut_middle(paint.plain(_name(part)), names, paint.glyphs)
        line = (Cell(f"  {fmt.pad(name, names)}  "), *(cell for cells_ in pairs for cell in cells_))
        yield fit_line(line, width, paint)
    yield from wrapped("  ", _about(step, now), width, paint, "dim")


def _name(part: Owner) -> str:
    return part.component or part.variant or part.endpoint


_NUMBERS: Mapping[str, fmt.Number] = {
    "requests_per_minute": fmt.count,
    "server_error_ratio": fmt.percent,
    "p99_ms": fmt.milliseconds,
}


def _pair(was: Vitals | None, is_now: Vitals | None, name: str, step: Step, paint: Paint) -> Iterator[Cell]:
    before = _number(was, name, paint)
    newest: Sample | None = getattr(is_now, name) if is_now else None
    after = _number(is_now, name, paint) if newest and _is_of_after(newest, step) else Cell("...", "dim")
    yield Cell(f"{before.text:>{_NUMBER_CELLS}}", before.style)
    yield Cell(f" {paint.glyphs.arrow} "[:3], "dim")
    yield Cell(fmt.pad(after.text, _NUMBER_CELLS + 1), "bold" if after.style == "normal" else after.style)


def _number(vitals: Vitals | None, name: str, paint: Paint) -> Cell:
    sample: Sample | None = getattr(vitals, name) if vitals else None
    return cells.sample(sample, _NUMBERS[name], _NUMBER_CELLS, paint) if sample else cells.NOTHING


def _is_of_after(sample: Sample, step: Step) -> bool:
    """Whether a minute that began after the change began has been measured: until then the number is an old one."""
    if step.began_at is None or sample.at is None:
        return False
    return sample.at >= step.began_at // PERIOD_S * PERIOD_S


def _about(step: Step, now: float) -> str:
    if step.ended_at is not None and now - step.ended_at > WATCH_S:
        return "Before, and ten minutes after the change."
    return "Before, and as measured since; ... until a minute after the change has been measured."
