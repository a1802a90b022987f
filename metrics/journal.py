"""The journal of changes: what was meant, what was sent, what came of it. On disk before anything reaches AWS.

One file for each change, in the folder for state: lines of JSON, each on the disk (fsync) before the call returns.
Whoever carries a change out holds a lock on its file, so that no second process does the same.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import Any

from smtop.metrics.clock import Clock
from smtop.metrics.domain.plan import Fields, Plan, plan_document, plan_of
from smtop.metrics.errors import RefusedError
from smtop.metrics.files import alone

SCHEMA = 1
_LOOK_S = 0.2
"""How often a follower looks whether there is more."""


class State(StrEnum):
    """How far a change has come."""

    PLANNED = "planned"
    """Nothing was sent."""
    DEFERRED = "deferred"
    """Nothing was sent: it is wanted from a later time on, and somebody has to begin it then."""
    UNDER_WAY = "under way"
    """It was begun; calls may have been sent."""
    IN_PROGRESS = "in-progress"
    """All calls are made; AWS is not done, or was not when anybody last looked."""
    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (State.APPLIED, State.REFUSED, State.FAILED)


@dataclass(frozen=True)
class Made:
    """A call that was begun. `done` once AWS is known to have carried it out.

    `request_id` is None where only its effect says so; `refused` is AWS's sentence where it did not want it.
    """

    done: bool = False
    request_id: str | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Entry:
    """One change as the journal has it. `calls` are keyed by their place in the plan: `0`, `1`, `1.0` for otherwise.

    `error` says why it failed or was refused, `denied` which operation AWS did not permit, where that was why. `status`
    is what AWS last said of the endpoint. `turning_back` says why what was done is being taken back. `undone_by` is the
    change that took it back. `left` are the touched fields as they were when it ended. Times are epoch seconds.
    """

    plan: Plan
    planned_at: float
    by: str
    state: State = State.PLANNED
    calls: Mapping[str, Made] = field(default_factory=dict)
    status: str | None = None
    error: str | None = None
    denied: str | None = None
    turning_back: str | None = None
    undone_by: str | None = None
    left: Fields = field(default_factory=dict)
    ended_at: float | None = None

    @property
    def id(self) -> str:
        return self.plan.id

    @property
    def is_pending(self) -> bool:
        """Whether it was begun, and has neither ended nor been taken back."""
        return self.state in (State.UNDER_WAY, State.IN_PROGRESS) and self.undone_by is None

    @property
    def due_at(self) -> float | None:
        """When somebody has to see to it (epoch seconds): to begin what was put off, to end what was for a time.

        None where nothing is left to do.
        """
        if self.undone_by is not None:
            return None
        if self.state is State.DEFERRED:
            return self.plan.begins_at
        return self.plan.ends_at if self.state in (State.APPLIED, State.IN_PROGRESS) else None

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Those of the calls that AWS has answered, in their order."""
        return tuple(made.request_id for made in self.calls.values() if made.request_id)


