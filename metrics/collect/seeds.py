"""What stands in for endpoints that are not described yet: what CloudWatch lists of them says what to ask first.

Describing takes SageMaker some calls an endpoint, and thousands take minutes. CloudWatch's lists of a few metrics take
seconds: they name the variants, and some metrics are had by one kind of endpoint alone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smtop.metrics.collect.plan import Ask, asks
from smtop.metrics.collect.tiers import HEADLINES, Breadth
from smtop.metrics.domain.catalogue import (
    HOSTS_NAMESPACE,
    INVOCATIONS_NAMESPACE,
    STANDARD,
    Catalogue,
    MetricSpec,
)
from smtop.metrics.domain.endpoint import Endpoint, Kind, Variant
from smtop.metrics.domain.series import MetricId
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import MetricSource

LARGE_FLEET = 500
"""With no more new endpoints than this, all are described nearly as soon as they would be ranked without."""

PATIENCE_S = 30.0
"""A list that takes longer is done without."""


class Telling(NamedTuple):
    """A metric that is listed; the kind of endpoint that has it, None where several have."""

    namespace: str
    metric: str
    kind: Kind | None = None


TELLING = (
    Telling(INVOCATIONS_NAMESPACE, "Invocations"),
    Telling(HOSTS_NAMESPACE, "CPUReservation", Kind.INFERENCE_COMPONENT),
    Telling(INVOCATIONS_NAMESPACE, "ServerlessConcurrentExecutionsUtilization", Kind.SERVERLESS),
    Telling(INVOCATIONS_NAMESPACE, "ServerlessProvisionedConcurrencyUtilization", Kind.SERVERLESS_PROVISIONED),
    Telling(INVOCATIONS_NAMESPACE, "ApproximateBacklogSize", Kind.ASYNC),
    Telling(INVOCATIONS_NAMESPACE, "InvocationsProcessed", Kind.ASYNC),
)
"""Of two kinds that an endpoint is listed with, the later one here holds. Together some twenty pages for 5,000."""


class Seeds:
    """What CloudWatch lists of the last three hours, read once, and the stand-ins that are made from it."""

    def __init__(self, source: MetricSource, catalogue: Catalogue = STANDARD) -> None:
        self._source = source
        self._catalogue = Catalogue(tuple(filter(_may_be_headline, catalogue.metrics)))
        self._variants: dict[str, set[str]] = {}
        self._kinds: dict[str, Kind] = {}
        self._reading: asyncio.Task[None] | None = None
        self._waited_for = False
        self.read_whole = False

    def expect(self, new_endpoints: int) -> None:
        """So many endpoints are to be described: above LARGE_FLEET the lists begin to be read, once."""
        if new_endpoints > LARGE_FLEET and self._reading is None:
            self._reading = asyncio.ensure_future(self._read())

    @property
    def are_coming(self) -> bool:
        """Whether lists were begun that nobody has waited for."""
        return self._reading is not None and not self._waited_for

    @property
    def are_there(self) -> bool:
        """Whether no list is being read."""
        return self._reading is None or self._reading.done()

    async def ready(self) -> None:
        """Waits for the lists, if any are read. What cannot be read is done without."""
        self._waited_for = True
        if self._reading is not None:
            await asyncio.wait([self._reading])

    def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def of(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, or its stand-in: not described, with the variants and the kind that CloudWatch tells of it."""
        if endpoint.described or endpoint.name not in self._variants:
            return endpoint
        variants = tuple(Variant(name) for name in sorted(self._variants[endpoint.name]))
        return endpoint._replace(variants=variants, kind=self._kinds.get(endpoint.name, Kind.UNKNOWN))

    def is_silent(self, endpoint: Endpoint) -> bool:
        """Whether CloudWatch is known to have nothing of its last three hours, and nothing else is known of it."""
        return self.read_whole and not endpoint.described and endpoint.name not in self._variants

    def asks(self, stand_in: Endpoint) -> Sequence[Ask]:
        """The headline that SageMaker itself publishes, as it will be asked once the endpoint is described.

        Processors are left out: whether there is a GPU to ask about is not known yet.
        """
        if not stand_in.variants and stand_in.kind is Kind.UNKNOWN:
            return ()
        planned = asks(stand_in._replace(described=True), self._catalogue)
        return tuple(ask for ask in planned if ask.breadth <= Breadth.HEADLINE)

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*(self._read_one(one) for one in TELLING))
        except (AwsError, TimeoutError):
            return
        self.read_whole = True

    async def _read_one(self, one: Telling) -> None:
        async for page in self._source.recent(one.namespace, one.metric):
            for metric in page:
                self._note(metric, one.kind)

    def _note(self, metric: MetricId, kind: Kind | None) -> None:
        named: Mapping[str, str] = dict(metric.dimensions)
        if not named.keys() <= {"EndpointName", "VariantName"} or "EndpointName" not in named:
            return
        name = named["EndpointName"]
        variants = self._variants.setdefault(name, set())
        if "VariantName" in named:
            variants.add(named["VariantName"])
        if kind is not None and (name not in self._kinds or _RANKS[kind] > _RANKS[self._kinds[name]]):
            self._kinds[name] = kind


def _may_be_headline(spec: MetricSpec) -> bool:
    return spec.namespace == INVOCATIONS_NAMESPACE and any(spec.name in names for names in HEADLINES.values())


_RANKS = {one.kind: rank for rank, one in enumerate(TELLING) if one.kind is not None}
