"""Histories of endpoints for charts: of the present and of earlier days, and what is known without asking."""

from collections.abc import Callable

from smtop.metrics.clock import Clock
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.history import History, Planned
from smtop.metrics.collect.past import Past
from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.store import Store


class Library:
    """Looks up what an endpoint has to be asked, by its name, and reads that."""

    def __init__(self, fetcher: Fetcher, store: Store, clock: Clock, planned: Callable[[str], Planned | None]) -> None:
        self._present = History(fetcher, store, clock)
        self._past = Past(fetcher, clock)
        self._planned = planned

    def quote(self, name: str, range_s: int, ago_s: int = 0) -> Quote:
        """What `read` would be billed for."""
        planned = self._planned(name)
        return self._past.quote(planned, range_s, ago_s) if ago_s else self._present.quote(planned, range_s)

    async def read(self, name: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
        """The `range_s` seconds of an endpoint that end now, or ended `ago_s` seconds ago."""
        planned = self._planned(name)
        if ago_s:
            return await self._past.read(name, planned, range_s, ago_s)
        return await self._present.read(name, planned, range_s)

    async def known(self, name: str, range_s: int) -> EndpointHistory:
        """What was read of the last `range_s` seconds already."""
        return await self._present.known(name, self._planned(name), range_s)
