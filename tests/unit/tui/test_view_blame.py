"""Cells in the colour of the finding that stands on their value, and rows that only look well."""

import pytest

from smtop.metrics.analysis.rules import BY_ID as RULES
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Muted, Severity
from smtop.metrics.domain.series import Owner, Sample, SampleState
from smtop.metrics.domain.snapshot import EndpointView, SaturationKind
from smtop.tui.view_models.blame import COLUMNS
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.views import BY_ID
from tests.support.fleet import NOW_S, endpoint, ok, saturation, trend, variant, vitals

PAINT = Paint(NOW_S, BLOCKS)
KNOWN = Muted("vendor knows", NOW_S + 3600, "ana")


def found(rule: str, severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding(rule, severity, "t")


def style(view: EndpointView, column: str) -> str:
    return BY_ID[column].draw(view, 20, PAINT).style


def test_every_rule_says_which_columns_show_what_it_stands_on() -> None:
    assert set(COLUMNS) == set(RULES)
    assert {column for columns in COLUMNS.values() for column in columns} <= set(BY_ID)


@pytest.mark.parametrize(
    ("rule", "column", "others"),
    [
        ("latency-high", "p99", ("errors", "requests")),
        ("errors-5xx", "errors", ("4xx", "p99")),
        ("traffic-gone", "requests", ("p99",)),
        ("traffic-gone", "trend", ()),
        ("endpoint-failed", "status", ("requests",)),
        ("weights-drift", "variants", ("status",)),
    ],
)
def test_the_value_that_is_bad_has_the_colour_and_no_other(rule: str, column: str, others: tuple[str, ...]) -> None:
    numbers = vitals(requests=9.0, errors=0.2, client_errors=0.2, p99=900.0, points=trend(1.0, 2.0))
    view = endpoint("e", variants=[variant("a"), variant("b")], findings=[found(rule)], numbers=numbers)
    assert style(view, column) == "critical"
    assert {style(view, other) for other in others} <= {"normal"}


@pytest.mark.parametrize(
    ("rule", "kind", "coloured"),
    [
        ("gpu-saturated", SaturationKind.GPU, True),
        ("gpu-saturated", SaturationKind.CPU, False),
        ("pc-exhausted", SaturationKind.PROVISIONED, True),
        ("concurrency-limit", SaturationKind.CONCURRENCY, True),
        ("cache-thrash", SaturationKind.CACHE, True),
        ("backlog-growing", SaturationKind.BACKLOG, True),
        ("errors-5xx", SaturationKind.CPU, False),
    ],
)
def test_the_saturation_is_coloured_where_it_measures_what_is_full(
    rule: str, kind: SaturationKind, coloured: bool
) -> None:
    view = endpoint("e", findings=[found(rule)], numbers=vitals(saturation=saturation(kind, 0.95)))
    assert style(view, "saturation") == ("critical" if coloured else "normal")


def test_columns_of_a_kind_are_coloured_too() -> None:
    spilled = {Owner("e", "AllTraffic"): {"ServerlessProvisionedConcurrencySpilloverInvocations.Sum": ok(38.0)}}
    view = endpoint(
        "e", kind=Kind.SERVERLESS_PROVISIONED, findings=[found("spillover", Severity.WARNING)], metrics=spilled
    )
    assert BY_ID["spill"].draw(view, 8, PAINT) == Cell("38", "warning")


def test_what_is_dim_stays_dim_and_a_share_that_is_hardly_any_has_no_colour() -> None:
    canary = found("bad-canary")
    provisional = Sample(SampleState.PROVISIONAL, 0.4, int(NOW_S))
    told = endpoint("e", findings=[canary], numbers=vitals(errors=provisional, client_errors=0.002))
    assert (style(told, "errors"), style(told, "4xx")) == ("dim", "normal")


@pytest.mark.parametrize("quiet", [found("errors-5xx")._replace(muted=KNOWN), found("errors-5xx", Severity.OK)])
def test_what_does_not_count_colours_nothing(quiet: Finding) -> None:
    assert style(endpoint("e", findings=[quiet], numbers=vitals(errors=0.4)), "errors") == "normal"


def test_a_row_that_is_well_only_because_somebody_muted_it_has_a_mark_of_its_own() -> None:
    hushed = found("errors-5xx")._replace(muted=KNOWN)
    assert BY_ID["mark"].draw(endpoint("e", findings=[hushed]), 1, PAINT) == Cell("m", "dim")
    assert BY_ID["mark"].draw(endpoint("e", Severity.WARNING, findings=[hushed]), 1, PAINT).text == "~"
    advice = found("image-large", Severity.OK)._replace(muted=KNOWN)
    assert BY_ID["mark"].draw(endpoint("e", findings=[advice]), 1, PAINT).text == "."


def test_the_column_of_findings_names_first_what_counts() -> None:
    hushed, advice = found("errors-5xx")._replace(muted=KNOWN), found("image-large", Severity.OK)
    view = endpoint("e", findings=[hushed, found("latency-high", Severity.WARNING), advice])
    assert BY_ID["finding"].draw(view, 20, PAINT) == Cell("latency-high +2", "warning")
    assert BY_ID["finding"].draw(endpoint("e", findings=[advice]), 20, PAINT) == Cell("image-large", "dim")
