"""What is found out beside the cycles: what stands around the endpoints, and what is usual for them."""

from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from smtop.metrics.collect.baselines.baselines import Baselines, Busy
from smtop.metrics.collect.baselines.reader import PAYER
from smtop.metrics.collect.baselines.roster import OFF
from smtop.metrics.collect.picture import Judging
from smtop.metrics.collect.plan import Ask
from smtop.metrics.collect.surroundings.lookout import Lookout
from smtop.metrics.domain.endpoint import Endpoint, Identity
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.errors import AwsError

_HARDLY_ANY = 0.01


def calls_per_minute(view: EndpointView | None) -> float:
    """Next to nothing where an endpoint was called within the hour, but not of late."""
    vitals = view.vitals if view else None
    if vitals is None:
        return 0.0
    calls = vitals.requests_per_minute.value
    return calls or (_HARDLY_ANY if any(point.value for point in reversed(vitals.trend)) else 0.0)


class Beside:
    """Both for one fleet; without `baselines` nothing is learned."""

    def __init__(self, lookout: Lookout, baselines: Baselines | None) -> None:
        self._lookout = lookout
        self._baselines = baselines

    @property
    def revision(self) -> Hashable:
        """Another one when something new was found out."""
        return self._lookout.revision, self._baselines.revision if self._baselines else 0

    @property
    def errors(self) -> list[AwsError]:
        return self._lookout.errors

    @property
    def notices(self) -> Sequence[str]:
        return self._baselines.notices if self._baselines else ()

    @property
    def costs(self) -> Mapping[str, float]:
        """Dollars of the next hour, by what is paid for."""
        usd = self._baselines.usd_per_hour if self._baselines else 0.0
        return {PAYER: usd} if usd else {}

    def known_to(self, judging: Judging) -> Judging:
        """The same with all that is found out here."""
        if self._baselines is None:
            return replace(judging, around=self._lookout.of, no_baseline=lambda _: OFF)
        usual, no_baseline = self._baselines.usual, self._baselines.why_none
        return replace(judging, around=self._lookout.of, usual=usual, no_baseline=no_baseline)

    def recall(self, endpoints: Sequence[Endpoint], saved_at: float) -> None:
        """The fleet as an earlier run knew it."""
        self._lookout.recall(endpoints, saved_at)

    def take(self, endpoints: Sequence[Endpoint], gone: Iterable[str]) -> None:
        """The fleet as AWS lists it now, and who is no more."""
        self._lookout.take(endpoints)
        if self._baselines is not None:
            self._baselines.dismiss(gone)

    def enrol(self, endpoint: Endpoint, wanted: Sequence[Ask]) -> None:
        """An endpoint with what is asked of it."""
        if self._baselines is not None:
            self._baselines.enrol(endpoint, wanted)

    def look_around(self, identity: Identity, *, urgent: bool, first: Container[str]) -> None:
        """Begins to ask what is due of what stands around the endpoints."""
        self._lookout.begin(identity.account, urgent=urgent, first=first)

    def learn(self, busy: Busy, usd_per_hour: float) -> None:
        """Begins to learn what is usual; polling costs so much."""
        if self._baselines is not None:
            self._baselines.begin(busy, usd_per_hour)

    async def ask_all(self, identity: Identity) -> None:
        """All that is due around the endpoints, for who asks only once."""
        await self._lookout.ask_all(identity.account)

    async def recall_baselines(self, read: Iterable[str]) -> None:
        """What is known of what is usual, for who asks only once; the history of the endpoints in `read` is read."""
        if self._baselines is not None:
            await self._baselines.recall(read)

    async def close(self) -> None:
        await self._lookout.close()
        if self._baselines is not None:
            await self._baselines.close()
