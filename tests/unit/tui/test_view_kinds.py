"""The views by kind: which endpoints they list, and what their columns say."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from smtop.metrics.domain.endpoint import Component, Kind, Moving, Serverless, Variant
from smtop.metrics.domain.series import NO_DATA, Owner, Sample, not_collected
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.fleet import Row, deck, rows, sensible
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.header import as_text
from smtop.tui.view_models.layout import layout
from smtop.tui.view_models.views import VIEWS, chosen, wanted
from smtop.tui.view_models.why import why
from smtop.tui.view_state import FleetState, ViewState
from tests.support.fleet import NOW_S, endpoint, ok, snapshot, stale, variant, vitals

PAINT = Paint(NOW_S, BLOCKS)
ALL = Owner("e", "AllTraffic")
PROVISIONED = Variant("AllTraffic", serverless=Serverless(2048, 20, 5))
BATCH = Owner("e")


def cells(view: EndpointView, name: str) -> dict[str, Cell]:
    slots = layout(300, VIEWS[name].columns)
    drawn = Row(view).cells(slots, PAINT)
    return {slot.column.title: cell for slot, cell in zip(slots, drawn, strict=True)}


def texts(view: EndpointView, name: str) -> dict[str, str]:
    return {title: cell.text for title, cell in cells(view, name).items()}


def of(kind: Kind, metrics: Mapping[Owner, Mapping[str, Sample]], requests: Sample | float = NO_DATA) -> EndpointView:
    return endpoint("e", kind=kind, variants=[PROVISIONED], numbers=vitals(requests=requests), metrics=metrics)


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("triage", set(Kind)),
        ("all", set(Kind)),
        ("sl", {Kind.SERVERLESS, Kind.SERVERLESS_PROVISIONED}),
        ("mm", {Kind.MULTI_MODEL}),
        ("as", {Kind.ASYNC}),
        ("mc", {Kind.MULTI_CONTAINER, Kind.PIPELINE}),
        ("ic", {Kind.INFERENCE_COMPONENT}),
    ],
)
def test_a_view_lists_all_endpoints_of_its_kinds(name: str, listed: set[Kind]) -> None:
    fleet = deck(snapshot(*(endpoint(kind.value, kind=kind) for kind in Kind)), {})
    assert {row.key for row in rows(fleet, VIEWS[name].start, VIEWS[name])} == {kind.value for kind in listed}


def test_provisioned_concurrency_is_read_from_its_own_metrics() -> None:
    told = {
        "ServerlessProvisionedConcurrencyUtilization.Maximum": ok(0.93),
        "ServerlessProvisionedConcurrencyExecutions.Maximum": ok(4.0),
        "ServerlessProvisionedConcurrencyInvocations.Sum": ok(1800.0),
        "ServerlessProvisionedConcurrencySpilloverInvocations.Sum": ok(38.0),
        "ServerlessConcurrentExecutionsUtilization.Maximum": ok(0.2),
        "ModelSetupTime.SampleCount": ok(7.0),
        "ModelSetupTime.Average": ok(1_900_000.0),
    }
    shown = texts(of(Kind.SERVERLESS_PROVISIONED, {ALL: told}), "sl")
    assert {title: shown[title] for title in ("PC%", "EXEC", "SERVED/m", "SPILL/m", "COLD/m", "CONC%", "PC")} == {
        "PC%": "93",
        "EXEC": "4",
        "SERVED/m": "1.8k",
        "SPILL/m": "38",
        "COLD/m": "7",
        "CONC%": "20",
        "PC": "5",
    }
    assert shown["SETUPms"] == "1,900"


def test_zero_no_data_not_asked_stale_and_not_for_this_kind_are_different_things() -> None:
    told = {
        "ServerlessProvisionedConcurrencySpilloverInvocations.Sum": ok(0.0),
        "ServerlessProvisionedConcurrencyUtilization.Maximum": not_collected("not asked while visible"),
        "ServerlessProvisionedConcurrencyExecutions.Maximum": NO_DATA,
        "ServerlessProvisionedConcurrencyInvocations.Sum": stale(1200.0, minutes=7),
    }
    shown = texts(of(Kind.SERVERLESS_PROVISIONED, {ALL: told}), "sl")
    assert [shown[title] for title in ("SPILL/m", "PC%", "EXEC", "SERVED/m")] == ["0", "x", "-", "1.2k 7m"]
    assert texts(of(Kind.SERVERLESS, {ALL: {}}), "sl")["PC%"] == ""
    assert texts(endpoint("e", kind=Kind.SERVERLESS), "sl")["PC%"] == "x"


@pytest.mark.parametrize(
    ("setups", "requests", "text"),
    [
        (NO_DATA, 40.0, "0"),
        (NO_DATA, NO_DATA, "-"),
        (ok(3.0, age_s=150), 40.0, "3"),
        (ok(3.0, age_s=1000), 40.0, "0"),
        (not_collected("denied"), 40.0, "x"),
    ],
)
def test_silence_about_cold_starts_is_a_zero_only_beside_requests(
    setups: Sample, requests: Sample | float, text: str
) -> None:
    view = of(Kind.SERVERLESS, {ALL: {"ModelSetupTime.SampleCount": setups}}, requests=requests)
    assert texts(view, "sl")["COLD/m"] == text


@pytest.mark.parametrize(
    ("backlog", "done", "text"),
    [
        (ok(120.0), 60.0, "2m"),
        (ok(120.0), 0.0, "never"),
        (ok(0.0), 0.0, "0s"),
        (NO_DATA, 60.0, "-"),
        (ok(120.0), not_collected("denied"), "x"),
        (ok(120.0), stale(60.0, minutes=9), "2m 9m"),
    ],
)
def test_a_backlog_lasts_as_long_as_the_present_rate_takes_for_it(
    backlog: Sample, done: Sample | float, text: str
) -> None:
    view = of(Kind.ASYNC, {BATCH: {"ApproximateBacklogSize.Maximum": backlog}}, requests=done)
    assert texts(view, "as")["DRAIN"] == text


def test_a_backlog_is_read_with_its_age_its_share_and_who_is_there() -> None:
    told = {
        "ApproximateBacklogSize.Maximum": ok(412.0),
        "ApproximateAgeOfOldestRequest.Maximum": ok(1380.0),
        "ApproximateBacklogSizePerInstance.Average": ok(206.0),
        "HasBacklogWithoutCapacity.Maximum": ok(1.0),
    }
    shown = texts(of(Kind.ASYNC, {BATCH: told}), "as")
    assert [shown[title] for title in ("BACKLOG", "OLDEST", "/INST", "NO-CAP")] == ["412", "23m", "206", "YES"]


def test_models_in_memory_add_up_and_the_worst_cache_counts() -> None:
    two = endpoint(
        "e",
        kind=Kind.MULTI_MODEL,
        variants=[variant("A"), variant("B"), variant("S", shadow=True)],
        metrics={
            Owner("e", "A"): {"ModelCacheHit.Average": ok(0.5), "LoadedModelCount.Sum": ok(40.0)},
            Owner("e", "B"): {"ModelCacheHit.Average": ok(0.9), "LoadedModelCount.Sum": ok(2.0)},
            Owner("e", "S"): {"ModelCacheHit.Average": ok(0.1), "LoadedModelCount.Sum": ok(900.0)},
        },
    )
    shown = texts(two, "mm")
    assert (shown["CACHE%"], shown["LOADED"]) == ("50", "42")


def test_containers_stand_side_by_side_the_slowest_first() -> None:
    parts = Variant("AllTraffic", containers=("parse", "embed", "rank"))
    told = {
        Owner("e", "AllTraffic", "parse"): {"ContainerLatency.Average": ok(12_000.0)},
        Owner("e", "AllTraffic", "embed"): {"ContainerLatency.Average": ok(40_000.0)},
        Owner("e", "AllTraffic", "rank"): {"ContainerLatency.Average": not_collected("denied")},
    }
    shown = texts(endpoint("e", kind=Kind.PIPELINE, variants=[parts], metrics=told), "mc")
    assert shown["CONTAINERS ms"] == "embed 40, parse 12, rank x"
    assert (shown["N"], shown["SLOWms"]) == ("3", "40")


@pytest.mark.parametrize(
    ("desired", "text", "style"), [(2, "3", "normal"), (4, "3/5", "changing"), (None, "3", "normal")]
)
def test_copies_are_counted_with_those_on_their_way(desired: int | None, text: str, style: str) -> None:
    parts = (
        Component("a", "AllTraffic", "InService", Moving(2, desired)),
        Component("b", "AllTraffic", "InService", Moving(1, 1)),
    )
    view = endpoint("e", kind=Kind.INFERENCE_COMPONENT)
    view = replace(view, endpoint=view.endpoint._replace(components=parts))
    assert cells(view, "ic")["COPIES"] == Cell(text, style)


def test_the_reasons_say_why_a_value_was_not_collected() -> None:
    told = {
        "ServerlessProvisionedConcurrencyUtilization.Maximum": not_collected("not asked while idle"),
        "ServerlessProvisionedConcurrencyInvocations.Sum": not_collected("not asked while idle"),
    }
    view = of(Kind.SERVERLESS_PROVISIONED, {ALL: told})
    lines = why(view, width=120, height=6, paint=PAINT, columns=VIEWS["sl"].columns)
    assert "  x PC%, SERVED/m: not asked while idle" in as_text(lines)
    assert len(lines) <= 6


def test_a_view_wants_the_metrics_of_the_columns_that_fit() -> None:
    wide, narrow = (wanted(layout(width, VIEWS["sl"].columns)) for width in (200, 40))
    assert "ModelSetupTime" in wide - narrow
    assert "ServerlessProvisionedConcurrencySpilloverInvocations" in narrow
    assert wanted(layout(200, VIEWS["triage"].columns)) == frozenset()


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_every_view_fits_every_width(name: str, width: int) -> None:
    slots = layout(width, VIEWS[name].columns)
    assert slots[-1].x + slots[-1].width <= width
    assert [slot.column.id for slot in slots][:2] == ["mark", "name"]
    assert len(slots) > 3
    assert all(len(slot.column.title) < slot.width for slot in slots if slot.column.metrics)


def test_chosen_columns_come_in_their_order_behind_the_fixed_ones() -> None:
    state = ViewState(columns=("p99", "gone-with-a-release", "kind", "name"))
    assert [column.id for column in chosen(VIEWS["triage"], state)] == ["mark", "name", "p99", "kind"]


def test_what_is_remembered_and_means_nothing_any_more_is_left_out() -> None:
    odd = FleetState("gone", {"gone": ViewState(), "sl": ViewState(sort="gone"), "as": ViewState(filter_text="p99:x")})
    assert sensible(odd) == FleetState("triage", {"sl": ViewState(), "as": ViewState()})
    kept = FleetState("sl", {"sl": ViewState(sort="spill", inverted=True, filter_text="a|b")}, frozenset({"e"}))
    assert sensible(kept) == kept
