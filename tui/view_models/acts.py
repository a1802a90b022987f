"""The small menu of what can be done to an endpoint, or to all that are marked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from smtop.metrics.actions.allowed import Act, Rights, Standing, Verdict, obstacle, verdict
from smtop.metrics.domain.endpoint import Endpoint
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.plan_dialog import fit_line, wrapped


class Entry(NamedTuple):
    """One line of the menu."""

    act: Act
    key: str
    words: str


WORDS: Mapping[Act, str] = {
    Act.WEIGHTS: "weights of variants",
    Act.RESIZE: "resize: count, type, copies",
    Act.SERVERLESS: "serverless: memory, concurrency",
    Act.SCALING: "scaling",
    Act.UPDATE: "update to a config or model",
    Act.ROLLBACK: "back to an earlier config",
    Act.INVOKE: "test invocation",
    Act.DELETE: "delete",
}
_SIGNS: Mapping[Standing, tuple[str, str]] = {
    Standing.ALLOWED: ("+", "bold"),
    Standing.DENIED: ("x", "warning"),
    Standing.UNKNOWN: ("?", "unknown"),
}
_HARDEST = (Standing.DENIED, Standing.UNKNOWN, Standing.ALLOWED)


def usual(endpoint: Endpoint) -> Act:
    """What is changed most of an endpoint of its kind."""
    if endpoint.kind.is_serverless:
        return Act.SERVERLESS
    return Act.WEIGHTS if len(endpoint.production) > 1 and not endpoint.components else Act.RESIZE


def joint(act: Act, endpoints: Sequence[Endpoint], rights: Rights) -> Verdict:
    """The verdict on several: the hardest of theirs, with how many it is about."""
    verdicts = [verdict(act, endpoint, rights) for endpoint in endpoints]
    hardest = min(verdicts, key=lambda one: _HARDEST.index(one.standing))
    alike = sum(one.standing is hardest.standing for one in verdicts)
    of_them = f"{alike} of {len(verdicts)}: " if len(verdicts) > 1 else ""
    return Verdict(hardest.standing, f"{of_them}{hardest.reason}")


def obstacles(act: Act, endpoints: Sequence[Endpoint]) -> str | None:
    """Why it can be done to none of them, whatever anybody permits."""
    found = [obstacle(act, endpoint) for endpoint in endpoints]
    return found[0] if found and all(found) else None


def title(endpoints: Sequence[Endpoint], width: int, paint: Paint) -> Line:
    """Whom the menu is about."""
    if len(endpoints) == 1:
        return (Cell(fmt.cut_middle(paint.plain(endpoints[0].name), width, paint.glyphs), "title"),)
    names = ", ".join(paint.plain(endpoint.title) for endpoint in endpoints)
    return (Cell(fmt.cut(f"{len(endpoints)} marked: {names}", width, paint.glyphs), "title"),)


def menu_lines(
    entries: Sequence[Entry], at: int, endpoints: Sequence[Endpoint], rights: Rights, width: int, paint: Paint
) -> list[Line]:
    """A line an act: its key, what it is, and how it stands; below them all that is to say of the one in question."""
    words = max(len(entry.words) for entry in entries)
    lines: list[Line] = []
    for number, entry in enumerate(entries):
        standing, reason = joint(entry.act, endpoints, rights)
        sign, style = _SIGNS[standing]
        pointed = "reverse" if number == at else "normal"
        head = (Cell(f" {entry.key} ", "key"), Cell(f"{entry.words:<{words}} ", pointed))
        told = paint.plain(f" {standing.value}: {reason}")
        lines.append(fit_line((*head, Cell(f" {sign}", style), Cell(told, style)), width, paint))
    return [*lines, (), *_about(entries[at].act, endpoints, rights, width, paint)]


def _about(act: Act, endpoints: Sequence[Endpoint], rights: Rights, width: int, paint: Paint) -> Iterator[Line]:
    standing, reason = joint(act, endpoints, rights)
    final = obstacles(act, endpoints)
    if standing is Standing.DENIED and final is None and act is not Act.INVOKE:
        reason = f"{reason}; the plan can be seen all the same"
    yield from wrapped(" ", f"{standing.value}: {reason}.", width, paint, "dim")
