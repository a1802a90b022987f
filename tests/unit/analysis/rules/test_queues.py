"""Queues of asynchronous endpoints: each rule fires, does not fire, and is silent without data."""

from collections.abc import Sequence

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Bounds, Change, Resize, Suspend
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.scaling import (
    Scalable,
    ScalableTarget,
    ScaledPart,
    ScalingActivity,
    ScalingPolicy,
    Suspension,
)
from smtop.metrics.domain.surroundings import Surroundings
from tests.support.engine import Values, at, hosted, on
from tests.support.fleet import NOW_S
from tests.support.queues import ASLEEP, BATCH, EXPIRED, QUEUE, queue, with_instances
from tests.support.rules import Labels, open_before, said, the

RESOURCE = Scalable("endpoint/batch/variant/AllTraffic", "sagemaker:variant:DesiredInstanceCount")
POLICY = ScalingPolicy(RESOURCE, "by-backlog", "TargetTrackingScaling")


def scaled(
    least: int = 0,
    most: int = 4,
    *,
    suspended: Sequence[Suspension] = (),
    policies: tuple[ScalingPolicy, ...] = (POLICY,),
    activities: tuple[ScalingActivity, ...] = (),
) -> Surroundings:
    target = ScalableTarget(RESOURCE, least, most, frozenset(suspended))
    return Surroundings(scaled=(ScaledPart(target, policies, activities=activities),))


def activity(ago_s: float, status: str = "InProgress") -> ScalingActivity:
    return ScalingActivity(RESOURCE, NOW_S - ago_s, status, "Setting desired instance count to 1.", "alarm")


SUSPENDED = scaled(suspended=(Suspension.SCALE_OUT,))
UNREGISTERED = Surroundings(scaled=())


# Without capacity


def test_requests_that_wait_for_a_first_instance_are_a_warning() -> None:
    one = queue(ASLEEP, [40, 50, 60], [60, 120, 180], idle=[0, 1, 1])
    finding = the(said("backlog-without-capacity", one))
    assert (finding.severity, finding.variant, finding.since) == (Severity.WARNING, None, at(3))
    assert finding.evidence == (
        "requests and no instance for 2 min; 10 are allowed for a start",
        "60 requests wait",
        "the oldest waits for 3 min",
    )
    assert finding.change == Resize("batch", "AllTraffic", count=1)
    assert (finding.impact_per_minute, finding.confidence) == (10.0, Confidence.MEDIUM)


@pytest.mark.parametrize(("minutes", "severity"), [(9, Severity.WARNING), (10, Severity.CRITICAL)])
def test_beyond_the_start_allowance_it_is_critical(minutes: int, severity: Severity) -> None:
    one = queue(ASLEEP, idle=[0.0, *[1.0] * minutes])
    assert the(said("backlog-without-capacity", one)).severity is severity
    assert the(said("backlog-without-capacity", one, start_allowance_minutes=12)).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("endpoint", "around", "minutes", "severity"),
    [
        (ASLEEP, scaled(), 5, Severity.OK),
        (ASLEEP, scaled(policies=()), 5, Severity.WARNING),
        (ASLEEP, SUSPENDED, 5, Severity.WARNING),
        (ASLEEP, scaled(most=0), 5, Severity.WARNING),
        (with_instances(0, 1), UNREGISTERED, 5, Severity.OK),
        (with_instances(0, 1), scaled(activities=(activity(200),)), 12, Severity.WARNING),
        (with_instances(0, 1), scaled(activities=(activity(900),)), 12, Severity.CRITICAL),
        (ASLEEP, scaled(), 12, Severity.CRITICAL),
    ],
    ids=[
        "a policy brings it",
        "no policy",
        "suspended",
        "may have none",
        "asked for",
        "late and just asked for",
        "asked for long ago",
        "the policy does not",
    ],
)
def test_scaling_from_zero_in_time_is_no_trouble(
    endpoint: Endpoint, around: Surroundings, minutes: int, severity: Severity
) -> None:
    one = queue(endpoint, idle=[1.0] * minutes, around=around)
    finding = the(said("backlog-without-capacity", one))
    assert finding.severity is severity
    assert (finding.change is None) is (severity is Severity.OK or endpoint is not ASLEEP)


