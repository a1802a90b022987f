"""Which configs smtop itself saw live on which endpoint: AWS keeps no such history.

One file for each account, region and endpoint URL, in the folder for state. Whoever else runs smtop as this user adds
to the same file.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smtop.metrics.config import Settings
from smtop.metrics.domain.endpoint import Endpoint, Identity
from smtop.metrics.files import replace_file

SCHEMA = 1
MOST_CONFIGS = 50
"""Of one endpoint; the oldest are forgotten."""
FORGOTTEN_AFTER_S = 400 * 86_400.0
"""Endpoints that were last seen longer ago than this are forgotten."""
_REWRITTEN_AFTER_S = 3600.0
"""A config that is still live is written down again after this time only."""
_URLS = ("AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL")


@dataclass(frozen=True)
class Sighting:
    """A config that was live from `first_at` at the latest until `last_at` at least (epoch seconds)."""

    config: str
    first_at: float
    last_at: float


class Sightings:
    """Remembers by itself, and on disk where that can be written."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.directories.state
        self._path: Path | None = None
        self._seen: dict[str, dict[str, Sighting]] = {}

    @property
    def folder(self) -> Path:
        return self._folder

    def of(self, endpoint: Endpoint) -> Sequence[Sighting]:
        """The configs of this endpoint, the newest first; those of a namesake that is gone are not among them."""
        return self._own(endpoint.name, endpoint.summary.created_at.timestamp())

    def known(self, identity: Identity, name: str, created_at: float) -> Sequence[Sighting]:
        """The same of an endpoint that need not be in sight; `created_at` in epoch seconds."""
        self._open(identity)
        return self._own(name, created_at)

    def _own(self, name: str, created_at: float) -> Sequence[Sighting]:
        own = (one for one in self._seen.get(name, {}).values() if one.last_at >= created_at)
        return sorted(own, key=lambda one: -one.last_at)

    def see(self, identity: Identity, endpoints: Iterable[Endpoint], now: float) -> bool:
        """Notes what is live now. False where something new cannot be written."""
        self._open(identity)
        configs = ((endpoint.name, endpoint.config) for endpoint in endpoints if endpoint.config)
        told = [self._note(name, config, now) for name, config in configs]
        return not any(told) or self._save(now)

    def _note(self, name: str, config: str, now: float) -> bool:
        """Whether this is worth writing down."""
        own = self._seen.setdefault(name, {})
        before = own.get(config)
        if before is not None and now - before.last_at < _REWRITTEN_AFTER_S and before.last_at == _latest(own):
            return False
        own[config] = Sighting(config, before.first_at if before else now, now)
        return True

    def _open(self, identity: Identity) -> None:
        path = self._folder / f"configs-{identity.account}-{identity.region}{_place()}.json"
        if path != self._path:
            self._path, self._seen = path, {}
            self._merge(_load(path))

    def _merge(self, others: Iterable[tuple[str, Sighting]]) -> None:
        for name, other in others:
            own = self._seen.setdefault(name, {})
            before = own.get(other.config, other)
            first_at, last_at = min(before.first_at, other.first_at), max(before.last_at, other.last_at)
            own[other.config] = Sighting(other.config, first_at, last_at)

    def _save(self, now: float) -> bool:
        """Adds to what another process may have written since."""
        if self._path is None:
            return False
        self._merge(_load(self._path))
        self._seen = {name: _newest(own) for name, own in self._seen.items() if _latest(own) > now - FORGOTTEN_AFTER_S}
        endpoints = {name: _encoded(own.values()) for name, own in self._seen.items()}
        try:
            replace_file(self._path, json.dumps({"schema": SCHEMA, "endpoints": endpoints}))
        except OSError:
            return False
        return True


def _latest(own: dict[str, Sighting]) -> float:
    return max((one.last_at for one in own.values()), default=0.0)


def _newest(own: dict[str, Sighting]) -> dict[str, Sighting]:
    kept = sorted(own.values(), key=lambda one: one.last_at)[-MOST_CONFIGS:]
    return {one.config: one for one in kept}


def _place() -> str:
    """Another AWS than Amazon's own has the same account numbers."""
    url = next((os.environ[name] for name in _URLS if os.environ.get(name)), "")
    return f"-{hashlib.sha256(url.encode()).hexdigest()[:8]}" if url else ""


def _encoded(own: Iterable[Sighting]) -> list[list[Any]]:
    return [[one.config, one.first_at, one.last_at] for one in own]


def _load(path: Path) -> Iterator[tuple[str, Sighting]]:
    """What the file says; nothing where it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = content["endpoints"].items() if content["schema"] == SCHEMA else ()
        found = [
            (str(name), Sighting(str(config), float(first_at), float(last_at)))
            for name, own in entries
            for config, first_at, last_at in own
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    yield from found
