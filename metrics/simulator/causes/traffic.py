"""Causes that are changes of who calls: more, fewer, in bursts, for other models, or not at all."""

import math
from dataclasses import replace
from typing import Final

from smtop.metrics.simulator.blueprint import DAY_S, Blueprint
from smtop.metrics.simulator.causes.cause import MIN_S, Cause, Onset, Strike, busy, busy_until, shifted, surge
from smtop.metrics.simulator.workload import Bursts, Growth, Shift

_PROVISIONED: Final = ("provisioned",)
_ON_DEMAND: Final = ("serverless",)
_CPUS: Final = ("cpu", "several")
_QUEUED: Final = ("async",)
_CROWDED: Final = ("latency-high", "errors-5xx", "errors-4xx")


def _bursts(mild: tuple[int, int, float], severe: tuple[int, int, float]) -> Strike:
    """Every so many minutes, for so many, so many times the calls."""

    def strike(blueprint: Blueprint, onset: Onset) -> Blueprint:
        every, length, factor = severe if onset.severe else mild
        first_min = math.ceil(onset.began / MIN_S)
        return blueprint.called(bursts=Bursts(every, length, factor, onset.began, onset.until, first_min))

    return strike


def _gone_for_days(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Long before anybody looks."""
    ago_s = onset.either(8.0, 20.0) * DAY_S
    return shifted(blueprint, Shift(onset.began - ago_s, 0.0, MIN_S))


def _more_models(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Callers ask for more models than before."""
    workload = blueprint.workload
    assert workload.usual.working_set is not None
    growths = [Growth(onset.began, int(onset.either(700, 3000)))]
    if onset.until < math.inf:
        growths.append(Growth(onset.until, workload.usual.working_set.models))
    grown = replace(workload.usual, working_set=replace(workload.usual.working_set, growths=tuple(growths)))
    return replace(blueprint, workload=replace(workload, usual=grown, profiles=dict.fromkeys(workload.profiles, grown)))


def _never_drains(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A heap of requests at once, then just as many as can be processed."""
    heap_ends = onset.began + onset.either(20.0, 40.0) * MIN_S
    usual = busy(blueprint, onset.began)
    heap = Shift(onset.began, 3.0 / usual, 0.0, heap_ends)
    return shifted(blueprint, heap, Shift(heap_ends, 0.99 / usual, 0.0, onset.until))


def _impatient(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Callers who have always asked for a short life of their requests ask for more than can be processed."""
    patient = replace(blueprint, workload=replace(blueprint.workload, request_ttl_min=15))
    return busy_until(1.5, 3.0)(patient, onset)


CAUSES: Final = (
    Cause(
        "pc-exhausted",
        "calls outgrow provisioned concurrency",
        surge(2.8, 5.0),
        _PROVISIONED,
        ("pc-exhausted",),
        ("spillover", "pc-high", "cold-starts", "pc-low", *_CROWDED),
        full_s=MIN_S,
    ),
    Cause(
        "pc-high",
        "calls come near what provisioned concurrency carries",
        surge(1.48, 1.55),
        _PROVISIONED,
        ("pc-high",),
        ("spillover",),
        full_s=MIN_S,
    ),
    Cause(
        "pc-wasted",
        "most of provisioned concurrency has nothing to do",
        surge(0.12, 0.04),
        _PROVISIONED,
        ("pc-wasted",),
        ("traffic-gone",),
        full_s=MIN_S,
    ),
    Cause(
        "pc-stuck-warm",
        "nobody calls, and target tracking cannot scale in without a metric",
        surge(0.0, 0.0),
        ("provisioned-scaled",),
        ("pc-stuck-warm",),
        ("traffic-gone", "pc-wasted", "idle", "alarm-firing"),
        full_s=MIN_S,
    ),
    Cause(
        "spillover",
        "short bursts go past provisioned concurrency",
        _bursts((30, 2, 3.4), (10, 3, 4.5)),
        _PROVISIONED,
        ("spillover",),
        ("pc-exhausted", "pc-high", "cold-starts", "pc-low", "latency-high"),
        full_s=30 * MIN_S,
    ),
    Cause(
        "cold-starts",
        "bursts meet containers that take long to start",
        _bursts((8, 2, 9.0), (8, 3, 14.0)),
        ("slow-start",),
        ("cold-starts",),
        ("latency-high", "latency-near-limit", "pc-low"),
        full_s=20 * MIN_S,
    ),
    Cause(
        "pc-low",
        "small bursts meet cold containers again and again",
        _bursts((7, 1, 3.0), (6, 1, 3.4)),
        ("slow-start",),
        ("pc-low", "cold-starts"),
        ("cold-starts",),
        full_s=60 * MIN_S,
    ),
    Cause(
        "concurrency-limit",
        "calls outgrow the largest concurrency",
        surge(12.0, 24.0),
        _ON_DEMAND,
        ("concurrency-limit", "max-concurrency-low"),
        ("errors-4xx", "cold-starts"),
        full_s=MIN_S,
        steady=True,
    ),
    Cause(
        "cache-thrash",
        "callers ask for more models than memory holds",
        _more_models,
        ("multi-model",),
        ("cache-thrash",),
        ("latency-high", "memory-saturated"),
    ),
    Cause(
        "traffic-gone",
        "callers have gone",
        surge(0.02, 0.0),
        ("cpu", "gpu", "several", "serverless"),
        ("traffic-gone",),
        ("idle",),
        full_s=MIN_S,
        steady=True,
    ),
    Cause(
        "idle",
        "nobody has called for days",
        _gone_for_days,
        ("cpu", "gpu"),
        ("idle",),
        ("traffic-gone",),
        always=True,
    ),
    Cause(
        "cpu-saturated",
        "calls outgrow the cores",
        busy_until(0.96, 1.35),
        _CPUS,
        ("cpu-saturated",),
        _CROWDED,
        full_s=MIN_S,
        steady=True,
    ),
    Cause(
        "gpu-saturated",
        "calls outgrow the GPUs",
        busy_until(1.0, 1.35),
        ("gpu",),
        ("gpu-saturated",),
        (*_CROWDED, "cpu-saturated", "latency-near-limit"),
        full_s=MIN_S,
        steady=True,
    ),
    Cause(
        "backlog-growing",
        "more requests come than are processed",
        busy_until(1.5, 2.5),
        _QUEUED,
        ("backlog-growing",),
        ("gpu-saturated", "backlog-never-drains", "latency-high"),
        full_s=MIN_S,
        steady=True,
    ),
    Cause(
        "backlog-never-drains",
        "a heap of requests stays, as all capacity goes into the new ones",
        _never_drains,
        _QUEUED,
        ("backlog-never-drains", "backlog-growing"),
        ("gpu-saturated", "backlog-growing", "latency-high"),
        full_s=40 * MIN_S,
        steady=True,
    ),
    Cause(
        "requests-expiring",
        "requests outlive the time that their callers give them",
        _impatient,
        _QUEUED,
        ("requests-expiring",),
        ("backlog-growing", "backlog-never-drains", "gpu-saturated", "latency-high"),
        full_s=45 * MIN_S,
        steady=True,
    ),
)
