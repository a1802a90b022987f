"""Asks what CloudWatch publishes, when that is due and worth it."""

from smtop.metrics.collect.aside import Aside
from smtop.metrics.collect.complaints import Complaints
from smtop.metrics.collect.published import PATIENCE_BESIDE_S, Published
from smtop.metrics.errors import AwsError, FaultKind

_STAGE = "silent"


class Lookup:
    """At first only where some part of the fleet says nothing, later to spare questions."""

    def __init__(self, published: Published, complaints: Complaints) -> None:
        self._published = published
        self._complaints = complaints
        self._aside = Aside()
        self._measured_before = False
        self._is_denied = False

    @property
    def is_wanted(self) -> bool:
        """Whether it matters that some part of the fleet is silent."""
        if self._aside.is_at_work:
            return False
        return self._published.is_due or self._complaints.has(_STAGE)

    @property
    def spares_nothing(self) -> bool:
        """Whether it is denied, and nothing is said of that where somebody misses an answer."""
        return self._is_denied and not self._complaints.has(_STAGE)

    async def run(self, *, silent: bool, beside: bool) -> None:
        """After a measurement that left some part `silent` or not; `beside` the cycles where it takes longer than one.

        What fails is a complaint where something is silent.
        """
        if not silent:
            self._complaints.settle(_STAGE)
        if self._published.is_due and (silent or self._measured_before):
            if beside:
                self._aside.begin(self._refresh(silent=silent, patience_s=PATIENCE_BESIDE_S))
            else:
                await self._refresh(silent=silent)
        self._measured_before = True

    async def close(self) -> None:
        await self._aside.close()

    async def _refresh(self, *, silent: bool, patience_s: float | None = None) -> None:
        try:
            await self._published.refresh(patience_s)
            self._complaints.settle(_STAGE)
            self._is_denied = False
        except AwsError as error:
            self._complaints.settle(_STAGE, [error] if silent else [])
            self._is_denied = error.kind is FaultKind.PERMISSION
