"""The inventory of the last run on disk, so that the next one paints at once and describes only what has changed."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from smtop.metrics.config import Settings
from smtop.metrics.domain.endpoint import (
    Component,
    Endpoint,
    EndpointSummary,
    Identity,
    Instances,
    Kind,
    Moving,
    Serverless,
    Variant,
)
from smtop.metrics.files import replace_file

SCHEMA = 1


class CachedInventory(NamedTuple):
    """What was known at `saved_at` (epoch seconds)."""

    identity: Identity
    saved_at: float
    endpoints: tuple[Endpoint, ...]


class InventoryCache:
    """One file for each way of reaching AWS: another profile, region, key or endpoint URL never sees it."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.directories.cache / f"inventory-{way(settings)}.json"

    @property
    def folder(self) -> Path:
        return self._path.parent

    @property
    def name(self) -> str:
        """Of the file, in `folder`."""
        return self._path.name

    def load(self) -> CachedInventory | None:
        """The last saved inventory; None where there is none that can be read."""
        return _loaded(self._path)

    def beside(self, name: str) -> CachedInventory | None:
        """The same of another file in this folder; None where there is none of that name."""
        return _loaded(self.folder / Path(name).name)

    def save(self, identity: Identity, endpoints: Iterable[Endpoint], now: float) -> bool:
        """Replaces the file at once; False where nothing can be written."""
        content = {
            "schema": SCHEMA,
            "saved_at": now,
            "identity": _encoded(identity),
            "endpoints": [_encoded(endpoint) for endpoint in endpoints],
        }
        try:
            replace_file(self._path, json.dumps(content))
        except OSError:
            return False
        return True


def _loaded(path: Path) -> CachedInventory | None:
    try:
        return _decoded(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


_WAYS = (
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SAGEMAKER",
)
"""Variables that lead to another account, region or service."""


def way(settings: Settings) -> str:
    """Stands in file names for a way of reaching AWS: the profile, region, keys and endpoints that lead there."""
    told = [settings.profile, settings.region, *(os.environ.get(name) for name in _WAYS)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _encoded(value: Any) -> Any:
    """As JSON has it: named tuples by the names of their fields, times as texts."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _encoded(value._asdict())
    if isinstance(value, Mapping):
        return {name: _encoded(part) for name, part in value.items()}
    return [_encoded(part) for part in value] if isinstance(value, tuple) else value


def _decoded(content: dict[str, Any]) -> CachedInventory | None:
    if content["schema"] != SCHEMA:
        return None
    endpoints = tuple(_endpoint(entry) for entry in content["endpoints"])
    return CachedInventory(Identity(**content["identity"]), float(content["saved_at"]), endpoints)


def _endpoint(entry: dict[str, Any]) -> Endpoint:
    summary = entry["summary"] | {
        name: datetime.fromisoformat(entry["summary"][name]) for name in ("created_at", "modified_at")
    }
    own = {
        "summary": EndpointSummary(**summary),
        "kind": Kind(entry["kind"]),
        "variants": tuple(_variant(variant) for variant in entry["variants"]),
        "components": _components(entry["components"]),
    }
    return Endpoint(**(entry | own))


def _variant(entry: dict[str, Any]) -> Variant:
    own = {
        "weight": Moving(**entry["weight"]) if entry["weight"] else None,
        "instances": _instances(entry["instances"]) if entry["instances"] else None,
        "serverless": Serverless(**entry["serverless"]) if entry["serverless"] else None,
        "containers": tuple(entry["containers"]),
    }
    return Variant(**(entry | own))


def _instances(entry: dict[str, Any]) -> Instances:
    return Instances(**(entry | {"count": Moving(**entry["count"])}))


def _components(entries: Sequence[dict[str, Any]]) -> tuple[Component, ...]:
    return tuple(Component(**(entry | {"copies": Moving(**entry["copies"])})) for entry in entries)
