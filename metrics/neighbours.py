"""Other smtops of this user on this host that watch the same account and region as the same identity.

Each running smtop has a small file in the folder for caches, which it writes anew after each cycle: what asking costs
it, and where its inventory lies. A file whose process is gone, or that is older than five minutes, says nothing.
"""

import hashlib
import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from smtop.metrics.cache import CachedInventory, InventoryCache
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.snapshot import Spend
from smtop.metrics.files import replace_file

SCHEMA = 1
SILENT_AFTER_S = 300.0
"""A cycle takes a minute; one that was stopped for longer than this asks nothing, and costs nothing."""
LOOK_EVERY_S = 10.0
_MOST_BYTES = 4096


class Neighbour(NamedTuple):
    """Another smtop as it was when it wrote its file (epoch seconds); `inventory` is a file in the same cache."""

    at: float
    usd_per_hour: float
    inventory: str


class Neighbours:
    """`wall` is the time in epoch seconds, `url` where AWS is: another AWS than Amazon's has the same accounts."""

    def __init__(self, cache: InventoryCache, wall: Callable[[], float], url: Callable[[], str]) -> None:
        self._folder = cache.folder / "running"
        self._cache = cache
        self._wall = wall
        self._url = url
        self._own: Path | None = None
        self._seen: Sequence[Neighbour] = ()
        self._looked_at = float("-inf")

    def tell(self, identity: Identity, spend: Spend) -> None:
        """Writes what this smtop costs; where that cannot be written, others do not know of it."""
        self._own = self._folder / f"{self._about(identity)}{os.getpid()}.json"
        own = Neighbour(self._wall(), spend.usd_per_hour, self._cache.name)
        with suppress(OSError):
            replace_file(self._own, json.dumps({"schema": SCHEMA, **own._asdict()}))

    def leave(self) -> None:
        """Takes the file away."""
        if self._own is not None:
            with suppress(OSError):
                self._own.unlink()

    def together(self, identity: Identity, spend: Spend) -> Spend:
        """The same, and what the others cost. They are looked for every ten seconds: pictures are drawn more often."""
        if not 0 <= self._wall() - self._looked_at < LOOK_EVERY_S:
            self._seen, self._looked_at = list(self._others(identity)), self._wall()
        others = self._seen
        return spend._replace(
            others=len(others), others_usd_per_hour=sum((other.usd_per_hour for other in others), 0.0)
        )

    def inventory(self, identity: Identity) -> CachedInventory | None:
        """The newest inventory of another that runs; None where there is none."""
        found = (self._cache.beside(other.inventory) for other in self._others(identity))
        known = [one for one in found if one is not None and one.identity[:3] == identity[:3]]
        return max(known, key=lambda one: one.saved_at, default=None)

    def _others(self, identity: Identity) -> Iterator[Neighbour]:
        about = self._about(identity)
        for path in sorted(self._folder.glob(f"{about}*.json")):
            pid = path.stem.removeprefix(about)
            if not pid.isdecimal() or int(pid) == os.getpid():
                continue
            if not _is_alive(int(pid)):
                with suppress(OSError):
                    path.unlink()
            elif (other := _read(path)) is not None and self._wall() - other.at <= SILENT_AFTER_S:
                yield other

    def _about(self, identity: Identity) -> str:
        """What the names of the files begin with, for one identity on one host: a home may serve several hosts."""
        told = [socket.gethostname(), self._url(), identity.account, identity.region, identity.arn]
        return f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]}-"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _read(path: Path) -> Neighbour | None:
    """What the file says; None where it cannot be understood."""
    try:
        with path.open(encoding="utf-8") as file:
            content = json.loads(file.read(_MOST_BYTES))
        if content["schema"] != SCHEMA:
            return None
        return Neighbour(float(content["at"]), float(content["usd_per_hour"]), str(content["inventory"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
