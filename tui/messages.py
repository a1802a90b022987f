"""What workers and widgets report. Only handlers change the screen."""

from textual.message import Message

from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot


class SnapshotArrived(Message):
    """A newer picture of the fleet; one that is still waiting is replaced by the next."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotArrived)


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
    """The screen has come to rest on other rows: the endpoint under the cursor, and all that are in sight."""

    def __init__(self, focused: str | None, visible: tuple[str, ...]) -> None:
        super().__init__()
        self.focused = focused
        self.visible = visible


class EndpointOpened(Message):
    """The operator wants to see more of one endpoint."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self.endpoint = endpoint


class CopyWanted(Message):
    """The operator wants to take something along: `what` is one of the texts that can be made of an endpoint."""

    def __init__(self, what: str, view: EndpointView) -> None:
        super().__init__()
        self.what = what
        self.view = view


class CommandCopied(Message):
    """The operator wants to run a command in another terminal."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command


class HistoryWanted(Message):
    """A page wants the last `range_s` seconds of an endpoint."""

    def __init__(self, endpoint: str, range_s: int) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.range_s = range_s


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
