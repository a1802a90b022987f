"""Views as CSV, JSON and Markdown."""

import csv
import io
import json

import pytest

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import NO_DATA, Sample, SampleState
from smtop.metrics.domain.snapshot import SaturationKind
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.charts import charts
from smtop.tui.view_models.columns import AGE
from smtop.tui.view_models.exports import ExportError, Sheet, charts_text, page_text, sheet_text
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.views import TRIAGE
from tests.support.charting import history
from tests.support.fleet import NOW_S, endpoint, saturation, snapshot, stale, variant, vitals

PAINT = Paint(NOW_S, BLOCKS)
NOT_ASKED = Sample(SampleState.NOT_COLLECTED, why="refused")
NUMBERS = vitals(
    requests=1234.5,
    errors=0.062,
    client_errors=NOT_ASKED,
    p50=NO_DATA,
    p99=stale(2410.0, minutes=7),
    saturation=saturation(SaturationKind.CPU, 0.61),
)
FIRE = endpoint("fire", Severity.CRITICAL, numbers=NUMBERS, variants=[variant("A|B", 0.9), variant("C", 0.1)])
SHEET = Sheet(snapshot(FIRE, endpoint("calm")), TRIAGE, (*TRIAGE.columns, AGE), [FIRE])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_numbers_in_the_unit_of_their_title_and_says_what_each_is() -> None:
    [row] = rows(sheet_text(SHEET, "csv", PAINT))
    assert (row["endpoint"], row["severity"], row["KIND"]) == ("fire", "critical", "RT")
    assert (row["REQ/m"], row["REQ/m state"]) == ("1234.5", "ok")
    assert float(row["ERR%"]) == pytest.approx(6.2)
    assert (row["4XX%"], row["4XX% state"]) == ("", "not-collected")
    assert (row["P50ms"], row["P50ms state"]) == ("", "no-data")
    assert (row["P99ms"], row["P99ms state"]) == ("2410.0", "stale")
    assert row["SATURATION"] == "CPU 61%"
    assert row["AGE"] == "2026-10-21T14:11:30Z"


def test_a_view_without_rows_is_an_empty_csv() -> None:
    assert sheet_text(Sheet(SHEET.snapshot, TRIAGE, TRIAGE.columns, []), "csv", PAINT) == ""


def test_json_is_that_of_snapshot_with_the_rows_in_front() -> None:
    told = json.loads(sheet_text(SHEET, "json", PAINT))
    assert told["schema"] == 1
    assert [one["name"] for one in told["endpoints"]] == ["fire"]


def test_markdown_has_what_the_table_shows_and_nothing_breaks_out_of_a_cell() -> None:
    text = sheet_text(SHEET, "markdown", PAINT)
    assert text.startswith("### Triage of 123456789012 / eu-west-1, 2026-11-20T14:11:30Z: 1 of 2 endpoints\n")
    *_, head, rule, row = text.strip().split("\n")
    cells = row.replace("\\|", "").count("|")
    assert head.count("|") == rule.count("|") == cells
    assert "A\\|B 90 / C 10" in row
    assert "2,410 7m" in row


def test_curves_are_a_row_for_every_value_that_is_drawn() -> None:
    view = endpoint("fraud", kind=Kind.SERVERLESS)
    made = charts(view.endpoint, history())
    told = rows(charts_text(made, view, SHEET.snapshot, "csv", PAINT))
    assert len(told) == sum(len(curve.dots) for chart in made for curve in chart.curves)
    assert {row["state"] for row in told} == {"ok", "provisional"}
    latency = [row for row in told if row["curve"] == "p99"]
    assert {(row["value"], row["unit"]) for row in latency} == {("80.0", "ms")}
    assert charts_text(made, view, SHEET.snapshot, "markdown", PAINT).startswith("### fraud")


def test_a_tab_of_text_is_a_block_that_nothing_ends() -> None:
    lines = [(Cell(" ENDPOINT"),), (), (Cell("```"),)]
    assert page_text("fire: Overview", lines, FIRE, SHEET.snapshot, "markdown") == (
        "### fire: Overview\n\n     ENDPOINT\n\n    ```\n"
    )
    with pytest.raises(ExportError, match="markdown, json or svg"):
        page_text("fire: Overview", lines, FIRE, SHEET.snapshot, "csv")
