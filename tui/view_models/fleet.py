"""The fleet as rows: filtered, sorted, and drawn a cell at a time when someone looks."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.keymap import INTERVALS_S
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.columns import Key
from smtop.tui.view_models.layout import Slot
from smtop.tui.view_models.views import BY_ID, TRIAGE, VIEWS, FleetView
from smtop.tui.view_state import DEFAULT_INTERVAL_S, WORST_FIRST, FilterError, FleetState, ViewState


class Row:
    """One endpoint; its cells are made when they are first asked for."""

    __slots__ = ("_cells", "_drawn", "key", "view")

    def __init__(self, view: EndpointView) -> None:
        self.key = view.key
        self.view = view
        self._drawn: tuple[tuple[Slot, ...], Paint] | None = None
        self._cells: tuple[Cell, ...] = ()

    def cells(self, slots: tuple[Slot, ...], paint: Paint) -> tuple[Cell, ...]:
        """One cell per slot; none is wider than its slot."""
        if self._drawn is None or self._drawn[0] is not slots or self._drawn[1] != paint:
            self._cells = tuple(slot.column.draw(self.view, slot.width, paint) for slot in slots)
            self._drawn = (slots, paint)
        return self._cells


Deck: TypeAlias = Mapping[str, Row]
"""A row for every endpoint of a snapshot, by its key and in the order of names."""


def deck(snapshot: FleetSnapshot, before: Deck) -> Deck:
    """Rows for a newer snapshot; where the view is the same as before, its row stays, with the cells that it drew."""
    views = {view.key: view for view in snapshot.endpoints}
    keys = before if before.keys() == views.keys() else (view.key for view in _by_name(snapshot.endpoints))
    return {key: _row(views[key], before.get(key)) for key in keys}


def _by_name(views: Iterable[EndpointView]) -> list[EndpointView]:
    return sorted(views, key=attrgetter("endpoint.summary.name", "key"))


def _row(view: EndpointView, before: Row | None) -> Row:
    return before if before is not None and before.view is view else Row(view)


def rows(deck: Deck, state: ViewState, shown: FleetView = TRIAGE) -> list[Row]:
    """The rows to show, in order.

    Worst first is by severity, then impact, then name. Any other sort is by its column, then by name, with missing
    values last either way round. Raises FilterError for a bad filter text.
    """
    found: Iterable[Row] = listed(deck, shown)
    if state.filter_text:
        matches = _compiled(state.filter_text)
        found = (row for row in found if matches(row.view))
    if state.attention_only:
        found = (row for row in found if needs_attention(row.view))
    return _sorted(found, state)


def _compiled(filter_text: str) -> Callable[[EndpointView], bool]:
    if not filter_text:
        return lambda _: True
    from smtop.tui.view_models.filter import compile_filter

    return compile_filter(filter_text)


def listed(deck: Deck, shown: FleetView) -> Collection[Row]:
    """All rows of a view, before anything is filtered."""
    if not shown.kinds:
        return deck.values()
    return [row for row in deck.values() if row.view.endpoint.kind in shown.kinds]


def frozen(before: Sequence[Row], deck: Deck) -> list[Row]:
    """The same rows in the same order with their newest values; what has vanished stays as it was last seen."""
    return [deck.get(row.key, row) for row in before]


def needs_attention(view: EndpointView) -> bool:
    """Neither fine nor merely idle."""
    return view.severity.rank < Severity.IDLE.rank


def ordered(views: Iterable[EndpointView], state: ViewState) -> list[EndpointView]:
    """The views in the order that the state asks for."""
    return [row.view for row in _sorted(map(Row, _by_name(views)), state)]


def _sorted(by_name: Iterable[Row], state: ViewState) -> list[Row]:
    """Rows that come in the order of names, which is also that of equals."""
    if state.sort == WORST_FIRST:
        return sorted(by_name, key=attrgetter("view.urgency"), reverse=state.inverted)
    key = SORTS[state.sort]
    values: dict[Row, Any] = {row: key(row.view) for row in by_name}
    present = [row for row, value in values.items() if value is not None]
    present.sort(key=values.__getitem__, reverse=is_descending(state))
    return present + [row for row, value in values.items() if value is None]


SORTS: dict[str, Key] = {column.id: column.key for column in BY_ID.values() if column.key is not None}

_LARGEST_FIRST = {column.id for column in BY_ID.values() if column.largest_first}


def is_descending(state: ViewState) -> bool:
    """Whether the largest value is on top; the youngest endpoint has the largest time of creation."""
    return (state.sort in _LARGEST_FIRST) is not state.inverted


def sorted_by(state: ViewState, sort: str) -> ViewState:
    """The state after asking for a sort; asking for the one in force turns it round (but worst first stays)."""
    inverted = sort == state.sort and sort != WORST_FIRST and not state.inverted
    return state._replace(sort=sort, inverted=inverted)


def next_sort(state: ViewState, slots: Sequence[Slot], step: int) -> ViewState:
    """The state with the sort moved by `step` over worst first, the shown columns that can be sorted by, and impact."""
    shown = [slot.column.id for slot in slots if slot.column.id in SORTS]
    ring = [WORST_FIRST, *dict.fromkeys([*shown, "impact"])]
    here = ring.index(state.sort) if state.sort in ring else 0
    return state._replace(sort=ring[(here + step) % len(ring)], inverted=False)


def sensible(state: FleetState) -> FleetState:
    """What of a remembered state still means something: views, sorts and filters that this smtop has."""
    views = {name: _sensible(VIEWS[name], view) for name, view in state.views.items() if name in VIEWS}
    interval_s = state.interval_s if state.interval_s in INTERVALS_S.values() else DEFAULT_INTERVAL_S
    view = state.view if state.view in VIEWS else TRIAGE.id
    return state._replace(view=view, views=views, interval_s=interval_s)


def _sensible(shown: FleetView, state: ViewState) -> ViewState:
    if state.sort != WORST_FIRST and state.sort not in SORTS:
        state = state._replace(sort=shown.sort, inverted=False)
    try:
        _compiled(state.filter_text)
    except FilterError:
        return state._replace(filter_text="")
    return state


def sort_label(state: ViewState) -> str:
    """The sort in force in words: `worst first`, `P99ms v`."""
    if state.sort == WORST_FIRST:
        return "best first" if state.inverted else "worst first"
    title = BY_ID[state.sort].title if state.sort in BY_ID else state.sort.upper()
    return f"{title} {sort_mark(state)}"


def sort_mark(state: ViewState) -> str:
    """`v` where values fall from top to bottom, `^` where they rise."""
    return "v" if is_descending(state) else "^"
