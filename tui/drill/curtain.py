"""What is seen of a fleet while smtop keeps its findings to itself, and what it found meanwhile."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import not_collected
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, worst_first
from smtop.tui.drill.grading import Opinion

if TYPE_CHECKING:
    from smtop.metrics.ports import FleetFeed

_HIDDEN = not_collected("hidden while the drill lasts")


class Curtain:
    """Hangs before the findings until it is lifted; `newest` is the snapshot behind it."""

    def __init__(self) -> None:
        self.newest: FleetSnapshot | None = None
        self._is_down = True
        self._opinions: dict[tuple[str, str], Opinion] = {}

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """What smtop has found so far, each thing once, with the time of the first snapshot that told it."""
        return tuple(self._opinions.values())

    def lift(self) -> None:
        """From now on everything is seen."""
        self._is_down = False

    def before(self, snapshot: FleetSnapshot) -> FleetSnapshot:
        """The snapshot as it is to be seen."""
        self.newest = snapshot
        if not self._is_down:
            return snapshot
        for view in snapshot.endpoints:
            self._note(view, snapshot.generated_at.timestamp())
        return curtained(snapshot)

    def _note(self, view: EndpointView, at: float) -> None:
        name = view.endpoint.name
        for found in view.findings:
            told = Opinion(name, found.id, found.severity, found.title, at)
            self._opinions.setdefault((name, found.id), told)


class CurtainedFeed:
    """A FleetFeed whose snapshots come through a curtain; all else is that of the feed behind."""

    def __init__(self, feed: "FleetFeed", curtain: Curtain) -> None:
        self._feed = feed
        self._curtain = curtain

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        """Those of the feed behind, as they are to be seen."""
        async for snapshot in self._feed.snapshots():
            yield self._curtain.before(snapshot)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)


def behind(feed: "FleetFeed", curtain: Curtain) -> "FleetFeed":
    """The feed through a curtain."""
    return cast("FleetFeed", CurtainedFeed(feed, curtain))


def curtained(snapshot: FleetSnapshot) -> FleetSnapshot:
    """The same without whatever a rule has said: findings, severity, impact and order."""
    views = sorted(map(_curtained, snapshot.endpoints), key=worst_first)
    return replace(snapshot, endpoints=tuple(views), shared=())


def _curtained(view: EndpointView) -> EndpointView:
    return replace(view, severity=_by_state(view), findings=(), hints=(), impact=_HIDDEN)


def _by_state(view: EndpointView) -> Severity:
    """What AWS says of its state, and nothing of how it fares."""
    if view.endpoint.is_changing:
        return Severity.CHANGING
    return Severity.OK if view.endpoint.described else Severity.UNKNOWN
