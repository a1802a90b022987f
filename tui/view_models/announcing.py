"""Which criticals are new, each told once for as long as it lasts."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import FleetSnapshot

FORGOTTEN_S = 600.0
"""A finding that was away for this long is a new one when it comes back; one that flickers is not."""

_MOST_NAMED = 3

Place = tuple[str | None, str, str | None, str | None]


class News(NamedTuple):
    """A critical finding that was not there before, and on which endpoint, by its key; None for a shared cause."""

    endpoint: str | None
    finding: Finding

    @property
    def text(self) -> str:
        """`fraud: provisioned concurrency is used up`."""
        return f"{self.endpoint}: {self.finding.title}" if self.endpoint else self.finding.title


class Announced:
    """What was told already. What the first whole picture shows is no news: somebody is just looking at it."""

    def __init__(self) -> None:
        self._last_seen: dict[Place, float] = {}
        self._has_begun = False

    def news(self, snapshot: FleetSnapshot) -> list[News]:
        """The criticals that are new with this picture; the parts of a shared cause are told as one."""
        now = snapshot.generated_at.timestamp()
        found = list(_criticals(snapshot))
        fresh = [one for one in found if now - self._last_seen.get(_place(one), -FORGOTTEN_S) >= FORGOTTEN_S]
        self._last_seen = {place: at for place, at in self._last_seen.items() if now - at < FORGOTTEN_S}
        self._last_seen |= {_place(one): now for one in found}
        had_begun, self._has_begun = self._has_begun, self._has_begun or snapshot.complete
        return list(_without_parts(fresh, snapshot)) if had_begun else []


def in_a_sentence(news: list[News]) -> str:
    """The first few of them, and how many more there are."""
    told = "; ".join(one.text for one in news[:_MOST_NAMED])
    return f"smtop: {told}" + (f"; and {len(news) - _MOST_NAMED} more" if len(news) > _MOST_NAMED else "")


def _criticals(snapshot: FleetSnapshot) -> Iterator[News]:
    for cause in snapshot.shared:
        if cause.finding.severity is Severity.CRITICAL:
            yield News(None, cause.finding)
    for view in snapshot.endpoints:
        for finding in view.findings:
            if finding.severity is Severity.CRITICAL and finding.muted is None:
                yield News(view.key, finding)


def _place(news: News) -> Place:
    """A shared cause is known by its onset: the endpoints that it touches become more."""
    onset = str(news.finding.since) if news.endpoint is None else news.finding.variant
    return news.endpoint, news.finding.id, onset, news.finding.component


def _without_parts(fresh: Iterable[News], snapshot: FleetSnapshot) -> Iterator[News]:
    shared = {name for cause in snapshot.shared for name in cause.endpoints}
    return (one for one in fresh if one.endpoint is None or one.endpoint not in shared)
