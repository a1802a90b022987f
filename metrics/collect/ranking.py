"""The first ranking of a large fleet: by little of each endpoint, before anything else is asked of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

from smtop.metrics.collect.agenda import Agenda
from smtop.metrics.collect.asking import Asker
from smtop.metrics.collect.schedule import Due, Schedule
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
        self, seeds: Seeds, agenda: Agenda, schedule: Schedule, asker: Asker, plan: Callable[[], Awaitable[object]]
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
        due: list[Due] = []
        asked: set[SeriesKey] = set()
        try:
            async for _ in self._rank(due, asked, errors):
                yield True
            await listing
        finally:
            listing.cancel()
            await asyncio.gather(listing, return_exceptions=True)
        if self._seeds.are_coming:
            if not self._seeds.are_there:
                yield False
            await self._seeds.ready()
            self._agenda.sow()
        elif due:
            yield True  # the list is whole now
        async for _ in self._rank(due, asked, errors):
            yield True
        async for _ in self._asker.ask(due, asked, errors):
            pass
        if due:
            yield False

    async def _rank(self, due: list[Due], asked: set[SeriesKey], errors: list[AwsError]) -> AsyncIterator[None]:
        """Single statistics, which tell requests and errors; yields whenever another share of them is there.

        What came is drawn while CloudWatch works out the next share. All that is new is added to `due`.
        """
        await self._plan()
        new = self._schedule.due_to_rank()
        due += new
        single = [one for one in new if len(one.metric.keys) == 1]
        shown = answered = 0
        async for series in self._asker.ask(single, asked, errors):
            answered += series
            if answered < len(single) and (answered - shown) * _SHARES >= len(single):
                shown = answered
                yield
        self.is_done = bool(due)
        if new:
            yield
