"""Reads what the page of an endpoint shows beyond its metrics: its configs, past ones too, and what scales it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from smtop.metrics.clock import Clock
from smtop.metrics.domain.configs import ConfigSummary, EndpointConfig, KnownConfig, Standing, stem
from smtop.metrics.domain.details import Deployed, EndpointDetails, Note, Topic
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.scaling import ScalableTarget, ScaledPart, scalable_resources
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import ConfigSource, ScalingSource
from smtop.metrics.sightings import Sighting

KEPT_S = 180.0
"""How long details are shown before they are read anew."""

MOST_PERHAPS = 8
"""Configs that are only like the live one by name; each costs a call."""

MOST_ACTIVITIES = 20

_LISTED = 100

V = TypeVar("V")


@dataclass(frozen=True)
class Depths:
    """Where details come from. `seen` are the configs that smtop itself saw live on an endpoint."""

    configs: ConfigSource
    scaling: ScalingSource
    seen: Callable[[Endpoint], Sequence[Sighting]]


class DetailReader:
    """Reads details when they are asked for, and keeps them for `KEPT_S`."""

    def __init__(self, depths: Depths, clock: Clock) -> None:
        self._depths = depths
        self._clock = clock
        self._kept: dict[str, asyncio.Task[EndpointDetails]] = {}

    async def details(self, name: str, fleet: Sequence[Endpoint], *, anew: bool = False) -> EndpointDetails:
        """The details of one endpoint of a fleet; who asks while they are being read gets the same."""
        kept = self._kept.get(name)
        if kept is None or (kept.done() and (anew or not self._may_stand(kept))):
            self._kept = {other: one for other, one in self._kept.items() if not one.done() or self._may_stand(one)}
            kept = self._kept[name] = asyncio.ensure_future(self._read(name, fleet))
            kept.add_done_callback(_heard)
        return await asyncio.shield(kept)

    def close(self) -> None:
        """Ends what is being read."""
        for reading in self._kept.values():
            reading.cancel()

    def _may_stand(self, kept: asyncio.Task[EndpointDetails]) -> bool:
        """Whether it was read without a fault, and not long ago; what was refused then may be allowed now."""
        if kept.cancelled() or kept.exception() is not None:
            return False
        details = kept.result()
        return not details.notes and self._clock.wall() - details.read_at < KEPT_S

    async def _read(self, name: str, fleet: Sequence[Endpoint]) -> EndpointDetails:
        endpoint = next((one for one in fleet if one.name == name), None)
        if endpoint is None:
            gone = Note(Topic.ENDPOINT, f"There is no endpoint {name} any more.")
            return EndpointDetails(name, self._clock.wall(), notes=(gone,))
        elsewhere = {one.config: one.name for one in fleet if one.config and one.name != name}
        reading = _Reading(self._depths, endpoint, elsewhere)
        (deployed, configs), scaled = await asyncio.gather(reading.history(), reading.scaled())
        search, known = configs
        return EndpointDetails(name, self._clock.wall(), deployed, known, search, scaled, tuple(reading.notes))


class _Reading:
    """One reading of one endpoint; a call that fails becomes a note, so that one refusal does not hide the rest."""

    def __init__(self, depths: Depths, endpoint: Endpoint, elsewhere: Mapping[str, str]) -> None:
        self._depths = depths
        self._endpoint = endpoint
        self._elsewhere = elsewhere
        self.notes: list[Note] = []

    async def _try(self, topic: Topic, call: Awaitable[V]) -> V | None:
        try:
            return await call
        except AwsError as error:
            self.notes.append(Note(topic, str(error)))
            return None

    # Configs

    async def history(self) -> tuple[Deployed | None, tuple[str, tuple[KnownConfig, ...]]]:
        """The endpoint as it is described now; how past configs were looked for, and all that are known."""
        deployed = await self._try(Topic.ENDPOINT, self._depths.configs.deployed(self._endpoint.name))
        sure = self._sure(deployed)
        listed, search = await self._perhaps(sure)
        known = await asyncio.gather(*(self._described(one) for one in [*sure, *listed]))
        return deployed, (search, tuple(_with_evidence(known)))

    def _sure(self, deployed: Deployed | None) -> list[KnownConfig]:
        """Configs that AWS names, and those that smtop saw, each once and the surest word for it."""
        live = deployed.config if deployed else self._endpoint.config
        pending = deployed.pending if deployed else None
        seen = {one.config: one for one in self._depths.seen(self._endpoint)}
        found = {}
        if pending:
            found[pending] = KnownConfig(pending, Standing.ROLLING_OUT, "DescribeEndpoint names it as pending")
        if live:
            found.setdefault(live, KnownConfig(live, Standing.LIVE, "DescribeEndpoint names it"))
        for name in seen:
            found.setdefault(name, KnownConfig(name, Standing.SEEN, "smtop saw it live"))
        return [replace(one, seen=_span(seen.get(one.name))) for one in found.values()]

    async def _perhaps(self, sure: Sequence[KnownConfig]) -> tuple[list[KnownConfig], str]:
        """Configs with a name like those of the endpoint, and how they were looked for."""
        known = {one.name for one in sure}
        stems = {stem(self._endpoint.name), *(stem(one.name) for one in sure if one.standing is Standing.LIVE)}
        parts = sorted(stems)
        lists = await asyncio.gather(
            *(self._try(Topic.CONFIGS, self._depths.configs.configs_named(part, _LISTED)) for part in parts)
        )
        listed = {one.name: one for some in lists for one in some or ()}
        alike = [one for one in listed.values() if self._is_alike(one, stems) and one.name not in known]
        newest = sorted(alike, key=lambda one: -one.created_at)[:MOST_PERHAPS]
        found = [KnownConfig(one.name, Standing.PERHAPS, "its name is alike", one.created_at) for one in newest]
        return found, _search(parts, lists, len(alike))

    def _is_alike(self, listed: ConfigSummary, stems: set[str]) -> bool:
        """Not one that serves another endpoint, however alike its name is."""
        alike = stem(listed.name) in stems or self._endpoint.name.lower() in listed.name.lower()
        return alike and listed.name not in self._elsewhere

    async def _described(self, known: KnownConfig) -> KnownConfig:
        try:
            config = await self._depths.configs.config(known.name)
        except AwsError as error:
            if error.kind is FaultKind.NOT_FOUND:
                return replace(known, why="it was deleted")
            self.notes.append(Note(Topic.CONFIGS, str(error)))
            return replace(known, why=str(error))
        return replace(known, config=config, created_at=config.created_at)

    # Scaling

    async def scaled(self) -> tuple[ScaledPart, ...] | None:
        """What of the endpoint is registered; None where that could not be asked."""
        resources = scalable_resources(self._endpoint)
        if not resources:
            return ()
        targets = await self._try(Topic.SCALING, self._depths.scaling.targets(resources))
        if targets is None:
            return None
        return tuple(await asyncio.gather(*(self._part(target) for target in targets)))

    async def _part(self, target: ScalableTarget) -> ScaledPart:
        scaling = self._depths.scaling
        policies, schedules, activities = await asyncio.gather(
            self._try(Topic.SCALING, scaling.policies(target)),
            self._try(Topic.SCALING, scaling.schedules(target)),
            self._try(Topic.SCALING, scaling.activities(target, MOST_ACTIVITIES)),
        )
        return ScaledPart(target, _all(policies), _all(schedules), _all(activities))


def _heard(reading: asyncio.Task[EndpointDetails]) -> None:
    """Takes note of a failure that nobody waits for any longer."""
    if not reading.cancelled():
        reading.exception()


def _all(found: Sequence[V] | None) -> tuple[V, ...] | None:
    return None if found is None else tuple(found)


def _span(sighting: Sighting | None) -> tuple[float, float] | None:
    return None if sighting is None else (sighting.first_at, sighting.last_at)


def _search(parts: Sequence[str], lists: Iterable[Sequence[ConfigSummary] | None], alike: int) -> str:
    """How it was looked for configs that AWS does not name."""
    if any(some is None for some in lists):
        return ""
    names = " and ".join(f'"{part}"' for part in parts)
    more = f"; {alike - MOST_PERHAPS} older ones are left out" if alike > MOST_PERHAPS else ""
    cut = ", the newest 100 of each" if any(some is not None and len(some) == _LISTED for some in lists) else ""
    return f"configs named like {names}{cut}{more}"


_ORDER = {standing: place for place, standing in enumerate((Standing.ROLLING_OUT, Standing.LIVE))}


def _with_evidence(known: Iterable[KnownConfig]) -> list[KnownConfig]:
    """In order of time behind those that AWS names; a config that is only alike says what it has in common."""
    ordered = sorted(known, key=lambda one: (_ORDER.get(one.standing, len(_ORDER)), -_time(one)))
    live = next((one.config for one in ordered if one.standing is Standing.LIVE), None)
    return [replace(one, how=_evidence(one, live)) if one.standing is Standing.PERHAPS else one for one in ordered]


def _time(known: KnownConfig) -> float:
    return known.seen[1] if known.seen else known.created_at or 0.0


def _evidence(known: KnownConfig, live: EndpointConfig | None) -> str:
    if known.config is None or live is None:
        return known.how
    same = [name for name in known.config.models if name in live.models]
    if same:
        return f"{known.how}, same model {same[0]}"
    kin = [name for name in known.config.models if stem(name) in {stem(other) for other in live.models}]
    return f"{known.how}, model {kin[0]}" if kin else f"{known.how}, other models"
