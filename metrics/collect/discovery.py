"""What exists, kept up to date: the list every cycle, descriptions only where something may have changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import islice

from smtop.metrics.clock import Clock
from smtop.metrics.domain.endpoint import Endpoint, EndpointSummary, Kind
from smtop.metrics.domain.snapshot import CUT_OFF, Problem
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Inventory

SWEEP_S = 900
"""Everything is described again within this time: not every change moves the modification time."""

_LEAST_SWEEP = 32
_IN_FLIGHT = 32


@dataclass
class _Known:
    """An endpoint, when it was described and its tags read (epoch seconds), and what could not be learned."""

    endpoint: Endpoint
    described_at: float | None = None
    tagged_at: float | None = None
    problems: tuple[Problem, ...] = ()


class Discovery:
    """The inventory of one account and region. The last good one is kept whatever fails."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self._inventory = inventory
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._hosts: dict[str, str] = {}
        self._tags_denied: AwsError | None = None
        self._forgot_at = clock.wall()
        self._only: str | None = None

    def narrow(self, only: str | None) -> None:
        """From the next list on only the endpoint of this name exists; all with None."""
        self._only = only

    @property
    def is_narrow(self) -> bool:
        return self._only is not None

    @property
    def endpoints(self) -> list[Endpoint]:
        return [known.endpoint for known in self._known.values()]

    @property
    def problems(self) -> list[Problem]:
        """What could not be learned, one line for each cause however many endpoints it concerns."""
        found = [problem for known in self._known.values() for problem in known.problems]
        if self._tags_denied is not None:
            found.append(Problem.of(self._tags_denied))
        return merge_problems(found)

    def recall(self, endpoints: Iterable[Endpoint], saved_at: float) -> None:
        """Starts from an earlier run's inventory."""
        self._known = {
            endpoint.name: _Known(endpoint, saved_at, saved_at) for endpoint in endpoints if endpoint.described
        }
        self._hosts = {
            component.name: name for name, known in self._known.items() for component in known.endpoint.components
        }

    async def list_all(self, grown: Callable[[int], None] = lambda _: None) -> None:
        """Reads the whole list. Only a complete list removes an endpoint; an incomplete one raises AwsError.

        `grown` is told after each page how many endpoints there are so far that nothing is known of.
        """
        listed: dict[str, EndpointSummary] = {}
        new = 0
        async for page in self._inventory.summaries():
            listed.update({one.name: one for one in page if self._only in (None, one.name)})
            new += sum(one.name in listed and one.name not in self._known for one in page)
            grown(new)
        self._known = {name: self._relisted(summary) for name, summary in listed.items()}

    def due(self) -> list[str]:
        """Names to describe now: what changed or moves, broken ones first, and the slow sweep's share of the rest."""
        now = self._clock.wall()
        if now - self._forgot_at > SWEEP_S:
            self._inventory.forget()
            self._tags_denied = None
            self._forgot_at = now
        return self._changed() + self._swept(now)

    async def describe(self, names: Iterable[str]) -> AsyncIterator[str]:
        """Describes these endpoints, some at a time: a name is taken when there is room, and yielded when it is done.

        Raises AwsError only where AWS cannot be asked.
        """
        async for name in _each(names, self._describe):
            yield name

    @property
    def untagged(self) -> list[str]:
        """Names of the endpoints that were described since their tags were read."""
        return [name for name, known in self._known.items() if _lacks_tags(known)]

    async def read_tags(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Reads the tags of these endpoints; yields after each."""
        async for _ in _each(names, self._read_tags_of):
            yield

    def _relisted(self, summary: EndpointSummary) -> _Known:
        known = self._known.get(summary.name)
        if known is None or known.endpoint.summary.created_at != summary.created_at:
            return _Known(Endpoint(summary))
        if known.endpoint.summary != summary:
            known.endpoint = known.endpoint._replace(summary=summary)
            known.described_at = None
        return known

    def _changed(self) -> list[str]:
        due = [known for known in self._known.values() if known.described_at is None or known.endpoint.is_changing]
        due.sort(key=lambda known: (not known.endpoint.is_broken, not known.endpoint.is_changing, known.endpoint.name))
        return [known.endpoint.name for known in due]

    def _swept(self, now: float) -> list[str]:
        late = [
            (known.described_at, name)
            for name, known in self._known.items()
            if known.described_at is not None and now - known.described_at > SWEEP_S and not known.endpoint.is_changing
        ]
        return [name for _, name in sorted(late)[: max(_LEAST_SWEEP, len(self._known) // 10)]]

    async def _describe(self, name: str) -> None:
        known = self._known.get(name)
        if known is None:
            return
        try:
            description = await self._inventory.describe(known.endpoint.summary)
        except AwsError as error:
            if error.kind in CUT_OFF:
                raise
            known.problems = (Problem.of(error, name),)
            return
        if description is None:
            self._known.pop(name, None)
            return
        before, known.endpoint = known.endpoint, description.endpoint._replace(tags=known.endpoint.tags)
        known.problems = description.problems
        known.described_at = self._clock.wall()
        self._follow(before, known.endpoint)

    def _follow(self, before: Endpoint, after: Endpoint) -> None:
        """A component runs on one endpoint: on the one that was last described with it.

        Its move need not touch the endpoint's modification time, so where it left or may have gone is described again.
        """
        had, has = ({component.name for component in one.components} for one in (before, after))
        for component in has - had:
            host = self._known.get(self._hosts.get(component, ""))
            if host is not None and host.endpoint.name != after.name:
                _take_away(host, component)
            self._hosts[component] = after.name
        if any(self._hosts.get(component) == after.name for component in had - has):
            for known in self._known.values():
                if known.endpoint.kind is Kind.INFERENCE_COMPONENT and known.endpoint.name != after.name:
                    known.described_at = None

    async def _read_tags_of(self, name: str) -> None:
        """One refusal is enough: tags that are denied for one endpoint are not asked of the others."""
        known = self._known.get(name)
        if known is None or self._tags_denied is not None:
            return
        try:
            tags = await self._inventory.tags(known.endpoint.summary.arn)
        except AwsError as error:
            if error.kind in CUT_OFF:
                raise
            if error.kind is not FaultKind.NOT_FOUND:
                self._tags_denied = error
            return
        if tags != known.endpoint.tags:
            known.endpoint = known.endpoint._replace(tags=tags)
        known.tagged_at = self._clock.wall()


def _take_away(known: _Known, component: str) -> None:
    """The component runs elsewhere now."""
    staying = tuple(one for one in known.endpoint.components if one.name != component)
    if len(staying) < len(known.endpoint.components):
        known.endpoint = known.endpoint._replace(components=staying)
        known.described_at = None


def _lacks_tags(known: _Known) -> bool:
    return known.described_at is not None and (known.tagged_at is None or known.tagged_at < known.described_at)


async def _each(names: Iterable[str], work: Callable[[str], Coroutine[None, None, None]]) -> AsyncIterator[str]:
    """Does the work of so many names together; yields each, and ends all when one raises or the reader leaves."""
    waiting, under_way = iter(names), dict[asyncio.Future[None], str]()
    try:
        while True:
            under_way |= {asyncio.ensure_future(work(name)): name for name in _some(waiting, under_way)}
            if not under_way:
                return
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task
                yield under_way.pop(task)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _some(waiting: Iterator[str], under_way: Sized) -> Iterator[str]:
    """As many as there is room for."""
    return islice(waiting, _IN_FLIGHT - len(under_way))


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
    return first._replace(endpoint=None, message=f"{first.message} ({len(concerned)} endpoints)")
