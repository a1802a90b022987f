"""Asks what is due and keeps what comes back."""

from collections.abc import AsyncIterator, Iterable, Sequence

from smtop.metrics.clock import Clock
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.requests import batches
from smtop.metrics.collect.schedule import Due, Schedule
from smtop.metrics.collect.shift import Shift
from smtop.metrics.domain.series import SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.store import Store

_GET = "cloudwatch:GetMetricData"
_ASKED_AT_ONCE = 5000
"""Metrics between two looks at the clock."""


class Asker:
    """Asks CloudWatch for the poller. `measured_at` is when the last answer came (epoch seconds)."""

    def __init__(self, fetcher: Fetcher, store: Store, schedule: Schedule, clock: Clock, shift: Shift) -> None:
        self._fetcher = fetcher
        self._store = store
        self._schedule = schedule
        self._clock = clock
        self._shift = shift
        self.measured_at: float | None = None

    async def ask(self, due: Iterable[Due], asked: set[SeriesKey], errors: list[AwsError]) -> AsyncIterator[int]:
        """Asks what is due and not in `asked`, which grows by it; adds what went wrong to `errors`.

        Yields of how many series something came.
        """
        wanted = [one for one in due if not asked.issuperset(one.metric.keys)]
        asked.update(key for one in wanted for key in one.metric.keys)
        async for fetched in self._fetcher.fetch(batches(wanted, self._store, self._clock.wall())):
            self._store.record(fetched.answers, fetched.as_of, fetched.start)
            self._store.fail(fetched.failures)
            self._schedule.note(fetched.answers)
            if fetched.answers:
                self.measured_at = self._clock.wall()
            errors += fetched.failures.values()
            errors += (AwsError(FaultKind.SERVICE, _GET, message) for message in fetched.messages)
            yield len(fetched.answers) + len(fetched.failures)

    async def ask_in_time(
        self, due: Sequence[Due], asked: set[SeriesKey], errors: list[AwsError]
    ) -> AsyncIterator[None]:
        """The same, the most urgent first; what a long first look has no time for is due in the next cycle."""
        for first in range(0, len(due), _ASKED_AT_ONCE):
            if first and self._shift.is_over():
                return
            async for _ in self.ask(due[first : first + _ASKED_AT_ONCE], asked, errors):
                yield
