"""What the operator has chosen to look at. Values only: how it is shown is the view models' affair."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import NamedTuple

from smtop.metrics.errors import SmtopError

WORST_FIRST = "worst"
TRIAGE_VIEW = "triage"
DEFAULT_INTERVAL_S = 60


class ViewState(NamedTuple):
    """How one view of the fleet is sorted, filtered and laid out.

    `sort` is the id of a column, or `WORST_FIRST`; `inverted` turns that sort's own direction round. `columns` are ids
    from left to right, None for the view's own choice. `cursor` is the key of the endpoint on which it was left.
    `skipped` columns behind the name are scrolled out of sight.
    """

    sort: str = WORST_FIRST
    inverted: bool = False
    filter_text: str = ""
    attention_only: bool = False
    columns: tuple[str, ...] | None = None
    cursor: str | None = None
    skipped: int = 0


class Pane(StrEnum):
    """Which parts of the fleet's page are shown."""

    BOTH = "both"
    TABLE = "table"
    REASONS = "reasons"


class FleetState(NamedTuple):
    """The view that is open, how each was left, and the endpoints that are marked, by key.

    `pane` is what has the page to itself; `compact` leaves the header one line. No metric is polled more often than
    every `interval_s`.
    """

    view: str = TRIAGE_VIEW
    views: Mapping[str, ViewState] = MappingProxyType({})
    marks: frozenset[str] = frozenset()
    pane: Pane = Pane.BOTH
    compact: bool = False
    interval_s: int = DEFAULT_INTERVAL_S

    def having(self, view: str, state: ViewState) -> "FleetState":
        """The same with another state of one view."""
        return self._replace(views={**self.views, view: state})


class FilterError(SmtopError):
    """A filter that cannot mean anything, or would take too long to answer."""


class Menu(Enum):
    """Small menus above the charts."""

    RANGE = "range"
    EARLIER = "earlier"


class ChartState(NamedTuple):
    """What the charts of an endpoint show: the last `range_s` seconds, from the chart with the number `first` on.

    `menu` is what the next digit chooses. `zoomed` shows one chart alone. `cursor` is the time whose values are told
    (epoch seconds), None for the newest. `earlier` are the days that are compared with, by how many seconds ago;
    `beside` is the endpoint that is compared with, which earlier days and variants exclude.
    """

    range_s: int = 3 * 3600
    menu: Menu | None = None
    first: int = 0
    zoomed: bool = False
    cursor: int | None = None
    earlier: tuple[int, ...] = ()
    beside: str | None = None
    by_variant: bool = False
    utc: bool = False


class PageState(NamedTuple):
    """Which tab of an endpoint's page is open, by its id, and what its configs are looked at for.

    `config` is the one under the cursor, `against` the one that it is compared with, None for the live one. With
    `whole` fields that are the same are shown too.
    """

    tab: str = "metrics"
    config: str | None = None
    against: str | None = None
    whole: bool = False


class FeedState(NamedTuple):
    """How the flow of snapshots stands; `fault` is the sentence to show while there is none.

    `notes` are sentences about what smtop cannot do here, beside the flow, `left` those about changes of an earlier run
    that were left half done. `said` is what smtop answers to the last key, for a few seconds. `writable` is for how
    long changes are allowed yet (`15m`), empty where none are; `under_way` what is being changed, in a few words.
    `drill` is what to say to somebody who practises: then findings are hidden. It is empty where nobody does.
    """

    paused: bool = False
    fault: str | None = None
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    said: str = ""
    writable: str = ""
    under_way: str = ""
    drill: str = ""
