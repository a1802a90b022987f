"""Rows of the table: order, columns, cells."""

from dataclasses import replace

import pytest

from smtop.metrics.domain.endpoint import Component, Endpoint, Kind, Moving, Variant
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Sample, SampleState, not_collected
from smtop.metrics.domain.snapshot import EndpointView, SaturationKind
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.fleet import Row, deck, next_sort, rows, sort_label, sorted_by
from smtop.tui.view_models.fmt import ASCII, BLOCKS, cells
from smtop.tui.view_models.layout import Slot
from smtop.tui.view_models.layout import layout as laid_out
from smtop.tui.view_models.views import TRIAGE
from smtop.tui.view_state import WORST_FIRST, ViewState
from tests.support.fleet import NOW_S, endpoint, saturation, snapshot, stale, trend, variant, vitals

PAINT = Paint(NOW_S, BLOCKS)


def layout(width: int) -> tuple[Slot, ...]:
    return laid_out(width, TRIAGE.columns)


def names(found: list[Row]) -> list[str]:
    return [row.key for row in found]


def cell(view: EndpointView, column: str, width: int = 200, paint: Paint = PAINT) -> Cell:
    slots = layout(width)
    drawn = Row(view).cells(slots, paint)
    return next(one for slot, one in zip(slots, drawn, strict=True) if slot.column.id == column)


FLEET = snapshot(
    endpoint("c", Severity.OK, numbers=vitals(requests=10.0, p99=300.0), age_days=1),
    endpoint("a", Severity.OK, numbers=vitals(requests=900.0, p99=20.0), age_days=9),
    endpoint("d", Severity.CRITICAL, status="Failed"),
    endpoint("b", Severity.IDLE, numbers=vitals(requests=0.0), age_days=5),
    endpoint("e", Severity.WARNING, numbers=vitals(requests=50.0, p99=2000.0), age_days=2),
)


@pytest.mark.parametrize(
    ("state", "order"),
    [
        (ViewState(), "debac"),
        (ViewState(inverted=True), "acbed"),
        (ViewState(sort="name"), "abcde"),
        (ViewState(sort="name", inverted=True), "edcba"),
        (ViewState(sort="requests"), "aecbd"),
        (ViewState(sort="requests", inverted=True), "bcead"),
        (ViewState(sort="p99"), "ecabd"),
        (ViewState(sort="status"), "dabce"),
        (ViewState(sort="age"), "cebad"),
        (ViewState(attention_only=True), "de"),
        (ViewState(filter_text="kind:rt !b"), "deac"),
    ],
)
def test_rows_come_in_the_order_that_was_asked_for(state: ViewState, order: str) -> None:
    assert "".join(names(rows(deck(FLEET, {}), state))) == order


def test_the_row_of_a_view_that_did_not_change_stays_as_it_was_drawn() -> None:
    kept, changed = endpoint("kept"), endpoint("changed")
    before = deck(snapshot(kept, changed), {})
    after = deck(snapshot(kept, endpoint("changed"), endpoint("new")), before)
    assert after["kept"] is before["kept"]
    assert after["changed"] is not before["changed"]
    assert set(after) == {"kept", "changed", "new"}


def test_equal_values_stay_in_the_order_of_their_names_either_way_round() -> None:
    fleet = snapshot(*(endpoint(name, numbers=vitals(requests=5.0)) for name in "zyx"))
    for inverted in (False, True):
        assert names(rows(deck(fleet, {}), ViewState(sort="requests", inverted=inverted))) == ["x", "y", "z"]


def test_asking_for_the_same_sort_again_turns_it_round() -> None:
    once = sorted_by(ViewState(), "p99")
    twice = sorted_by(once, "p99")
    assert (once.inverted, twice.inverted, sorted_by(twice, "p99").inverted) == (False, True, False)
    assert sorted_by(twice, WORST_FIRST) == ViewState()
    assert sort_label(once) == "P99ms v"
    assert sort_label(twice) == "P99ms ^"


