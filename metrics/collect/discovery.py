"""What exists, kept up to date: the list every cycle, descriptions only where something may have changed."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace

from smtop.metrics.clock import Clock
from smtop.metrics.domain.endpoint import Endpoint, EndpointSummary
from smtop.metrics.domain.snapshot import Problem
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.limiter import InFlight
from smtop.metrics.ports import Description, Inventory

SWEEP_S = 900
"""Everything is described again within this time: not every change moves the modification time."""

_LEAST_SWEEP = 32
_ATTEMPTS = 5
_FIRST_PAUSE_S = 0.2


@dataclass
class _Known:
    """An endpoint, when it was described (epoch seconds; None: only listed), and what could not be learned."""

    endpoint: Endpoint
    described_at: float | None = None
    problems: tuple[Problem, ...] = ()


class Discovery:
    """The inventory of one account and region. The last good one is kept whatever fails."""

    def __init__(self, inventory: Inventory, clock: Clock, rng: random.Random) -> None:
        self._inventory = inventory
        self._clock = clock
        self._rng = rng
        self._known: dict[str, _Known] = {}
        self._in_flight = InFlight()
        self._tags_denied: AwsError | None = None
        self._forgot_at = clock.wall()

    @property
    def endpoints(self) -> list[Endpoint]:
        return [known.endpoint for known in self._known.values()]

    @property
    def problems(self) -> list[Problem]:
        """What could not be learned, one line for each cause however many endpoints it concerns."""
        found = [problem for known in self._known.values() for problem in known.problems]
        if self._tags_denied is not None:
            error = self._tags_denied
            found.append(Problem(error.kind, error.operation, str(error)))
        return merge_problems(found)

    def recall(self, endpoints: Iterable[Endpoint], saved_at: float) -> None:
        """Starts from an earlier run's inventory."""
        self._known = {endpoint.name: _Known(endpoint, saved_at) for endpoint in endpoints if endpoint.described}

    async def list_all(self) -> None:
        """Reads the whole list. Only a complete list removes an endpoint; an incomplete one raises AwsError."""
        listed: dict[str, EndpointSummary] = {}
        async for page in self._inventory.summaries():
            listed.update({summary.name: summary for summary in page})
        self._known = {name: self._relisted(summary) for name, summary in listed.items()}

    async def describe_due(self) -> AsyncIterator[int]:
        """Describes what may have changed, in parallel; yields how many are left after each."""
        now = self._clock.wall()
        if now - self._forgot_at > SWEEP_S:
            self._inventory.forget()
            self._tags_denied = None
            self._forgot_at = now
        names = self._due(now)
        tasks = [asyncio.ensure_future(self._describe(name)) for name in names]
        try:
            for left, done in zip(reversed(range(len(tasks))), asyncio.as_completed(tasks), strict=True):
                await done
                yield left
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _relisted(self, summary: EndpointSummary) -> _Known:
        known = self._known.get(summary.name)
        if known is None or known.endpoint.summary.created_at != summary.created_at:
            return _Known(Endpoint(summary))
        if known.endpoint.summary != summary:
            known.endpoint = replace(known.endpoint, summary=summary)
            known.described_at = None
        return known

    def _due(self, now: float) -> list[str]:
        """Changed or in transition, and the longest undescribed of those that the slow sweep takes along."""
        due = [name for name, known in self._known.items() if known.described_at is None or known.endpoint.is_changing]
        late = [
            (known.described_at, name)
            for name, known in self._known.items()
            if known.described_at is not None and now - known.described_at > SWEEP_S and not known.endpoint.is_changing
        ]
        most = max(_LEAST_SWEEP, len(self._known) // 10)
        return due + [name for _, name in sorted(late)[:most]]

    async def _describe(self, name: str) -> None:
        known = self._known[name]
        async with self._in_flight:
            try:
                description = await self._patiently(known.endpoint.summary)
            except AwsError as error:
                if error.kind in (FaultKind.CREDENTIALS, FaultKind.UNREACHABLE):
                    raise
                known.problems = (Problem(error.kind, error.operation, str(error), name),)
                return
        if description is None:
            self._known.pop(name, None)
            return
        known.endpoint = description.endpoint
        known.problems = description.problems
        known.described_at = self._clock.wall()

    async def _patiently(self, summary: EndpointSummary) -> Description | None:
        """Describes once more after every throttle, with growing random pauses and fewer calls in flight."""
        for attempt in range(_ATTEMPTS):
            try:
                description = await self._describe_with_tags(summary)
            except AwsError as error:
                if error.kind is not FaultKind.THROTTLED or attempt == _ATTEMPTS - 1:
                    raise
                self._in_flight.throttled()
                await self._clock.sleep(self._rng.uniform(0.5, 1.0) * _FIRST_PAUSE_S * 3**attempt)
            else:
                self._in_flight.succeeded()
                return description
        raise AssertionError("the last attempt returns or raises")

    async def _describe_with_tags(self, summary: EndpointSummary) -> Description | None:
        description = await self._inventory.describe(summary)
        if description is None or self._tags_denied is not None:
            return description
        try:
            tags = await self._inventory.tags(summary.arn)
        except AwsError as error:
            if error.kind is FaultKind.NOT_FOUND:
                return None
            if error.kind not in (FaultKind.PERMISSION, FaultKind.SERVICE, FaultKind.INVALID):
                raise
            self._tags_denied = error
            return description
        return Description(replace(description.endpoint, tags=tags), description.problems)


def merge_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Problems of the same kind and operation as one, which names the endpoint only if there is a single one."""
    groups: dict[tuple[FaultKind, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.kind, problem.operation), []).append(problem)
    return [_merged(group) for group in groups.values()]


def _merged(group: Sequence[Problem]) -> Problem:
    first = group[0]
    concerned = {problem.endpoint for problem in group if problem.endpoint}
    if len(concerned) < 2:
        return first
    return replace(first, endpoint=None, message=f"{first.message} ({len(concerned)} endpoints)")
