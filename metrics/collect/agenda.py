"""What is asked of every endpoint that exists; one that did not change keeps its plan."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from smtop.metrics.collect.history import Planned
from smtop.metrics.collect.picture import Plan
from smtop.metrics.collect.plan import Ask, asks
from smtop.metrics.collect.seeds import Seeds
from smtop.metrics.collect.spelling import spellings
from smtop.metrics.domain.catalogue import Catalogue
from smtop.metrics.domain.endpoint import Endpoint

Enrol = Callable[[Endpoint, Sequence[Ask]], None]


class _Entry(NamedTuple):
    """An endpoint as it was found, as it is shown, and what is asked of it."""

    found: Endpoint
    shown: Endpoint
    asks: Sequence[Ask]


class Agenda:
    """The plan of one account. Endpoints that are not described are asked what the seeds tell of them.

    `enrol` is told of every endpoint that is planned anew, and of what it is asked as described: nothing before.
    """

    def __init__(self, catalogue: Catalogue, seeds: Seeds, enrol: Enrol) -> None:
        self._catalogue = catalogue
        self._seeds = seeds
        self._enrol = enrol
        self._spelled: Mapping[str, str] = {}
        self._entries: dict[str, _Entry] = {}

    @property
    def plan(self) -> Plan:
        return [(entry.shown, entry.asks) for entry in self._entries.values()]

    def planned(self, name: str) -> Planned | None:
        entry = self._entries.get(name)
        return Planned(entry.shown, entry.asks) if entry else None

    def take(self, endpoints: Iterable[Endpoint]) -> set[str]:
        """The endpoints as they stand; the names of those that are gone."""
        before, self._entries = self._entries, {}
        for endpoint in endpoints:
            self._entries[endpoint.name] = self._entry(before.get(endpoint.name), endpoint)
        return before.keys() - self._entries.keys()

    def add(self, endpoint: Endpoint) -> Planned:
        """Plans one endpoint as it stands now, before all are taken: the plan of thousands takes a second."""
        entry = self._entries[endpoint.name] = self._entry(self._entries.get(endpoint.name), endpoint)
        return Planned(entry.shown, entry.asks)

    def _entry(self, known: _Entry | None, endpoint: Endpoint) -> _Entry:
        return known if known is not None and known.found is endpoint else self._anew(endpoint)

    def sow(self) -> None:
        """Plans anew what the seeds may tell more of by now."""
        for name, entry in list(self._entries.items()):
            if not entry.found.described:
                del self._entries[name]

    def respell(self, published: Iterable[str]) -> bool:
        """Plans anew the endpoints with components that CloudWatch turns out to spell otherwise; whether there are."""
        found = [entry.found for entry in self._entries.values()]
        components = [component.name for endpoint in found for component in endpoint.components]
        before, self._spelled = self._spelled, spellings(components, published)
        changed = {name for name, _ in before.items() ^ self._spelled.items()}
        for endpoint in found if changed else ():
            if any(component.name in changed for component in endpoint.components):
                del self._entries[endpoint.name]
        if changed:
            self.take(found)
        return bool(changed)

    def _anew(self, endpoint: Endpoint) -> _Entry:
        if not endpoint.described:
            self._enrol(endpoint, ())
            stand_in = self._seeds.of(endpoint)
            return _Entry(endpoint, stand_in, self._seeds.asks(stand_in))
        wanted = asks(endpoint, self._catalogue, self._spelled)
        self._enrol(endpoint, wanted)
        return _Entry(endpoint, endpoint, wanted)
