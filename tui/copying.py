"""What is copied of an endpoint."""

from textual.message import Message

from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.messages import CopyWanted, EndpointCopyWanted, Said
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.console import ConsoleError
from smtop.tui.view_models.markdown import TEXTS, called


def copy_of(wanted: EndpointCopyWanted, snapshot: FleetSnapshot, paint: Paint) -> Message:
    """The text to copy, or why there is none."""
    try:
        text = TEXTS[wanted.what](wanted.view, snapshot, paint)
    except ConsoleError as error:
        return Said(str(error))
    return CopyWanted(called(wanted.what, text), text)
