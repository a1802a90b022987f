"""Deployments, alarms and missing metrics: each rule fires, does not fire, and is silent without data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.domain.change import Rollback
from smtop.metrics.domain.endpoint import BROKEN, Endpoint, Instances, Kind, Moving
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.scaling import ScaledPart
from smtop.metrics.domain.series import Owner, Sample, SampleState, not_collected
from smtop.metrics.domain.surroundings import Alarm, AlarmState, Deploy, Surroundings
from tests.support.engine import Values, at, hosted, minutes, on, variant_of
from tests.support.fleet import NOW
from tests.support.rules import open_before, said, seen, the
from tests.support.scaling import ago, part, setting, tracking

QUIET: Mapping[str, Values] = {}


def around(endpoint: Endpoint, **members: Any) -> Subject:
    return seen(endpoint, QUIET, around=Surroundings(**members))


def modified(endpoint: Endpoint, ago_min: float) -> Endpoint:
    return endpoint._replace(summary=endpoint.summary._replace(modified_at=NOW - timedelta(minutes=ago_min)))


# Broken


@pytest.mark.parametrize("status", sorted(BROKEN))
def test_a_broken_endpoint_is_critical_with_the_reason_of_aws(status: str) -> None:
    endpoint = modified(hosted(status=status, status_reason="The container does not\nanswer /ping."), 12)
    finding = the(said("endpoint-failed", around(endpoint)))
    assert finding.severity is Severity.CRITICAL
    assert status in finding.title
    assert finding.evidence == ("AWS: The container does not answer /ping.", f"{status} for 12 min")
    assert finding.since == int(ago(12))


def test_a_reason_is_not_made_up() -> None:
    assert the(said("endpoint-failed", around(hosted(status="Failed")))).evidence[0] == "AWS gives no reason"


@pytest.mark.parametrize("status", ["InService", "Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_a_serving_or_changing_endpoint_is_not_broken(status: str) -> None:
    assert not said("endpoint-failed", around(hosted(status=status)))


V6_BEFORE = (Deploy("fraud-v1", ago(20)), Deploy("fraud-v0", ago(9000)))


@pytest.mark.parametrize(
    ("status", "deploys", "to"),
    [
        ("UpdateRollbackFailed", V6_BEFORE, "fraud-v0"),
        ("UpdateRollbackFailed", V6_BEFORE[:1], None),
        ("UpdateRollbackFailed", (), None),
        ("Failed", V6_BEFORE, None),
        ("OutOfService", V6_BEFORE, None),
    ],
)
def test_the_way_back_is_prepared_where_it_is_known_and_aws_takes_it(
    status: str, deploys: tuple[Deploy, ...], to: str | None
) -> None:
    finding = the(said("endpoint-failed", around(hosted(status=status), deploys=deploys)))
    assert finding.change == (Rollback("fraud", to=to) if to else None)
    assert ("Roll back to the config fraud-v0" in (finding.next or "")) is (to is not None)


# Stuck


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack"])
def test_a_change_that_does_not_end_is_a_warning(status: str) -> None:
    stuck = around(modified(hosted(status=status), 5), changing_since=ago(95))
    finding = the(said("update-stuck", stuck))
    assert (finding.severity, finding.since) == (Severity.WARNING, int(ago(95)))
    assert finding.title == f"{status} for 1 h 35 min"
    assert finding.change is None


@pytest.mark.parametrize(
    ("endpoint", "since", "fires"),
    [
        (modified(hosted(status="Updating"), 50), None, True),
        (modified(hosted(status="Updating"), 30), None, False),
        (modified(hosted(status="Updating"), 9000), ago(44), False),
        (modified(hosted(status="Creating", age=timedelta(minutes=50)), 1), ago(1), True),
        (hosted(status="Creating", age=timedelta(minutes=40)), None, False),
        (modified(hosted(), 9000), None, False),
        (modified(hosted(status="Deleting"), 9000), None, False),
        (modified(hosted(status="Failed"), 9000), None, False),
    ],
    ids=["by AWS", "clean deploy", "a late look", "creation", "new", "in service", "deleting", "failed"],
)
def test_a_change_is_counted_from_where_it_began(endpoint: Endpoint, since: float | None, fires: bool) -> None:
    assert bool(said("update-stuck", around(endpoint, changing_since=since))) is fires


def test_a_stuck_update_tells_what_it_waits_for() -> None:
    waiting = variant_of()._replace(instances=Instances(Moving(1, 3), "ml.m5.xlarge"))
    endpoint = hosted(status="Updating", variants=(waiting,), status_reason="No capacity.")
    finding = the(said("update-stuck", around(endpoint, changing_since=ago(60))))
    assert finding.evidence[1:] == ("AllTraffic has 1 of 3 instances", "AWS: No capacity.")


def test_how_long_an_update_may_take_can_be_set() -> None:
    assert said("update-stuck", around(hosted(status="Updating"), changing_since=ago(20)), update_minutes=20)


# Rolled back


def test_an_update_that_was_rolled_back_is_news_for_an_hour() -> None:
    endpoint = modified(hosted(status_reason="Alarm p99 fired."), 18)
    finding = the(said("update-rolled-back", around(endpoint, rolled_back_at=ago(20))))
    assert (finding.severity, finding.since, finding.confidence) == (Severity.WARNING, int(ago(20)), Confidence.HIGH)
    assert finding.title == "an update was rolled back 20 min ago"
    assert finding.evidence == ("AWS: Alarm p99 fired.", "the config fraud-v1 serves as before")
    assert not said("update-rolled-back", around(endpoint, rolled_back_at=ago(61)))


@pytest.mark.parametrize(
    ("endpoint", "members", "fires"),
    [
        (modified(hosted(status="RollingBack"), 2), {}, True),
        (modified(hosted(status_reason="It failed."), 20), {}, True),
        (modified(hosted(status_reason="It failed."), 70), {}, False),
        (modified(hosted(), 5), {}, False),
        (modified(hosted(), 5), {"deploys": (Deploy("fraud-v1", ago(5)),)}, False),
        (modified(hosted(), 5), {"rolled_back_at": ago(30), "deploys": (Deploy("fraud-v1", ago(5)),)}, False),
        (modified(hosted(), 28), {"rolled_back_at": ago(30), "deploys": (Deploy("fraud-v1", ago(28)),)}, True),
        (hosted(status="Updating"), {"rolled_back_at": ago(30)}, False),
        (hosted(status="UpdateRollbackFailed"), {"rolled_back_at": ago(3)}, False),
    ],
    ids=[
        "under way",
        "by the reason",
        "an old reason",
        "a change",
        "clean deploy",
        "made good",
        "the old config again",
        "tried again",
        "worse",
    ],
)
def test_what_counts_as_rolled_back(endpoint: Endpoint, members: dict[str, Any], fires: bool) -> None:
    assert bool(said("update-rolled-back", around(endpoint, **members))) is fires


def test_a_roll_back_known_by_its_reason_alone_is_less_sure() -> None:
    finding = the(said("update-rolled-back", around(modified(hosted(status_reason="It failed."), 20))))
    assert finding.confidence is Confidence.MEDIUM


# Alarms


def alarm(name: str = "p99-high", state: AlarmState = AlarmState.ALARM, minutes_ago: float = 9, **more: Any) -> Alarm:
    return Alarm(name, state, ago(minutes_ago), "1 datapoint [980.0] was above 500.", "ModelLatency", **more)


def test_an_alarm_that_fires_is_told_with_what_cloudwatch_says() -> None:
    finding = the(said("alarm-firing", around(hosted(), alarms=(alarm(variant="AllTraffic"),))))
    assert (finding.severity, finding.since, finding.variant) == (Severity.WARNING, int(ago(9)), "AllTraffic")
    assert finding.title == "alarm p99-high is firing"
    assert finding.evidence == ("p99-high on ModelLatency in ALARM for 9 min: 1 datapoint [980.0] was above 500.",)


def test_alarms_of_one_part_are_one_finding() -> None:
    alarms = (alarm("b", minutes_ago=3), alarm("a", minutes_ago=30), alarm("c", variant="AllTraffic"))
    found = said("alarm-firing", around(hosted(), alarms=alarms))
    assert [(one.title, one.variant, one.since) for one in found] == [
        ("2 alarms are firing", None, int(ago(30))),
        ("alarm c is firing", "AllTraffic", int(ago(9))),
    ]


@pytest.mark.parametrize(
    ("alarms", "scaled"),
    [
        (None, None),
        ((), None),
        ((alarm(state=AlarmState.OK),), None),
        ((alarm(state=AlarmState.INSUFFICIENT_DATA),), None),
        ((alarm(scales=True),), None),
        ((alarm("step-out"),), (part(policies=(tracking(alarms=("step-out",)),)),)),
    ],
    ids=["not asked", "none", "fine", "without data", "scaling's own", "a step policy's"],
)
def test_other_alarms_are_no_finding(alarms: tuple[Alarm, ...] | None, scaled: tuple[ScaledPart, ...] | None) -> None:
    assert not said("alarm-firing", around(hosted(), alarms=alarms, scaled=scaled))


# Metrics missing

CPU = "CPUUtilization.Average"
CALLS = "Invocations.Sum"
TEN_GONE: Values = [40.0] * 3 + [None] * 10


def silent(endpoint: Endpoint | None = None, values: Values = TEN_GONE, **more: Any) -> Subject:
    """An endpoint whose CPU was last read so; it was asked a moment ago."""
    target = endpoint or hosted()
    return seen(target, {CPU: values, CALLS: values}, **more)


def test_an_endpoint_that_went_silent_is_a_warning() -> None:
    finding = the(said("metrics-missing", silent()))
    assert (finding.severity, finding.since) == (Severity.WARNING, at(11))
    assert finding.title == "no metric for 10 min"


@pytest.mark.parametrize(
    "values",
    [[40.0] * 13, [40.0] * 4 + [None] * 9, [None] * 13],
    ids=["fine", "late by minutes", "never any"],
)
def test_silence_that_is_short_or_without_a_before_says_nothing(values: Values) -> None:
    assert not said("metrics-missing", silent(values=values))


def test_data_that_is_late_for_the_fleet_says_nothing() -> None:
    assert not said("metrics-missing", silent(frontier=at(8)))


def test_one_series_that_goes_on_is_life() -> None:
    assert not said("metrics-missing", seen(hosted(), {CPU: TEN_GONE, CALLS: [5.0] * 13}))
    assert not said("metrics-missing", silent(trend=minutes(*[3.0] * 13)))


@pytest.mark.parametrize(
    "sample", [not_collected("not permitted"), Sample(SampleState.STALE, 40.0, at(14), "throttled")]
)
def test_what_could_not_be_asked_is_not_missing(sample: Sample) -> None:
    told = silent()
    assert not said("metrics-missing", replace(told, samples={on(told.endpoint): {CPU: sample, CALLS: sample}}))


def sized(current: int, kind: Kind = Kind.REALTIME) -> Endpoint:
    variant = variant_of(kind)._replace(instances=Instances(Moving(current, current), "ml.m5.xlarge"))
    return hosted(kind=kind, variants=(variant,))


@pytest.mark.parametrize(
    ("endpoint", "scaled"),
    [
        (hosted(kind=Kind.SERVERLESS), None),
        (hosted(status="Updating"), None),
        (hosted(age=timedelta(minutes=20)), None),
        (modified(hosted(), 15), None),
        (sized(0, Kind.ASYNC), ()),
        (sized(1, Kind.ASYNC), None),
        (sized(1, Kind.ASYNC), (part(setting(1, 8)),)),
    ],
    ids=["serverless", "updating", "new", "clean deploy", "at zero", "perhaps from zero", "just from zero"],
)
def test_silence_that_has_another_reason_says_nothing(
    endpoint: Endpoint, scaled: tuple[ScaledPart, ...] | None
) -> None:
    assert not said("metrics-missing", silent(endpoint, around=Surroundings(scaled=scaled)))


def test_silence_lasts_until_something_comes() -> None:
    gone = replace(silent(values=[None] * 13), samples={on(hosted()): {CPU: Sample(SampleState.NO_DATA)}})
    assert not said("metrics-missing", gone)
    finding = the(said("metrics-missing", open_before(gone, "metrics-missing", Owner("fraud"))))
    assert finding.since is None
    back = open_before(silent(values=[None] * 12 + [3.0]), "metrics-missing", Owner("fraud"))
    assert not said("metrics-missing", back)


def test_what_is_usual_proves_that_it_did_publish() -> None:
    gone = replace(silent(values=[None] * 13), samples={on(hosted()): {CPU: Sample(SampleState.NO_DATA)}})
    assert the(said("metrics-missing", replace(gone, usual={on(hosted()): {CPU: Usual(40.0, 30.0, 50.0)}})))
