"""Every cause shows in what an operator sees, from its onset on and not before, and the answer key tells it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from smtop.metrics.simulator import bulk
from smtop.metrics.simulator.causes import CAUSES
from smtop.metrics.simulator.drills import SHARED
from smtop.metrics.simulator.wire.errors import ServiceError
from tests.simulator.drilled import BEGAN, HOSTS, OPENED, SETTLED_S, Drilled

DAY_S = 86_400.0
AUTOSCALING = "application-autoscaling"
# No simulated service tells how large an image is.
UNSEEN_RULES = {"image-large"}
RULES = {
    *("pc-exhausted", "pc-high", "pc-wasted", "pc-stuck-warm", "spillover", "cold-starts", "concurrency-limit"),
    *("cache-thrash", "model-load-failing", "backlog-growing", "backlog-never-drains", "backlog-without-capacity"),
    *("requests-expiring", "notifications-failing", "payload-transfer-failing", "errors-5xx", "errors-4xx"),
    *("latency-high", "latency-near-limit", "cpu-saturated", "gpu-saturated", "memory-saturated", "disk-full"),
    *("hot-instance", "container-skew", "bad-canary", "traffic-gone", "weights-drift", "update-stuck"),
    *("endpoint-failed", "update-rolled-back", "scaling-at-max", "scaling-stuck", "scaling-fight"),
    *("component-without-capacity", "quota-near", "alarm-firing", "metrics-missing", "single-instance"),
    *("serverless-workers", "serverless-memory", "max-concurrency-low", "idle"),
    *("pc-low", "processing-failing"),
}

Symptom = Callable[[Drilled, float], bool]
"""Whether it shows at a moment."""


def above(name: str, stat: str, level: float, **where: Any) -> Symptom:
    return lambda drilled, at: drilled.level(name, stat, at, **where) >= level


def below(name: str, stat: str, level: float, **where: Any) -> Symptom:
    return lambda drilled, at: drilled.level(name, stat, at, **where) < level


def grown(name: str, stat: str, factor: float) -> Symptom:
    """So many times what it was half an hour before the onset."""
    return lambda drilled, at: drilled.level(name, stat, at) > factor * drilled.level(name, stat, BEGAN - 1800.0)


def ever(name: str, stat: str, level: float, **where: Any) -> Symptom:
    return lambda drilled, at: max(drilled.points(name, stat, at, minutes=30, **where), default=0.0) >= level


def of_endpoint(symptom: Callable[..., Symptom], name: str, level: float) -> Symptom:
    """A symptom of the queue, which has no variant."""

    def shows(drilled: Drilled, at: float) -> bool:
        return symptom(name, "Maximum", level, dimensions={"EndpointName": drilled.name})(drilled, at)

    return shows


def per_core(level: float) -> Symptom:
    """CPU in use, as a share of all cores."""

    def shows(drilled: Drilled, at: float) -> bool:
        return drilled.level("CPUUtilization", "Average", at, namespace=HOSTS) / 100.0 / drilled.vcpus >= level

    return shows


def _lopsided(drilled: Drilled, at: float) -> bool:
    used = [drilled.level("CPUUtilization", stat, at, namespace=HOSTS) for stat in ("Maximum", "Average")]
    return used[0] > 1.8 * used[1]


def _share_of_last_container(metric: str, stat: str, share: float) -> Symptom:
    def shows(drilled: Drilled, at: float) -> bool:
        place = {"EndpointName": drilled.name, "VariantName": "AllTraffic"}
        every = [
            drilled.level(metric, stat, at, dimensions={"ContainerName": container, **place})
            for container in ("prepare", "predict", "explain")
        ]
        return bool(every[-1] >= share * sum(every))

    return shows


def status(*names: str) -> Symptom:
    """The endpoint is there, in one of these states."""

    def shows(drilled: Drilled, at: float) -> bool:
        try:
            return bool(drilled.described(at + SETTLED_S)["EndpointStatus"] in names)
        except ServiceError:
            return False

    return shows


def _failure_told(drilled: Drilled, at: float) -> bool:
    told = drilled.described(at + SETTLED_S)
    return told["EndpointStatus"] == "InService" and "FailureReason" in told


def _weights_differ(drilled: Drilled, at: float) -> bool:
    """What was asked, what is, and what the calls say."""
    variants = drilled.described(at + SETTLED_S)["ProductionVariants"]
    calls = [
        drilled.level(
            "Invocations",
            "Sum",
            at,
            dimensions={"EndpointName": drilled.name, "VariantName": variant["VariantName"]},
        )
        for variant in variants
    ]
    asked = variants[0]["DesiredWeight"] / sum(variant["DesiredWeight"] for variant in variants)
    return bool(abs(calls[0] / sum(calls) - asked) > 0.1)


def activity(*codes: str, reason: str | None = None) -> Symptom:
    """A scaling activity of the last forty minutes."""

    def shows(drilled: Drilled, at: float) -> bool:
        every = drilled.call(
            f"{AUTOSCALING}:DescribeScalingActivities",
            at + SETTLED_S,
            ServiceNamespace="sagemaker",
            IncludeNotScaledActivities=True,
        )["ScalingActivities"]
        recent = (one for one in every if one["StartTime"] > max(at - 2400.0, OPENED + 600.0))
        return any(one["StatusCode"] in codes and _reason(one) == reason for one in recent)

    return shows


def _reason(told: Mapping[str, Any]) -> str | None:
    reasons = told.get("NotScaledReasons")
    return str(reasons[0]["Code"]) if reasons else None


def _alarm(drilled: Drilled, at: float) -> bool:
    alarms = drilled.call("cloudwatch:DescribeAlarms", at + SETTLED_S)["MetricAlarms"]
    return [alarm["StateValue"] for alarm in alarms] == ["ALARM"]


def _kept_warm(drilled: Drilled, at: float) -> bool:
    targets = drilled.call(f"{AUTOSCALING}:DescribeScalableTargets", at + SETTLED_S, ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    (variant,) = drilled.described(at + SETTLED_S)["ProductionVariants"]
    provisioned = variant["CurrentServerlessConfig"]["ProvisionedConcurrency"]
    return provisioned > targets[0]["MinCapacity"] and not drilled.points("Invocations", "Sum", at)


def _near_quota(drilled: Drilled, at: float) -> bool:
    (variant,) = drilled.described(at + SETTLED_S)["ProductionVariants"]
    name = f"{drilled.blueprint.live[0].instance_type} for endpoint usage"
    quotas = drilled.all_quotas(at + SETTLED_S)
    return bool(variant["CurrentInstanceCount"] >= 0.9 * quotas[name])


def _component_lost(drilled: Drilled, at: float) -> bool:
    parts = drilled.blueprint.live[0].components
    failures = [
        drilled.level("NoCapacityInvocationFailures", "Sum", at, dimensions={"InferenceComponentName": component.name})
        for component in parts
    ]
    return max(failures) > 0


def _silent_but_serving(drilled: Drilled, at: float) -> bool:
    serves = drilled.described(at + SETTLED_S)["EndpointStatus"] == "InService"
    return serves and not drilled.points("CPUUtilization", "Average", at, namespace=HOSTS)


def _several_workers(drilled: Drilled, at: float) -> bool:
    model = drilled.call("sagemaker:DescribeModel", at + SETTLED_S, ModelName=drilled.blueprint.models[0].name)
    return int(model["PrimaryContainer"]["Environment"]["SAGEMAKER_MODEL_SERVER_WORKERS"]) > 1


def _one_instance(drilled: Drilled, at: float) -> bool:
    (variant,) = drilled.described(at + SETTLED_S)["ProductionVariants"]
    return bool(variant["CurrentInstanceCount"] == 1)


def _canary_worse(drilled: Drilled, at: float) -> bool:
    place = {"EndpointName": drilled.name, "VariantName": "canary"}
    errors = [
        drilled.level(name, "Average", at, dimensions=place) for name in ("Invocation4XXErrors", "Invocation5XXErrors")
    ]
    return max(errors) > 0.1


def _of_new_model(drilled: Drilled, at: float) -> bool:
    return str(drilled.described(at + SETTLED_S)["EndpointConfigName"]).endswith("-cfg-2")


def _instances(count: Callable[[int, int], bool]) -> Symptom:
    """How many instances there are against how many there were in the beginning."""

    def shows(drilled: Drilled, at: float) -> bool:
        (variant,) = drilled.described(at + SETTLED_S)["ProductionVariants"]
        return count(variant["CurrentInstanceCount"], drilled.blueprint.live[0].instances)

    return shows


def _spiky(drilled: Drilled, at: float) -> bool:
    values = drilled.points("Invocations", "Sum", at, minutes=40)
    return max(values) > 1.7 * sum(values) / len(values)


def _late(drilled: Drilled, at: float) -> bool:
    array = drilled.world.publication({"endpoint": drilled.name, "start": int(at), "end": int(at) + 60}).array
    assert array is not None
    return bool(array[1][0] - at > 60.0 + 240.0)


PROVISIONED = "ServerlessProvisionedConcurrencyUtilization"
SPILLOVER = "ServerlessProvisionedConcurrencySpilloverInvocations"
SYMPTOMS: dict[str, Symptom] = {
    "pc-exhausted": above(PROVISIONED, "Maximum", 0.97),
    "pc-high": above(PROVISIONED, "Maximum", 0.8),
    "pc-wasted": below(PROVISIONED, "Average", 0.15),
    "pc-stuck-warm": _kept_warm,
    "spillover": ever(SPILLOVER, "Sum", 20.0),
    "cold-starts": ever("ModelSetupTime", "SampleCount", 10.0),
    "pc-low": ever("ModelSetupTime", "SampleCount", 3.0),
    "concurrency-limit": above("Invocation4XXErrors", "Average", 0.05),
    "cache-thrash": below("ModelCacheHit", "Average", 0.8),
    "traffic-gone": below("Invocations", "Sum", 100.0),
    "idle": below("Invocations", "Sum", 1.0),
    "cpu-saturated": per_core(0.9),
    "gpu-saturated": above("GPUUtilization", "Average", 92.0, namespace=HOSTS),
    "backlog-growing": of_endpoint(above, "ApproximateBacklogSize", 40.0),
    "backlog-never-drains": of_endpoint(above, "ApproximateBacklogSize", 100.0),
    "requests-expiring": above("ExpiredRequests", "Sum", 1.0),
    "latency-high": grown("ModelLatency", "p99", 1.9),
    "latency-near-limit": above("ModelLatency", "p99", 45e6),
    "errors-5xx": above("Invocation5XXErrors", "Average", 0.06),
    "errors-4xx": above("Invocation4XXErrors", "Average", 0.14),
    "model-load-failing": above("Invocation5XXErrors", "Average", 0.08),
    "memory-saturated": above("MemoryUtilization", "Average", 90.0, namespace=HOSTS),
    "disk-full": above("DiskUtilization", "Average", 90.0, namespace=HOSTS),
    "hot-instance": _lopsided,
    "container-skew-direct": _share_of_last_container("Invocations", "Sum", 0.82),
    "container-skew-pipeline": _share_of_last_container("ContainerLatency", "Average", 0.82),
    "notifications-failing": above("NotificationFailures", "Average", 0.1),
    "payload-transfer-failing": lambda drilled, at: any(
        drilled.level(name, "Average", at) > 0.1 for name in ("RequestDownloadFailures", "ResponseUploadFailures")
    ),
    "processing-failing": above("InvocationFailures", "Average", 0.1),
    "metrics-missing": _silent_but_serving,
    "backlog-without-capacity": of_endpoint(above, "HasBacklogWithoutCapacity", 1.0),
    "scaling-at-max": activity("Failed", reason="AlreadyAtMaxCapacity"),
    "scaling-stuck": activity("Failed", "Unfulfilled"),
    "scaling-fight": activity("Successful"),
    "component-without-capacity": _component_lost,
    "quota-near": _near_quota,
    "bad-canary": _canary_worse,
    "update-stuck": status("Updating"),
    "endpoint-failed": status("Failed", "UpdateRollbackFailed"),
    "update-rolled-back": _failure_told,
    "weights-drift": _weights_differ,
    "single-instance": _one_instance,
    "serverless-workers": _several_workers,
    "serverless-memory": above("MemoryUtilization", "Average", 86.0, namespace=HOSTS),
    "max-concurrency-low": above("ServerlessConcurrentExecutionsUtilization", "Maximum", 0.99),
    "alarm-firing": _alarm,
    "clean-deploy": _of_new_model,
    "scale-out": _instances(lambda now, usual: now > usual),
    "scaled-to-zero": _instances(lambda now, usual: now == 0),
    "daily-peak": per_core(0.2),
    "sparse": below("Invocations", "Sum", 2.0),
    "brief-spike": _spiky,
    "noisy-client": above("Invocation4XXErrors", "Average", 0.008),
    "late-data": _late,
}


DRILLS = [(name, severity) for name in CAUSES for severity in ("mild", "severe")]


def test_every_rule_has_a_cause() -> None:
    told = {rule for cause in CAUSES.values() for rule in cause.rules}
    assert told == RULES
    assert {rule for cause in CAUSES.values() for rule in cause.also} <= RULES | {SHARED}
    assert set(SYMPTOMS) == set(CAUSES)


@pytest.mark.parametrize(("name", "severity"), DRILLS)
def test_cause_shows_after_its_onset_only(name: str, severity: str) -> None:
    drilled = Drilled(name, severity)
    if not CAUSES[name].always:
        assert not SYMPTOMS[name](drilled, BEGAN - SETTLED_S - 60.0)
    assert SYMPTOMS[name](drilled, drilled.then)


@pytest.mark.parametrize("name", [name for name, cause in CAUSES.items() if not cause.always])
def test_before_the_onset_the_endpoint_is_as_without_it(name: str) -> None:
    struck, spared = Drilled(name), Drilled(name, began=BEGAN + 3 * DAY_S)
    for drilled in (struck, spared):
        drilled.world.advance(drilled.then if drilled is struck else BEGAN)
    metrics = spared.world.telemetry.metrics(BEGAN)
    series = [bulk.Series(metric, stat) for metric in metrics for stat in ("Average", "Maximum", "SampleCount")]
    end = int(BEGAN // 60) * 60
    seen, spared_seen = (
        bulk.read(one.world.telemetry, series, end - 3600, end, 60, end + 1200.0) for one in (struck, spared)
    )
    np.testing.assert_array_equal(seen, spared_seen)
    assert np.isfinite(seen).any() == bool(series)


@pytest.mark.parametrize(("name", "severity"), DRILLS)
def test_answer_key_tells_the_cause(name: str, severity: str) -> None:
    (entry,) = Drilled(name, severity, until=BEGAN + 7200.0).world.truth({}).members["truth"]
    cause = CAUSES[name]
    assert (entry["cause"], entry["severity"], entry["confounder"]) == (name, severity, not cause.rules)
    assert entry["rules"] == list(cause.rules)
    assert entry["began_at"] == (OPENED if cause.always else BEGAN)
    assert entry["ends_at"] == (None if cause.always or cause.lasting else BEGAN + 7200.0)


@pytest.mark.parametrize(
    "name", [name for name, cause in CAUSES.items() if not (cause.always or cause.lasting or cause.steady is False)]
)
def test_endpoint_is_well_again_after_the_end(name: str) -> None:
    began_to_end = CAUSES[name].full_s + 1200.0
    drilled = Drilled(name, "mild", until=BEGAN + began_to_end)
    assert not SYMPTOMS[name](drilled, BEGAN + began_to_end + 3 * 3600.0)
