"""Describes what is due, beside the cycles and as fast as SageMaker lets: the most urgent first."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from smtop.metrics.collect.aside import Aside
from smtop.metrics.collect.discovery import Discovery
from smtop.metrics.collect.shift import Shift
from smtop.metrics.collect.turns import Views, urgent_first

AT_ONCE = 100
"""Endpoints that are described before their first numbers are asked, and the others are ordered anew."""


class Describer:
    """One task for as long as anything is left, over many shifts. `views` and `in_sight` say what is urgent."""

    def __init__(
        self, discovery: Discovery, shift: Shift, views: Callable[[], Views], in_sight: Callable[[], Sequence[str]]
    ) -> None:
        self._discovery = discovery
        self._shift = shift
        self._views = views
        self._in_sight = in_sight
        self._left: Sequence[str] = ()
        self._taken: set[str] = set()
        self._described: list[str] = []
        self._more = asyncio.Event()
        self._aside = Aside()

    @property
    def is_at_work(self) -> bool:
        """Raises once what describing has raised, which is AwsError where AWS cannot be asked."""
        return self._aside.is_at_work

    def begin(self, due: Sequence[str]) -> bool:
        """Goes on with what is due and not under way; whether there was no work before, and is now."""
        self._left = [name for name in due if name not in self._taken]
        if self.is_at_work or not self._left:
            return False
        self._aside.begin(self._work())
        return True

    async def first(self) -> AsyncIterator[None]:
        """Yields whenever one is described, until those are that are described before anything is asked."""
        async for _ in self._until_enough():
            yield
        self._described.clear()

    async def described(self) -> AsyncIterator[Sequence[str]]:
        """The names that were described since, enough of them at a time, until nothing is left or the shift ends."""
        while self.is_at_work or self._described:
            async for _ in self._until_enough():
                pass
            names, self._described = self._described, []
            yield names
            if self._shift.has_ended:
                return

    async def close(self) -> None:
        """Ends what is under way; the rest is due again."""
        await self._aside.close()

    async def _until_enough(self) -> AsyncIterator[None]:
        ended = asyncio.ensure_future(self._shift.ended())
        try:
            while self.is_at_work and len(self._described) < AT_ONCE and not self._shift.has_ended:
                more = asyncio.ensure_future(self._more.wait())
                await asyncio.wait((more, ended), return_when=asyncio.FIRST_COMPLETED)
                more.cancel()
                self._more.clear()
                yield
        finally:
            ended.cancel()

    async def _work(self) -> None:
        try:
            while self._left:
                async for name in self._discovery.describe(self._turns()):
                    self._taken.discard(name)
                    self._described.append(name)
                    self._more.set()
        finally:
            self._taken.clear()
            self._more.set()

    def _turns(self) -> Iterator[str]:
        """What is left, one after the other, in the order of the newest views."""
        while self._left:
            ordered = urgent_first(self._left, self._views(), frozenset(self._in_sight()))
            turn, self._left = ordered[:AT_ONCE], ordered[AT_ONCE:]
            self._taken.update(turn)
            yield from turn
