"""What the operator has chosen to look at. Values only: how it is shown is the view models' affair."""

from dataclasses import dataclass

WORST_FIRST = "worst"


@dataclass(frozen=True)
class ViewState:
    """How the fleet is sorted and filtered.

    `sort` is the id of a column, or `WORST_FIRST`; `inverted` turns that sort's own direction round.
    """

    sort: str = WORST_FIRST
    inverted: bool = False
    filter_text: str = ""
    attention_only: bool = False


@dataclass(frozen=True)
class ChartState:
    """What the charts of an endpoint show: the last `range_s` seconds, from which row of charts on.

    `choosing` says that the next digit chooses another range.
    """

    range_s: int = 3 * 3600
    choosing: bool = False
    first_row: int = 0


@dataclass(frozen=True)
class FeedState:
    """How the flow of snapshots stands; `fault` is the sentence to show while there is none.

    `said` is what smtop answers to the last key, for a few seconds.
    """

    paused: bool = False
    fault: str | None = None
    said: str = ""
