"""The queue of an asynchronous endpoint: what waits, for how long, how fast it grows, and how fast it is worked off."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.series import PERIOD_S, Owner, Point

BACKLOG = "ApproximateBacklogSize.Maximum"
OLDEST = "ApproximateAgeOfOldestRequest.Maximum"
PROCESSED = "InvocationsProcessed.Sum"

LOOK_MINUTES = 15
_PEAK = 0.97
_MOST = 0.7


@dataclass(frozen=True)
class Queue:
    """What the settled minutes of the window tell. `points` are the backlog, a minute each, oldest first.

    `growth` is requests a minute by which the backlog grows (it shrinks below zero), `processed` requests a minute.
    `oldest_s` is None where that is not read.
    """

    points: Sequence[Point]
    growth: float
    processed: float
    oldest_s: float | None

    @property
    def waiting(self) -> float:
        return self.points[-1].value

    @property
    def work_s(self) -> float:
        """How long a request that comes now waits for those before it; 0 where nothing is processed to tell it by."""
        return self.waiting / self.processed * PERIOD_S if self.processed else 0.0

    @property
    def began_with_s(self) -> float:
        """How long a request waited that came when the window began."""
        return self.points[0].value / self.processed * PERIOD_S if self.processed else 0.0

    @property
    def wait_s(self) -> float:
        """The age of the oldest request, or how long the last waits: the longer of the two."""
        return max(self.oldest_s or 0.0, self.work_s)

    @property
    def drain_minutes(self) -> float:
        """Until the backlog is worked off at this rate; endless where it does not shrink."""
        return self._drain_minutes(self.growth)

    def drains_lately(self, minutes: int) -> float:
        """The same by the rate of the last minutes alone."""
        return self._drain_minutes(_growth(self.points[-minutes:]))

    def _drain_minutes(self, growth: float) -> float:
        return self.waiting / -growth if growth < 0 else float("inf")

    @property
    def rises(self) -> bool:
        """Whether it went up in most minutes of the window, and is now as high as it ever was in it."""
        values = [point.value for point in self.points]
        up = sum(now > was for was, now in pairwise(values))
        return up >= _MOST * (len(values) - 1) and values[-1] >= _PEAK * max(values)

    @property
    def rising_since(self) -> int:
        """Start of the first minute after the lowest of the window."""
        lowest = min(self.points, key=lambda point: (point.value, -point.at))
        return min(lowest.at + PERIOD_S, self.points[-1].at)

    @property
    def pace(self) -> str:
        """`200 -> 340 requests in 8 min, 15 a minute are processed`."""
        minutes = (self.points[-1].at - self.points[0].at) // PERIOD_S + 1
        change = f"{self.points[0].value:,.0f} -> {self.waiting:,.0f} requests in {minutes} min"
        return f"{change}, {self.processed:,.1f} a minute are processed"

    @property
    def ages(self) -> tuple[str, ...]:
        """How long requests wait, as far as that can be told."""
        oldest = (f"the oldest waits for {self.oldest_s / 60:,.0f} min",) if self.oldest_s is not None else ()
        last = (f"one that comes now waits about {self.work_s / 60:,.0f} min",) if self.processed else ()
        return (*oldest, *last)


def waiting(subject: Subject) -> float:
    """Requests in the backlog in the newest settled minute; 0 where that is not known."""
    settled = subject.settled(subject.owner, BACKLOG)
    return settled[-1].value if settled else 0.0


def has_happened(subject: Subject, owner: Owner, label: str) -> bool:
    """Whether a counter says anything at all of the minutes that are read: a cheap look before the windows."""
    return any(point.value for point in subject.settled(owner, label))


def queue_of(subject: Subject, minutes: int = LOOK_MINUTES) -> Queue | None:
    """The queue over the last settled minutes; None without three of them, or where it is not known what is done."""
    points = subject.newest(subject.owner, BACKLOG, minutes)
    owners = subject.variant_owners()
    if len(points) < 3 or all(subject.sample(owner, PROCESSED).value is None for owner in owners):
        return None
    oldest = subject.newest(subject.owner, OLDEST, minutes, beside=BACKLOG)
    processed = sum(_rate(subject, owner, points[0].at, points[-1].at) for owner in owners)
    return Queue(points, _growth(points), processed, oldest[-1].value if oldest else None)


def _rate(subject: Subject, owner: Owner, since: int, until: int) -> float:
    """Requests a minute that a variant processed in these minutes, as far as they are settled."""
    until = min(until, subject.settled_until(owner, PROCESSED))
    done = sum(point.value for point in subject.settled(owner, PROCESSED) if since <= point.at <= until)
    return done / max((until - since) / PERIOD_S + 1, 1.0)


def _growth(points: Sequence[Point]) -> float:
    """Mean of the middle half of the steps from minute to minute: a batch that comes at once is no growth."""
    steps = sorted((now.value - was.value) * PERIOD_S / (now.at - was.at) for was, now in pairwise(points))
    cut = len(steps) // 4
    middle = steps[cut : len(steps) - cut]
    return sum(middle) / len(middle)
