"""`smtop doctor`: which of smtop's own ways the installed libraries let pass, and what happens where they do not."""

import asyncio
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from textual.app import App

from smtop.metrics.domain.way import Way
from smtop.metrics.monitor import ways_to_aws
from smtop.tui import driver
from smtop.tui.widgets import canvas, leftovers

_LIBRARIES = ("smtop", "aiobotocore", "botocore", "aiohttp", "textual")


def all_ways() -> list[Way]:
    """Through the SDK, and through Textual."""
    return [*asyncio.run(ways_to_aws()), *(Way(name, instead, why_not()) for name, instead, why_not in _TO_TERMINAL)]


def versions() -> dict[str, str]:
    """Versions of the libraries whose insides matter."""
    return {name: version(name) for name in _LIBRARIES}


def ways_json(versions: Mapping[str, str], ways: Sequence[Way]) -> dict[str, Any]:
    """The ways for scripts; `slow_path` is null where smtop goes its own."""
    told = [
        {"name": way.name, "slow_path": way.why_not, "instead": way.instead if way.why_not else None} for way in ways
    ]
    return {"schema": 1, "versions": dict(versions), "ways": told}


def ways_text(versions: Mapping[str, str], ways: Sequence[Way]) -> Iterator[str]:
    """The ways for people."""
    yield ", ".join(f"{name} {number}" for name, number in versions.items())
    yield ""
    for way in ways:
        yield f"{way.name}: " + (f"slow path: {way.why_not}; {way.instead}" if way.why_not else "fine")


def _why_no_faults() -> str | None:
    return None if hasattr(App, "_fatal_error") else "textual.app.App has no _fatal_error"


def _why_no_keys() -> str | None:
    try:
        importlib.import_module("smtop.tui.cli.keys")
    except ImportError as error:
        return str(error)
    return None


_TO_TERMINAL: tuple[tuple[str, str, Callable[[], str | None]], ...] = (
    ("only what changes is written", "Textual writes whole lines", canvas.why_not),
    ("closed pages are forgotten", "Textual may keep the lines of a thousand widgets", leftovers.why_not),
    ("a terminal that goes away ends smtop", "smtop may wait for it", driver.why_not),
    ("faults are reported without values", "Textual reports them, with the values of variables", _why_no_faults),
    ("doctor --keys", "it is not there", _why_no_keys),
)
