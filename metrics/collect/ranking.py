"""The first ranking of a large fleet: by little of each endpoint, before anything else is asked of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

from smtop.metrics.collect.agenda import Agenda
from smtop.metrics.collect.asking import Asker
from smtop.metrics.collect.schedule import Schedule
from smtop.metrics.collect.seeds import Seeds
from smtop.metrics.domain.series import SeriesKey
from smtop.metrics.errors import AwsError

_SHARES = 4
"""Of a first ranking, drawn one after the other."""


class FirstRanking:
    """Ranks what was never asked. `plan` brings the schedule up to what exists and is known of it.

    `is_done` says that all that was there to be ranked is.
    """

    def __init__(
        self, seeds: Seeds, agenda: Agenda, schedule: Schedule, asker: Asker, plan: Callable[[], object]
    ) -> None:
        self._seeds = seeds
        self._agenda = agenda
        self._schedule = schedule
        self._asker = asker
        self._plan = plan
        self.is_done = False

    async def beside(self, lists: Coroutine[None, None, None], errors: list[AwsError]) -> AsyncIterator[bool]:
        """Lists; ranks meanwhile what an earlier run knew, and then what is new, by what CloudWatch lists of it.

        Nothing but the list is done where few endpoints are new. True is given once there is a ranking to see. Raises
        what `lists` raises.
        """
        listing = asyncio.ensure_future(lists)
        try:
            async for is_ranked in self._rank(errors):
                yield is_ranked
            await listing
        finally:
            listing.cancel()
            await asyncio.gather(listing, return_exceptions=True)
        if self._seeds.are_coming:
            if not self._seeds.are_there:
                yield False
            await self._seeds.ready()
            self._agenda.sow()
        async for is_ranked in self._rank(errors):
            yield is_ranked

    async def _rank(self, errors: list[AwsError]) -> AsyncIterator[bool]:
        """Single statistics first, which tell requests and errors; true whenever another share of those is there.

        What came is drawn while CloudWatch works out the next share. The rest is drawn once it is all there.
        """
        self._plan()
        due = self._schedule.due_to_rank()
        asked: set[SeriesKey] = set()
        single = [one for one in due if len(one.metric.keys) == 1]
        shown = answered = 0
        async for series in self._asker.ask(single, asked, errors):
            answered += series
            if answered < len(single) and (answered - shown) * _SHARES >= len(single):
                shown = answered
                yield True
        self.is_done = bool(due)
        if due:
            yield True
        async for _ in self._asker.ask(due, asked, errors):
            pass
        if due:
            yield False