class Journal:
    """The changes of this user. Where the folder cannot be written, nothing is changed."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder / "journal"
        self._clock = clock

    def begin(self, plan: Plan) -> Entry:
        """Writes a plan down. Raises RefusedError where that cannot be done."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path(plan.id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.close(descriptor)
            self.note(plan.id, "planned", plan=plan_document(plan), by=_author())
            _sync_folder(self.folder)
        except OSError as error:
            why = f"{error.strerror}: {self.folder}"
            raise RefusedError(f"Nothing is changed, since it cannot be written down first ({why}).") from error
        return self.entry(plan.id)

    def note(self, change_id: str, event: str, **members: Any) -> None:
        """Adds a line, which is on the disk when this returns. Raises OSError.

        Writers take turns: a line that another process is in the middle of would look like one that was cut off.
        """
        line = json.dumps({"schema": SCHEMA, "event": event, "at": self._clock.wall(), **members})
        with alone(self.folder.parent / "journal.lock"), self._path(change_id).open("r+b", buffering=0) as file:
            _append(file.fileno(), line)

    def has(self, change_id: str) -> bool:
        """Whether there is such a change."""
        return self._path(change_id).exists()

    def entry(self, change_id: str) -> Entry:
        """What is known of a change. Raises RefusedError where there is none of this name that can be read."""
        try:
            return _folded(_lines(self._path(change_id).read_bytes()))
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise RefusedError(f"The journal has no change {change_id} that can be read.") from error

    def entries(self) -> list[Entry]:
        """All changes, the newest first; files that cannot be read are left out."""
        found = []
        with suppress(OSError):
            for path in sorted(self.folder.glob("*.jsonl"), reverse=True):
                with suppress(RefusedError):
                    found.append(self.entry(path.stem))
        return found

    def leftovers(self) -> list[Entry]:
        """Changes that were begun, have no end, and are carried out by nobody."""
        return [entry for entry in self.entries() if entry.is_pending and not self.is_held(entry.id)]

    def due(self) -> list[Entry]:
        """Changes whose time has come to be begun or taken back, the newest first.

        What a later change has touched as well is no longer theirs to see to.
        """
        now, found, later = self._clock.wall(), [], list[Entry]()
        for entry in self.entries():
            is_due = entry.due_at is not None and entry.due_at <= now
            if is_due and not any(_overrides(one, entry) for one in later):
                found.append(entry)
            later.append(entry)
        return found

    @contextmanager
    def held(self, change_id: str) -> Iterator[None]:
        """Nobody else carries this change out for the length of the block. Raises RefusedError where somebody does."""
        descriptor = self._locked(change_id)
        if descriptor is None:
            raise RefusedError(f"Another process is carrying out change {change_id}.")
        try:
            yield
        finally:
            os.close(descriptor)

    def is_held(self, change_id: str) -> bool:
        """Whether somebody is carrying it out."""
        descriptor = self._locked(change_id)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is None

    async def follow(self, change_id: str) -> AsyncGenerator[Entry, None]:
        """The change whenever there is something new about it, until it has ended or was put off."""
        size = -1
        while True:
            grown = self._path(change_id).stat().st_size
            if grown != size:
                size = grown
                entry = self.entry(change_id)
                yield entry
            if entry.state.is_final or (entry.state is State.DEFERRED and not self.is_held(change_id)):
                return
            await asyncio.sleep(_LOOK_S)

    def _locked(self, change_id: str) -> int | None:
        """A descriptor that holds the lock, None while another process holds it."""
        descriptor = os.open(self._path(change_id), os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor

    def _path(self, change_id: str) -> Path:
        return self.folder / f"{Path(change_id).name}.jsonl"


def _overrides(later: Entry, earlier: Entry) -> bool:
    """Whether a change has touched what an earlier one had; a config is only the means of it."""
    same = (later.plan.place, later.plan.endpoint) == (earlier.plan.place, earlier.plan.endpoint)
    touched = (set(later.plan.after) & set(earlier.plan.after)) - {"config"}
    return later.state is State.APPLIED and same and bool(touched)


def _author() -> str:
    return f"{os.environ.get('USER') or os.getuid()}@{os.uname().nodename}"


def _sync_folder(folder: Path) -> None:
    """A new file is only there for good once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _append(descriptor: int, line: str) -> None:
    """Writes all of a line at the end, or raises OSError."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    left = f"{_line_break(descriptor, end)}{line}\n".encode()
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _line_break(descriptor: int, end: int) -> str:
    """What ends the line of a process that was killed while it wrote."""
    return "" if end == 0 or os.pread(descriptor, 1, end - 1) == b"\n" else "\n"


def _lines(content: bytes) -> list[dict[str, Any]]:
    """The events; a line that was cut off says nothing."""
    found = []
    for line in content.splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    return found


def _folded(lines: list[dict[str, Any]]) -> Entry:
    first, *rest = lines
    entry = Entry(plan_of(first["plan"]), first["at"], first["by"])
    return reduce(lambda known, line: _TOLD[line["event"]](known, line), rest, entry)


def _deferred(entry: Entry, _: Mapping[str, Any]) -> Entry:
    return replace(entry, state=State.DEFERRED)


def _begun(entry: Entry, _: Mapping[str, Any]) -> Entry:
    return replace(entry, state=State.UNDER_WAY)


def _calling(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, calls={**entry.calls, line["call"]: Made()})


def _called(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, calls={**entry.calls, line["call"]: Made(True, line["request_id"])})


def _turned_away(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, calls={**entry.calls, line["call"]: Made(refused=line["error"])})


def _sent(entry: Entry, _: Mapping[str, Any]) -> Entry:
    return replace(entry, state=State.IN_PROGRESS)


def _seen(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, status=line["status"])


def _turning_back(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, turning_back=line["error"])


def _interrupted(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, error=line["error"])


def _undone(entry: Entry, line: Mapping[str, Any]) -> Entry:
    return replace(entry, undone_by=line["change"])


def _ended(entry: Entry, line: Mapping[str, Any]) -> Entry:
    told = {"error": line.get("error"), "left": line.get("left", {}), "ended_at": line["at"]}
    return replace(entry, state=State(line["event"]), denied=line.get("denied"), **told)


_TOLD = {
    "deferred": _deferred,
    "begun": _begun,
    "calling": _calling,
    "called": _called,
    "turned-away": _turned_away,
    "sent": _sent,
    "seen": _seen,
    "turning-back": _turning_back,
    "interrupted": _interrupted,
    "undone": _undone,
    **dict.fromkeys((State.APPLIED.value, State.REFUSED.value, State.FAILED.value), _ended),
}
"""What each event says of a change."""
