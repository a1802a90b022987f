"""The table of endpoints, drawn line by line: only cells that changed are painted again."""

from collections.abc import Sequence, Set
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from smtop.tui.messages import CursorMoved
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.columns import Column
from smtop.tui.view_models.fleet import Row, sort_mark
from smtop.tui.view_models.layout import Slot, layout
from smtop.tui.view_state import ViewState
from smtop.tui.widgets.style import CURSOR, CURSOR_WITHOUT_COLOUR, STYLES

_KEPT = 256
"""Lines that need not be put together again when they come back, as they do when somebody scrolls or sorts."""


class Picture(NamedTuple):
    """All that the table draws. `blank` stands in its place while there are no rows; `marks` are keys."""

    rows: Sequence[Row]
    state: ViewState
    columns: tuple[Column, ...]
    paint: Paint
    blank: Sequence[str] = ()
    marks: Set[str] = frozenset()


class Image(NamedTuple):
    """What one line looks like; two equal images need no repaint."""

    cells: tuple[Cell, ...] = ()
    is_cursor: bool = False
    is_marked: bool = False
    text: str = ""


MARK_SIGN_X = 2
"""The cell between the severity and the name, in which a marked row has its sign."""


def _frame(image: Image) -> tuple[object, ...]:
    """What a whole line has beside its cells."""
    return image.is_cursor, image.is_marked, image.text, len(image.cells)


