"""Which fleets are drilled: every cause mildly and severely, alone and with others, and what only looks ill."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

from benchmarks.drills.run import DAY_S, FIRST_LOOK_S, OPENED, Plan

MILD, SEVERE = "mild", "severe"
CONFOUNDERS: Final = (
    *("clean-deploy", "daily-peak", "sparse", "scale-out", "brief-spike", "noisy-client", "late-data"),
    "scaled-to-zero",
)
QUICK: Final = (
    *("pc-exhausted", "pc-high", "concurrency-limit", "cache-thrash", "cpu-saturated", "gpu-saturated", "errors-5xx"),
    *("errors-4xx", "model-load-failing", "hot-instance", "container-skew-direct", "container-skew-pipeline"),
    *("notifications-failing", "payload-transfer-failing", "backlog-without-capacity", "backlog-growing"),
    *("component-without-capacity", "bad-canary", "latency-near-limit", "metrics-missing", "endpoint-failed"),
    *("update-rolled-back", "serverless-workers", "traffic-gone", "latency-high", "quota-near", "alarm-firing"),
    *("scaling-at-max", "single-instance", "serverless-memory", "max-concurrency-low", "idle"),
    "processing-failing",
)
"""Causes that are at full strength, and told, within half an hour."""

SLOW: Final = (
    *("spillover", "cold-starts", "backlog-never-drains", "requests-expiring", "memory-saturated", "disk-full"),
    *("scaling-stuck", "scaling-fight", "update-stuck", "weights-drift", "pc-stuck-warm", "pc-wasted", "pc-low"),
)
QUICK_COMPOUNDS: Final = (
    *(("errors-5xx", "latency-high"), ("clean-deploy", "errors-5xx"), ("daily-peak", "hot-instance")),
    *(
        ("late-data", "errors-5xx"),
        ("notifications-failing", "backlog-growing"),
        ("cache-thrash", "model-load-failing"),
    ),
)
SLOW_COMPOUNDS: Final = (("disk-full", "errors-4xx"), ("memory-saturated", "latency-high"))

ENDPOINTS: Final = 40
_ILL, _ALIKE = 32, 5
_CALM_S, _SPREAD_S = 1200.0, 1200.0
_QUICK_S, _SLOW_S, _GROUP_S, _DAYS_S = 4800.0, 9000.0, 6000.0, 4 * DAY_S

Turn = tuple[tuple[str, ...], str]


def quick(first_seed: int, fleets: int, *, tiered: bool = False) -> Iterator[Plan]:
    """Fleets to most of whose endpoints something happens within twenty minutes, watched for an hour."""
    turns = _turns(QUICK, QUICK_COMPOUNDS)
    return (_events("quick", seed, turns, _QUICK_S, tiered) for seed in range(first_seed, first_seed + fleets))


def slow(first_seed: int, fleets: int, *, tiered: bool = False) -> Iterator[Plan]:
    """The same with what takes its time, watched for two hours and a quarter."""
    turns = _turns(SLOW, SLOW_COMPOUNDS)
    return (_events("slow", seed, turns, _SLOW_S, tiered) for seed in range(first_seed, first_seed + fleets))


def only(cause: str, first_seed: int, fleets: int, *, tiered: bool = False) -> Iterator[Plan]:
    """Fleets to most of whose endpoints this one cause happens, mildly and severely in turn."""
    turns = _turns((cause,), ())
    lasts_s = _SLOW_S if cause in SLOW else _QUICK_S
    return (_events(cause, seed, turns, lasts_s, tiered) for seed in range(first_seed, first_seed + fleets))


def groups(first_seed: int, fleets: int, *, tiered: bool = False) -> Iterator[Plan]:
    """Fleets in which several endpoints fall ill by one cause, and a few others of themselves."""
    for seed in range(first_seed, first_seed + fleets):
        drawn = {"endpoints": ENDPOINTS, "first": OPENED + _CALM_S, "last": OPENED + 3000.0, "ill": 0.25}
        yield Plan("groups", seed, _GROUP_S, {"draw": drawn}, tiered=tiered)


def days(first_seed: int, fleets: int, endpoints: int, step_s: int) -> Iterator[Plan]:
    """Four days of fleets that are well, half of which looks ill at times."""
    for seed in range(first_seed, first_seed + fleets):
        half = endpoints // 2
        alike = [_alike(seed, place, _DAYS_S - 3 * _CALM_S, half) for place in range(half)]
        yield Plan("days", seed, _DAYS_S, {"drills": alike, "healthy": endpoints - half}, step_s)


def short(seed: int, looks: int = 6) -> Plan:
    """What tests have time for: what is quickest begins at once, a look every four minutes, the first one before."""
    causes = (*QUICK[:23], *CONFOUNDERS[:7])
    drills = [
        _drill((cause,), (MILD, SEVERE)[(place + seed) % 2], 1080.0 + 15.0 * place)
        for place, cause in enumerate(causes)
    ]
    world = {"drills": drills, "healthy": ENDPOINTS - len(drills)}
    return Plan("short", seed, FIRST_LOOK_S + 240.0 * looks, world, step_s=240, baselines=False)


def _events(name: str, seed: int, turns: Sequence[Turn], lasts_s: float, tiered: bool) -> Plan:
    """Fleets of seeds that follow each other go through all turns."""
    drills = [_struck(seed, place, turns[(seed * _ILL + place) % len(turns)]) for place in range(_ILL)]
    drills += [_alike(seed, place, _SPREAD_S, _ALIKE) for place in range(_ALIKE)]
    return Plan(name, seed, lasts_s, {"drills": drills, "healthy": ENDPOINTS - len(drills)}, tiered=tiered)


def _turns(causes: Sequence[str], compounds: Sequence[tuple[str, ...]]) -> Sequence[Turn]:
    alone = [(cause,) for cause in causes]
    return [(names, severity) for severity in (MILD, SEVERE) for names in (*alone, *compounds)]


def _struck(seed: int, place: int, turn: Turn) -> dict[str, Any]:
    causes, severity = turn
    return _drill(causes, severity, _CALM_S + _SPREAD_S * ((place * 13 + seed * 5) % _ILL) / _ILL)


def _alike(seed: int, place: int, spread_s: float, all_of_them: int) -> dict[str, Any]:
    """The look-alikes come in turn."""
    cause = CONFOUNDERS[(place + seed * all_of_them) % len(CONFOUNDERS)]
    severity = (MILD, SEVERE)[(place // len(CONFOUNDERS) + seed) % 2]
    return _drill((cause,), severity, _CALM_S + spread_s * ((place * 7 + seed) % all_of_them) / all_of_them)


def _drill(causes: Sequence[str], severity: str, after_s: float) -> dict[str, Any]:
    """What strikes later of the same endpoint does so a minute later."""
    strikes = zip(causes, count())
    return {
        "strikes": [
            {"cause": cause, "severity": severity, "began": float(int(OPENED + after_s + 60.0 * later))}
            for cause, later in strikes
        ]
    }
