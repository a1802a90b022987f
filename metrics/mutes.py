"""Findings that somebody knows of: for how long they do not count, and why.

One file in the folder for state, for all accounts. Several smtops may share it: each writes only its own change.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from smtop.metrics.config import Settings
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.finding import Finding, Muted
from smtop.metrics.files import alone, replace_file

SCHEMA = 1
_MOST = 5000
_NOT_EVEN_S = 120
"""An onset may be dated this much later without being another one: minutes are whole and come late."""


class Where(NamedTuple):
    """What is muted: one rule on one endpoint, or every rule on it with `rule` None."""

    account: str
    region: str
    endpoint: str
    rule: str | None = None


@dataclass(frozen=True)
class Mute:
    """`acknowledged_at` is None for one that holds for whatever comes; otherwise it ends with the finding itself."""

    where: Where
    reason: str
    until: float
    by: str
    acknowledged_at: float | None = None

    def covers(self, finding: Finding, now: float) -> bool:
        """Whether it holds for this finding now."""
        if now >= self.until or self.where.rule not in (None, finding.id):
            return False
        if self.acknowledged_at is None or finding.since is None:
            return True
        return finding.since <= self.acknowledged_at + _NOT_EVEN_S


class Mutes:
    """Reads the file when it has changed; `wall` is the time in epoch seconds."""

    def __init__(self, settings: Settings, wall: Callable[[], float]) -> None:
        self._path = settings.directories.state / "mutes.json"
        self._wall = wall
        self._stamp: tuple[int, int] | None = None
        self._known: tuple[Mute, ...] = ()

    def all(self) -> tuple[Mute, ...]:
        """Those that still hold, the one that ends first before the others."""
        now = self._wall()
        return tuple(sorted((mute for mute in self._read() if mute.until > now), key=lambda mute: mute.until))

    def mark(self, identity: Identity | None, endpoint: str, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings of an endpoint, each with the word that covers it, by the file as `revision` last saw it."""
        if identity is None or not self._known:
            return tuple(found)
        own = [mute for mute in self._known if mute.where[:3] == (identity.account, identity.region, endpoint)]
        return tuple(self._marked(finding, own) for finding in found) if own else tuple(found)

    def add(self, mute: Mute) -> None:
        """Takes the place of one of the same thing. Raises OSError where it cannot be written."""
        self._change(lambda known: [*(one for one in known if one.where != mute.where), mute])

    def lift(self, where: Where) -> bool:
        """Whether there was such a one. With `rule` None all of the endpoint are lifted. Raises OSError."""
        kept = [mute for mute in self._read() if not _is_within(mute.where, where)]
        if len(kept) == len(self._read()):
            return False
        self._change(lambda known: [mute for mute in known if not _is_within(mute.where, where)])
        return True

    @property
    def revision(self) -> object:
        """Another one whenever something has changed, be it by another smtop or by time."""
        self._read()
        return self._stamp, len(self.all())

    def _marked(self, finding: Finding, own: Sequence[Mute]) -> Finding:
        now = self._wall()
        mute = next((mute for mute in own if mute.covers(finding, now)), None)
        return finding._replace(muted=Muted(mute.reason, mute.until, mute.by) if mute else None)

    def _read(self) -> tuple[Mute, ...]:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp, self._known = stamp, _decoded(self._path)
        return self._known

    def _change(self, change: Callable[[Sequence[Mute]], Sequence[Mute]]) -> None:
        with alone(self._path.with_name(f"{self._path.name}.lock")):
            now = self._wall()
            kept = [mute for mute in change(_decoded(self._path)) if mute.until > now]
            document = {"schema": SCHEMA, "mutes": [_encoded(mute) for mute in kept[-_MOST:]]}
            replace_file(self._path, json.dumps(document))
        self._stamp = None


def author() -> str:
    """Who mutes, for those who share the machine."""
    return os.environ.get("USER") or str(os.getuid())


def _is_within(where: Where, wide: Where) -> bool:
    return where[:3] == wide[:3] and wide.rule in (None, where.rule)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _encoded(mute: Mute) -> dict[str, Any]:
    return {**mute.where._asdict(), "reason": mute.reason, "until": mute.until, "by": mute.by} | {
        "acknowledged_at": mute.acknowledged_at
    }


def _decoded(path: Path) -> tuple[Mute, ...]:
    """What can be read; a file that is none says nothing."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_mute(entry) for entry in content["mutes"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _mute(entry: Mapping[str, Any]) -> Mute:
    where = Where(str(entry["account"]), str(entry["region"]), str(entry["endpoint"]), entry["rule"])
    acknowledged_at = entry["acknowledged_at"]
    return Mute(
        where,
        str(entry["reason"]),
        float(entry["until"]),
        str(entry["by"]),
        None if acknowledged_at is None else float(acknowledged_at),
    )