def test_the_sort_walks_over_the_columns_that_are_shown() -> None:
    slots = layout(60)
    state, walked = ViewState(), []
    for _ in range(7):
        state = next_sort(state, slots, 1)
        walked.append(state.sort)
    assert walked == ["name", "errors", "p99", "saturation", "impact", WORST_FIRST, "name"]
    assert next_sort(ViewState(), slots, -1).sort == "impact"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 109, 110, 120, 149, 150, 200, 300])
def test_columns_fill_the_width_without_overlap(width: int) -> None:
    slots = layout(width)
    ends = [slot.x + slot.width for slot in slots]
    assert all(slot.x == end + 1 for slot, end in zip(slots[1:], ends, strict=False))
    assert ends[-1] <= width
    assert "name" in {slot.column.id for slot in slots}


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "mark name errors saturation"),
        (60, "mark name errors p99 saturation"),
        (80, "mark name kind status requests errors p99 saturation trend"),
        (120, " ".join(column.id for column in TRIAGE.columns if column.id != "impact")),
        (200, " ".join(column.id for column in TRIAGE.columns)),
    ],
)
def test_columns_drop_in_the_order_of_their_priority(width: int, shown: str) -> None:
    assert " ".join(slot.column.id for slot in layout(width)) == shown


@pytest.mark.parametrize(("width", "cells_of_names"), [(40, 17), (60, 26), (79, 27), (80, 19)])
def test_names_have_room_on_small_terminals(width: int, cells_of_names: int) -> None:
    assert next(slot.width for slot in layout(width) if slot.column.id == "name") == cells_of_names


@pytest.mark.parametrize(
    ("kind", "value", "spillover", "text"),
    [
        (SaturationKind.PROVISIONED, 1.0, 399.0, "PC  100% +399"),
        (SaturationKind.PROVISIONED, 1.0, 7000.0, "PC 100% +7k/m"),
        (SaturationKind.CACHE, 0.48, None, "CACHE 48% hit"),
        (SaturationKind.BACKLOG, 412.0, None, "BACKLOG   412"),
        (SaturationKind.GPU, 0.97, None, "GPU       97%"),
    ],
)
def test_saturation_is_whole_on_the_smallest_terminals(
    kind: SaturationKind, value: float, spillover: float | None, text: str
) -> None:
    view = endpoint("e", numbers=vitals(saturation=saturation(kind, value, spillover)))
    assert cell(view, "saturation", 40).text == text


def test_the_longest_name_is_whole_at_200_columns() -> None:
    assert cell(endpoint("n" * 63), "name").text == "n" * 63


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("glyphs", [BLOCKS, ASCII])
def test_no_cell_is_wider_than_its_slot(width: int, glyphs: object) -> None:
    paint = Paint(NOW_S, ASCII if glyphs is ASCII else BLOCKS)
    wide = endpoint(
        "日" * 30,
        status="UpdateRollbackFailed",
        variants=[variant("v" * 40), variant("w" * 40), variant("shadow", shadow=True)],
        numbers=vitals(
            requests=stale(123_456.0, minutes=700),
            errors=stale(0.123, minutes=12),
            client_errors=1.0,
            p50=123_456_789.0,
            p99=stale(98_765.0, minutes=59),
            saturation=saturation(SaturationKind.PROVISIONED, 12.5, 1_234_567.0),
            points=trend(*[1.0] * 60),
        ),
    )
    slots = layout(width)
    for slot, one in zip(slots, Row(wide).cells(slots, paint), strict=True):
        assert cells(one.text) <= slot.width, slot.column.id
        assert paint.glyphs is BLOCKS or one.text.isascii()


@pytest.mark.parametrize(
    ("sample", "text", "style"),
    [
        (Sample(SampleState.OK, 880.0, int(NOW_S) - 150), "880", "normal"),
        (Sample(SampleState.PROVISIONAL, 880.0, int(NOW_S) - 70), "880", "dim"),
        (stale(1200.0, minutes=7), "1.2k 7m", "dim"),
        (Sample(SampleState.NO_DATA), "-", "dim"),
        (not_collected("denied"), "x", "dim"),
        (Sample(SampleState.OK, 0.0, int(NOW_S), filled=True), "0", "normal"),
    ],
)
def test_every_state_of_a_value_looks_different(sample: Sample, text: str, style: str) -> None:
    assert cell(endpoint("e", numbers=vitals(requests=sample)), "requests") == Cell(text, style)


