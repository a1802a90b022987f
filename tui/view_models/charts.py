"""From the history of an endpoint to charts: curves in the units of people, thinned to what a terminal can show."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.history import EndpointHistory, SeriesHistory
from smtop.tui.view_models import fmt
from smtop.tui.view_models.panels import CurveSpec, PanelSpec, panels_of

_DAY_S = 86_400


class Dot(NamedTuple):
    """A value at a time (epoch seconds). `joined` says that no period is missing since the dot before."""

    at: int
    value: float
    joined: bool


@dataclass(frozen=True)
class Curve:
    """A named curve; its dots from `provisional_from` on may still change."""

    name: str
    style: str
    dots: tuple[Dot, ...]
    provisional_from: float

    @property
    def settled(self) -> tuple[Dot, ...]:
        return tuple(dot for dot in self.dots if dot.at < self.provisional_from)

    @property
    def provisional(self) -> tuple[Dot, ...]:
        return tuple(dot for dot in self.dots if dot.at >= self.provisional_from)


class Tick(NamedTuple):
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """One chart over `start` to `end`. `said` stands in the place of curves where there are none."""

    title: str
    unit: str
    start: int
    end: int
    curves: tuple[Curve, ...] = ()
    number: fmt.Number = fmt.count
    full: float | None = None
    said: str = ""

    @property
    def top(self) -> float:
        """The upper end of the value axis: a round number, or what is full."""
        highest = max((dot.value for curve in self.curves for dot in curve.dots), default=0.0)
        return max(self.full or 0.0, highest if self.full and highest <= self.full else _round_up(highest))

    def marks(self) -> Sequence[Tick]:
        """The ticks of the value axis."""
        return [Tick(self.top * part, _short(self.number, self.top * part)) for part in (0.0, 0.5, 1.0)]


def charts(endpoint: Endpoint, history: EndpointHistory) -> list[Chart]:
    """The charts of an endpoint with what its history has."""
    return [_chart(endpoint, history, spec) for spec in panels_of(endpoint)]


def _chart(endpoint: Endpoint, history: EndpointHistory, spec: PanelSpec) -> Chart:
    curves = [_curve(endpoint, history, curve) for curve in spec.curves]
    drawn = tuple(curve for curve in curves if curve.dots)
    said = "" if drawn else _missing(history, spec)
    return Chart(spec.title, spec.unit, history.start, history.end, drawn, spec.number, spec.full, said)


def _missing(history: EndpointHistory, spec: PanelSpec) -> str:
    """Why there is no curve at all."""
    series = [one for curve in spec.curves for one in history.labelled(curve.label)]
    failures = (one.why for one in series if one.why)
    if not series:
        return "not measured for this endpoint"
    why = next(failures, None)
    return f"not collected: {why}" if why else "no data in this time"


def _curve(endpoint: Endpoint, history: EndpointHistory, spec: CurveSpec) -> Curve:
    series = _reporting(endpoint, history, spec.label)
    variants = {variant.name: variant for variant in endpoint.variants}

    def scaled(one: SeriesHistory) -> Iterator[tuple[int, float]]:
        for at, value in zip(one.times, one.values, strict=True):
            number = spec.scale(value, history.period_s, variants.get(one.owner.variant or ""))
            if number is not None:
                yield at, number

    values = _merged((scaled(one) for one in series), spec.merge)
    if spec.zero_beside and series and not any(one.why for one in series):
        beside = (one.times for one in _reporting(endpoint, history, spec.zero_beside))
        values = dict.fromkeys((at for times in beside for at in times), 0.0) | values
    provisional_from = min((one.provisional_from for one in series), default=float("inf"))
    return Curve(spec.name, spec.style, _dots(values, history.period_s), provisional_from)


def _reporting(endpoint: Endpoint, history: EndpointHistory, label: str) -> list[SeriesHistory]:
    """The endpoint's own series or its variants', or its components' where only these report: never both."""
    shadows = {variant.name for variant in endpoint.variants if variant.shadow}
    whole = [one for one in history.labelled(label) if one.owner.container is None]
    variants = [one for one in whole if one.owner.component is None and one.owner.variant not in shadows]
    components = [one for one in whole if one.owner.component is not None]
    return components if components and not any(len(one.times) for one in variants) else variants


def _merged(
    parts: Iterable[Iterable[tuple[int, float]]], merge: Callable[[Iterable[float]], float]
) -> dict[int, float]:
    """One value a period of all who have one."""
    together: dict[int, list[float]] = {}
    for part in parts:
        for at, value in part:
            together.setdefault(at, []).append(value)
    return {at: merge(values) for at, values in together.items()}


def _dots(values: Mapping[int, float], period_s: int) -> tuple[Dot, ...]:
    times = sorted(values)
    before = [float("-inf"), *times]
    return tuple(Dot(at, values[at], at - last <= period_s) for last, at in zip(before, times, strict=False))


def thinned(dots: Sequence[Dot], start: int, end: int, columns: int) -> list[Dot]:
    """At most two dots a column, its lowest and its highest, in their order; a gap between dots stays one."""
    picked: list[Dot] = []
    gaps = 0
    numbered = []
    for dot in dots:
        gaps += not dot.joined
        numbered.append((dot, gaps))
    last_gap = -1
    for column in _columns(numbered, start, end, columns):
        extremes = {id(pair[0]): pair for pair in (min(column, key=_value), max(column, key=_value))}
        for dot, gap in sorted(extremes.values(), key=lambda pair: pair[0].at):
            picked.append(dot._replace(joined=gap == last_gap))
            last_gap = gap
    return picked


def _value(numbered: tuple[Dot, int]) -> float:
    return numbered[0].value


def _columns(
    numbered: Sequence[tuple[Dot, int]], start: int, end: int, columns: int
) -> Iterator[list[tuple[Dot, int]]]:
    """The dots of each column that has any."""
    found: dict[int, list[tuple[Dot, int]]] = {}
    for pair in numbered:
        found.setdefault((pair[0].at - start) * columns // max(end - start, 1), []).append(pair)
    yield from found.values()


# Axes

_STEPS_S = (60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, _DAY_S, 2 * _DAY_S, 7 * _DAY_S)
_CELLS_PER_TICK = 9


def time_ticks(start: int, end: int, cells: int, zone: tzinfo | None) -> list[Tick]:
    """Ticks at round local times, as many as fit into `cells`; `zone` None is the machine's own."""
    most = max(cells // _CELLS_PER_TICK, 1)
    step_s = next((step for step in _STEPS_S if (end - start) / step <= most), _STEPS_S[-1])
    first = local(start, zone)
    offset = first.utcoffset()
    ahead_s = int(offset.total_seconds()) if offset else 0
    at = -(-(start + ahead_s) // step_s) * step_s - ahead_s
    form = "%a %d" if step_s >= _DAY_S else "%H:%M"
    return [Tick(moment, local(moment, zone).strftime(form)) for moment in range(at, end, step_s)]


def local(at: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


_EMPTY_DECIMAL = re.compile(r"\.0(?!\d)")

_ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


def _round_up(value: float) -> float:
    """The next of a few round steps times a power of ten; 1 for nothing at all."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return power * next(step for step in _ROUND if power * step >= value * (1 - 1e-9))


def _short(number: fmt.Number, value: float) -> str:
    """The most precise way without an empty decimal place."""
    return _EMPTY_DECIMAL.sub("", number(value)[0]) if value >= 1 else f"{value:g}"
