"""What CloudWatch has metrics for: the difference between a quiet counter and a wrong question."""

import asyncio
from collections import Counter
from collections.abc import Set as AbstractSet
from sys import intern

from smtop.metrics.clock import Clock
from smtop.metrics.domain.catalogue import STANDARD, Catalogue, Scope
from smtop.metrics.domain.series import Dimensions, MetricId
from smtop.metrics.domain.snapshot import CUT_OFF
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import MetricSource

EVERY_S = 900
"""A new metric takes CloudWatch up to a quarter of an hour to list; asking more often teaches nothing."""

PATIENCE_S = 20.0
"""How long a cycle waits for it."""

PATIENCE_BESIDE_S = 600.0
"""How long it may take where nobody waits: 5,000 endpoints have some 170 pages."""


class Published:
    """Metrics and dimension sets known from ListMetrics. Sets of other shapes (instances, accelerators) are left out.

    What was once listed stays known: the list may lag, and a metric that has fallen silent costs little.
    """

    def __init__(self, source: MetricSource, clock: Clock, catalogue: Catalogue = STANDARD) -> None:
        self._source = source
        self._clock = clock
        self._namespaces = catalogue.namespaces
        self._shapes = catalogue.shapes()
        self._of_components = catalogue.shapes([Scope.COMPONENT])
        self._known: dict[Dimensions, Dimensions] = {}
        self._metrics: set[MetricId] = set()
        self._counts: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        self._components: set[str] = set()
        self._listed_at: float | None = None
        self._read_whole = False
        self._revision = 0

    def __contains__(self, dimensions: object) -> bool:
        return dimensions in self._known

    @property
    def components(self) -> AbstractSet[str]:
        """Names of inference components, as CloudWatch spells them."""
        return self._components

    def lacks(self, metric: MetricId) -> bool:
        """Whether a whole list was read and this metric was not on it."""
        return self._read_whole and metric not in self._metrics

    def count(self, namespace: str, name: str, shape: tuple[str, ...]) -> int | None:
        """How many metrics have this name and these names of dimensions; None until a whole list was read."""
        return self._counts[namespace, name, shape] if self._read_whole else None

    @property
    def revision(self) -> int:
        """Changes whenever something more is known, but not with every page: each time, all is drawn anew."""
        return self._revision

    @property
    def is_due(self) -> bool:
        return self._listed_at is None or self._clock.monotonic() - self._listed_at > EVERY_S

    async def refresh(self, patience_s: float | None = None) -> None:
        """Reads all namespaces; what was known before is kept when one of them fails with AwsError.

        It is due again at once where AWS could not be asked at all.
        """
        self._listed_at = self._clock.monotonic()
        patience_s = PATIENCE_S if patience_s is None else patience_s
        try:
            async with asyncio.timeout(patience_s):
                await asyncio.gather(*(self._read(namespace) for namespace in self._namespaces))
            self._read_whole = True
            self._revise()
        except TimeoutError:
            operation = "cloudwatch:ListMetrics"
            message = (
                f"{operation} took more than {patience_s:.0f} s; counters without datapoints stay without a value."
            )
            raise AwsError(FaultKind.SERVICE, operation, message) from None
        except AwsError as error:
            if error.kind in CUT_OFF:
                self._listed_at = None
            raise

    async def _read(self, namespace: str) -> None:
        try:
            async for page in self._source.published(namespace):
                for metric in page:
                    self._note(metric)
        finally:
            self._revise()

    def _note(self, metric: MetricId) -> None:
        shape = tuple(name for name, _ in metric.dimensions)
        if shape in self._shapes and metric not in self._metrics:
            self._metrics.add(self._lean(metric))
            self._counts[metric.namespace, metric.name, shape] += 1
        if shape in self._of_components:
            self._components.add(metric.dimensions[0][1])

    def _lean(self, metric: MetricId) -> MetricId:
        """The same with the one text and the one set of dimensions of all that have it: each page brings its own."""
        dimensions = self._known.setdefault(metric.dimensions, metric.dimensions)
        return MetricId(intern(metric.namespace), intern(metric.name), dimensions)

    def _revise(self) -> None:
        self._revision = len(self._metrics) + self._read_whole
