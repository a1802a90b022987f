"""Collects what stands around endpoints, beside the polling of metrics and never in its way."""

import asyncio
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace

from smtop.metrics.clock import Clock
from smtop.metrics.collect.surroundings.past import Past, Pasts, Seen
from smtop.metrics.collect.surroundings.region import ASKED, Region
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.quotas import Usage
from smtop.metrics.domain.surroundings import NOTHING_AROUND, Surroundings
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.limiter import most_attempts, priority
from smtop.metrics.ports import AroundSources, Priority

URGENT_S, CALM_S = 120, 300
"""How often scaling and alarms are asked while something is unhealthy or watched, and else."""

MODELS_AT_ONCE = 32
"""Of a tick; who asks only once asks all."""

UNASKED = "It is not asked."

_TOLD = frozenset({FaultKind.PERMISSION, FaultKind.THROTTLED})
"""What the operator can do something about. Where AWS has no answer, that is said in the place of the answer."""

_COMPOSED_AT_ONCE = 25
_ATTEMPTS = 2


@dataclass(frozen=True)
class Ours:
    """What smtop knows by itself: the configs that it saw live before, and what the account uses of its quotas."""

    seen: Seen
    used: Callable[[], Usage | None]


class Lookout:
    """The surroundings of one fleet. Without `sources` only its past is known.

    `told` is called when there is something new to draw.
    """

    def __init__(
        self, sources: AroundSources | None, ours: Ours, clock: Clock, told: Callable[[], None] = lambda: None
    ) -> None:
        self._clock = clock
        self._told = told
        self._pasts = Pasts(ours.seen)
        self._region = Region(sources, ours.used, clock) if sources else None
        self._known: dict[str, Surroundings] = {}
        self._asking: asyncio.Task[None] | None = None
        self.revision = 0
        """Changes whenever something was read."""

    def of(self, name: str) -> Surroundings:
        """Of one endpoint: the same object as long as nothing in it is new."""
        return self._known.get(name, NOTHING_AROUND)

    @property
    def errors(self) -> list[AwsError]:
        """What the operator should know of what could not be asked."""
        return [error for error in (self._region.errors() if self._region else ()) if error.kind in _TOLD]

    def recall(self, endpoints: Iterable[Endpoint], saved_at: float) -> None:
        """The fleet as an earlier run knew it; what turns out not to have changed since need not be drawn again."""
        for past in self._pasts.recall(endpoints, saved_at, self._clock.wall()):
            self._compose(past)

    def take(self, endpoints: Sequence[Endpoint]) -> None:
        """The fleet as AWS describes it now."""
        for past in self._pasts.take(endpoints, self._clock.wall()):
            self._compose(past)
        if len(self._known) > len(endpoints):
            self._known = {endpoint.name: self._known[endpoint.name] for endpoint in endpoints}

    def begin(self, account: str, *, urgent: bool, first: Container[str] = ()) -> None:
        """Asks what is due, and returns at once; the endpoints `first` go before the others."""
        if self._region is None or (self._asking is not None and not self._asking.done()):
            return
        asking = self._ask(self._region, account, URGENT_S if urgent else CALM_S, first, MODELS_AT_ONCE)
        self._asking = asyncio.ensure_future(asking)

    async def ask_all(self, account: str) -> None:
        """Asks everything that is due, and returns when it is known."""
        if self._region is not None:
            await asyncio.ensure_future(self._ask(self._region, account, URGENT_S, (), None))

    async def close(self) -> None:
        """Ends what is being asked."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self, region: Region, account: str, every_s: float, first: Container[str], most: int | None) -> None:
        priority.set(Priority.BACKFILL)  # both hold in this task alone
        most_attempts.set(_ATTEMPTS)
        endpoints = [past.endpoint for past in self._pasts]
        endpoints.sort(key=lambda endpoint: endpoint.name not in first)
        if await region.ask(endpoints, account, every_s, most):
            await self._compose_all()

    async def _compose_all(self) -> None:
        """Gives way to others after every few endpoints."""
        for number, past in enumerate(list(self._pasts), start=1):
            if past in self._pasts:
                self._compose(past)
            if number % _COMPOSED_AT_ONCE == 0:
                await asyncio.sleep(0)
        self.revision += 1
        self._told()

    def _compose(self, past: Past) -> None:
        name = past.endpoint.name
        own = self._region.of(past.endpoint) if self._region else Surroundings(unknown=dict.fromkeys(ASKED, UNASKED))
        made = replace(
            own,
            deploys=past.deploys,
            rolled_back_at=past.rolled_back_at,
            changing_since=past.changing_since,
            uneven_since=past.uneven_since,
        )
        known = self._known.get(name)
        if known is None or vars(known) != vars(made):
            self._known[name] = made
