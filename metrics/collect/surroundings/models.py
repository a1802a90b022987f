"""What the models of a fleet are made from, and how large that is."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from smtop.metrics.clock import Clock
from smtop.metrics.collect.surroundings.lookups import Lookups
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.surroundings import ModelFacts
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import ModelSource, SizeSource

LASTS_S = 3600
"""Models never change, but one may be deleted, and another made under its name."""

_AT_ONCE = 8

T = TypeVar("T")


class Models:
    """Facts of models by name. Sizes are kept for good: of images everywhere, of artifacts where compute is serverless.

    Serverless compute loads both whenever it starts cold.
    """

    def __init__(self, source: ModelSource, sizes: SizeSource, clock: Clock) -> None:
        self._source = source
        self._sizes = sizes
        self._facts: Lookups[ModelFacts] = Lookups(clock, LASTS_S)
        self._images: Lookups[int] = Lookups(clock)
        self._artifacts: Lookups[int] = Lookups(clock)
        self._serverless: frozenset[str] = frozenset()

    @property
    def error(self) -> AwsError | None:
        """What keeps models from being described. Sizes are an extra that nobody has to allow."""
        return self._facts.refusal

    async def read(self, endpoints: Sequence[Endpoint], account: str, most: int | None = None) -> bool:
        """Looks up what is due of the models of these endpoints, at most so many things of each sort.

        Whether anything was due.
        """
        self._serverless = frozenset(
            one.model for endpoint in endpoints for one in endpoint.variants if one.model and one.serverless
        )
        names = dict.fromkeys(one.model for endpoint in endpoints for one in endpoint.variants if one.model)
        described = await _each(self._facts, names, self._source.facts, most)
        known = [facts for name in names if (facts := self._facts.get(name))]
        images = dict.fromkeys(uri for facts in known for uri in facts.images)
        artifacts = dict.fromkeys(url for facts in known if facts.name in self._serverless for url in facts.artifacts)
        sized = await asyncio.gather(
            _each(self._images, images, lambda uri: self._sizes.image_bytes(uri, account), most),
            _each(self._artifacts, artifacts, self._sizes.artifact_bytes, most),
        )
        return described or any(sized)

    def of(self, endpoint: Endpoint) -> tuple[Mapping[str, ModelFacts] | None, str | None]:
        """What is known of the models of an endpoint, and why not all is; None where nothing is."""
        names = tuple(dict.fromkeys(one.model for one in endpoint.variants if one.model))
        known = {name: self._whole(facts) for name in names if (facts := self._facts.get(name))}
        whys = (why for name in names for why in self._whys(name))
        return (known if known or not names else None), next(whys, None)

    def _whole(self, facts: ModelFacts) -> ModelFacts:
        return replace(
            facts,
            image_bytes=_total(self._images, facts.images),
            artifact_bytes=_total(self._artifacts, facts.artifacts) if facts.name in self._serverless else None,
        )

    def _whys(self, name: str) -> Iterable[str]:
        facts = self._facts.get(name)
        if facts is None:
            whys = [self._facts.why(name)]
        else:
            whys = [self._images.why(uri) for uri in facts.images]
            whys += [self._artifacts.why(url) for url in facts.artifacts if name in self._serverless]
        return (why for why in whys if why)


def _total(sizes: Lookups[int], keys: Sequence[str]) -> int | None:
    """All together; None where there are none, and where one is not known."""
    found = [sizes.get(key) for key in keys]
    known = [size for size in found if size is not None]
    return sum(known) if known and len(known) == len(found) else None


async def _each(
    lookups: Lookups[T], keys: Iterable[str], read: Callable[[str], Awaitable[T]], most: int | None
) -> bool:
    """Looks up what is due, at most so many; whether anything was."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(key: str) -> None:
        async with room:
            await lookups.look_up(key, read)

    due = list(islice((key for key in keys if lookups.is_due(key)), most))
    await asyncio.gather(*map(one, due))
    return bool(due)
