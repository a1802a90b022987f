"""The footer and the help, made from the table of actions."""

from collections.abc import Mapping, Sequence

from smtop.metrics.domain.endpoint import Kind
from smtop.tui.keymap import Action, shown, usage
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, MUTED, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.columns import STATUS_CODES


def footer(width: int, actions: Sequence[Action], offered: str | None = None) -> Line:
    """The main keys of a view, the most important first, as many as fit into `width` cells.

    `offered` is the id of an action that can be taken just now: it stands behind the others, which keep their places.
    """
    named = [action for action in actions if action.footer and action.keys]
    pairs = [(f" {_footer_key(action)} ", f"{action.footer} ") for action in sorted(named, key=lambda one: one.rank)]
    now = [(f" {shown(one.keys[0])} ", f"{one.id} ") for one in actions if one.id == offered and one.keys]
    while len(pairs) > 1 and sum(len(key) + len(word) for key, word in (*pairs, *now)) > width:
        pairs.pop()
    return tuple(cell for key, word in (*pairs, *now) for cell in (Cell(key, "key"), Cell(word, "dim")))


def foot(said: str, keys: Line, width: int, paint: Paint) -> list[Line]:
    """The keys, or for a while what smtop has to say; at most three lines."""
    if not said:
        return [keys]
    lines = fmt.wrap(paint.plain(said), max(width - 1, 1))
    return [(Cell(f" {line}", "bold"),) for line in lines[:3]]


def _footer_key(action: Action) -> str:
    return _PAIRS.get((action.id, *action.keys)) or shown(action.keys[0])


_PAIRS: Mapping[tuple[str, ...], str] = {("sort-right", ">"): "< >", ("step-back", "["): "[ ]"}
"""Of two keys that belong together, the footer names both at once."""


def help_lines(actions: Sequence[Action], width: int, paint: Paint) -> list[Line]:
    """What can be done, with its keys and commands, by group, and what the signs of the table mean."""
    heads = {action.id: _head(action) for action in actions}
    column = min(max((len(head) for head in heads.values()), default=0), max(width // 2, 12))
    lines: list[Line] = []
    for group in dict.fromkeys(action.group for action in actions):
        lines.append((Cell(group, "title"),))
        for action in (action for action in actions if action.group == group):
            lines += _entry(Cell(f"  {heads[action.id]:<{column}}  ", "key"), action.what, width)
        lines.append(())
    return [*lines, *_legend(width, paint)]


def _head(action: Action) -> str:
    """Keys, then the command."""
    return "  ".join((*map(shown, action.keys), *filter(None, (usage(action),))))


def _entry(head: Cell, what: str, width: int) -> list[Line]:
    indent = len(head.text)
    parts = fmt.wrap(what, max(width - indent, 12))
    return [(head if index == 0 else Cell(" " * indent), Cell(part)) for index, part in enumerate(parts)]


_VALUES: Sequence[tuple[str, str]] = (
    ("-", "asked, and there is no data"),
    ("x", "not collected: not asked, refused or failed; F12 says why"),
    ("1.2k 7m", "the last value, seven minutes old"),
    (MUTED, "well only because somebody has muted what is wrong; :muted lists it"),
    ("dim", "a minute that may still change"),
    (">  +", "the cursor; a marked row"),
)


def _columns() -> Sequence[tuple[str, str]]:
    """What the short words of the columns stand for."""
    kinds = ", ".join(f"{kind.code} {kind.value}" for kind in Kind if kind is not Kind.UNKNOWN)
    statuses = ", ".join(f"{code} {status}" for status, code in STATUS_CODES.items())
    return (
        ("KIND", kinds),
        ("STATUS", statuses),
        ("IMPACT", "failed or slowed requests a minute"),
        ("SATURATION", _SATURATION),
    )


_SATURATION = (
    "what runs out first: PC provisioned concurrency, CONC concurrent executions, CACHE models found in memory, "
    "BACKLOG requests that wait, CPU, GPU, MEM; +7/m spills over"
)


def _legend(width: int, paint: Paint) -> list[Line]:
    lines: list[Line] = [(Cell("Signs", "title"),)]
    for severity, mark in MARKS.items():
        lines.append((Cell(f"  {mark}        ", SEVERITY_STYLES[severity]), Cell(severity.value)))
    for sign, meaning in _VALUES:
        lines += _entry(Cell(f"  {sign:<7}  ", "key"), meaning, width)
    rising = paint.glyphs.spark
    lines += _entry(Cell(f"  {rising:<7}  "), "requests of the last hour; a gap is a gap in the data", width)
    lines += [(), (Cell("Columns", "title"),)]
    for title, meaning in _columns():
        lines += _entry(Cell(f"  {title:<10}  ", "key"), meaning, width)
    return lines