@pytest.mark.parametrize(
    ("around", "change"),
    [
        (Surroundings(), Resize("batch", "AllTraffic", count=1)),
        (scaled(), Resize("batch", "AllTraffic", count=1)),
        (SUSPENDED, Suspend("batch", "AllTraffic", what=("out",), resume=True)),
        (scaled(most=0), Bounds("batch", "AllTraffic", most=1)),
    ],
    ids=["unknown", "scaled", "suspended", "may have none"],
)
def test_the_change_fits_what_scales_it(around: Surroundings, change: Change) -> None:
    assert the(said("backlog-without-capacity", queue(ASLEEP, idle=[1.0] * 12, around=around))).change == change


def test_what_scaling_tried_in_vain_is_evidence() -> None:
    tried = scaled(activities=(activity(900, "Successful"), activity(300, "Failed")))
    finding = the(said("backlog-without-capacity", queue(ASLEEP, idle=[1.0] * 12, around=tried)))
    assert finding.evidence[-1] == "scaling: Failed: Setting desired instance count to 1."


@pytest.mark.parametrize("idle", [[], [1.0], [0, 0, 1], [1, 1, 1, 0, 0], [0.0] * 5])
def test_a_minute_without_capacity_or_one_that_is_over_is_nothing(idle: Values) -> None:
    assert not said("backlog-without-capacity", queue(ASLEEP, idle=idle))
    assert not said("backlog-without-capacity", queue(hosted("batch"), idle=[1.0] * 5))


def test_it_lasts_until_two_minutes_have_capacity() -> None:
    assert said(
        "backlog-without-capacity", open_before(queue(ASLEEP, idle=[1, 1, 1, 0]), "backlog-without-capacity", QUEUE)
    )
    over = open_before(queue(ASLEEP, idle=[1, 1, 1, 0, 0]), "backlog-without-capacity", QUEUE)
    assert not said("backlog-without-capacity", over)


# Growing

RISES = [float(30 + 6 * minute) for minute in range(8)]


def test_a_backlog_that_rises_all_along_is_a_warning_with_its_pace() -> None:
    finding = the(said("backlog-growing", queue(waiting=RISES, processed=[20.0] * 8, around=UNREGISTERED)))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(8), 6.0)
    assert finding.title == "backlog of 72 requests grows by 6 a minute"
    assert finding.evidence[0] == "30 -> 72 requests in 8 min, 20.0 a minute are processed; 26.0 a minute come"
    assert finding.evidence[1:] == ("432 will wait in an hour", "one that comes now waits about 4 min")
    assert finding.change == Resize("batch", "AllTraffic", count=4)


@pytest.mark.parametrize(
    ("around", "change"),
    [
        (scaled(most=3), Bounds("batch", "AllTraffic", most=4)),
        (scaled(most=9), None),
        (SUSPENDED, Suspend("batch", "AllTraffic", what=("out",), resume=True)),
    ],
    ids=["at most", "with room", "suspended"],
)
def test_more_capacity_comes_by_what_scales_it(around: Surroundings, change: Change | None) -> None:
    assert the(said("backlog-growing", queue(waiting=RISES, processed=[20.0] * 8, around=around))).change == change


