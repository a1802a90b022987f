"""The charts of an endpoint: its panels with curves of the whole, of each variant, and of earlier days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.history import EndpointHistory
from smtop.tui.view_models import fmt
from smtop.tui.view_models.axes import Tick, round_up, short
from smtop.tui.view_models.curves import Curve, Part, curve, production, reporting, shadow_names
from smtop.tui.view_models.panels import CurveSpec, PanelSpec, panels_of

MARKS = "*o+x#@"
"""The signs of a chart's curves, in their order."""

MOST_CURVES = len(MARKS)

Known = tuple[Endpoint, EndpointHistory]

STYLES = ("accent", "warning", "changing", "unknown", "critical", "normal")
_NO_HISTORIES: Mapping[int, EndpointHistory] = {}


class Earlier(NamedTuple):
    """A day to compare with: how long ago, its name in words and in a legend, and the sign of its curve."""

    ago_s: int
    name: str
    short: str
    mark: str


EARLIER = (Earlier(86_400, "yesterday", "-1d", ":"), Earlier(7 * 86_400, "last week", "-7d", "'"))


@dataclass(frozen=True)
class Chart:
    """One chart over `start` to `end`. `said` stands in the place of curves where there are none.

    `left_out` is how many curves there was no room for.
    """

    title: str
    unit: str
    start: int
    end: int
    curves: tuple[Curve, ...] = ()
    number: fmt.Number = fmt.count
    full: float | None = None
    said: str = ""
    left_out: int = 0

    @property
    def top(self) -> float:
        """The upper end of the value axis: a round number, or what is full."""
        highest = max((dot.value for curve in self.curves for dot in curve.dots), default=0.0)
        return max(self.full or 0.0, highest if self.full and highest <= self.full else round_up(highest))

    @property
    def newest(self) -> int | None:
        """The newest period that will no longer change, or else the newest that has a value at all."""
        present = [one for one in self.curves if not one.is_past]
        settled = [one.settled[-1].at for one in present if one.settled]
        return max(settled or [one.dots[-1].at for one in present if one.dots], default=None)

    def column(self, at: int, columns: int) -> int | None:
        """Which of so many columns a time is drawn in; None outside. plotext spreads a range from middle to middle."""
        inside = self.start <= at < self.end
        return int((at - self.start) / (self.end - self.start) * (columns - 1) + 0.5) if inside else None

    def marks(self) -> Sequence[Tick]:
        """The ticks of the value axis."""
        return [Tick(self.top * part, short(self.number, self.top * part)) for part in (0.0, 0.5, 1.0)]


def charts(
    endpoint: Endpoint,
    history: EndpointHistory,
    earlier: Mapping[int, EndpointHistory] = _NO_HISTORIES,
    *,
    by_variant: bool = False,
) -> list[Chart]:
    """The charts of an endpoint with what its history has; `earlier` are other days by how long ago they were.

    `by_variant` draws the first curve of every panel for each variant, instead of all curves of the whole.
    """
    return [_chart(endpoint, history, earlier, spec, by_variant=by_variant) for spec in panels_of(endpoint)]


def _chart(
    endpoint: Endpoint,
    history: EndpointHistory,
    earlier: Mapping[int, EndpointHistory],
    spec: PanelSpec,
    *,
    by_variant: bool,
) -> Chart:
    first = lead([(endpoint, history)], spec)
    parts = _by_part(endpoint, history, first) if by_variant else []
    present = parts if len(parts) > 1 else [*_of_whole(endpoint, history, spec), *_of_shadow(endpoint, history, first)]
    shown = _fitting(present)
    drawn = (*_marked(shown), *_of_earlier(endpoint, earlier, first, range(history.start, history.end)))
    has_dots = any(one.dots for one in drawn)
    title = f"{spec.title}, {first.name}" if present is parts and len(spec.curves) > 1 else spec.title
    return Chart(
        title,
        spec.unit,
        history.start,
        history.end,
        drawn if has_dots else (),
        spec.number,
        spec.full,
        "" if has_dots else missing([history], spec),
        len(present) - len(shown),
    )


