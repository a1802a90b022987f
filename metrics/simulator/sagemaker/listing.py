"""How SageMaker lists: filters, a sort order, pages of ten unless asked for more."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from smtop.metrics.simulator.wire.errors import invalid
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem

Row = Mapping[str, Any]
DEFAULT_PAGE = 10

# Filter -> (column without its resource prefix, whether a row's value passes).
FILTERS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "NameContains": ("Name", lambda value, wanted: wanted in value),
    "StatusEquals": ("Status", lambda value, wanted: value == wanted),
    "CreationTimeBefore": ("CreationTime", lambda value, wanted: value < wanted),
    "CreationTimeAfter": ("CreationTime", lambda value, wanted: value > wanted),
    "LastModifiedTimeBefore": ("LastModifiedTime", lambda value, wanted: value < wanted),
    "LastModifiedTimeAfter": ("LastModifiedTime", lambda value, wanted: value > wanted),
    "EndpointNameEquals": ("EndpointName", lambda value, wanted: value == wanted),
    "VariantNameEquals": ("VariantName", lambda value, wanted: value == wanted),
}


def list_rows(resource: str, rows: Iterable[Row], request: Row, result: str) -> dict[str, Any]:
    """One page of summaries under `result`. Newest first unless asked otherwise.

    A page goes on after the last row seen, so rows that come or go between pages neither repeat nor hide others.
    """
    column, name = _column(resource, request.get("SortBy", "CreationTime")), _column(resource, "Name")
    descending = request.get("SortOrder", "Descending") == "Descending"

    def place(row: Row) -> tuple[Any, str]:
        return row[column], row[name]

    kept = sorted(_filtered(resource, rows, request), key=place, reverse=descending)
    if "NextToken" in request:
        seen = _seen(request)
        kept = [row for row in kept if (place(row) < seen if descending else place(row) > seen)]
    size = int(request.get("MaxResults", DEFAULT_PAGE))
    page: dict[str, Any] = {result: kept[:size]}
    if len(kept) > size:
        page["NextToken"] = issue(list(place(kept[size - 1])), request)
    return page


def _column(resource: str, name: str) -> str:
    return f"{resource}{name}" if name in {"Name", "Status"} else name


def _filtered(resource: str, rows: Iterable[Row], request: Row) -> list[Row]:
    kept = list(rows)
    for name, (column, passes) in FILTERS.items():
        if name in request:
            kept = [row for row in kept if passes(row[_column(resource, column)], request[name])]
    return kept


def _seen(request: Row) -> tuple[Any, str]:
    try:
        value, name = redeem(request["NextToken"], request)
    except BadTokenError:
        raise invalid("Invalid pagination token.") from None
    return value, name
