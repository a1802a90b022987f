"""Which series of an endpoint are worth a baseline, and why one has none."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtop.metrics.baseline_file import MOST_SERIES
from smtop.metrics.collect.plan import Ask
from smtop.metrics.domain.catalogue import Missing
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import SeriesKey

LABELS = frozenset({"ModelLatency.p99", "Invocations.Sum"})
"""Of variants and components: what the rules on latency and on missing traffic go by."""

OFF = "Baselines are switched off."
UNREAD = "There is no baseline yet: its history was not read yet."
REFUSED = "There is no baseline yet: its history could not be read."
TOO_LITTLE = "There is no baseline yet: it needs two days of data."
IDLE = "There is no baseline: the history of idle endpoints is not read."
CROWDED = f"There is no baseline: {MOST_SERIES:,} series of busier endpoints have one."


@dataclass
class Pupil:
    """An endpoint with the series that are worth a baseline; those in `counts` are zero where they are silent.

    `why` says why some of them has none.
    """

    endpoint: Endpoint
    keys: tuple[SeriesKey, ...]
    counts: frozenset[SeriesKey]
    why: str | None
    failed_at: float = float("-inf")

    @property
    def name(self) -> str:
        return self.endpoint.name

    @property
    def created_at(self) -> float:
        return self.endpoint.summary.created_at.timestamp()


def pupil(endpoint: Endpoint, asks: Sequence[Ask]) -> Pupil:
    """An endpoint of which nothing was learned."""
    shadows = {variant.name for variant in endpoint.variants if variant.shadow}
    worth = [
        ask
        for ask in (asks if endpoint.kind is not Kind.ASYNC else ())
        if ask.label in LABELS and ask.owner.container is None and ask.owner.variant not in shadows
    ]
    counts = frozenset(ask.key for ask in worth if ask.spec.missing is Missing.ZERO)
    return Pupil(endpoint, tuple(ask.key for ask in worth), counts, UNREAD if worth else None)