@pytest.mark.parametrize(
    ("kind", "value", "spillover", "wide", "narrow"),
    [
        (SaturationKind.PROVISIONED, 1.0, 38.0, "PC    ######### 100% +38/m", "PC    100% +38/m"),
        (SaturationKind.CONCURRENCY, 0.61, None, "CONC  #####....  61%", "CONC  ###..  61%"),
        (SaturationKind.CACHE, 0.74, None, "CACHE #######..  74% hit", "CACHE   74% hit"),
        (SaturationKind.BACKLOG, 412.0, None, "BACKLOG          412", "BACKLOG      412"),
        (SaturationKind.GPU, 0.93, None, "GPU   ########.  93%", "GPU   ####.  93%"),
        (SaturationKind.CPU, 0.0, None, "CPU   .........   0%", "CPU   .....   0%"),
    ],
)
def test_saturation_is_read_by_what_the_kind_runs_out_of(
    kind: SaturationKind, value: float, spillover: float | None, wide: str, narrow: str
) -> None:
    view = endpoint("e", numbers=vitals(saturation=saturation(kind, value, spillover)))
    paint = Paint(NOW_S, ASCII)
    assert cell(view, "saturation", 200, paint).text == wide
    assert " ".join(cell(view, "saturation", 80, paint).text.split()) == " ".join(narrow.split())


def test_saturation_without_a_value_says_why_there_is_none() -> None:
    denied = saturation(SaturationKind.CPU, not_collected("denied"))
    silent = saturation(SaturationKind.CPU, Sample(SampleState.NO_DATA))
    kept = saturation(SaturationKind.CPU, stale(0.31, minutes=7))
    texts = [cell(endpoint("e", numbers=vitals(saturation=one)), "saturation").text for one in (denied, silent, kept)]
    assert [text.split()[-1] for text in texts] == ["x", "-", "7m"]
    assert cell(endpoint("e"), "saturation").text == "-"


@pytest.mark.parametrize(
    ("variants", "text"),
    [
        ([variant()], "AllTraffic"),
        ([variant("A", 9), variant("B", 1)], "A 90 / B 10"),
        ([variant("A"), variant("S", shadow=True)], "A +shadow"),
        ([variant("A", 0), variant("B", 0)], "A / B"),
        ([variant("candidate-one"), variant("candidate-two")], "2 variants"),
        ([], "-"),
    ],
)
def test_variants_show_their_share_of_the_traffic(variants: list[Variant], text: str) -> None:
    view = endpoint("e", variants=variants)
    assert cell(view, "variants").text == text


def test_inference_components_are_counted() -> None:
    described: Endpoint = endpoint("e", kind=Kind.INFERENCE_COMPONENT).endpoint._replace(
        components=tuple(Component(f"c{n}", "AllTraffic", "InService", Moving(1, 1)) for n in range(3)),
    )
    assert cell(replace(endpoint("e"), endpoint=described), "variants").text == "3 comps"


@pytest.mark.parametrize(
    ("status", "code", "style"),
    [
        ("InService", "OK", "normal"),
        ("Updating", "UPD", "changing"),
        ("RollingBack", "RBK", "changing"),
        ("Failed", "FAIL", "critical"),
        ("UpdateRollbackFailed", "URF", "critical"),
    ],
)
def test_a_narrow_status_is_a_code(status: str, code: str, style: str) -> None:
    assert cell(endpoint("e", status=status), "status", 80) == Cell(code, style)


def test_a_wide_status_is_whole_where_it_fits_and_a_word_where_not() -> None:
    statuses = ("InService", "Updating", "RollingBack", "Failed", "UpdateRollbackFailed")
    texts = [cell(endpoint("e", status=status), "status", 120).text for status in statuses]
    assert texts == ["InService", "Updating", "Rollback", "Failed", "RB failed"]


def test_a_name_cannot_reorder_or_colour_its_line() -> None:
    assert cell(endpoint("a\x1b[31m\u202eb"), "name").text == "a\\x1b[31m\\u202eb"
