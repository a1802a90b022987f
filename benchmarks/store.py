"""The store with 50,000 series and a whole day: `python -m benchmarks.store` prints its figures as JSON."""

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.contenders import peak_mib
from benchmarks.fleet import NEWEST_S, batches, series
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.ports import Answers, Completeness
from smtop.metrics.ring import Ring
from smtop.metrics.store import MINUTES, Store

SERIES = 50_000
_HOUR = 60


def measure() -> dict[str, float]:
    """Memory in MiB over what the keys take, and medians in milliseconds."""
    asked = [batch.series for batch in batches(series(SERIES), 1)]
    before = peak_mib()
    store = Store()
    rng = np.random.default_rng(1)
    for end in range(NEWEST_S - (MINUTES - _HOUR) * PERIOD_S, NEWEST_S + 1, _HOUR * PERIOD_S):
        times = [end - PERIOD_S * ago for ago in reversed(range(_HOUR))]
        for keys in asked:
            store.record(_answers(keys, times, rng), float(end))
    memory = peak_mib() - before
    return {
        "memory_mib": memory,
        "rank_ms": _rank_ms(store),
        **_record_ms(store, asked, rng),
        "append_ms": _append_ms(),
    }


def _answers(keys: tuple[SeriesKey, ...], times: list[int], rng: np.random.Generator) -> Answers:
    values = rng.random((len(keys), len(times))).tolist()
    return Answers(keys, [Completeness.COMPLETE] * len(keys), [times] * len(keys), values)


def _rank_ms(store: Store) -> float:
    """The fleet in the order in which its newest values stand out from their hour."""
    return _median_ms(lambda: np.argsort(-store.deviations(NEWEST_S, _HOUR)), 15)


def _record_ms(store: Store, asked: list[tuple[SeriesKey, ...]], rng: np.random.Generator) -> dict[str, float]:
    """A minute of everything, from answers as they come from the wire."""
    minute = [_answers(keys, [NEWEST_S], rng) for keys in asked]

    def record() -> None:
        for answers in minute:
            store.record(answers, float(NEWEST_S))

    return {"record_ms": _median_ms(record, 15)}


def _append_ms() -> float:
    """A minute of everything into a ring, from arrays."""
    ring = Ring(MINUTES, np.float32)
    ring.widen(SERIES)
    columns, values = np.arange(SERIES), np.random.default_rng(1).random(SERIES)
    minutes = iter(range(1000))

    def append() -> None:
        minute = next(minutes)
        ring.open([minute])
        ring.put(np.full(SERIES, minute), columns, values)

    return _median_ms(append, 200)


def _median_ms(call: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
