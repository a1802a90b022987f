"""Two endpoints in the same charts: what stands for each panel of one, over that of the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.history import EndpointHistory
from smtop.tui.view_models import fmt
from smtop.tui.view_models.charts import MARKS, STYLES, Chart, charts, lead, missing
from smtop.tui.view_models.curves import Curve, curve, production
from smtop.tui.view_models.panels import PanelSpec, panels_of

_NAME_CELLS = 24


class Told(NamedTuple):
    """An endpoint, and what is known of it over time."""

    endpoint: Endpoint
    history: EndpointHistory


class Material(NamedTuple):
    """What the charts of an endpoint are made of: the present, earlier days, whether by variant, another endpoint."""

    history: EndpointHistory
    earlier: Mapping[int, EndpointHistory]
    by_variant: bool
    beside: EndpointHistory | None

    def charts(self, endpoint: Endpoint, other: Endpoint | None) -> list[Chart]:
        """The charts of an endpoint, and of the other in the same ones."""
        if self.beside is not None and other is not None:
            return charts_beside(Told(endpoint, self.history), Told(other, self.beside))
        return charts(endpoint, self.history, self.earlier, by_variant=self.by_variant)


def charts_beside(first: Told, other: Told) -> list[Chart]:
    """A chart for every panel of either, over the time of the first, with one curve of each that has values."""
    specs = {spec.title: spec for told in (other, first) for spec in panels_of(told.endpoint)}
    titles = dict.fromkeys(spec.title for told in (first, other) for spec in panels_of(told.endpoint))
    return [_chart((first, other), specs[title]) for title in titles]


def _chart(both: Sequence[Told], spec: PanelSpec) -> Chart:
    history = both[0].history
    curves = [one for one in _curves(both, spec) if one.dots or one.why]
    has_dots = any(one.dots for one in curves)
    name = lead(both, spec).name
    return Chart(
        f"{spec.title}, {name}" if len(spec.curves) > 1 else spec.title,
        spec.unit,
        history.start,
        history.end,
        tuple(curves) if has_dots else (),
        spec.number,
        spec.full,
        "" if has_dots else missing([told.history for told in both], spec),
    )


def _curves(both: Sequence[Told], spec: PanelSpec) -> Iterator[Curve]:
    within = range(both[0].history.start, both[0].history.end)
    for told, mark, style in zip(both, MARKS, STYLES, strict=False):
        found = curve(told.endpoint, told.history, lead(both, spec), production(told.endpoint))
        name = fmt.cut_middle(told.endpoint.title, _NAME_CELLS, fmt.ASCII)
        yield replace(found.shifted(0, within), name=name, style=style, mark=mark)
