"""The live triage table under its keys."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.keymap import Scope
from smtop.tui.messages import DossierWanted, EndpointCopyWanted, EndpointOpened, ExportWanted, Said
from smtop.tui.screens.acting import Acting
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.fleet import FleetPage
from smtop.tui.view_models.fleet import listed, next_sort, sorted_by
from smtop.tui.view_models.inspector import Place, plan
from smtop.tui.view_models.layout import furthest
from smtop.tui.view_models.views import VIEWS
from smtop.tui.view_state import Pane, ViewState


class FleetScreen(Acting, FleetPage):
    """The fleet, and all that can be done in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FLEET, Scope.PAGES)]

    _anchor: str | None = None

    def targets(self) -> Sequence[EndpointView]:
        marked = [row.view for name, row in self._deck.items() if name in self.state.marks]
        under_cursor = self._under_cursor()
        return marked or ([under_cursor] if under_cursor else [])

    async def action_filter(self, text: str | None = None) -> None:
        """Starts typing a filter, or sets it. Raises FilterError."""
        if text is not None:
            self.set_view(self.view_state._replace(filter_text=text))
            return
        if self._filter_bar is None:
            from smtop.tui.view_models.filter import EXAMPLES
            from smtop.tui.widgets.filter_bar import FilterBar

            self._filter_bar = FilterBar(hint=EXAMPLES, id="filter")
            await self.mount(self._filter_bar, before="#footer")
        self._filter_bar.open(self.view_state.filter_text)
        self.redraw()

    def action_clear_filter(self) -> None:
        self.clear_filter()

    def action_attention(self) -> None:
        self.set_view(self.view_state._replace(attention_only=not self.view_state.attention_only))

    def action_sort(self, sort: str) -> None:
        self.set_view(sorted_by(self.view_state, sort))

    def action_next_sort(self, step: int) -> None:
        self.set_view(next_sort(self.view_state, self.table.slots, step))

    def action_invert(self) -> None:
        self.set_view(self.view_state._replace(inverted=not self.view_state.inverted))

    def action_view(self, name: str) -> None:
        """Opens a view as it was left; at first with the cursor where it is, if that is in it, or else at the top."""
        self._aim = self.state.views.get(name, ViewState()).cursor
        listed_there = {row.key for row in listed(self._deck, VIEWS[name])}
        if self._aim is None and self.table.cursor not in listed_there:
            self.table.aim("")
        self._set_state(self.state._replace(view=name))

    def action_columns(self) -> None:
        from smtop.tui.screens.columns import ColumnChooser

        self.app.push_screen(ColumnChooser(self.view, self.view_state, self._choose_columns, self._paint()))

    def _choose_columns(self, columns: tuple[str, ...] | None) -> None:
        self.set_view(self.view_state._replace(columns=columns))

    def action_mark(self) -> None:
        if self.table.cursor is not None:
            self._anchor = self.table.cursor
            self._mark(self.state.marks ^ {self.table.cursor})
            self.table.move_cursor(1)

    def action_mark_range(self) -> None:
        """Marks from where Space was pressed last up to the cursor; without such a row the one under the cursor."""
        names, cursor = [row.key for row in self._rows], self.table.cursor
        if cursor is None:
            return
        anchor = self._anchor if self._anchor in names else cursor
        first, last = sorted((names.index(anchor or cursor), names.index(cursor)))
        self._mark(self.state.marks | set(names[first : last + 1]))

    def action_mark_shown(self) -> None:
        names = {row.key for row in self._rows}
        marks = self.state.marks
        self._mark(marks - names if names <= marks else marks | names)

    def action_unmark(self) -> None:
        self._mark(frozenset())

    def action_mark_shared(self) -> None:
        """Marks the endpoints of the worst cause that several share; after that those of the next one, then none."""
        causes = self.snapshot.shared if self.snapshot else ()
        if not causes:
            self.post_message(Said("No cause is known that several endpoints share."))
            return
        marked = [frozenset(cause.endpoints) for cause in causes]
        following = marked.index(self.state.marks) + 1 if self.state.marks in marked else 0
        if following == len(causes):
            self._mark(frozenset())
            return
        self._mark(marked[following])
        finding = causes[following].finding
        self.post_message(Said(". ".join(filter(None, (f"Marked: {finding.title}", finding.next)))))

    def _mark(self, names: frozenset[str]) -> None:
        self._set_state(self.state._replace(marks=names))

    def action_scroll_columns(self, step: int) -> None:
        last = furthest(self.table.size.width, self._columns)
        skipped = min(max(min(self.view_state.skipped, last) + step, 0), last)
        if not last:
            self.post_message(Said("All columns of this view are in sight."))
        self.set_view(self.view_state._replace(skipped=skipped))

    def action_compact(self) -> None:
        self._set_state(self.state._replace(compact=not self.state.compact))

    def action_maximise(self) -> None:
        """The table alone, then the reasons alone, then both again; where both do not fit, there is no table alone."""
        both = plan(self.size.width, self.size.height).place is not Place.NOWHERE
        ring = (Pane.BOTH, Pane.TABLE, Pane.REASONS) if both else (Pane.BOTH, Pane.REASONS)
        here = ring.index(self.state.pane) if self.state.pane in ring else 0
        self._set_state(self.state._replace(pane=ring[(here + 1) % len(ring)]))

    def action_cursor(self, step: int) -> None:
        self._hold()
        self.table.move_cursor(step)

    def action_edge(self, direction: int) -> None:
        self._hold()
        self.table.move_to_edge(direction)

    def action_page(self, pages: float) -> None:
        self._hold()
        self.table.move_page(pages)

    def _hold(self) -> None:
        """From now on the cursor is where the operator puts it."""
        self._aim, self._touched = None, True

    def action_open(self) -> None:
        if self.table.cursor is not None:
            self.post_message(EndpointOpened(self.table.cursor))

    def action_zoom(self) -> None:
        if self.table.cursor is not None:
            self.post_message(EndpointOpened(self.table.cursor, zoomed=True))

    def action_export(self, form: str) -> None:
        from smtop.tui.view_models.exports import Sheet, sheet_text

        if self.snapshot is not None:
            sheet = Sheet(self.snapshot, self.view, self._columns, [row.view for row in self._rows])
            text = "" if form == "svg" else sheet_text(sheet, form, self._paint())
            self.post_message(ExportWanted(self.view.id, form, text))

    def action_compare_marked(self) -> None:
        """The charts of the two that are marked; the one under the cursor leads, if it is one of them."""
        marked = [name for name in self._deck if name in self.state.marks]
        if len(marked) != 2:
            self.post_message(Said(f"Two marked endpoints can be compared: Space marks, and {len(marked)} are."))
            return
        first, other = sorted(marked, key=lambda name: name != self.table.cursor)
        self.post_message(EndpointOpened(first, beside=other))

    def action_describe(self) -> None:
        self._want_dossier(raw=False)

    def action_raw(self) -> None:
        self._want_dossier(raw=True)

    def _want_dossier(self, *, raw: bool) -> None:
        view = self._under_cursor()
        if view is not None:
            self.post_message(DossierWanted(view, raw=raw))

    def action_copy(self, what: str) -> None:
        view = self._under_cursor()
        if view is not None:
            self.post_message(EndpointCopyWanted(what, view))
