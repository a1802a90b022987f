"""The columns of the fleet's table as data, and which of them fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from smtop.metrics.domain.endpoint import Endpoint, Variant
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Sample
from smtop.metrics.domain.snapshot import EndpointView, Vitals
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, NOTHING, SEVERITY_STYLES, Cell, Paint, sample
from smtop.tui.view_models.fmt import Glyphs
from smtop.tui.view_models.saturation import fullness, is_tight, saturation_cell

Draw: TypeAlias = Callable[[EndpointView, int, Paint], Cell]
Key: TypeAlias = Callable[[EndpointView], float | str | None]


@dataclass(frozen=True)
class Column:
    """One column. `widths` are in cells, for narrow, middling and wide terminals; 0 takes the room that is left.

    The smaller `priority`, the longer the column stays as the terminal shrinks. `key` is what it is sorted by, in the
    unit that is shown (None: missing); without a key it cannot be sorted by.
    """

    id: str
    title: str
    widths: tuple[int, int, int]
    priority: int
    draw: Draw
    key: Key | None = None
    right: bool = False
    largest_first: bool = False


_STATUS_CODES: Mapping[str, str] = {
    "InService": "OK",
    "Updating": "UPD",
    "SystemUpdating": "UPD",
    "Creating": "CRE",
    "RollingBack": "RBK",
    "Deleting": "DEL",
    "Failed": "FAIL",
    "OutOfService": "OOS",
    "UpdateRollbackFailed": "URF",
}


def _mark(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    return Cell(MARKS[view.severity], SEVERITY_STYLES[view.severity])


def _name(view: EndpointView, width: int, paint: Paint) -> Cell:
    name = paint.plain(view.endpoint.name)
    return Cell(fmt.cut_middle(name, width, paint.glyphs), SEVERITY_STYLES[view.severity])


def _kind(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    return Cell(view.endpoint.kind.code, "normal" if view.endpoint.described else "dim")


def _status(view: EndpointView, width: int, paint: Paint) -> Cell:
    endpoint = view.endpoint
    fits = len(endpoint.status) <= width
    text = endpoint.status if fits else _STATUS_CODES.get(endpoint.status, endpoint.status)
    return Cell(fmt.cut(paint.plain(text), width, paint.glyphs), _status_style(endpoint))


def _status_style(endpoint: Endpoint) -> str:
    if endpoint.is_broken:
        return "critical"
    return "changing" if endpoint.is_changing else "normal"


def _variants(view: EndpointView, width: int, paint: Paint) -> Cell:
    endpoint = view.endpoint
    if endpoint.components:
        text = f"{len(endpoint.components)} comp{'s' * (len(endpoint.components) > 1)}"
        return Cell(text)
    if not endpoint.variants:
        return NOTHING
    text = paint.plain(variants_text(endpoint))
    if fmt.cells(text) > width and len(endpoint.variants) > 1:
        text = f"{len(endpoint.variants)} variants"
    return Cell(fmt.cut(text, width, paint.glyphs))


def variants_text(endpoint: Endpoint) -> str:
    """`A 90 / B 10` by share of the traffic, `+shadow` for variants that only listen."""
    production = endpoint.production
    total = sum(weight(variant) or 0.0 for variant in production)
    shadows = "+shadow" if len(production) < len(endpoint.variants) else ""
    if len(production) == 1:
        shares = production[0].name
    else:
        shares = " / ".join(_share(variant, total) for variant in production)
    return f"{shares} {shadows}".strip()


def weight(variant: Variant) -> float | None:
    """The weight in force, as far as AWS says it."""
    return variant.weight.current if variant.weight else None


def _share(variant: Variant, total: float) -> str:
    own = weight(variant)
    if own is None or total <= 0:
        return variant.name
    return f"{variant.name} {own / total * 100:.0f}"


def _vital(pick: Callable[[Vitals], Sample], number: fmt.Number) -> Draw:
    def draw(view: EndpointView, width: int, paint: Paint) -> Cell:
        return sample(pick(view.vitals), number, width, paint)

    return draw


def _value(pick: Callable[[Vitals], Sample], scale: float = 1.0) -> Key:
    def key(view: EndpointView) -> float | None:
        value = pick(view.vitals).value
        return None if value is None else value * scale

    return key


_GROWS_S = 300
"""The newest minutes are left out: CloudWatch's counts still grow there, and every trend would seem to fall."""


