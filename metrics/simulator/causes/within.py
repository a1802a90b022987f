"""Causes inside an endpoint: its models, its disk and memory, one of its instances, what it depends on."""

from typing import Final

from smtop.metrics.simulator.ailments import Ail, Ailment
from smtop.metrics.simulator.bases import STEPS
from smtop.metrics.simulator.blueprint import Blueprint
from smtop.metrics.simulator.causes.cause import MIN_S, Cause, Onset, ailing, busy
from smtop.metrics.simulator.instances import spec_of

_INSTANCES: Final = ("cpu", "gpu", "several", "unhurried")
_USUAL_SHARE: Final = 0.05
_CLEARLY_HOT: Final = 0.9


def _leaking(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Memory fills up until hardly any is left."""
    variant = blueprint.live[0]
    limit_mb = spec_of(variant.instance_type or "").memory_gib * 1024.0
    usual = blueprint.workload.profile(variant.model).memory_mb / limit_mb + _USUAL_SHARE
    leak = onset.either(0.925, 0.98) - usual
    return blueprint.ailing(Ailment(Ail.MEMORY, leak, onset.course(onset.either(40.0, 20.0) * MIN_S)))


def _transfers_fail(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """The bucket of the requests, or that of the results."""
    ail = Ail.UPLOADS if onset.severe else Ail.DOWNLOADS
    return blueprint.ailing(Ailment(ail, onset.either(0.35, 0.9), onset.course()))


def _lost_metrics(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Nothing reaches CloudWatch. Mild: callers are few."""
    fewer = blueprint.called(calls_per_min=blueprint.workload.traffic.calls_per_min * onset.either(0.1, 1.0))
    return fewer.ailing(Ailment(Ail.UNPUBLISHED, 1.0, onset.course()))


def _hot(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """The first instance gets as many calls as nearly fill it, and clearly more than the others even at their peak."""
    beyond = max(onset.either(0.78, 0.93) / busy(blueprint, onset.began) - 1.0, _CLEARLY_HOT)
    return blueprint.ailing(Ailment(Ail.HOT, beyond, onset.course()))


CAUSES: Final = (
    Cause(
        "latency-high",
        "every call takes longer, the traffic is as ever",
        ailing(Ail.SLOWER, 1.2, 3.0, ramp_s=2 * MIN_S),
        ("unhurried",),
        ("latency-high",),
        full_s=2 * MIN_S,
        steady=True,
        roomy=True,
    ),
    Cause(
        "latency-near-limit",
        "answers take nearly as long as an endpoint waits",
        ailing(Ail.SLOWER, 10.5, 16.0, ramp_s=5 * MIN_S),
        ("slow",),
        ("latency-near-limit",),
        ("latency-high", "errors-5xx"),
        full_s=5 * MIN_S,
        steady=True,
    ),
    Cause(
        "errors-5xx",
        "the model fails",
        ailing(Ail.ERRORS_5XX, 0.08, 0.35),
        (*_INSTANCES, "serverless", "scaled"),
        ("errors-5xx",),
    ),
    Cause(
        "errors-4xx",
        "callers send what the model refuses",
        ailing(Ail.ERRORS_4XX, 0.18, 0.6),
        (*_INSTANCES, "serverless", "scaled"),
        ("errors-4xx",),
    ),
    Cause(
        "model-load-failing",
        "some models cannot be loaded",
        ailing(Ail.LOAD_FAILURES, 0.12, 0.4),
        ("multi-model",),
        ("model-load-failing",),
        ("errors-5xx", "cache-thrash", "latency-high"),
    ),
    Cause("memory-saturated", "memory leaks", _leaking, _INSTANCES, ("memory-saturated",), full_s=40 * MIN_S),
    Cause(
        "disk-full",
        "the disk fills up",
        ailing(Ail.DISK, 0.9, 0.985, ramp_s=20 * MIN_S),
        _INSTANCES,
        ("disk-full",),
        full_s=20 * MIN_S,
    ),
    Cause(
        "hot-instance",
        "one instance gets more calls than the others",
        _hot,
        ("several",),
        ("hot-instance",),
        ("latency-high", "latency-near-limit", "cpu-saturated", "errors-5xx"),
        steady=True,
    ),
    Cause(
        "container-skew-direct",
        "nearly all calls go to one container",
        ailing(Ail.SKEW, 5.0, 12.0, of=STEPS[-1]),
        ("direct",),
        ("container-skew",),
        steady=True,
        roomy=True,
    ),
    Cause(
        "container-skew-pipeline",
        "one step of the pipeline takes most of the time",
        ailing(Ail.SKEW, 5.0, 9.0, of=STEPS[-1]),
        ("pipeline",),
        ("container-skew",),
        ("latency-high", "cpu-saturated"),
        steady=True,
        roomy=True,
    ),
    Cause(
        "notifications-failing",
        "the topic refuses what it is told",
        ailing(Ail.NOTIFICATIONS, 0.35, 1.0),
        ("async",),
        ("notifications-failing",),
    ),
    Cause(
        "payload-transfer-failing",
        "payloads cannot be fetched, or results stored",
        _transfers_fail,
        ("async",),
        ("payload-transfer-failing",),
        ("processing-failing",),
    ),
    Cause(
        "processing-failing",
        "requests come to nothing, and no answer of the model tells why",
        ailing(Ail.PROCESSING, 0.2, 0.7),
        ("async",),
        ("processing-failing",),
    ),
    Cause(
        "metrics-missing",
        "the endpoint serves, and CloudWatch hears nothing of it",
        _lost_metrics,
        _INSTANCES,
        ("metrics-missing",),
        ("traffic-gone",),
        variant=None,
    ),
)
