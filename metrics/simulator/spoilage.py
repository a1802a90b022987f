"""What bad weather does to answers: to the results for metrics, and to bodies on their way.

Results are spoiled as CloudWatch can spoil them: an incomplete one has the first of its points and says so, a failed
one has none, and the newest points may not be there yet. Bodies are spoiled as networks and proxies do it.
"""

import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from smtop.metrics.simulator.weather import Weather
from smtop.metrics.simulator.wire.messages import WireAnswer

Result = dict[str, Any]

_SHARE: Final = 0.4
"""Of the results of an answer so many are spoiled."""

_UNPUBLISHED_S: Final = 240.0
"""A point that began less than so long ago may be missing for no other reason than that it is new."""

_LATENESS_S: Final = (420.0, 900.0)
"""How long after its minute began what is overdue is published."""

_PROXY: Final = b"<html><head><title>502 Bad Gateway</title></head><body><hr>proxy</body></html>"


def spoil(kind: str, results: list[Result], now: float, luck: random.Random) -> list[Result]:
    """The results of an answer of `now`, some of them spoiled."""
    chosen = [place for place, one in enumerate(results) if one["Timestamps"] and luck.random() < _SHARE]
    spoiled = list(results)
    for place in chosen:
        spoiled[place] = _SPOILED[kind](results[place], now, luck)
    return _RESHUFFLED.get(kind, _as_they_are)(spoiled, chosen, luck)


def _partial(result: Result, now: float, luck: random.Random) -> Result:
    kept = luck.randrange(len(result["Timestamps"]))
    return _with(result, range(kept)) | {"StatusCode": "PartialData"}


def _internal(result: Result, now: float, luck: random.Random) -> Result:
    return _with(result, ()) | {"StatusCode": "InternalError"}


def _late(result: Result, now: float, luck: random.Random) -> Result:
    least = now - luck.uniform(60.0, _UNPUBLISHED_S)
    return _with(result, [place for place, at in enumerate(result["Timestamps"]) if at <= least])


def _duplicate(result: Result, now: float, luck: random.Random) -> Result:
    return _with(result, sorted([*range(len(result["Timestamps"])), luck.randrange(len(result["Timestamps"]))]))


def _disorder(result: Result, now: float, luck: random.Random) -> Result:
    places = list(range(len(result["Timestamps"])))
    luck.shuffle(places)
    return _with(result, places)


def _with(result: Result, places: Sequence[int]) -> Result:
    points = {name: [result[name][place] for place in places] for name in ("Timestamps", "Values")}
    return {**result, **points}


_SPOILED: Final[Mapping[str, Callable[[Result, float, random.Random], Result]]] = MappingProxyType(
    {"partial": _partial, "internal": _internal, "late": _late, "duplicate": _duplicate, "disorder": _disorder}
)


def _as_they_are(results: list[Result], chosen: Sequence[int], luck: random.Random) -> list[Result]:
    return results


def _told_twice(results: list[Result], chosen: Sequence[int], luck: random.Random) -> list[Result]:
    return [*results, *(results[place] for place in chosen[::2])]


def _shuffled(results: list[Result], chosen: Sequence[int], luck: random.Random) -> list[Result]:
    luck.shuffle(results)
    return results


_RESHUFFLED: Final = MappingProxyType({"duplicate": _told_twice, "disorder": _shuffled})


def hold_back(
    weather: Weather, queries: Sequence[Mapping[str, Any]], results: list[Result], now: float
) -> list[Result]:
    """The results without the points that are overdue; of queries that answer minute by minute."""
    named = {query["Id"]: _name(query["MetricStat"]["Metric"]) for query in queries if _by_minute(query)}
    return [_held_back(weather, named[one["Id"]], one, now) if one["Id"] in named else one for one in results]


def _held_back(weather: Weather, name: str, result: Result, now: float) -> Result:
    held = [at for at in result["Timestamps"] if at + _lateness_s(weather.seed, weather.overdue, name, int(at)) > now]
    if not held:
        return result
    for at in held:
        weather.held_until[name, int(at)] = now
    return _with(result, [place for place, at in enumerate(result["Timestamps"]) if at not in held])


def _by_minute(query: Mapping[str, Any]) -> bool:
    return "MetricStat" in query and query["MetricStat"]["Period"] == 60


def _name(metric: Mapping[str, Any]) -> str:
    """What publishes the metric: minutes of one endpoint or component are overdue together."""
    values = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return str(values.get("EndpointName") or values.get("InferenceComponentName") or "")


def _lateness_s(seed: int, share: float, name: str, minute: int) -> float:
    place, late_s = _overdue(seed, minute)
    return late_s if (_place(name) - place) % 1.0 < share else 0.0


@lru_cache(maxsize=4096)
def _overdue(seed: int, minute: int) -> tuple[float, float]:
    """Where, in the circle of all names, those begin whose minute is overdue, and by how much."""
    luck = Weather(seed).luck("overdue", minute)
    return luck.random(), luck.uniform(*_LATENESS_S)


@lru_cache(maxsize=4096)
def _place(name: str) -> float:
    return zlib.crc32(name.encode()) / 2**32


def spoil_body(kind: str, answer: WireAnswer, luck: random.Random) -> WireAnswer:
    """The answer cut short, or as what somebody between client and service has made of it."""
    if kind == "truncate":
        kept = luck.randrange(len(answer.body) or 1)
        announced = luck.random() < 0.5
        return replace(answer, body=answer.body[:kept], lacking=len(answer.body) - kept if announced else 0)
    garbled = bytes(luck.randrange(256) for _ in range(64))
    body, content_type = luck.choice(
        ((_PROXY, "text/html"), (b"", answer.content_type), (garbled, answer.content_type), (answer.body, "text/html"))
    )
    return replace(answer, body=body, content_type=content_type)
