"""The answer key, which the simulated AWS keeps."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.request import urlopen

from smtop.tui.drill.grading import Trouble

_PATIENCE_S = 10


def asked(url: str) -> tuple[Trouble, ...]:
    """The troubles as they stand now, those to come included; blocks. Raises OSError where nobody answers."""
    with urlopen(f"{url}/_simulator/harm", timeout=_PATIENCE_S) as answer:  # noqa: S310 - of our own simulator
        return tuple(map(_trouble, json.load(answer)))


def _trouble(entry: Mapping[str, Any]) -> Trouble:
    return Trouble(
        entry["endpoint"],
        entry["cause"],
        entry["severity"],
        entry["note"],
        tuple(entry["rules"]),
        tuple(entry["also"]),
        entry["began_at"],
        entry["can_end"],
        entry["ended_at"],
        entry.get("elsewhere"),
    )
