"""Full hosts, disks and hot instances: each rule fires, does not fire, and is silent without data."""

from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Endpoint, Kind, Moving
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.scaling import Scalable, ScalableTarget, ScaledPart, ScalingPolicy, Suspension
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.surroundings import Surroundings
from tests.support.engine import Values, at, component, hosted, on, variant_of, with_status
from tests.support.fleet import NOW
from tests.support.rules import Labels, open_before, said, seen, the

CPU, GPU, MEMORY = "CPUUtilization.Average", "GPUUtilization.Average", "MemoryUtilization.Average"
CALLS, E5, P99 = "Invocations.Sum", "Invocation5XXErrors.Sum", "ModelLatency.p99"


def of(instance_type: str | None = "ml.m5.xlarge", kind: Kind = Kind.REALTIME, *, desired: int = 2) -> Endpoint:
    variant = variant_of(kind, instance_type=instance_type)
    if variant.instances:
        variant = variant._replace(instances=variant.instances._replace(count=Moving(2, desired)))
    return hosted(kind=kind, variants=(variant,))


# CPU, GPU, memory


@pytest.mark.parametrize(
    ("rule", "label", "instance_type", "whole"),
    [
        ("cpu-saturated", CPU, "ml.m5.xlarge", 400.0),
        ("cpu-saturated", CPU, "ml.c5.18xlarge", 7200.0),
        ("gpu-saturated", GPU, "ml.g5.12xlarge", 400.0),
        ("memory-saturated", MEMORY, "ml.g5.12xlarge", 100.0),
        ("memory-saturated", MEMORY, None, 100.0),
    ],
)
def test_two_of_three_full_minutes_are_a_warning(
    rule: str, label: str, instance_type: str | None, whole: float
) -> None:
    endpoint = of(instance_type)
    full, calm = 0.9 * whole, 0.5 * whole
    finding = the(said(rule, seen(endpoint, {label: [calm, full, calm, full, full]})))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(5), None)
    for values in ([calm, calm, calm, calm, full], [0.89 * whole] * 5, [full, full, calm, calm, calm], [None] * 5):
        assert not said(rule, seen(endpoint, {label: values}))


@pytest.mark.parametrize(("label", "rule"), [(CPU, "cpu-saturated"), (GPU, "gpu-saturated")])
def test_a_summed_percentage_of_unknown_or_no_devices_is_not_judged(label: str, rule: str) -> None:
    assert not said(rule, seen(of(None), {label: [400.0] * 5}))
    assert not said("gpu-saturated", seen(of(), {GPU: [400.0] * 5}))
    assert not said(rule, seen(hosted(kind=Kind.SERVERLESS), {label: [400.0] * 5}))


def test_an_asynchronous_endpoint_may_be_as_busy_as_it_can() -> None:
    assert not said("cpu-saturated", seen(of(kind=Kind.ASYNC), {CPU: [400.0] * 5}))
    assert not said("gpu-saturated", seen(of("ml.g5.xlarge", Kind.ASYNC), {GPU: [100.0] * 5}))
    assert the(said("memory-saturated", seen(of(kind=Kind.ASYNC), {MEMORY: [95.0] * 5})))


def test_a_full_host_lasts_until_three_minutes_are_clearly_below() -> None:
    falling = seen(of(), {CPU: [400.0, 400.0, 340.0, 300.0, 300.0]})
    assert not said("cpu-saturated", falling)
    assert the(said("cpu-saturated", open_before(falling, "cpu-saturated")))
    over = seen(of(), {CPU: [400.0, 400.0, 300.0, 300.0, 300.0]})
    assert not said("cpu-saturated", open_before(over, "cpu-saturated"))


def test_more_instances_are_proposed_and_no_more_memory_on_them() -> None:
    cpu = the(said("cpu-saturated", seen(of(), {CPU: [400.0] * 5})))
    assert cpu.change == Resize("fraud", "AllTraffic", count=3)
    assert "from 2 to 3" in (cpu.next or "")
    assert the(said("memory-saturated", seen(of(), {MEMORY: [99.0] * 5}))).change is None


def test_a_serverless_container_is_left_to_its_own_rule() -> None:
    assert not said("memory-saturated", seen(hosted(kind=Kind.SERVERLESS), {MEMORY: [95.0] * 5}))


