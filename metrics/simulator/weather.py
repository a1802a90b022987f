"""Bad weather: which of all calls go wrong, and how, by a rate for each kind. For soaks.

Whether a call goes wrong follows from the seed, its operation, and how many calls of the operation came before it: the
same seed does the same to the same calls. What lasts for a while befalls several calls of an operation in a row.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from smtop.metrics.simulator.mishaps import KINDS, RESULT_KINDS, Mishap

OVERDUE: Final = "overdue"
RECREATE: Final = "recreate"
LASTING: Final = MappingProxyType({"expired": 6, "deny": 8})
"""How many calls of an operation in a row are befallen by what lasts."""


@dataclass
class Weather:
    """How the weather is, and what it has done so far: all calls by operation, and those gone wrong by kind.

    `rates` are shares of the calls by kind; a kind of results is a share of the requests for metrics. Calls that change
    something go wrong `changes` times as often. `stall_s` is how late an answer is at most (real seconds). `overdue`
    is the share of minutes, endpoint by endpoint, that are published many minutes late. Every `recreate_s` (simulated
    seconds) somebody deletes an endpoint and makes it again; 0 leaves them alone.
    """

    seed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    changes: float = 1.0
    stall_s: float = 1.0
    overdue: float = 0.0
    recreate_s: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    befallen: Counter[str] = field(default_factory=Counter)
    held_until: dict[tuple[str, int], float] = field(default_factory=dict)
    """When points that are overdue were last held back, by name and minute (epoch seconds)."""

    def befall(self, action: str, *, is_change: bool, has_results: bool) -> Mishap | None:
        """What befalls a call that has arrived, if anything does; `has_results` for one that asks for metrics."""
        if not self.rates:
            return None
        ordinal = self.calls[action]
        self.calls[action] += 1
        factor = self.changes if is_change else 1.0
        kind = self._lasting(action, ordinal) or self._sudden(action, ordinal, factor, has_results=has_results)
        if kind is None:
            return None
        luck = self.luck(action, ordinal)
        return Mishap(action, kind, seconds=luck.uniform(0.0, self.stall_s) if kind == "stall" else 0.0, luck=luck)

    def note(self, kind: str) -> None:
        """Something has gone wrong as it was meant to."""
        self.befallen[kind] += 1

    def luck(self, *about: object) -> random.Random:
        """Chance that is the same for the same seed and subject."""
        text = "/".join(map(str, (self.seed, *about)))
        return random.Random(hashlib.blake2b(text.encode(), digest_size=8).digest())

    def _lasting(self, action: str, ordinal: int) -> str | None:
        for kind, length in LASTING.items():
            if self.luck(kind, action, ordinal // length).random() < self.rates.get(kind, 0.0):
                return kind
        return None

    def _sudden(self, action: str, ordinal: int, factor: float, *, has_results: bool) -> str | None:
        chance = self.luck("sudden", action, ordinal).random()
        for kind, rate in self.rates.items():
            if kind in LASTING or (kind in RESULT_KINDS and not has_results):
                continue
            chance -= rate if kind in RESULT_KINDS else rate * factor
            if chance < 0.0:
                return kind
        return None


def read_weather(body: Mapping[str, Any]) -> Weather:
    """Weather from the control path's JSON. Raises ValueError naming what is wrong."""
    try:
        weather = Weather(**body)
    except TypeError as problem:
        raise ValueError(f"malformed weather: {problem}") from problem
    unknown = set(weather.rates) - set(KINDS)
    if unknown:
        raise ValueError(f"no such weather: {', '.join(sorted(unknown))}")
    return weather