BATCHES: dict[str, Values] = {
    "one batch": [2, 2, 2, 500, 480, 460, 440, 420],
    "one batch just now": [2, 2, 2, 2, 2, 2, 2, 500],
    "a batch that comes for some minutes": [2, 2, 2, 2, 100, 200, 300, 400],
    "a batch that came for some minutes": [2, 100, 200, 300, 400, 500, 480, 460],
    "drains": [90, 80, 70, 60, 50, 40, 30, 20],
    "few": [1, 2, 4, 6, 8, 10, 12, 14],
    "stays": [40.0] * 8,
    "hardly grows": [100, 101, 102, 103, 104, 105, 106, 107],
    "seen for a short while": [50, 70, 90],
}


@pytest.mark.parametrize("waiting", BATCHES.values(), ids=BATCHES)
def test_a_batch_that_is_worked_off_is_no_growth(waiting: Values) -> None:
    assert not said("backlog-growing", queue(waiting=waiting, processed=[20.0] * 8))
    assert not said("backlog-never-drains", queue(waiting=waiting, processed=[20.0] * 8))


@pytest.mark.parametrize(
    "one",
    [
        queue(),
        queue(waiting=RISES),
        queue(processed=[20.0] * 8),
        queue(hosted("batch"), RISES, processed=[20.0] * 8),
    ],
    ids=["nothing", "work not read", "backlog not read", "another kind"],
)
def test_without_data_nothing_is_said_of_a_backlog(one: Subject) -> None:
    assert not said("backlog-growing", one)
    assert not said("backlog-never-drains", one)


def test_nothing_is_said_while_instances_are_on_their_way() -> None:
    coming = queue(with_instances(2, 3), RISES, processed=[20.0] * 8, around=scaled(activities=(activity(200),)))
    assert not said("backlog-growing", coming)
    late = queue(with_instances(2, 3), RISES, processed=[20.0] * 8, around=scaled(activities=(activity(900),)))
    assert said("backlog-growing", late)


def test_growth_lasts_until_it_hardly_grows() -> None:
    slower = queue(waiting=[float(100 + minute) for minute in range(8)], processed=[20.0] * 8)
    assert said("backlog-growing", open_before(slower, "backlog-growing", QUEUE))
    still = queue(waiting=[100.0] * 8, processed=[20.0] * 8)
    assert not said("backlog-growing", open_before(still, "backlog-growing", QUEUE))


# Never draining

HEAP = [1000.0 + minute % 2 for minute in range(13)]
WORK = [20.0] * 13


def test_a_long_wait_without_an_end_is_critical() -> None:
    finding = the(said("backlog-never-drains", queue(waiting=HEAP, oldest_s=[3000.0] * 13, processed=WORK)))
    assert (finding.severity, finding.since) == (Severity.CRITICAL, at(2) - 3000)
    assert finding.title == "a backlog of 1,000 requests never drains at this rate"
    assert "the oldest waits for 50 min" in finding.evidence
    assert (finding.impact_per_minute, finding.confidence) == (20.0, Confidence.HIGH)
    assert finding.change == Resize("batch", "AllTraffic", count=3)


def test_a_slow_end_is_told_and_the_wait_can_be_told_by_the_pace() -> None:
    slow = queue(waiting=[1000.0 - minute for minute in range(13)], processed=WORK)
    finding = the(said("backlog-never-drains", slow))
    assert finding.title == "a backlog of 988 requests takes 16 h to drain at this rate"
    assert (finding.confidence, finding.since) == (Confidence.MEDIUM, at(14))


@pytest.mark.parametrize(
    ("waiting", "oldest_s"),
    [
        ([1000.0 - 10 * minute for minute in range(13)], [4000.0] * 13),
        ([2.0] * 6 + [1000.0] * 7, [300.0] * 13),
        ([2, 200, 400, 600, 800, *[1000.0 - 15 * minute for minute in range(8)]], [600.0] * 13),
        ([2.0] * 3 + [200.0 * minute for minute in range(1, 11)], [600.0] * 13),
        ([300.0] * 13, [900.0] * 13),
        ([5.0] * 13, [4000.0] * 13),
    ],
    ids=["drains in time", "a batch", "a batch in pieces", "a batch that still comes", "short wait", "few"],
)
def test_what_drains_or_has_just_come_is_not(waiting: Values, oldest_s: Values) -> None:
    assert not said("backlog-never-drains", queue(waiting=waiting, oldest_s=oldest_s, processed=WORK))


