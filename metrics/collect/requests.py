"""What is due, as requests: how far back each metric is read, what goes together, and what goes first."""

from collections.abc import Iterable
from dataclasses import replace

from smtop.metrics.collect.card import tells_traffic
from smtop.metrics.collect.picture import RECENT_MINUTES
from smtop.metrics.collect.plan import OVERLAP_S, pack, window
from smtop.metrics.collect.schedule import Due
from smtop.metrics.collect.tiers import WARM_S, Tier
from smtop.metrics.collect.trends import TREND_MINUTES
from smtop.metrics.domain.history import LOOK_S
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.ports import Batch, Priority
from smtop.metrics.store import Store


def batches(due: Iterable[Due], store: Store, now: float) -> list[Batch]:
    """The metrics in requests, the most urgent first; together what is read equally far back."""
    groups: dict[int, list[Due]] = {}
    for one in due:
        span_s = max(_span_s(store, key, now, one) for key in one.metric.keys)
        groups.setdefault(span_s, []).append(one)
    found = []
    for span_s, group in groups.items():
        due_of = {key: one for one in group for key in one.metric.keys}
        for batch in pack(due_of, window(now, span_s)):
            payers = {key: due_of[key].payer for key in batch.series}
            first = min(due_of[key].priority for key in batch.series)
            found.append(replace(batch, priority=first, payers=payers))
    return sorted(found, key=lambda batch: (batch.priority, batch.window.start))


def _span_s(store: Store, key: SeriesKey, now: float, one: Due) -> int:
    """Back to the last whole answer and five minutes more, or the whole first span.

    What was not published yet when a series was left out is read when it is taken up again, unless that is hours ago.
    More is read than the last minutes where that was too short: a metric costs the same however many minutes are asked.
    """
    asked, first_s = store.asked(key), _first_span_s(one)
    if asked.until is None:
        return first_s
    begins_at, wanted_s = now if asked.since is None else asked.since, _wanted_span_s(one, first_s)
    if begins_at > now - wanted_s + OVERLAP_S:
        return wanted_s
    since_s = now - asked.until + OVERLAP_S
    return min(max(first_s, WARM_S), -int(-since_s // OVERLAP_S) * OVERLAP_S)


def _wanted_span_s(due: Due, first_s: int) -> int:
    """What must be known of a metric that was read before; requests of a busy endpoint are drawn, those of an idle one
    say whether it is."""
    if due.priority is Priority.FOCUS or due.payer == Tier.IDLE:
        return first_s
    return TREND_MINUTES * PERIOD_S if tells_traffic(due.metric) else 0


def _first_span_s(due: Due) -> int:
    """How far back a metric is read at first: by its requests an endpoint is told warm from idle."""
    if due.brief:
        return RECENT_MINUTES * PERIOD_S
    if tells_traffic(due.metric):
        return WARM_S
    return LOOK_S if due.priority is Priority.FOCUS else RECENT_MINUTES * PERIOD_S
