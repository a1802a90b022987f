"""The polling loop as a whole, for tests that let it run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from smtop.metrics.collect.poller import Poller
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.snapshot import FleetSnapshot
from tests.support.engine import FakeClock, FakeInventory, Rig


@dataclass
class Loop:
    """A loop that runs in the background, and everything that it has published."""

    seen: list[FleetSnapshot] = field(default_factory=list)

    async def watch(self, poller: Poller) -> None:
        async for snapshot in poller.run():
            self.seen.append(snapshot)

    @property
    def last(self) -> FleetSnapshot:
        return self.seen[-1]


Start = Callable[[Rig], Awaitable[Loop]]


def still(*endpoints: Endpoint) -> Rig:
    """A rig whose clock stands still."""
    return Rig(FakeInventory(*endpoints), clock=FakeClock())
