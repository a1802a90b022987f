"""Scaling: each rule fires, does not fire, and is silent without data."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.triage import findings
from smtop.metrics.domain.change import Bounds
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.scaling import PROVISIONED, Scalable, ScaledPart, ScalingActivity, Suspension
from smtop.metrics.domain.surroundings import Alarm, AlarmState, Surroundings
from tests.support.engine import Values, at, hosted, variant_of
from tests.support.fleet import NOW
from tests.support.rules import open_before, said, seen, the
from tests.support.scaling import ago, part, scaled, setting, sized, tracking

EACH = "InvocationsPerInstance.Sum"
CPU = "CPUUtilization.Average"


def modified(endpoint: Endpoint, minutes_ago: float) -> Endpoint:
    return endpoint._replace(
        summary=endpoint.summary._replace(modified_at=NOW - timedelta(minutes=minutes_ago)),
    )


# At the maximum


def loaded(endpoint: Endpoint, own: ScaledPart, values: Values, label: str = EACH, **more: Any) -> Subject:
    return scaled(endpoint, own, labels={label: values}, **more)


FULL = part(policies=(tracking(),))
ABOVE: Values = [90.0, 90.0, 150.0, 100.0, 150.0]


def test_load_above_the_target_at_the_maximum_is_a_warning() -> None:
    finding = the(said("scaling-at-max", loaded(sized(4), FULL, ABOVE)))
    assert (finding.severity, finding.variant, finding.since) == (Severity.WARNING, "AllTraffic", at(4))
    assert finding.title == "AllTraffic is at its maximum of 4 instances, load 150% of the target"
    assert finding.evidence == (
        "4 instances in service, scaling may have 1 to 4",
        "InvocationsPerInstance is 150, policy track-calls wants 100",
    )
    assert finding.change == Bounds("fraud", "AllTraffic", most=6)


@pytest.mark.parametrize(
    ("endpoint", "own", "values"),
    [
        (sized(3), FULL, ABOVE),
        (sized(2, 4), FULL, ABOVE),
        (sized(4), FULL, [90.0, 90.0, 90.0, 90.0, 150.0]),
        (sized(4), FULL, [109.0] * 5),
        (sized(4), FULL, [150.0, 150.0, 90.0, 90.0, 90.0]),
        (sized(4), part(setting(4, 5), policies=(tracking(),)), ABOVE),
        (sized(4), part(setting(4, 5, "InProgress"), policies=(tracking(),)), ABOVE),
        (modified(sized(4), 3), FULL, ABOVE),
        (sized(4), part(policies=(tracking(),), suspended=frozenset({Suspension.SCALE_OUT})), ABOVE),
        (sized(4), part(), ABOVE),
        (sized(4), part(policies=(tracking("metric math"),)), ABOVE),
    ],
    ids=[
        "not at it",
        "still starting",
        "one minute",
        "a little",
        "over",
        "scaled out in time",
        "being scaled",
        "clean deploy",
        "suspended",
        "no policy",
        "not read",
    ],
)
def test_anything_less_is_not_the_maximum(endpoint: Endpoint, own: ScaledPart, values: Values) -> None:
    assert not said("scaling-at-max", loaded(endpoint, own, values))


def test_an_old_scale_out_does_not_excuse_the_load() -> None:
    assert the(said("scaling-at-max", loaded(sized(4), part(setting(4, 30), policies=(tracking(),)), ABOVE)))


@pytest.mark.parametrize("parts", [None, ()])
def test_what_does_not_scale_has_no_maximum(parts: tuple[ScaledPart, ...] | None) -> None:
    assert not said("scaling-at-max", seen(sized(4), {EACH: ABOVE}, around=Surroundings(scaled=parts)))


def test_without_the_metric_the_maximum_is_no_trouble() -> None:
    assert not said("scaling-at-max", scaled(sized(4), FULL))


def test_it_is_above_until_three_minutes_are_at_the_target() -> None:
    still = loaded(sized(4), FULL, [150.0, 150.0, 105.0, 90.0, 90.0])
    assert not said("scaling-at-max", still)
    assert the(said("scaling-at-max", open_before(still, "scaling-at-max")))
    over = loaded(sized(4), FULL, [150.0, 150.0, 90.0, 90.0, 90.0])
    assert not said("scaling-at-max", open_before(over, "scaling-at-max"))


def test_a_policy_of_ones_own_is_read_by_its_metric() -> None:
    own = part(policies=(tracking("CPUUtilization Average", 280.0),))
    assert the(said("scaling-at-max", loaded(sized(4), own, [390.0] * 5, CPU)))


def calling(minutes_ago: float, state: AlarmState = AlarmState.ALARM) -> tuple[Alarm, ...]:
    return (Alarm("TargetTracking-fraud-AlarmHigh-1", state, ago(minutes_ago), "above 20", scales=True),)


@pytest.mark.parametrize(
    ("alarms", "fires"),
    [(calling(20), True), (calling(10), False), (calling(20, AlarmState.OK), False), (None, False)],
)
def test_where_the_metric_is_not_read_the_policys_alarm_speaks(alarms: tuple[Alarm, ...] | None, fires: bool) -> None:
    policy = tracking(
        "SageMakerVariantConcurrentRequestsPerModelHighResolution", alarms=("TargetTracking-fraud-AlarmHigh-1",)
    )
    found = said("scaling-at-max", scaled(sized(4), part(policies=(policy,)), alarms=alarms))
    assert bool(found) is fires
    if fires:
        assert (the(found).confidence, the(found).since) == (Confidence.MEDIUM, int(ago(20)))
        assert the(found).change == Bounds("fraud", "AllTraffic", most=6)


@pytest.mark.parametrize(("most", "change"), [(5, Bounds("sl", "AllTraffic", most=10)), (20, None)])
def test_provisioned_concurrency_is_bounded_by_the_variant(most: int, change: Bounds | None) -> None:
    variant = variant_of(Kind.SERVERLESS_PROVISIONED)
    assert variant.serverless
    full = variant._replace(serverless=variant.serverless._replace(provisioned_concurrency=most))
    endpoint = hosted("sl", Kind.SERVERLESS_PROVISIONED, variants=(full,))
    policy = tracking("SageMakerVariantProvisionedConcurrencyUtilization", 0.5)
    own = part(policies=(policy,), scalable=Scalable("endpoint/sl/variant/AllTraffic", PROVISIONED), most=most)
    use = "ServerlessProvisionedConcurrencyUtilization.Average"
    finding = the(said("scaling-at-max", loaded(endpoint, own, [1.0] * 5, use)))
    assert finding.change == change


# Stuck

NO_ROOM = "Failed to set desired instance count to 4. Reason: insufficient capacity of ml.m5.xlarge."
TO_FOUR = "scaling AllTraffic to 4 instances"


@pytest.mark.parametrize(
    ("endpoint", "activities", "title"),
    [
        (
            sized(2, 4),
            (setting(4, 3, "Failed", message=NO_ROOM), setting(4, 9, "Unfulfilled"), setting(2, 99)),
            f"{TO_FOUR} has failed 2 times in 9 min",
        ),
        (
            sized(2),
            (setting(4, 6, "Failed", message=NO_ROOM),),
            "scaling AllTraffic to 4 instances has failed once in 6 min",
        ),
        (sized(2, 4), (setting(4, 20, "InProgress"),), "scaling AllTraffic to 4 instances is under way for 20 min"),
        (
            sized(2, 4, "Updating"),
            (setting(4, 20, "Pending"),),
            "scaling AllTraffic to 4 instances is under way for 20 min",
        ),
    ],
)
def test_scaling_that_gets_nowhere_is_a_warning(
    endpoint: Endpoint, activities: Sequence[ScalingActivity], title: str
) -> None:
    finding = the(said("scaling-stuck", scaled(endpoint, part(*activities))))
    assert (finding.severity, finding.variant, finding.title) == (Severity.WARNING, "AllTraffic", title)
    assert finding.since is not None


def test_what_aws_says_of_a_failure_is_the_evidence() -> None:
    own = part(setting(4, 6, "Failed", message=NO_ROOM))
    finding = the(said("scaling-stuck", scaled(sized(2), own)))
    assert finding.evidence[:2] == (f"AWS: {NO_ROOM}", "2 of 2 instances are there")
    assert finding.since == int(ago(6))
    assert "instance type" in (finding.next or "")


@pytest.mark.parametrize(
    ("endpoint", "activities"),
    [
        (sized(4), (setting(4, 3),)),
        (sized(4), (setting(4, 3), setting(4, 9, "Failed", message=NO_ROOM))),
        (sized(2), (setting(4, 3, "Failed", message=NO_ROOM),)),
        (sized(2), (setting(4, 70, "Failed", message=NO_ROOM),)),
        (sized(2, 4), (setting(4, 14, "InProgress"),)),
        (sized(2), (setting(4, 9, "Failed", message="Cannot update in-progress endpoint fraud"),) * 2),
        (modified(sized(2), 5), (setting(4, 9, "Failed", message="The resource cannot be changed."),) * 2),
        (sized(2, status="Updating"), (setting(4, 9, "Failed"),) * 2),
        (sized(2), ()),
    ],
    ids=[
        "done",
        "made good",
        "just once",
        "long ago",
        "under way",
        "turned away",
        "turned away by a deploy",
        "during a deploy",
        "nothing",
    ],
)
def test_scaling_that_gets_on_is_no_finding(endpoint: Endpoint, activities: Sequence[ScalingActivity]) -> None:
    assert not said("scaling-stuck", scaled(endpoint, part(*activities)))


def test_an_attempt_under_way_makes_no_failure_good() -> None:
    again = part(setting(4, 2, "InProgress"), setting(4, 17, "Unfulfilled", message=NO_ROOM))
    finding = the(said("scaling-stuck", scaled(sized(2), again)))
    assert finding.title == f"{TO_FOUR} has failed once in 17 min"
    assert finding.evidence[-1] == "tried again for 2 min"
    assert the(said("scaling-stuck", scaled(sized(2, 4, "Updating"), again))).title == finding.title
    assert not said("scaling-stuck", scaled(sized(2, 4), part(setting(4, 2, "InProgress"), setting(2, 17))))


def test_scaling_that_fails_stands_above_the_full_instances_it_should_relieve() -> None:
    full = {CPU: [390.0] * 15, "Invocations.Sum": [600.0] * 15, "Invocation5XXErrors.Sum": [60.0] * 15}
    told = scaled(sized(2), part(setting(4, 6, "Failed", message=NO_ROOM)), labels=full)
    assert [(one.id, one.severity) for one in findings(told)] == [
        ("scaling-stuck", Severity.CRITICAL),
        ("cpu-saturated", Severity.CRITICAL),
    ]


def test_bounds_that_were_set_and_policies_that_did_not_scale_are_no_attempts() -> None:
    others = [
        replace(setting(4, 2, "Failed"), description="Attempting to scale due to alarm triggered"),
        replace(setting(4, 8, "Failed"), description="Setting min capacity to 1 and max capacity to 4"),
    ]
    assert not said("scaling-stuck", scaled(sized(4), part(*others)))


@pytest.mark.parametrize(
    ("endpoint", "since", "fires"),
    [
        (sized(2, 3), ago(16), True),
        (sized(2, 3), ago(14), False),
        (sized(2, 3), None, False),
        (sized(3, 3), ago(60), False),
        (sized(2, 3, "Updating"), ago(60), False),
    ],
    ids=["for long", "a while", "not seen", "even", "updating"],
)
def test_a_count_that_stays_apart_is_a_warning(endpoint: Endpoint, since: float | None, fires: bool) -> None:
    uneven = {("AllTraffic", None): since} if since is not None else {}
    found = said("scaling-stuck", scaled(endpoint, uneven_since=uneven))
    assert bool(found) is fires
    if fires:
        assert the(found).title == "AllTraffic has 2 of 3 instances for 16 min"


def test_a_variant_is_said_to_be_stuck_once() -> None:
    own = part(setting(4, 6, "Failed", message=NO_ROOM))
    told = scaled(sized(2, 4), own, uneven_since={("AllTraffic", None): ago(40)})
    assert "failed" in the(said("scaling-stuck", told)).title


def test_activities_that_could_not_be_asked_say_nothing() -> None:
    assert not said("scaling-stuck", scaled(sized(2), part(known=False)))
    assert not said("scaling-fight", scaled(sized(2), part(known=False)))