def _trend(view: EndpointView, width: int, paint: Paint) -> Cell:
    return Cell(_drawn_trend(view, width, fmt.spark_end(paint.now - _GROWS_S, width), paint.glyphs), "dim")


@lru_cache(maxsize=256)
def _drawn_trend(view: EndpointView, width: int, end: int, glyphs: Glyphs) -> str:
    """Kept, because it is the dearest cell of all and moves by a cell only every few minutes."""
    return fmt.spark(view.vitals.trend, width, end, glyphs)


def _fullness(view: EndpointView) -> float | None:
    return fullness(view.vitals.saturation)


def _saturation(view: EndpointView, width: int, paint: Paint) -> Cell:
    cell = saturation_cell(view.vitals.saturation, width, paint)
    alarming = view.severity in (Severity.CRITICAL, Severity.WARNING) and is_tight(view.vitals.saturation)
    return cell._replace(style=SEVERITY_STYLES[view.severity]) if alarming and cell.style == "normal" else cell


def _requests(vitals: Vitals) -> Sample:
    return vitals.requests_per_minute


def _client_errors(vitals: Vitals) -> Sample:
    return vitals.client_error_ratio


def _server_errors(vitals: Vitals) -> Sample:
    return vitals.server_error_ratio


def _p50(vitals: Vitals) -> Sample:
    return vitals.p50_ms


def _p99(vitals: Vitals) -> Sample:
    return vitals.p99_ms


COLUMNS: tuple[Column, ...] = (
    Column("mark", "", (1, 1, 1), 1, _mark),
    Column("name", "NAME", (0, 0, 0), 0, _name, lambda view: view.endpoint.name),
    Column("kind", "KIND", (4, 4, 5), 6, _kind, lambda view: view.endpoint.kind.code),
    Column("status", "STATUS", (4, 9, 14), 7, _status, lambda view: view.endpoint.status),
    Column("variants", "VARIANTS", (11, 11, 20), 9, _variants),
    Column("requests", "REQ/m", (7, 7, 7), 5, _vital(_requests, fmt.count), _value(_requests), True, True),
    Column("4xx", "4XX%", (5, 5, 6), 11, _vital(_client_errors, fmt.percent), _value(_client_errors, 100), True, True),
    Column(
        "errors", "ERR%", (5, 5, 6), 3, _vital(_server_errors, fmt.percent), _value(_server_errors, 100), True, True
    ),
    Column("p50", "P50ms", (7, 7, 8), 10, _vital(_p50, fmt.milliseconds), _value(_p50), True, True),
    Column("p99", "P99ms", (7, 7, 8), 4, _vital(_p99, fmt.milliseconds), _value(_p99), True, True),
    Column("saturation", "SATURATION", (16, 21, 26), 2, _saturation, _fullness, largest_first=True),
    Column("trend", "TREND 1h", (8, 8, 20), 8, _trend),
)

BY_ID: Mapping[str, Column] = {column.id: column for column in COLUMNS}

POINTER_CELLS = 1
"""The first cell of a row is the cursor's."""

_MIDDLING, _WIDE = 110, 150


@dataclass(frozen=True)
class Slot:
    """A column's place in a row: its first cell and its width."""

    column: Column
    x: int
    width: int


@lru_cache(maxsize=16)
def layout(width: int) -> tuple[Slot, ...]:
    """The columns that fit into `width` cells, left to right; the name gets at least a readable part."""
    size = 0 if width < _MIDDLING else 1 if width < _WIDE else 2
    kept = _kept(width, size)
    spare = width - POINTER_CELLS - sum(column.widths[size] + 1 for column in kept) + 1
    slots, x = [], POINTER_CELLS
    for column in kept:
        cells = column.widths[size] or max(spare, 1)
        slots.append(Slot(column, x, cells))
        x += cells + 1
    return tuple(slots)


def _kept(width: int, size: int) -> list[Column]:
    name_cells = 14 if width < 50 else 18
    room = width - POINTER_CELLS - name_cells
    chosen: set[str] = set()
    for column in sorted(COLUMNS, key=lambda column: column.priority):
        room -= column.widths[size] + 1 if chosen else 0
        if room < 0:
            break
        chosen.add(column.id)
    return [column for column in COLUMNS if column.id in chosen]
