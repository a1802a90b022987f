"""Curves: the values of series over time, merged, in the units of people, and thinned to what a terminal can show."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.history import EndpointHistory, SeriesHistory
from smtop.tui.view_models.panels import CurveSpec


class Dot(NamedTuple):
    """A value at a time (epoch seconds). `joined` says that no period is missing since the dot before."""

    at: int
    value: float
    joined: bool


@dataclass(frozen=True)
class Curve:
    """A named curve; its dots from `provisional_from` on may still change.

    `mark` tells it from the others of its chart, whatever the terminal can do. `is_past` says that it shows another
    day. `why` says why it could not be collected, if so.
    """

    name: str
    style: str
    dots: tuple[Dot, ...]
    provisional_from: float
    mark: str = "*"
    is_past: bool = False
    why: str | None = None

    @property
    def settled(self) -> tuple[Dot, ...]:
        return tuple(dot for dot in self.dots if dot.at < self.provisional_from)

    @property
    def provisional(self) -> tuple[Dot, ...]:
        return tuple(dot for dot in self.dots if dot.at >= self.provisional_from)

    def at(self, moment: int) -> Dot | None:
        """The dot of the period that begins then."""
        place = bisect_left(self.dots, moment, key=lambda dot: dot.at)
        return self.dots[place] if place < len(self.dots) and self.dots[place].at == moment else None

    def shifted(self, seconds: int, within: range) -> "Curve":
        """The same curve so much later, as far as it lies within these times."""
        moved = (dot._replace(at=dot.at + seconds) for dot in self.dots)
        inside = tuple(dot for dot in moved if within.start <= dot.at < within.stop)
        return replace(self, dots=inside, provisional_from=self.provisional_from + seconds)


Part = Callable[[SeriesHistory], bool]
"""Whether a series belongs to a part of an endpoint."""


def production(endpoint: Endpoint) -> Part:
    """All that answers the endpoint's callers: everything but shadows and single containers."""
    shadows = shadow_names(endpoint)
    return lambda one: one.owner.container is None and one.owner.variant not in shadows


def shadow_names(endpoint: Endpoint) -> Collection[str]:
    return {variant.name for variant in endpoint.variants if variant.shadow}


def curve(endpoint: Endpoint, history: EndpointHistory, spec: CurveSpec, part: Part) -> Curve:
    """The series of a part of an endpoint, merged as the spec says."""
    series = reporting(history, spec.label, part)
    variants = {variant.name: variant for variant in endpoint.variants}

    def scaled(one: SeriesHistory) -> Iterator[tuple[int, float]]:
        for at, value in zip(one.times, one.values, strict=True):
            number = spec.scale(value, history.period_s, variants.get(one.owner.variant or ""))
            if number is not None:
                yield at, number

    values = _merged((scaled(one) for one in series), spec.merge)
    why = next((one.why for one in series if one.why), None)
    if spec.zero_beside and series and not why:
        beside = (one.times for one in reporting(history, spec.zero_beside, part))
        values = dict.fromkeys((at for times in beside for at in times), 0.0) | values
    provisional_from = min((one.provisional_from for one in series), default=float("inf"))
    return Curve(spec.name, spec.style, _dots(values, history.period_s), provisional_from, why=why)


def reporting(history: EndpointHistory, label: str, part: Part) -> list[SeriesHistory]:
    """The part's own series or its variants', or its components' where only these report: never both."""
    whole = [one for one in history.labelled(label) if part(one)]
    variants = [one for one in whole if one.owner.component is None]
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
