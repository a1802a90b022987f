"""A poller with all that it reaches."""

from dataclasses import dataclass, field

from smtop.metrics.collect.baselines.memory import Shelf
from smtop.metrics.collect.outside import Outside
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.poller import Poller
from smtop.metrics.domain.catalogue import STANDARD, Catalogue
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Spend
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import AroundSources
from tests.support.engine.clocks import FakeClock, HastyClock
from tests.support.engine.moments import minutes
from tests.support.engine.ports import FakeInventory, ScriptedInsights, ScriptedMetrics


@dataclass
class Rig:
    """A poller with all that it reaches; without `insights` it never sweeps, without `around` it never looks around.

    Without `shelf` it learns nothing of what is usual.
    """

    inventory: FakeInventory
    source: ScriptedMetrics = field(default_factory=ScriptedMetrics)
    clock: FakeClock = field(default_factory=HastyClock)
    max_usd_per_hour: float | None = None
    insights: ScriptedInsights | None = None
    catalogue: Catalogue = STANDARD
    around: AroundSources | None = None
    shelf: Shelf | None = None
    renewed: int = 0
    renewal_fails: AwsError | None = None
    poller: Poller = field(init=False)

    def __post_init__(self) -> None:
        outside = Outside(
            self.inventory, self.source, lambda: Spend(usd=0.5), self._renew, self.insights, around=self.around
        )
        self.source.clock = self.clock
        self.poller = Poller(
            outside,
            self.clock,
            max_usd_per_hour=lambda: self.max_usd_per_hour,
            catalogue=self.catalogue,
            shelf=self.shelf,
        )

    async def _renew(self) -> None:
        self.renewed += 1
        if self.renewal_fails is not None:
            raise self.renewal_fails

    async def cycle(self) -> FleetSnapshot:
        """One cycle, and the picture after it."""
        async for _ in self.poller.cycle():
            pass
        return await self.poller.snapshot()

    async def kinds(self) -> list[FaultKind]:
        return [problem.kind for problem in (await self.poller.snapshot()).problems]


def rig(*endpoints: Endpoint, requests: float | None = 50.0, max_usd_per_hour: float | None = None) -> Rig:
    """A fleet whose first variants have had this many requests a minute for two hours."""
    made = Rig(FakeInventory(*endpoints), max_usd_per_hour=max_usd_per_hour)
    for endpoint in endpoints:
        keys = [ask.key for ask in asks(endpoint) if ask.label in ("Invocations.Sum", "InvocationsProcessed.Sum")]
        if requests is not None and keys:
            made.source.tell(keys[0], *minutes(*[requests] * 120, newest=0))
    return made


def row(snapshot: FleetSnapshot, name: str) -> EndpointView:
    return next(view for view in snapshot.endpoints if view.endpoint.name == name)
