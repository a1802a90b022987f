"""Work that goes on by itself, and whose results are taken when there is time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def beside(work: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """The work begins at once, and ends with the block; what it has given so far is there to be read.

    Who reads to the end gets what the work raises.
    """
    done: asyncio.Queue[T | None] = asyncio.Queue()
    working = asyncio.ensure_future(_fill(work, done))
    try:
        yield _taken(working, done)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def _fill(work: AsyncIterator[T], done: asyncio.Queue[T | None]) -> None:
    try:
        async for one in work:
            done.put_nowait(one)
    finally:
        done.put_nowait(None)


async def _taken(working: asyncio.Future[None], done: asyncio.Queue[T | None]) -> AsyncIterator[T]:
    while (one := await done.get()) is not None:
        yield one
    await working