def missing(histories: Sequence[EndpointHistory], spec: PanelSpec) -> str:
    """Why there is no curve at all."""
    series = [one for history in histories for curve in spec.curves for one in history.labelled(curve.label)]
    failures = (one.why for one in series if one.why)
    if not series:
        return "not measured for this endpoint" if len(histories) == 1 else "not measured for either of them"
    why = next(failures, None)
    return f"not collected: {why}" if why else "no data in this time"


def lead(known: Sequence[Known], spec: PanelSpec) -> CurveSpec:
    """The curve that stands for the panel where there is room for one: the first that has values of the first."""
    candidates = (one for endpoint, history in known for one in spec.curves if curve(endpoint, history, one, _any).dots)
    return next(candidates, spec.curves[0])


def _any(_series: object) -> bool:
    return True


def _of_whole(endpoint: Endpoint, history: EndpointHistory, spec: PanelSpec) -> list[Curve]:
    """The curves of all production together; those that say nothing, unless they could not be collected, are absent."""
    found = (curve(endpoint, history, one, production(endpoint)) for one in spec.curves)
    return [one for one in found if one.dots or one.why]


def _of_shadow(endpoint: Endpoint, history: EndpointHistory, lead: CurveSpec) -> Iterator[Curve]:
    """What the shadows make of the same requests, beside production."""
    shadows = shadow_names(endpoint)
    found = curve(endpoint, history, lead, lambda one: one.owner.variant in shadows)
    if found.dots:
        yield replace(found, name=f"shadow {lead.name}", style="unknown", mark="s")


def _by_part(endpoint: Endpoint, history: EndpointHistory, lead: CurveSpec) -> list[Curve]:
    """The lead curve of every variant or component that has values."""
    found = []
    for (name, part), style in zip(_parts(endpoint, history, lead), cycle(STYLES), strict=False):
        one = curve(endpoint, history, lead, part)
        if one.dots:
            found.append(replace(one, name=name, style=style))
    return found


def _parts(endpoint: Endpoint, history: EndpointHistory, lead: CurveSpec) -> list[tuple[str, Part]]:
    """Components where only these report, or else variants, shadows last."""
    reported = reporting(history, lead.label, production(endpoint))
    components = dict.fromkeys(one.owner.component for one in reported if one.owner.component)
    if components:
        return [(name, _component(name)) for name in components]
    ordered = sorted(endpoint.variants, key=lambda variant: variant.shadow)
    return [(f"shadow {one.name}" if one.shadow else one.name, _variant(one.name)) for one in ordered]


def _variant(name: str) -> Part:
    return lambda one: one.owner.variant == name and one.owner.container is None and one.owner.component is None


def _component(name: str) -> Part:
    return lambda one: one.owner.component == name


def _fitting(curves: Sequence[Curve]) -> Sequence[Curve]:
    """As many as can be told apart: the highest."""
    if len(curves) <= MOST_CURVES:
        return curves
    highest = sorted(curves, key=lambda one: -max((dot.value for dot in one.dots), default=0.0))[:MOST_CURVES]
    return [one for one in curves if one in highest]


def _marked(curves: Sequence[Curve]) -> Iterator[Curve]:
    """Each with a sign of its own; that of a shadow stays."""
    signs = iter(MARKS)
    for one in curves:
        yield one if one.mark == "s" else replace(one, mark=next(signs))


def _of_earlier(
    endpoint: Endpoint, earlier: Mapping[int, EndpointHistory], lead: CurveSpec, within: range
) -> Iterator[Curve]:
    """The lead curve of other days, at the same hours."""
    for day in EARLIER:
        if day.ago_s in earlier:
            found = curve(endpoint, earlier[day.ago_s], lead, production(endpoint)).shifted(day.ago_s, within)
            yield replace(found, name=day.short, style="dim", mark=day.mark, is_past=True)
