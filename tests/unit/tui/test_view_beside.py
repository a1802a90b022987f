"""The charts of two endpoints, made from what is known of both."""

from dataclasses import replace

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.history import EndpointHistory
from smtop.metrics.domain.series import Owner
from smtop.tui.view_models.beside import Told, charts_beside
from smtop.tui.view_models.panels import panels_of
from tests.support.charting import history
from tests.support.fleet import endpoint

SERVERLESS = endpoint("fraud", kind=Kind.SERVERLESS).endpoint
QUEUE = endpoint("queue", kind=Kind.ASYNC).endpoint
LONG = endpoint("credit-limits-2024-11-eu-west-1-blue").endpoint


def renamed(told: EndpointHistory, name: str, *labels: str) -> EndpointHistory:
    """The same of another endpoint, with these series only."""
    kept = (one for one in told.series if one.label in labels)
    return replace(told, endpoint=name, series=tuple(replace(one, owner=Owner(name, "AllTraffic")) for one in kept))


def test_every_panel_of_either_kind_is_there_once() -> None:
    made = charts_beside(Told(SERVERLESS, history()), Told(QUEUE, renamed(history(), "queue")))
    titles = [chart.title.partition(",")[0] for chart in made]
    assert len(titles) == len(set(titles))
    assert set(titles) == {panel.title.partition(",")[0] for one in (SERVERLESS, QUEUE) for panel in panels_of(one)}


def test_a_panel_has_the_same_curve_of_both_and_says_which() -> None:
    other = renamed(history(level=0.5), LONG.name, "ModelLatency.p50")
    [latency] = [
        chart
        for chart in charts_beside(Told(SERVERLESS, history()), Told(LONG, other))
        if "Model latency" in chart.title
    ]
    assert latency.title.endswith(", p99")
    assert [curve.name for curve in latency.curves] == ["fraud"], "the other one has no p99"
    whole = renamed(history(level=0.5), LONG.name, "ModelLatency.p99")
    [latency] = [
        chart
        for chart in charts_beside(Told(SERVERLESS, history()), Told(LONG, whole))
        if "Model latency" in chart.title
    ]
    assert [(curve.mark, curve.dots[-1].value) for curve in latency.curves] == [("*", 80.0), ("o", 40.0)]
    assert len(latency.curves[1].name) <= 24


def test_where_neither_has_values_it_says_why() -> None:
    nothing = renamed(history(), "fraud"), renamed(history(), "calm")
    made = charts_beside(Told(SERVERLESS, nothing[0]), Told(LONG, nothing[1]))
    assert {chart.said for chart in made} == {"not measured for either of them"}
