"""What workers and widgets report. Only handlers change the screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.actions.allowed import Act
    from smtop.metrics.journal import Entry
    from smtop.tui.commands import Order
    from smtop.tui.view_models.change_forms import Asked
    from smtop.tui.view_models.muting import Muting


class SnapshotArrived(Message):
    """A newer picture of the fleet; one that is still waiting is replaced by the next."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotArrived)


class FeedFound(Message):
    """There is a connection to the engine, and snapshots will come."""


class FeedLost(Message):
    """No snapshots come for now; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class CursorMoved(Message):
    """The cursor of the table is on another endpoint, or on none."""

    def __init__(self, endpoint: str | None) -> None:
        super().__init__()
        self.endpoint = endpoint


class LookMoved(Message):
    """The screen has come to rest on other rows: the endpoint under the cursor, and all that are in sight.

    `wanted` are the metrics that its columns show of all of them, beyond what every row is asked.
    """

    def __init__(self, focused: str | None, visible: tuple[str, ...], wanted: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.focused = focused
        self.visible = visible
        self.wanted = wanted


class FleetStateChanged(Message):
    """The operator looks at the fleet in another way than a moment ago."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FleetStateChanged)


class EndpointOpened(Message):
    """The operator wants to see more of one endpoint; `zoomed` says that it is one chart at full size.

    `beside` is another endpoint, for the same charts.
    """

    def __init__(self, endpoint: str, *, zoomed: bool = False, beside: str | None = None) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.zoomed = zoomed
        self.beside = beside


class EndpointCopyWanted(Message):
    """The operator wants to take something along: `what` is one of the texts that can be made of an endpoint."""

    def __init__(self, what: str, view: EndpointView) -> None:
        super().__init__()
        self.what = what
        self.view = view


class DossierWanted(Message):
    """The operator wants to read all that is known of an endpoint, or with `raw` what AWS answers about it."""

    def __init__(self, view: EndpointView, *, raw: bool) -> None:
        super().__init__()
        self.view = view
        self.raw = raw


class CopyWanted(Message):
    """A text is to be copied; `what` says in words what it is."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__()
        self.what = what
        self.text = text


class ExportWanted(Message):
    """What is in front is to be written into a file: `form` is one of the forms there are.

    `name` is what the file is called after. A picture has no `text`: it is taken by whoever writes it.
    """

    def __init__(self, name: str, form: str, text: str = "") -> None:
        super().__init__()
        self.name = name
        self.form = form
        self.text = text


class Said(Message):
    """Something to tell the operator once, in a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class HistoryWanted(Message):
    """A page wants the last `range_s` seconds of an endpoint, and the same hours of some `earlier` days.

    `earlier` says how many seconds ago these ended. `beside` is another endpoint of which it wants the same range.
    """

    def __init__(self, endpoint: str, range_s: int, earlier: tuple[int, ...] = (), beside: str | None = None) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.range_s = range_s
        self.earlier = earlier
        self.beside = beside

    @property
    def what(self) -> tuple[str, int, tuple[int, ...], str | None]:
        """Equal for two that want the same."""
        return self.endpoint, self.range_s, self.earlier, self.beside


class KnownWanted(Message):
    """What was read of an endpoint shall be looked up, for the charts beside the fleet."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self.endpoint = endpoint


class DetailsWanted(Message):
    """A page wants what there is to know of an endpoint beyond its metrics; `anew` whatever is remembered."""

    def __init__(self, endpoint: str, *, anew: bool) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.anew = anew


class QuotesWanted(Message):
    """A page wants to know what comparing with earlier days would cost."""

    def __init__(self, endpoint: str, range_s: int, earlier: tuple[int, ...]) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.range_s = range_s
        self.earlier = earlier


class TimeEntered(Message):
    """A time was typed, to which the cursor shall go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class SeekClosed(Message):
    """No time will be typed after all."""


class ChartsResized(Message):
    """The place for charts is larger or smaller than before."""


class FilterEdited(Message):
    """The text of the filter has changed while it is being typed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FilterClosed(Message):
    """The filter line is done: `kept` says whether its text stays in force."""

    def __init__(self, *, kept: bool) -> None:
        super().__init__()
        self.kept = kept


class CommandGiven(Message):
    """The operator orders something; `line` is what was typed behind the colon, if it was."""

    def __init__(self, order: "Order", line: str) -> None:
        super().__init__()
        self.order = order
        self.line = line


class ActWanted(Message):
    """The operator wants to change endpoints: by `changes`, by the form of an act, or by what a menu offers."""

    def __init__(
        self, endpoints: Sequence[Endpoint], act: "Act | None" = None, changes: "Sequence[Asked]" = ()
    ) -> None:
        super().__init__()
        self.endpoints = tuple(endpoints)
        self.act = act
        self.changes = tuple(changes)


class MuteWanted(Message):
    """The operator knows of findings: those that are told; or wants everything to count again on some `endpoints`."""

    def __init__(self, muting: "Sequence[Muting]" = (), endpoints: Sequence[str] = ()) -> None:
        super().__init__()
        self.muting = tuple(muting)
        self.endpoints = tuple(endpoints)


class RuleWanted(Message):
    """The operator wants to read about a rule, by its id."""

    def __init__(self, rule: str) -> None:
        super().__init__()
        self.rule = rule


class UndoWanted(Message):
    """The operator wants changes taken back, in this order."""

    def __init__(self, *change_ids: str) -> None:
        super().__init__()
        self.change_ids = change_ids


class FinishWanted(Message):
    """The operator wants a change finished that was left half done."""

    def __init__(self, entry: "Entry") -> None:
        super().__init__()
        self.entry = entry


class PastOpened(Message):
    """The operator wants to see one of the earlier changes."""

    def __init__(self, entry: "Entry") -> None:
        super().__init__()
        self.entry = entry
