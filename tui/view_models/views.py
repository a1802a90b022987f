"""The views of the fleet as data: which endpoints each lists, and which columns it has."""

from collections.abc import Mapping
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Kind
from smtop.tui.view_models import columns as c
from smtop.tui.view_models import kind_columns as k
from smtop.tui.view_models.columns import Column
from smtop.tui.view_models.layout import Slot
from smtop.tui.view_state import TRIAGE_VIEW, WORST_FIRST, ViewState


class FleetView(NamedTuple):
    """One view. Without `kinds` it lists all endpoints. `more` are columns that it has but does not show by itself."""

    id: str
    title: str
    columns: tuple[Column, ...]
    more: tuple[Column, ...]
    kinds: frozenset[Kind] = frozenset()
    sort: str = WORST_FIRST

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return self.columns + self.more

    @property
    def start(self) -> ViewState:
        """How it looks until somebody chooses otherwise."""
        return ViewState(sort=self.sort)


_ALWAYS = c.ALWAYS
_FLEET = (
    *_ALWAYS,
    c.KIND,
    c.STATUS,
    c.VARIANTS,
    c.REQUESTS,
    c.CLIENT_ERRORS,
    c.ERRORS,
    c.IMPACT,
    c.P50,
    c.P99,
    c.SATURATION,
    c.TREND,
)
_MORE = (c.INSTANCES, c.FINDING, c.AGE)
_WHERE_THERE_IS_ROOM = (
    c.IMPACT._replace(priority=19),
    c.STATUS._replace(priority=20),
    c.TREND._replace(priority=21),
)
"""Behind the columns of a kind, and the first to go."""

_OTHERS = (c.VARIANTS, c.CLIENT_ERRORS, c.P50, c.SATURATION, *_MORE)
_SERVERLESS = (
    *_ALWAYS,
    c.KIND,
    c.REQUESTS,
    c.ERRORS,
    c.P99,
    k.PC_USED,
    k.EXECUTIONS,
    k.SERVED,
    k.SPILLED,
    k.COLD,
    k.SETUP,
    k.CONCURRENCY,
    k.PROVISIONED,
)
_MULTI_MODEL = (
    *_ALWAYS,
    c.REQUESTS,
    c.ERRORS,
    c.P99,
    k.CACHE,
    k.LOADED,
    k.LOADS,
    k.LOAD_TIME,
    k.UNLOADS,
    k.UNLOAD_TIME,
    k.LOADING_WAIT,
)
_ASYNC = (
    *_ALWAYS,
    c.REQUESTS,
    k.BACKLOG,
    k.OLDEST,
    k.PER_INSTANCE,
    k.NO_CAPACITY,
    k.DRAIN,
    k.FAILED,
    k.EXPIRED,
    c.P99,
    c.INSTANCES,
)
_CONTAINERS = (
    *_ALWAYS,
    c.KIND,
    c.REQUESTS,
    c.ERRORS,
    c.P99,
    k.CONTAINER_COUNT,
    k.CONTAINERS,
    k.SLOWEST,
    k.CONTAINER_ERRORS,
    k.CONTAINER_MEMORY,
)
_COMPONENTS = (
    *_ALWAYS,
    c.REQUESTS,
    c.ERRORS,
    c.P99,
    k.COMPONENTS,
    k.COPIES,
    k.PER_COPY,
    k.CONCURRENT,
    k.REFUSED,
    k.GPU,
    k.GPU_RESERVED,
    k.CPU_RESERVED,
)


def _of_kind(id: str, title: str, columns: tuple[Column, ...], *kinds: Kind) -> FleetView:  # noqa: A002
    columns += _WHERE_THERE_IS_ROOM
    shown = {column.id for column in columns}
    return FleetView(id, title, columns, tuple(one for one in _OTHERS if one.id not in shown), frozenset(kinds))


TRIAGE = FleetView(TRIAGE_VIEW, "Triage", _FLEET, _MORE)

VIEWS: Mapping[str, FleetView] = {
    view.id: view
    for view in (
        TRIAGE,
        FleetView("all", "All", _FLEET, _MORE, sort="name"),
        _of_kind("sl", "Serverless", _SERVERLESS, Kind.SERVERLESS, Kind.SERVERLESS_PROVISIONED),
        _of_kind("mm", "Multi-model", _MULTI_MODEL, Kind.MULTI_MODEL),
        _of_kind("as", "Asynchronous", _ASYNC, Kind.ASYNC),
        _of_kind("mc", "Several containers", _CONTAINERS, Kind.MULTI_CONTAINER, Kind.PIPELINE),
        _of_kind("ic", "Inference components", _COMPONENTS, Kind.INFERENCE_COMPONENT),
    )
}

BY_ID: Mapping[str, Column] = {
    column.id: column
    for columns in (*(view.all_columns for view in VIEWS.values()), (c.ACCOUNT, c.REGION))
    for column in columns
}
"""Every column of every view: what can be sorted and filtered by."""

FIXED = frozenset(column.id for column in _ALWAYS)
"""Columns that cannot be taken away or moved."""


def chosen(view: FleetView, state: ViewState, where: tuple[Column, ...] = ()) -> tuple[Column, ...]:
    """The columns of a view as the operator wants them, whether they fit or not; behind the name those of `where`."""
    if state.columns is None:
        return (*_ALWAYS, *where, *view.columns[len(_ALWAYS) :]) if where else view.columns
    own = {column.id: column for column in view.all_columns}
    return (*_ALWAYS, *where, *(own[one] for one in state.columns if one in own and one not in FIXED))


def wanted(slots: tuple[Slot, ...]) -> frozenset[str]:
    """The metrics that the shown columns need beyond those that every row is asked."""
    return frozenset(metric for slot in slots for metric in slot.column.metrics)