@pytest.mark.parametrize("resource", ["CPU", "GPU", "Memory"])
def test_a_component_is_full_by_its_own_share_and_gets_copies(resource: str) -> None:
    endpoint = hosted("llm", Kind.INFERENCE_COMPONENT, components=(component("chat"), component("embed")))
    owner = Owner("llm", "AllTraffic", component="chat")
    labels: Labels = {f"{resource}UtilizationNormalized.Average": [95.0] * 5}
    finding = the(said(f"{resource.lower()}-saturated", seen(endpoint, labels, owner)))
    assert finding.component == "chat"
    assert finding.change == (None if resource == "Memory" else Resize("llm", component="chat", copies=3))


def burning(labels: Labels, share: float = 0.97, **more: Any) -> list[Finding]:
    return list(said("cpu-saturated", seen(of(), {CPU: [share * 400] * 5, CALLS: [600.0] * 5, **labels}, **more)))


def test_it_is_critical_when_calls_fail_with_it() -> None:
    finding = the(burning({E5: [0, 0, 120, 120, 120]}))
    assert (finding.severity, finding.impact_per_minute) == (Severity.CRITICAL, 120.0)
    assert finding.evidence[1] == "360 of 1,800 calls answered 5XX in 3 min"
    assert finding.change == Resize("fraud", "AllTraffic", count=4)


def test_it_is_critical_when_answers_near_the_limit_with_it() -> None:
    assert the(burning({P99: [50e6] * 5})).severity is Severity.CRITICAL


def test_failures_beside_a_host_with_room_are_not_put_down_to_it() -> None:
    assert the(burning({E5: [0, 0, 120, 120, 120]}, 0.91)).severity is Severity.WARNING


@pytest.mark.parametrize(("p99_ms", "fires"), [(200.0, False), (900.0, True)])
def test_a_load_that_is_usual_at_this_hour_is_told_only_when_callers_feel_it(p99_ms: float, fires: bool) -> None:
    usual = {on(of()): {CPU: Usual(370.0, 300.0, 395.0), P99: Usual(200e3, 150e3, 250e3)}}
    found = burning({P99: [p99_ms * 1e3] * 5}, usual=usual)
    assert [finding.impact_per_minute for finding in found] == ([6.0] if fires else [])


def test_memory_that_is_all_in_use_is_told_however_usual_it_is() -> None:
    usual = {on(of()): {MEMORY: Usual(92.0, 90.0, 99.0)}}
    assert not said("memory-saturated", seen(of(), {MEMORY: [92.0] * 5}, usual=usual))
    assert the(said("memory-saturated", seen(of(), {MEMORY: [97.0] * 5}, usual=usual)))


def scaled(most: int = 5, *, suspended: bool = False) -> Surroundings:
    scalable = Scalable("endpoint/fraud/variant/AllTraffic", "sagemaker:variant:DesiredInstanceCount")
    off = frozenset({Suspension.SCALE_OUT}) if suspended else frozenset[Suspension]()
    target = ScalableTarget(scalable, 1, most, off)
    return Surroundings(scaled=(ScaledPart(target, (ScalingPolicy(scalable, "track", "TargetTrackingScaling"),)),))


@pytest.mark.parametrize(
    ("around", "minutes", "desired", "fires"),
    [
        (scaled(), 5, 2, False),
        (scaled(), 12, 2, True),
        (scaled(2), 5, 2, True),
        (scaled(suspended=True), 5, 2, True),
        (Surroundings(), 5, 2, True),
        (Surroundings(), 12, 3, False),
    ],
    ids=["has room", "had its time", "at its maximum", "suspended", "none", "under way"],
)
def test_scaling_out_in_time_is_no_news(around: Surroundings, minutes: int, desired: int, fires: bool) -> None:
    told = seen(of(desired=desired), {CPU: [400.0] * minutes}, around=around)
    assert bool(said("cpu-saturated", told)) is fires


# Disk

DISK = "DiskUtilization.Average"


