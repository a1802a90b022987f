"""What was set up badly from the start, and what somebody watches."""

from dataclasses import replace
from typing import Final

from smtop.metrics.simulator.blueprint import Blueprint, calls_for
from smtop.metrics.simulator.causes.cause import HOST_METRICS, MIN_S, Cause, Onset, busy, surge
from smtop.metrics.simulator.instances import spec_of
from smtop.metrics.simulator.resources import LiveVariant

WORKERS: Final = "SAGEMAKER_MODEL_SERVER_WORKERS"


def _alone(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """One instance, which is one zone."""
    (variant,) = blueprint.live
    calls = calls_for(blueprint.workload.usual, variant.instance_type or "", 1, 0.3)
    return _from_the_start(blueprint, replace(variant, instances=1)).called(calls_per_min=calls)


def _from_the_start(blueprint: Blueprint, variant: LiveVariant) -> Blueprint:
    return replace(blueprint, revisions=(replace(blueprint.revisions[0], variants=(variant,)),))


def _several_workers(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A serverless container with more workers than it has calls at once."""
    environment = {WORKERS: str(int(onset.either(2, 8)))}
    return replace(blueprint, models=tuple(replace(model, environment=environment) for model in blueprint.models))


def _little_memory(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A serverless container whose model fills nearly all of its memory."""
    limits = blueprint.live[0].serverless
    assert limits is not None
    model_mb = limits.memory_mb * onset.either(0.9, 0.98)
    fat = replace(blueprint.workload.usual, memory_mb=model_mb)
    workload = replace(blueprint.workload, usual=fat, profiles=dict.fromkeys(blueprint.workload.profiles, fat))
    return replace(blueprint, workload=workload)


def _small_limit(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """The largest concurrency is below what a usual day asks for."""
    (variant,) = blueprint.live
    assert variant.serverless is not None
    limits = replace(variant.serverless, max_concurrency=int(onset.either(4, 2)))
    return _from_the_start(blueprint, replace(variant, serverless=limits)).called(
        calls_per_min=3.0 * 60.0 / blueprint.workload.usual.mean_s()
    )


def _watched(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Somebody's alarm on busy cores: there are more calls than it is set for, and they do no harm."""
    (variant,) = blueprint.live
    per_core = 100.0 * spec_of(variant.instance_type or "").vcpus
    dimensions = {"EndpointName": blueprint.name, "VariantName": variant.name}
    alarm = {
        "AlarmName": f"{blueprint.name}-busy",
        "Namespace": HOST_METRICS,
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": round(per_core * (0.02 + 1.35 * busy(blueprint, onset.began))),
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return surge(1.6, 2.0)(replace(blueprint, alarms=(*blueprint.alarms, alarm)), onset)


CAUSES: Final = (
    Cause("single-instance", "one production instance only", _alone, ("cpu", "gpu"), ("single-instance",), always=True),
    Cause(
        "serverless-workers",
        "several workers in a serverless container",
        _several_workers,
        ("serverless",),
        ("serverless-workers",),
        always=True,
    ),
    Cause(
        "serverless-memory",
        "the model fills its container's memory",
        _little_memory,
        ("serverless",),
        ("serverless-memory",),
        ("memory-saturated",),
        always=True,
    ),
    Cause(
        "max-concurrency-low",
        "the largest concurrency is below a usual peak",
        _small_limit,
        ("serverless",),
        ("max-concurrency-low", "concurrency-limit"),
        ("errors-4xx", "cold-starts", "concurrency-limit"),
        always=True,
    ),
    Cause(
        "alarm-firing",
        "an alarm of somebody's is in ALARM",
        _watched,
        ("cpu", "several"),
        ("alarm-firing",),
        full_s=4 * MIN_S,
        steady=True,
        roomy=True,
    ),
)
