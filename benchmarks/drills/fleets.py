"""Which fleets are drilled."""

from collections.abc import Iterator

from benchmarks.drills.run import DAY_S, OPENED, Plan

_CALM_S, _ONSETS_S, _EVENTS_S = 1800.0, 4500.0, 11_700.0
CONFOUNDERS = ("clean-deploy", "daily-peak", "sparse", "scale-out", "brief-spike", "noisy-client", "late-data")
_FEW = 39
"""A fleet that is too small for a group: what most of it has is a drill of its own."""


def events(first_seed: int, fleets: int, *, tiered: bool = False, endpoints: int = _FEW) -> Iterator[Plan]:
    """Fleets to most of whose endpoints something happens within an hour, watched minute by minute until it is over."""
    for seed in range(first_seed, first_seed + fleets):
        drawn = {"endpoints": endpoints, "first": OPENED + _CALM_S, "last": OPENED + _ONSETS_S, "ill": 0.85}
        yield Plan("events", seed, _EVENTS_S, {"draw": drawn}, tiered=tiered)


def groups(first_seed: int, fleets: int, *, tiered: bool = False) -> Iterator[Plan]:
    """Fleets in which several endpoints fall ill by one cause, and a few others of themselves."""
    for seed in range(first_seed, first_seed + fleets):
        drawn = {"endpoints": 40, "first": OPENED + _CALM_S, "last": OPENED + _ONSETS_S, "ill": 0.25}
        yield Plan("groups", seed, 7200.0, {"draw": drawn}, tiered=tiered)


def days(first_seed: int, fleets: int, endpoints: int, step_s: int, *, tiered: bool = False) -> Iterator[Plan]:
    """Whole days of fleets that are well, half of which looks ill at times."""
    for seed in range(first_seed, first_seed + fleets):
        alike = [_alike(seed, place, endpoints // 2) for place in range(endpoints // 2)]
        world = {"drills": alike, "healthy": endpoints - len(alike)}
        yield Plan("days", seed, DAY_S, world, step_s, tiered)


def _alike(seed: int, place: int, count: int) -> dict[str, object]:
    """The look-alikes come in turn, spread over the day."""
    began = OPENED + _CALM_S + (DAY_S - 3 * _CALM_S) * ((place * 7 + seed) % count) / count
    cause = CONFOUNDERS[(place + seed) % len(CONFOUNDERS)]
    severity = ("mild", "severe")[(place // len(CONFOUNDERS) + seed) % 2]
    return {"strikes": [{"cause": cause, "severity": severity, "began": began}]}
