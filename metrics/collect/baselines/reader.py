"""Reads the histories that baselines are taught: once, after everything else, and billed for by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from smtop.metrics.baseline_file import MOST_SERIES
from smtop.metrics.collect.baselines.stretches import HISTORY_S, stretches
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.plan import pack
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.series import SeriesKey
from smtop.metrics.ports import Answer, Completeness, Priority, Window

PAYER = "baselines"
"""What the price stands under."""

History = Sequence[tuple[Window, Answer]]
"""Whole answers, the oldest stretch first."""

Lacking = Mapping[float, Sequence[SeriesKey]]
"""Series by the time (epoch seconds) from which on they are to be read."""


def usd(lacking: Lacking, now: float) -> float:
    """What reading them is billed for."""
    return USD_PER_METRIC * sum(len(stretches(since, now)) * metrics_billed(keys) for since, keys in lacking.items())


def most_usd(series: Iterable[Sequence[SeriesKey]]) -> float:
    """What reading the whole history of endpoints is billed for, as far as there is room for their series."""
    keys = list(islice(chain.from_iterable(series), MOST_SERIES))
    return USD_PER_METRIC * len(stretches(0.0, HISTORY_S)) * metrics_billed(keys)


async def read(fetcher: Fetcher, lacking: Lacking, now: float) -> dict[SeriesKey, History]:
    """The history of each series that was read whole; of the others, all is to be read again."""
    whole: dict[SeriesKey, History] = {}
    for since, keys in lacking.items():
        windows = stretches(since, now)
        answers = [await _answers(fetcher, keys, window) for window in windows]
        for key in keys:
            if all(key in told for told in answers):
                whole[key] = [(window, told[key]) for window, told in zip(windows, answers, strict=True)]
    return whole


async def _answers(fetcher: Fetcher, keys: Sequence[SeriesKey], window: Window) -> dict[SeriesKey, Answer]:
    payers = dict.fromkeys(keys, PAYER)
    batches = [replace(each, priority=Priority.BACKFILL, payers=payers) for each in pack(keys, window)]
    told: dict[SeriesKey, Answer] = {}
    async for fetched in fetcher.fetch(batches):
        told |= {key: one for key, one in fetched.answers.items() if one.completeness is Completeness.COMPLETE}
    return told
