"""The simulated AWS of a soak, in a process of its own, and what it is asked about itself."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import numpy.typing as npt

from benchmarks.simulated import simulated_aws
from smtop.metrics.domain.series import PERIOD_S, SeriesKey

_PATIENCE_S = 300
_SERIES_AT_ONCE = 250

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cloud:
    """A running simulator, by the AWS variables that a client of it needs."""

    variables: Mapping[str, str]

    def change_weather(self, **weather: Any) -> None:
        """Replaces the weather; without arguments it is fine."""
        self._ask("weather", weather)

    def weather(self) -> dict[str, Any]:
        """`calls` by operation, those `befallen` by kind, and the points that were `held` back, until when."""
        return dict(json.loads(self._ask("weather")))

    def writes(self) -> list[dict[str, Any]]:
        """Every call that writes and arrived, with whether it was carried out."""
        return list(json.loads(self._ask("writes")))

    def truth(self, series: Sequence[SeriesKey], start: int, end: int) -> Floats:
        """What became of the minutes in the end, of shape (series, minutes); NaN where there is no point."""
        parts = [self._truth(series[first : first + _SERIES_AT_ONCE], start, end) for first in _firsts(len(series))]
        return np.concatenate(parts) if parts else np.empty((0, (end - start) // PERIOD_S))

    def _truth(self, series: Sequence[SeriesKey], start: int, end: int) -> Floats:
        asked = [[key.metric.namespace, key.metric.name, list(key.metric.dimensions), key.stat] for key in series]
        told = self._ask("points", {"series": asked, "start": start, "end": end})
        return np.frombuffer(told, dtype="<f8").reshape(len(series), -1)

    def _ask(self, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.variables['AWS_ENDPOINT_URL']}/_simulator/{path}", data)  # noqa: S310 - on loopback
        with urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
            told: bytes = answer.read()
        return told


def _firsts(count: int) -> range:
    return range(0, count, _SERIES_AT_ONCE)


@contextmanager
def served(*arguments: str) -> Iterator[Cloud]:
    """A simulator with these command-line arguments; it ends with the block, or with us."""
    with simulated_aws(*arguments) as variables:
        yield Cloud(variables)


@contextmanager
def only_this_aws(variables: Mapping[str, str]) -> Iterator[None]:
    """These are the only AWS variables of this process, and of those that it starts."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    os.environ |= {**nowhere, "AWS_EC2_METADATA_DISABLED": "true", **variables}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
