"""How the fleet was looked at, on disk: the next start goes on where this one ended.

One file for each way of reaching AWS. Several smtops may share it: each writes only what was changed in it.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from smtop.metrics.cache import way
from smtop.metrics.config import Settings
from smtop.metrics.files import replace_file
from smtop.tui.view_state import DEFAULT_INTERVAL_S, FleetState, Pane, ViewState

SCHEMA = 1
CURSOR_LASTS_S = 3600
"""A cursor that was left longer ago says nothing: a new session begins on the worst row."""

_MOST_MARKS, _MOST_VIEWS, _MOST_COLUMNS, _LONGEST = 1000, 32, 64, 512
_MOST_BYTES = 262_144
_TRIES, _TRY_S = 20, 0.01


class StateFile:
    """Reads and writes the file; neither ever fails."""

    def __init__(self, settings: Settings, wall: Callable[[], float]) -> None:
        self._path = settings.directories.state / f"views-{way(settings)}.json"
        self._wall = wall
        self._known = FleetState()

    def load(self) -> FleetState:
        """What was saved last; the plain beginning where there is nothing that can be read."""
        self._known = self._read()
        return self._known

    def save(self, state: FleetState) -> str | None:
        """Writes what has changed since the last `load` or `save`; a sentence where nothing can be written."""
        if state == self._known:
            return None
        try:
            with _turn(self._path.parent):
                content = _encoded(_merged(self._read(), self._known, state), self._wall())
                replace_file(self._path, json.dumps(content))
        except OSError as error:
            return f"Views and marks are not remembered over a restart: {error.strerror}: {self._path.parent}."
        self._known = state
        return None

    def _read(self) -> FleetState:
        try:
            with self._path.open(encoding="utf-8") as file:
                content = json.loads(file.read(_MOST_BYTES))
            return _decoded(content, self._wall())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return FleetState()


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """One writer at a time, as far as the file system can; whoever waits too long goes on all the same."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(_TRIES):
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(_TRY_S)
        yield
    finally:
        os.close(descriptor)


def _merged(there: FleetState, before: FleetState, now: FleetState) -> FleetState:
    """What is there now, with what was changed here since `before`."""
    changed = {name: state for name, state in now.views.items() if state != before.views.get(name)}
    marks = (there.marks | (now.marks - before.marks)) - (before.marks - now.marks)
    return now._replace(views={**there.views, **changed}, marks=marks)


def _encoded(state: FleetState, now: float) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "saved_at": now,
        "view": state.view,
        "views": {name: view._asdict() for name, view in state.views.items()},
        "marks": sorted(state.marks)[:_MOST_MARKS],
        "pane": state.pane,
        "compact": state.compact,
        "interval_s": state.interval_s,
    }


def _decoded(content: dict[str, Any], now: float) -> FleetState:
    if content["schema"] != SCHEMA:
        return FleetState()
    views = {name: _view(entry) for name, entry in list(content["views"].items())[:_MOST_VIEWS]}
    if now - float(content["saved_at"]) > CURSOR_LASTS_S:
        views = {name: view._replace(cursor=None) for name, view in views.items()}
    return FleetState(
        _text(content["view"]),
        views,
        frozenset(map(_text, content["marks"][:_MOST_MARKS])),
        Pane(content.get("pane", Pane.BOTH)),
        bool(content.get("compact", False)),
        int(content.get("interval_s", DEFAULT_INTERVAL_S)),
    )


def _view(entry: dict[str, Any]) -> ViewState:
    columns, cursor = entry["columns"], entry["cursor"]
    return ViewState(
        sort=_text(entry["sort"]),
        inverted=bool(entry["inverted"]),
        filter_text=_text(entry["filter_text"]),
        attention_only=bool(entry["attention_only"]),
        columns=None if columns is None else tuple(map(_text, columns[:_MOST_COLUMNS])),
        cursor=None if cursor is None else _text(cursor),
        skipped=min(max(int(entry.get("skipped", 0)), 0), _MOST_COLUMNS),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(value)
    return value