def test_instances_that_do_nothing_are_known_by_the_age() -> None:
    hung = queue(waiting=[50.0] * 13, oldest_s=[3000.0] * 13, processed=[0.0] * 13)
    assert the(said("backlog-never-drains", hung)).change == Resize("batch", "AllTraffic", count=3)
    assert not said("backlog-never-drains", queue(waiting=[50.0] * 13, processed=[0.0] * 13))


def test_it_lasts_until_the_end_is_in_sight() -> None:
    slow = queue(waiting=[1000.0 - 4 * minute for minute in range(13)], processed=WORK)
    assert not said("backlog-never-drains", slow)
    assert said("backlog-never-drains", open_before(slow, "backlog-never-drains", QUEUE))
    quick = queue(waiting=[1000.0 - 10 * minute for minute in range(13)], processed=WORK)
    assert not said("backlog-never-drains", open_before(quick, "backlog-never-drains", QUEUE))


# Expiring

LOSES: Labels = {EXPIRED: [0.0] * 10 + [4.0, 0.0, 4.0]}


def test_requests_that_expire_are_critical_with_the_state_of_the_queue() -> None:
    one = queue(waiting=HEAP, oldest_s=[900.0] * 13, processed=WORK, of_variant=LOSES)
    finding = the(said("requests-expiring", one))
    assert (finding.severity, finding.variant, finding.since) == (Severity.CRITICAL, "AllTraffic", at(4))
    assert finding.title == "1.6 requests a minute expire in the queue"
    assert "the oldest waits for 15 min" in finding.evidence
    assert finding.change == Resize("batch", "AllTraffic", count=3)


@pytest.mark.parametrize("expired", [[], [0.0] * 5, [0.0, 0, 0, 0, 9.0], [9.0, 9.0, 0, 0, 0], [0.4] * 5], ids=str)
def test_a_late_request_or_nothing_read_is_not(expired: Values) -> None:
    of_variant: Labels = {EXPIRED: expired} if expired else {}
    assert not said("requests-expiring", queue(processed=[20.0] * 5, of_variant=of_variant))


def test_it_lasts_until_three_minutes_lose_nothing() -> None:
    still = queue(processed=WORK, of_variant={EXPIRED: [9.0] * 10 + [0.5, 0.0, 0.0]})
    assert not said("requests-expiring", still)
    assert said("requests-expiring", open_before(still, "requests-expiring", on(BATCH)))
    over = queue(processed=WORK, of_variant={EXPIRED: [9.0] * 10 + [0.0] * 3})
    assert not said("requests-expiring", open_before(over, "requests-expiring", on(BATCH)))


# Causes before symptoms


def test_without_capacity_nothing_else_is_said_of_the_queue() -> None:
    one = queue(ASLEEP, HEAP, [4000.0] * 13, [0.0] * 13, LOSES, [1.0] * 13)
    assert said("backlog-without-capacity", one)
    for rule in ("requests-expiring", "backlog-never-drains", "backlog-growing"):
        assert not said(rule, one)


def test_what_expires_is_said_before_what_waits_and_that_before_what_grows() -> None:
    grown = [1000.0 + 30 * minute for minute in range(13)]
    waits = queue(waiting=grown, oldest_s=[3000.0] * 13, processed=WORK)
    assert said("backlog-never-drains", waits)
    assert not said("backlog-growing", waits)
    expires = queue(waiting=grown, oldest_s=[3000.0] * 13, processed=WORK, of_variant=LOSES)
    assert said("requests-expiring", expires)
    assert not said("backlog-never-drains", expires)
    assert not said("backlog-growing", expires)
