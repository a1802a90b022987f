"""What was done to endpoints, as far as smtop saw it: configs that became live, rollbacks, changes under way."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from smtop.metrics.domain.endpoint import Endpoint, Moving
from smtop.metrics.domain.surroundings import Deploy
from smtop.metrics.sightings import Sighting

ROLLING_BACK = "RollingBack"
ROLLED_BACK = frozenset({ROLLING_BACK, "UpdateRollbackFailed"})
_MOST = 20
"""Deploys of one endpoint; the oldest are forgotten."""

Part = tuple[str | None, str | None]
"""A variant, or a component on one."""

Seen = Callable[[Endpoint], Sequence[Sighting]]
"""The configs that were seen live on an endpoint, the newest first."""


@dataclass(frozen=True)
class Past:
    """An endpoint as it was seen last, at `seen_at`, with what is known of its past; all in epoch seconds."""

    endpoint: Endpoint
    seen_at: float
    deploys: tuple[Deploy, ...] = ()
    rolled_back_at: float | None = None
    changing_since: float | None = None
    uneven_since: Mapping[Part, float] = field(default_factory=dict)


class Pasts:
    """The pasts of a fleet, by the name of the endpoint."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._known: dict[str, Past] = {}

    def __iter__(self) -> Iterator[Past]:
        return iter(self._known.values())

    def __contains__(self, past: Past) -> bool:
        """Whether this is still what is known of its endpoint."""
        return self._known.get(past.endpoint.name) is past

    def recall(self, endpoints: Iterable[Endpoint], saved_at: float, now: float) -> list[Past]:
        """The fleet as an earlier run saw it last; who is uneven there counts as that from now on."""
        pasts = (followed(None, endpoint, saved_at, self._seen) for endpoint in endpoints)
        found = [replace(past, uneven_since=dict.fromkeys(past.uneven_since, now)) for past in pasts]
        self._known = {past.endpoint.name: past for past in found}
        return found

    def take(self, endpoints: Iterable[Endpoint], now: float) -> list[Past]:
        """The fleet as AWS describes it now; returns the pasts of those endpoints that are not as they were."""
        before, self._known, changed = self._known, {}, []
        for endpoint in endpoints:
            past = before.get(endpoint.name)
            if past is None or past.endpoint is not endpoint:
                past = followed(past, endpoint, now, self._seen)
                changed.append(past)
            self._known[endpoint.name] = past
        return changed


def followed(past: Past | None, endpoint: Endpoint, now: float, seen: Seen) -> Past:
    """The past with what is seen now. One of a namesake that was there before is no part of it."""
    if past is None or past.endpoint.summary.created_at != endpoint.summary.created_at:
        past = Past(endpoint._replace(summary=endpoint.summary._replace(status=""), config=None), float("-inf"))
    return replace(
        past,
        endpoint=endpoint,
        seen_at=now,
        deploys=_deploys(past, endpoint, now, seen),
        rolled_back_at=_rolled_back_at(past, endpoint, now),
        changing_since=_changing_since(past, endpoint, now),
        uneven_since={part: past.uneven_since.get(part, now) for part in _uneven(endpoint)},
    )


def _modified_at(endpoint: Endpoint, now: float) -> float:
    return min(endpoint.summary.modified_at.timestamp(), now)


def _deploys(past: Past, endpoint: Endpoint, now: float, seen: Seen) -> tuple[Deploy, ...]:
    """A config has become live by the time when the endpoint was modified last."""
    config, at = endpoint.config, _modified_at(endpoint, now)
    if config is None:
        return past.deploys
    if not past.deploys:
        return _first_deploys(config, at, seen(endpoint))
    newest = past.deploys[0]
    return past.deploys if newest.config == config else (Deploy(config, max(at, newest.at)), *past.deploys)[:_MOST]


def _first_deploys(config: str, at: float, sightings: Sequence[Sighting]) -> tuple[Deploy, ...]:
    """The live config may have been seen late: after it was modified, but not before another was seen last."""
    known = remembered(sightings)
    if not known or known[0].config != config:
        return (Deploy(config, at), *known)[:_MOST]
    other_until = sightings[1].last_at if len(sightings) > 1 else 0.0
    return (known[0]._replace(at=at) if other_until <= at < known[0].at else known[0], *known[1:])[:_MOST]


def remembered(sightings: Sequence[Sighting]) -> tuple[Deploy, ...]:
    """Of sightings, the newest first. A config that came back did so after the one before it was last seen."""
    before = [*(one.last_at for one in sightings[1:]), 0.0]
    return tuple(Deploy(one.config, max(one.first_at, last)) for one, last in zip(sightings, before, strict=False))


def _rolled_back_at(past: Past, endpoint: Endpoint, now: float) -> float | None:
    """When it was first seen to roll back the last time."""
    if endpoint.status not in ROLLED_BACK or past.endpoint.status in ROLLED_BACK:
        return past.rolled_back_at
    return now if endpoint.status == ROLLING_BACK else _modified_at(endpoint, now)


def _changing_since(past: Past, endpoint: Endpoint, now: float) -> float | None:
    """When it left its last lasting status: as AWS dates it, if that is after it was seen in that status."""
    if not endpoint.is_changing:
        return None
    if past.endpoint.is_changing:
        return past.changing_since
    at = _modified_at(endpoint, now)
    return at if at >= past.seen_at else now


def _uneven(endpoint: Endpoint) -> Iterator[Part]:
    """Parts with another number of instances or copies than is desired."""
    for variant in endpoint.variants:
        if variant.instances is not None and _differ(variant.instances.count):
            yield variant.name, None
    for component in endpoint.components:
        if _differ(component.copies):
            yield component.variant, component.name


def _differ(count: Moving[int]) -> bool:
    return count.current is not None and count.desired is not None and count.current != count.desired