@pytest.mark.parametrize(
    ("values", "kind", "severity"),
    [
        ([50, 86, 87], Kind.REALTIME, Severity.WARNING),
        ([94, 95, 96], Kind.REALTIME, Severity.CRITICAL),
        ([96, 96, 96], Kind.ASYNC, Severity.CRITICAL),
        ([90, 90, 90], Kind.MULTI_MODEL, None),
        ([96, 96, 96], Kind.MULTI_MODEL, Severity.WARNING),
        ([50, 50, 99], Kind.REALTIME, None),
        ([84, 84, 84], Kind.REALTIME, None),
        ([None, None, None], Kind.REALTIME, None),
        ([99, 99, 99], Kind.SERVERLESS, None),
    ],
)
def test_a_disk_is_full(values: Values, kind: Kind, severity: Severity | None) -> None:
    found = said("disk-full", seen(hosted(kind=kind), {DISK: values}))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_a_disk_tells_when_it_will_be_full_and_since_when_it_is() -> None:
    finding = the(said("disk-full", seen(of(), {DISK: [70, 74, 78, 82, 86, 90]})))
    assert finding.since == at(4)
    assert finding.evidence == ("AllTraffic: 90% of the volume in use, growing by 240.0 points an hour: full in 2 min",)


def test_a_disk_stays_full_until_it_is_clearly_emptier() -> None:
    emptier = seen(of(), {DISK: [90, 90, 82, 82, 82]})
    assert not said("disk-full", emptier)
    assert the(said("disk-full", open_before(emptier, "disk-full")))
    assert not said("disk-full", open_before(seen(of(), {DISK: [90, 90, 79, 79, 79]}), "disk-full"))


# Hot instances

HOTTEST = "CPUUtilization.Maximum"


def hot(hottest: Values, mean: Values, endpoint: Endpoint | None = None, **more: Any) -> Subject:
    percent: Labels = {
        HOTTEST: [share and share * 400 for share in hottest],
        CPU: [share and share * 400 for share in mean],
        CALLS: [600.0] * len(hottest),
    }
    return seen(endpoint or of(), percent, **more)


def test_a_hot_instance_behind_a_calm_average_is_a_warning() -> None:
    finding = the(said("hot-instance", hot([0.4, *[0.95] * 5], [0.38, *[0.5] * 5])))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(6), None)
    assert finding.title == "one of 2 instances at 95% CPU, the average at 50%"
    assert finding.evidence == ("AllTraffic: the others have 5% on average",)


def test_its_share_of_the_callers_is_slowed_where_latency_is_unusual() -> None:
    labels: Labels = {HOTTEST: [380.0] * 5, CPU: [200.0] * 5, CALLS: [600.0] * 5, P99: [900e3] * 5}
    usual = {on(of()): {P99: Usual(200e3, 150e3, 250e3)}}
    assert the(said("hot-instance", seen(of(), labels, usual=usual))).impact_per_minute == 300.0


def _updated(endpoint: Endpoint) -> Endpoint:
    return endpoint._replace(summary=endpoint.summary._replace(modified_at=NOW - timedelta(minutes=5)))


@pytest.mark.parametrize(
    "told",
    [
        hot([0.95] * 5, [0.9] * 5),
        hot([0.6] * 5, [0.3] * 5),
        hot([0.5, 0.5, 0.5, 0.95, 0.95], [0.45] * 5),
        hot([0.95] * 3, [0.5] * 3),
        hot([0.95] * 5, [None] * 5),
        hot([None] * 5, [0.5] * 5),
        hot([0.95] * 5, [0.5] * 5, of(desired=3)),
        hot([0.95] * 5, [0.5] * 5, with_status(of(), "Updating")),
        hot([0.95] * 5, [0.5] * 5, _updated(of())),
        hot([0.95] * 5, [0.5] * 5, of(None)),
    ],
    ids=[
        "all are",
        "little to do",
        "two minutes",
        "too young",
        "no average",
        "no maximum",
        "scaling",
        "updating",
        "just updated",
        "unknown type",
    ],
)
def test_what_is_no_hot_instance(told: Subject) -> None:
    assert not said("hot-instance", told)


def test_one_instance_alone_is_not_hotter_than_others() -> None:
    (variant,) = of().variants
    assert variant.instances
    alone = variant._replace(instances=variant.instances._replace(count=Moving(1, 1)))
    assert not said("hot-instance", hot([0.95] * 5, [0.5] * 5, of()._replace(variants=(alone,))))


def test_a_hot_instance_lasts_until_five_minutes_are_better() -> None:
    better = hot([0.95, *[0.5] * 4], [0.5, *[0.45] * 4])
    assert not said("hot-instance", better)
    assert the(said("hot-instance", open_before(better, "hot-instance")))
    assert not said("hot-instance", open_before(hot([0.5] * 5, [0.45] * 5), "hot-instance"))
