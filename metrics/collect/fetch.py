"""Runs batches against CloudWatch so that one refused query never costs the others.

A batch that CloudWatch refuses or fails on is cut: first the percentiles apart from the rest, then in halves, down to
the query that it fails on. What was found out is remembered for a while, so that the next poll does not pay for it
again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from smtop.metrics.clock import Clock
from smtop.metrics.collect.plan import by_metric, is_percentile
from smtop.metrics.domain.billing import payers
from smtop.metrics.domain.series import SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.limiter import priority
from smtop.metrics.ports import Answer, Answers, Batch, Completeness, MetricSource, Window

IN_FLIGHT = 6
REMEMBERED_S = 1800

_OF_A_QUERY = frozenset({FaultKind.INVALID, FaultKind.TOO_LARGE, FaultKind.SERVICE})
"""Faults that one query among many can cause."""


@dataclass(frozen=True)
class Fetched:
    """What came of one batch: an answer or an error for every series, and CloudWatch's words about the request.

    `start` is where the batch's window begins. `as_of` (epoch seconds) is when it was asked, at most the window's end:
    of what came later the answer knows nothing, however late it arrives.
    """

    answers: Mapping[SeriesKey, Answer] = field(default_factory=dict)
    failures: Mapping[SeriesKey, AwsError] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    start: int | None = None
    as_of: float = 0.0


class Fetcher:
    """Fetches batches with bounded concurrency; keeps a memory of what CloudWatch refuses."""

    def __init__(self, source: MetricSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._refused: dict[SeriesKey, tuple[float, AwsError]] = {}
        self._percentiles_refused: tuple[float, AwsError] | None = None

    async def fetch(self, batches: Sequence[Batch]) -> AsyncIterator[Fetched]:
        """Results as they come in. Credentials or permission refused once: the rest is not asked."""
        room = asyncio.Semaphore(IN_FLIGHT)
        halted: list[AwsError] = []

        async def run(batch: Batch) -> Fetched:
            priority.set(batch.priority)
            payers.set(batch.payers)
            async with room:
                if halted:
                    return Fetched(failures=dict.fromkeys(batch.series, halted[0]))
                as_of = min(self._clock.wall(), batch.window.end)
                fetched = replace(await self._fetch_known(batch), start=batch.window.start, as_of=as_of)
                halted.extend(filter(_halts, fetched.failures.values()))
                return fetched

        under_way = {asyncio.ensure_future(run(batch)) for batch in batches}
        try:
            while under_way:
                landed, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                while landed:
                    yield landed.pop().result()
                    await asyncio.sleep(0)  # a key press waits for one answer at most, however many have landed
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _fetch_known(self, batch: Batch) -> Fetched:
        """Leaves out what is remembered as refused."""
        failures = {key: error for key in batch.series if (error := self._remembered(key))} if self._remembers else {}
        wanted = tuple(key for key in batch.series if key not in failures) if failures else batch.series
        if not wanted:
            return Fetched(failures=failures)
        fetched = await self._fetch_or_cut(wanted, batch.window)
        return _joined([Fetched(failures=failures), fetched]) if failures else fetched

    async def _fetch_or_cut(
        self, series: Sequence[SeriesKey], window: Window, *, others_answer: bool = False
    ) -> Fetched:
        try:
            return await self._ask(series, window)
        except AwsError as error:
            if error.kind not in _OF_A_QUERY:
                return _failed(series, error)
            return await self._cut(series, window, error, others_answer=others_answer)

    async def _cut(
        self, series: Sequence[SeriesKey], window: Window, error: AwsError, *, others_answer: bool
    ) -> Fetched:
        """A query that alone finds CloudWatch failing is refused only where others get answers: not in an outage."""
        percentiles, rest = _apart(series)
        if percentiles and rest:
            return await self._cut_percentiles(percentiles, rest, window)
        parts = _halves(series)
        if len(parts) == 1:
            if others_answer or error.kind is not FaultKind.SERVICE:
                self._remember(series, error)
            return _failed(series, error)
        if error.kind is FaultKind.SERVICE and not await self._any_answers((series[0], series[-1]), window):
            return _failed(series, error)
        return _joined([await self._fetch_or_cut(part, window, others_answer=True) for part in parts])

    async def _cut_percentiles(
        self, percentiles: Sequence[SeriesKey], rest: Sequence[SeriesKey], window: Window
    ) -> Fetched:
        """The rest first; then one percentile of a metric with data says whether there are percentiles at all."""
        fetched = await self._fetch_or_cut(rest, window)
        outage = next((error for error in fetched.failures.values() if error.kind is FaultKind.SERVICE), None)
        if outage is not None and not fetched.answers:
            return _joined([fetched, _failed(percentiles, outage)])
        with_data = {key.metric for key, answer in fetched.answers.items() if answer.times}
        probe = next((key for key in percentiles if key.metric in with_data), percentiles[0])
        try:
            await self._ask([probe], window)
        except AwsError as error:
            return _joined([fetched, _failed(percentiles, self._without_percentiles(error))])
        return _joined([fetched, await self._fetch_or_cut(percentiles, window, others_answer=True)])

    def _without_percentiles(self, error: AwsError) -> AwsError:
        """Remembers that percentiles are refused, unless the error would have met any other query as well."""
        if error.kind not in _OF_A_QUERY:
            return error
        cause = str(error).partition(". ")[0].rstrip(".")
        when = f"The screen asks again after {REMEMBERED_S // 60} minutes."
        sentences = f"CloudWatch gives no percentiles here: {cause}. {when}"
        refusal = AwsError(error.kind, error.operation, sentences)
        self._percentiles_refused = (self._until(), refusal)
        return refusal

    async def _any_answers(self, probes: Sequence[SeriesKey], window: Window) -> bool:
        """Whether one of the queries alone gets an answer; with none, the queries are not to blame."""
        for key in probes:
            try:
                await self._ask([key], window)
            except AwsError:
                continue
            return True
        return False

    async def _ask(self, series: Sequence[SeriesKey], window: Window) -> Fetched:
        reply = await self._once(Batch(tuple(series), window))
        again = Answers.of(reply.answers).having(Completeness.ERROR)
        if not again or len(again) == len(series):
            return reply
        with suppress(AwsError):  # what was answered is worth keeping without it
            second = await self._once(Batch(again, window))
            return Fetched(answers={**reply.answers, **second.answers}, messages=reply.messages)
        return reply

    async def _once(self, batch: Batch) -> Fetched:
        reply = await self._source.fetch(batch)
        return Fetched(answers=reply.answers, messages=reply.messages)

    def _remember(self, series: Iterable[SeriesKey], error: AwsError) -> None:
        for key in series:
            self._refused[key] = (self._until(), error)

    @property
    def _remembers(self) -> bool:
        return bool(self._refused) or self._percentiles_refused is not None

    def _remembered(self, key: SeriesKey) -> AwsError | None:
        memory = self._refused.get(key)
        if memory is None and is_percentile(key):
            memory = self._percentiles_refused
        if memory is None or memory[0] <= self._clock.monotonic():
            return None
        return memory[1]

    def _until(self) -> float:
        return self._clock.monotonic() + REMEMBERED_S


def _apart(series: Sequence[SeriesKey]) -> tuple[list[SeriesKey], list[SeriesKey]]:
    """Percentiles, and the rest."""
    percentiles = [key for key in series if is_percentile(key)]
    return percentiles, [key for key in series if not is_percentile(key)]


def _halves(series: Sequence[SeriesKey]) -> list[Sequence[SeriesKey]]:
    """Two halves by metric, or the statistics of a single metric; a single query cannot be cut."""
    metrics = by_metric(series)
    if len(metrics) == 1:
        return [[key] for key in series]
    middle = len(metrics) // 2
    return [[key for metric in half for key in metric] for half in (metrics[:middle], metrics[middle:])]


def _halts(error: AwsError) -> bool:
    return error.kind in (FaultKind.CREDENTIALS, FaultKind.PERMISSION, FaultKind.UNREACHABLE)


def _failed(series: Iterable[SeriesKey], error: AwsError) -> Fetched:
    return Fetched(failures=dict.fromkeys(series, error))


def _joined(parts: Sequence[Fetched]) -> Fetched:
    answers: dict[SeriesKey, Answer] = {}
    failures: dict[SeriesKey, AwsError] = {}
    for part in parts:
        answers |= part.answers
        failures |= part.failures
    return Fetched(answers, failures, tuple(dict.fromkeys(text for part in parts for text in part.messages)))