class FleetTable(Widget):
    """Rows of endpoints under a header line; the cursor and the scroll position belong to an endpoint, not a line.

    Which row is on top is its own affair: Textual lays out the whole screen anew when it scrolls a widget.
    """

    DEFAULT_CSS = """
    FleetTable { height: 1fr; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, picture: Picture, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._picture = picture
        self._index: dict[str, int] = {}
        self._cursor: str | None = None
        self._top = 0
        self._painted: dict[int, Image] = {}
        self._strips: LRUCache[Image, Strip] = LRUCache(_KEPT)
        self._slots: tuple[Slot, ...] = ()

    @property
    def cursor(self) -> str | None:
        """The key of the endpoint under the cursor."""
        return self._cursor

    @property
    def in_sight(self) -> tuple[str, ...]:
        """The keys of the rows on the screen, from top to bottom."""
        return tuple(row.key for row in self._picture.rows[self._top : self._top + self._visible_rows])

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The columns that fit at the moment."""
        return self._slots

    def show(self, picture: Picture, *, hold: bool) -> None:
        """Draws the picture. The cursor stays on its endpoint, or on the nearest that is left; without `hold` it stays
        on the first row, whichever endpoint that is."""
        old_rows, old_line = self._picture.rows, self._line_of(self._cursor)
        self._picture = picture
        self._lay_out()
        if picture.rows is not old_rows:
            self._index = {row.key: index for index, row in enumerate(picture.rows)}
        cursor = self._surviving(old_rows) if hold else None
        self._place_cursor(cursor or self._name_at(0), old_line)
        self._repaint()

    def aim(self, name: str) -> None:
        """Puts the cursor on an endpoint of the picture that is shown next."""
        self._cursor = name

    def move_cursor(self, step: int) -> None:
        """Moves the cursor by rows, and scrolls no further than it needs."""
        self._move_to(self._index.get(self._cursor or "", 0) + step)

    def move_to_edge(self, direction: int) -> None:
        """Moves the cursor to the first row (-1) or to the last (1)."""
        self._move_to(0 if direction < 0 else len(self._picture.rows) - 1)

    def move_page(self, pages: float) -> None:
        """Moves the cursor by a part of what is visible."""
        step = max(int(abs(pages) * self._visible_rows), 1)
        self.move_cursor(step if pages > 0 else -step)

    @property
    def _visible_rows(self) -> int:
        return max(self.size.height - 1, 1)

    def _name_at(self, index: int) -> str | None:
        rows = self._picture.rows
        return rows[min(max(index, 0), len(rows) - 1)].key if rows else None

    def _line_of(self, name: str | None) -> int:
        """The visible line of an endpoint, counted from the first row on the screen."""
        return self._index.get(name or "", 0) - self._top

    def _surviving(self, old_rows: Sequence[Row]) -> str | None:
        """The cursor's endpoint, or its nearest neighbour of before that is still there."""
        names = [row.key for row in old_rows]
        if self._cursor is None or self._cursor in self._index or self._cursor not in names:
            return self._cursor if self._cursor in self._index else None
        here = names.index(self._cursor)
        candidates = [*names[here + 1 :], *reversed(names[:here])]
        return next((name for name in candidates if name in self._index), None)

    def _place_cursor(self, name: str | None, line: int) -> None:
        """Puts the cursor on an endpoint and keeps it on its line of the screen; a view at its top stays there."""
        moved, self._cursor = name != self._cursor, name
        index = self._index.get(name or "", 0)
        if self._top > 0 or index >= self._visible_rows:
            self._scroll_to_row(index - min(max(line, 0), self._visible_rows - 1))
        if moved:
            self.post_message(CursorMoved(name))

    def _move_to(self, index: int) -> None:
        name = self._name_at(index)
        if name is None or name == self._cursor:
            return
        self._cursor = name
        index = self._index[name]
        self._scroll_to_row(min(max(self._top, index - self._visible_rows + 1), index))
        self._repaint()
        self.post_message(CursorMoved(name))

    def _scroll_to_row(self, top: int) -> None:
        last = max(len(self._picture.rows) - self._visible_rows, 0)
        self._top = min(max(top, 0), last)

    def _lay_out(self) -> None:
        """Other columns make every line look otherwise."""
        slots = layout(self.size.width, self._picture.columns, self._picture.state.skipped)
        if slots is not self._slots:
            self._slots = slots
            self._painted.clear()
            self._strips.clear()

    def on_resize(self, _event: events.Resize) -> None:
        self._lay_out()
        index = self._index.get(self._cursor or "", 0)
        self._scroll_to_row(min(max(self._top, index - self._visible_rows + 1), index))
        self._painted.clear()
        self._strips.clear()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        if 0 < event.y <= len(self._picture.rows) - self._top:
            self._move_to(self._top + event.y - 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move_cursor(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_cursor(-3)

    def _repaint(self) -> None:
        regions: list[Region] = []
        for y in range(self.size.height):
            old, new = self._painted.get(y), self._image(y)
            if old != new:
                regions += self._changed(y, old, new)
        if regions:
            self.refresh(*regions)

    def _changed(self, y: int, old: Image | None, new: Image) -> list[Region]:
        """The parts of a line that differ: single cells where only they do."""
        if old is None or _frame(old) != _frame(new):
            return [Region(0, y, self.size.width, 1)]
        pairs = zip(self._slots, old.cells, new.cells, strict=True)
        return [Region(slot.x, y, slot.width, 1) for slot, before, after in pairs if before != after]

    def _image(self, y: int) -> Image:
        if y == 0:
            return Image(tuple(self._heading(slot) for slot in self._slots))
        index = self._top + y - 1
        rows = self._picture.rows
        if index < len(rows):
            row = rows[index]
            cells = row.cells(self._slots, self._picture.paint)
            return Image(cells, row.key == self._cursor, row.key in self._picture.marks)
        return Image(text=self._blank(y)) if not rows else Image()

    def _heading(self, slot: Slot) -> Cell:
        column, state = slot.column, self._picture.state
        if column.id != state.sort:
            return Cell(column.title, "bold")
        return Cell(column.title[: slot.width - 1] + sort_mark(state), "reverse")

    def _blank(self, y: int) -> str:
        """The message in the table's place, a third of the way down."""
        lines = self._picture.blank
        line = y - max(self.size.height // 3, 1)
        return fmt.cut(lines[line], self.size.width, self._picture.paint.glyphs) if 0 <= line < len(lines) else ""

    def render_line(self, y: int) -> Strip:
        image = self._image(y)
        self._painted[y] = image
        strip = self._strips.get(image)
        if strip is None:
            strip = self._strips[image] = self._strip(image, self.size.width).apply_style(self.rich_style)
        return strip

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def _strip(self, image: Image, width: int) -> Strip:
        if not image.cells:
            return Strip([Segment(fmt.pad(image.text.center(width), width), STYLES["bold"])], width)
        base = self._cursor_style if image.is_cursor else Style()
        parts, x = [Segment(">" if image.is_cursor else " ", base)], 1
        for slot, cell in zip(self._slots, image.cells, strict=True):
            is_sign = image.is_marked and x == MARK_SIGN_X
            parts.append(Segment("+", STYLES["accent"] + base) if is_sign else Segment(" " * (slot.x - x), base))
            parts.append(Segment(fmt.pad(cell.text, slot.width, right=slot.column.right), STYLES[cell.style] + base))
            x = slot.x + slot.width
        return Strip(parts).adjust_cell_length(width, base).simplify()

    @property
    def _cursor_style(self) -> Style:
        return CURSOR_WITHOUT_COLOUR if self.app.no_color else CURSOR
