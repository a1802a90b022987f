"""The one column that means something else for each kind: how full an endpoint is, by what it runs out of first."""

from collections.abc import Mapping
from typing import NamedTuple

from smtop.metrics.domain.series import Sample, SampleState
from smtop.metrics.domain.snapshot import Saturation, SaturationKind
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import NOTHING, Cell, Paint, stale_age


class Gauge(NamedTuple):
    """How a saturation is written. Without a bar the value is a number of things; `unit` stands behind it."""

    label: str
    has_bar: bool = True
    unit: str = ""


GAUGES: Mapping[SaturationKind, Gauge] = {
    SaturationKind.PROVISIONED: Gauge("PC"),
    SaturationKind.CONCURRENCY: Gauge("CONC"),
    SaturationKind.CACHE: Gauge("CACHE", unit=" hit"),
    SaturationKind.BACKLOG: Gauge("BACKLOG", has_bar=False),
    SaturationKind.CPU: Gauge("CPU"),
    SaturationKind.GPU: Gauge("GPU"),
    SaturationKind.MEMORY: Gauge("MEM"),
}

_LABEL_CELLS, _NUMBER_CELLS, _EXTRA_CELLS = 5, 4, 6
_WITH_EXTRA_ROOM = 20
_SHORTEST_BAR = 3


def saturation_cell(saturation: Saturation | None, width: int, paint: Paint) -> Cell:
    """`PC    ████ 100% +38/m`: label, bar, number, and what is added to it, numbers under each other."""
    if saturation is None:
        return NOTHING
    gauge, value = GAUGES[saturation.kind], saturation.sample
    number = _number(gauge, value)
    extra = _extra(saturation, gauge, paint)
    if len(gauge.label) + len(number) + len(extra) >= width:
        extra = extra.removesuffix("/m")
    room = max(len(extra), _EXTRA_CELLS if width >= _WITH_EXTRA_ROOM else 0)
    left = f"{gauge.label:<{_LABEL_CELLS}} "
    ratio = value.value if gauge.has_bar and value.state is not SampleState.NOT_COLLECTED else None
    bar_cells = width - room - len(left) - _NUMBER_CELLS - 1
    if ratio is not None and bar_cells >= _SHORTEST_BAR:
        left += fmt.bar(ratio, bar_cells, paint.glyphs)
    text = left.rstrip() + number.rjust(max(width - room - len(left.rstrip()), len(number) + 1)) + extra
    return Cell(fmt.cut(text, width, paint.glyphs), _style(value))


def saturation_text(saturation: Saturation | None, paint: Paint) -> str:
    """`PC 100% +38/m`: the same without a bar."""
    if saturation is None:
        return NOTHING.text
    gauge = GAUGES[saturation.kind]
    return f"{gauge.label} {_number(gauge, saturation.sample)}{_extra(saturation, gauge, paint)}"


def _number(gauge: Gauge, value: Sample) -> str:
    if value.state is SampleState.NOT_COLLECTED:
        return "x"
    if value.value is None:
        return "-"
    return f"{value.value * 100:.0f}%" if gauge.has_bar else fmt.count(value.value)[0]


def _extra(saturation: Saturation, gauge: Gauge, paint: Paint) -> str:
    value, spilled = saturation.sample, saturation.spillover_per_minute
    if value.state is SampleState.STALE:
        return f" {stale_age(value, paint)}"
    if spilled:
        return f" +{fmt.count(spilled)[-1]}/m"
    return gauge.unit if value.value is not None else ""


def _style(value: Sample) -> str:
    return "normal" if value.state is SampleState.OK else "dim"


def fullness(saturation: Saturation | None) -> float | None:
    """What to sort by, as shown: percent, for a cache the percentage of misses, for a backlog its requests."""
    if saturation is None or saturation.sample.value is None:
        return None
    value = saturation.sample.value
    if saturation.kind is SaturationKind.CACHE:
        return (1 - value) * 100
    return value * 100 if GAUGES[saturation.kind].has_bar else value
