"""What is in front, as CSV, JSON or Markdown to be worked on elsewhere."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.metrics.errors import SmtopError
from smtop.tui.view_models.cells import Line, Paint, text_of
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.columns import ALWAYS, Column, created_at
from smtop.tui.view_models.markdown import as_summary, escaped, table
from smtop.tui.view_models.saturation import saturation_text
from smtop.tui.view_models.schema import iso, snapshot_json
from smtop.tui.view_models.views import FleetView

_CELLS = 40
"""How wide a column of a Markdown table may be."""


class ExportError(SmtopError):
    """A form in which a view cannot be told."""


@dataclass(frozen=True)
class Sheet:
    """The rows of a view of the fleet, in the order in which they stand there, with the columns that it has."""

    snapshot: FleetSnapshot
    view: FleetView
    columns: tuple[Column, ...]
    rows: Sequence[EndpointView]

    @property
    def narrowed(self) -> FleetSnapshot:
        """The snapshot with these endpoints alone."""
        return replace(self.snapshot, endpoints=tuple(self.rows))


def sheet_text(sheet: Sheet, form: str, paint: Paint) -> str:
    """The rows in that form. JSON is that of `smtop snapshot`, whichever columns are shown."""
    if form == "csv":
        return _csv(_sheet_rows(sheet, paint))
    return as_json(sheet.narrowed) if form == "json" else _sheet_markdown(sheet, paint)


def as_json(snapshot: FleetSnapshot) -> str:
    """Schema 1."""
    return json.dumps(snapshot_json(snapshot), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def charts_text(charts: Sequence[Chart], view: EndpointView, snapshot: FleetSnapshot, form: str, paint: Paint) -> str:
    """The values of all curves as CSV; in the other forms the endpoint as it is now."""
    if form == "csv":
        return _csv(_chart_rows(charts))
    narrowed = replace(snapshot, endpoints=(view,))
    return as_json(narrowed) if form == "json" else as_summary(view, snapshot, paint)


def page_text(title: str, lines: Sequence[Line], view: EndpointView, snapshot: FleetSnapshot, form: str) -> str:
    """A tab of text. Raises ExportError for CSV."""
    if form == "csv":
        raise ExportError("This tab is text: it can be exported as markdown, json or svg. The charts have CSV.")
    if form == "json":
        return as_json(replace(snapshot, endpoints=(view,)))
    body = "\n".join(f"    {text_of(line).rstrip()}".rstrip() for line in lines)
    return f"### {title}\n\n{body}\n"


def _csv(rows: Iterator[Mapping[str, object]]) -> str:
    """With a heading; nothing at all where there are no rows."""
    told = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(told[0]) if told else [], lineterminator="\n")
    if told:
        writer.writeheader()
    writer.writerows(told)
    return out.getvalue()


def _sheet_rows(sheet: Sheet, paint: Paint) -> Iterator[dict[str, object]]:
    """A column that shows a sample has its number, in the unit of its title, and the state of that sample beside it."""
    for view in sheet.rows:
        row: dict[str, object] = {"endpoint": view.endpoint.name, "severity": view.severity.value}
        for column in sheet.columns:
            if column in ALWAYS:
                continue
            row[column.title] = _value(column, view, paint)
            if column.pick is not None:
                row[f"{column.title} state"] = column.pick(view).state.value
        yield row


_IN_WORDS: Mapping[str, Callable[[EndpointView, Paint], object]] = {
    "age": lambda view, _: iso(datetime.fromtimestamp(created_at(view), UTC)),
    "saturation": lambda view, paint: saturation_text(view.vitals.saturation, paint),
}
"""Columns whose key for sorting says less than they show."""


def _value(column: Column, view: EndpointView, paint: Paint) -> object:
    if column.id in _IN_WORDS:
        return _IN_WORDS[column.id](view, paint)
    return column.key(view) if column.key is not None else column.draw(view, _CELLS, paint).text


def _sheet_markdown(sheet: Sheet, paint: Paint) -> str:
    columns = [column for column in sheet.columns if column not in ALWAYS]
    titles = ["", "ENDPOINT", *(column.title for column in columns)]
    places = ", ".join(f"{identity.account} / {identity.region}" for identity in sheet.snapshot.identities)
    where = f" of {places}" if places else ""
    at = iso(sheet.snapshot.generated_at)
    head = f"### {sheet.view.title}{where}, {at}: {len(sheet.rows)} of {len(sheet.snapshot.endpoints)} endpoints"
    rows = [[escaped(text, paint) for text in _texts(view, columns, paint)] for view in sheet.rows]
    return f"{head}\n\n{table(titles, rows)}\n"


def _texts(view: EndpointView, columns: Sequence[Column], paint: Paint) -> Iterator[str]:
    yield view.severity.value
    yield view.endpoint.name
    for column in columns:
        yield column.draw(view, _CELLS, paint).text.strip()


def _chart_rows(charts: Sequence[Chart]) -> Iterator[dict[str, object]]:
    """Every value that is drawn, earlier days at the time at which they are drawn."""
    for chart in charts:
        for curve in chart.curves:
            for dot in curve.dots:
                yield {
                    "at": iso(datetime.fromtimestamp(dot.at, UTC)),
                    "chart": chart.title,
                    "curve": curve.name,
                    "value": dot.value,
                    "unit": chart.unit,
                    "state": "ok" if dot.at < curve.provisional_from else "provisional",
                }
