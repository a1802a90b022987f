"""The inspector: where it stands on terminals of every size, and which charts it has."""

import pytest

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules import BY_ID, RULES
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.curves import Curve, Dot
from smtop.tui.view_models.inspector import PANELS_OF_RULES, Place, most_telling, plan, whole
from smtop.tui.view_models.panels import PanelSpec, panels_of
from tests.support.fleet import endpoint

SIZES = [(40, 12), (60, 20), (80, 24), (80, 40), (120, 34), (120, 40), (179, 50), (180, 34), (200, 60), (300, 100)]


@pytest.mark.parametrize(
    ("size", "place", "charts"),
    [
        ((40, 9), Place.NOWHERE, 0),
        ((40, 12), Place.BELOW, 0),
        ((60, 20), Place.BELOW, 0),
        ((80, 24), Place.BELOW, 0),
        ((200, 33), Place.BELOW, 0),
        ((90, 40), Place.BELOW, 0),
        ((120, 34), Place.BELOW, 1),
        ((120, 40), Place.BELOW, 2),
        ((180, 34), Place.BESIDE, 2),
        ((200, 60), Place.BESIDE, 4),
    ],
)
def test_it_stands_where_there_is_room(size: tuple[int, int], place: Place, charts: int) -> None:
    found = plan(*size)
    assert (found.place, found.charts.places) == (place, charts)


@pytest.mark.parametrize("size", SIZES)
def test_charts_and_reasons_fit(size: tuple[int, int]) -> None:
    found = plan(*size)
    charts = found.charts.height * found.charts.rows
    if found.place is Place.BESIDE:
        assert charts + found.text_height + 1 == found.height <= size[1]
    elif found.place is Place.BELOW:
        assert found.charts.width + found.text_width == size[0]
        assert max(charts, found.text_height) + 1 == found.height
        assert found.height <= max(size[1] - 14, size[1] // 4), "the table keeps most of the screen"
    if found.charts.places:
        assert found.charts.height >= 7 and found.charts.width >= 50


def made(kind: Kind, *, empty: tuple[str, ...] = ()) -> list[Chart]:
    """The charts of a kind; those in `empty` have no curves."""
    curve = Curve("c", "accent", (Dot(0, 1.0, False),), 0.0)
    panels = panels_of(endpoint("e", kind=kind).endpoint)
    return [Chart(one.title, one.unit, 0, 60, () if one.title in empty else (curve,)) for one in panels]


def titles(kind: Kind, *findings: str, empty: tuple[str, ...] = (), count: int = 2) -> list[str]:
    told = [Finding(name, Severity.CRITICAL, "t") for name in findings]
    view = endpoint("e", Severity.CRITICAL, kind=kind, findings=told)
    return [one.title for one in most_telling(view, made(kind, empty=empty), count)]


def test_what_is_wrong_is_drawn_first() -> None:
    assert titles(Kind.SERVERLESS_PROVISIONED, "pc-exhausted") == ["Provisioned concurrency", "Spillover"]
    assert titles(Kind.REALTIME, "errors-5xx", "gpu-saturated", count=3) == ["Errors", "Requests", "Instances"]
    assert titles(Kind.INFERENCE_COMPONENT, "gpu-saturated") == ["Devices", "Model latency"]
    assert titles(Kind.REALTIME, "endpoint-failed", "no-such-rule") == ["Model latency", "Instances"]


def test_without_trouble_the_headlines_of_the_kind() -> None:
    assert titles(Kind.REALTIME) == ["Model latency", "Instances"]
    assert titles(Kind.ASYNC) == ["Backlog", "Oldest request waits"]
    assert titles(Kind.MULTI_MODEL, count=4) == ["Model latency", "Model cache", "Requests", "Errors"]


def test_charts_with_curves_go_before_those_without() -> None:
    assert titles(Kind.REALTIME, empty=("Model latency",)) == ["Instances", "Requests"]


@pytest.mark.parametrize("kind", Kind)
def test_no_chart_twice_and_none_missing(kind: Kind) -> None:
    found = titles(kind, "errors-5xx", "pc-exhausted", count=9)
    assert sorted(found) == sorted({one.title for one in made(kind)})


@pytest.mark.parametrize("size", SIZES)
def test_alone_it_fills_the_page_and_has_charts_where_there_is_room(size: tuple[int, int]) -> None:
    width, height = size
    found = whole(width, height)
    assert (found.width, found.height) == size
    assert found.text_height + 1 == height
    assert found.charts.width + found.text_width == width
    assert found.charts.height * found.charts.rows < height
    assert (found.charts.places > 0) is (width >= 100)


def drawn_by(panel: PanelSpec) -> set[str]:
    """The metrics of a chart, without their statistics."""
    return {curve.label.partition(".")[0] for curve in panel.curves}


PANELS = {panel.title: panel for kind in Kind for panel in panels_of(endpoint("e", kind=kind).endpoint)}

UNDRAWN = {
    *("endpoint-failed", "update-stuck", "update-rolled-back", "alarm-firing"),
    *("scaling-stuck", "scaling-fight", "quota-near"),
    *("serverless-workers", "image-large", "single-instance"),
}
"""Rules that read no metric: there is nothing to be drawn."""


def test_every_rule_has_its_charts_or_reads_no_metric() -> None:
    assert set(PANELS_OF_RULES) == set(BY_ID)
    assert {name for name, titles in PANELS_OF_RULES.items() if not titles} == UNDRAWN
    assert not {name for name in UNDRAWN if any("." in label for label in BY_ID[name].reads)}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in UNDRAWN], ids=lambda rule: rule.id)
def test_the_charts_of_a_rule_draw_what_it_reads(rule: Rule) -> None:
    read = {label.partition(".")[0] for label in rule.reads if "." in label}
    drawn = {metric for title in PANELS_OF_RULES[rule.id] for metric in drawn_by(PANELS[title])}
    assert read & drawn
    leading = [title for title in PANELS_OF_RULES[rule.id][:2] if drawn_by(PANELS[title]) & read]
    assert leading, "the first of them tells something of it"
