"""What was done to an endpoint before something went wrong: each thing once, in plain words, the newest first."""

from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.happenings import before, happenings
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Happening
from smtop.metrics.domain.surroundings import Alarm, AlarmState, Deploy, Surroundings
from tests.support.engine import hosted
from tests.support.fleet import NOW, NOW_S
from tests.support.rules import seen
from tests.support.scaling import part, setting


def ago(minutes: float) -> int:
    return int(NOW_S - minutes * 60)


def modified(endpoint: Endpoint, minutes: float) -> Endpoint:
    return endpoint._replace(summary=endpoint.summary._replace(modified_at=NOW - timedelta(minutes=minutes)))


def told(endpoint: Endpoint | None = None, **around: Any) -> Subject:
    return seen(endpoint or hosted(), {}, around=Surroundings(**around))


def recent(endpoint: Endpoint | None = None, **around: Any) -> list[tuple[int, str]]:
    """All but the endpoint's beginning: how many minutes ago, and what."""
    found = happenings(told(endpoint, **around))
    return [((int(NOW_S) - one.at) // 60, one.what) for one in found if one.what != "the endpoint was created"]


DEPLOYED = (Deploy("fraud-v7", ago(4)), Deploy("fraud-v6", ago(9000)))


def test_a_config_that_became_live_is_told_with_the_one_before() -> None:
    assert recent(deploys=DEPLOYED) == [(4, "config fraud-v6 -> fraud-v7")]
    assert recent(deploys=(*DEPLOYED[:1], Deploy("fraud-v7", ago(30)))) == []
    assert recent(deploys=DEPLOYED[:1]) == []


@pytest.mark.parametrize(
    ("minutes", "lines"),
    [
        (6, [(4, "config fraud-v6 -> fraud-v7")]),
        (30, [(4, "config fraud-v6 -> fraud-v7"), (30, "the endpoint was changed")]),
    ],
)
def test_one_change_is_told_once(minutes: int, lines: list[tuple[int, str]]) -> None:
    assert recent(modified(hosted(), minutes), deploys=DEPLOYED) == lines


@pytest.mark.parametrize(
    ("endpoint", "what"),
    [
        (hosted(), "the endpoint was changed"),
        (hosted(status="Updating"), "an update began"),
        (hosted(status="SystemUpdating"), "AWS began to update it by itself"),
        (hosted(status="Failed", status_reason="No\n/ping."), "it became Failed: No /ping."),
    ],
)
def test_aws_dates_the_last_change(endpoint: Endpoint, what: str) -> None:
    assert recent(modified(endpoint, 12)) == [(12, what)]


def test_a_new_endpoint_was_created_and_nothing_else() -> None:
    created = hosted(age=timedelta(minutes=20))
    assert happenings(told(created)) == (Happening(ago(20), "the endpoint was created"),)


def test_a_roll_back_is_told_with_the_reason() -> None:
    endpoint = modified(hosted(status_reason="Alarm p99 fired."), 9)
    assert recent(endpoint, rolled_back_at=ago(10)) == [(10, "the update was rolled back: Alarm p99 fired.")]


def test_scaling_is_told_from_what_to_what_and_by_whom() -> None:
    own = part(setting(6, 3, "InProgress"), setting(4, 12), setting(2, 40, policy=None))
    assert recent(scaled=(own,)) == [
        (3, "scaling: AllTraffic 4 -> 6 instances (policy track-calls), InProgress"),
        (12, "scaling: AllTraffic 2 -> 4 instances (policy track-calls)"),
        (40, "scaling: AllTraffic 2 instances"),
    ]


def test_attempts_that_fail_alike_are_told_once_with_what_aws_says() -> None:
    failed = [setting(4, minutes, "Failed", message="No capacity.", policy=None) for minutes in (3, 9, 15)]
    assert recent(scaled=(part(*failed, setting(2, 40, policy=None)),)) == [
        (3, "scaling: AllTraffic 2 -> 4 instances, Failed: No capacity."),
        (40, "scaling: AllTraffic 2 instances"),
    ]


def test_alarms_are_told_but_for_those_of_scaling() -> None:
    alarms = (
        Alarm("p99", AlarmState.ALARM, ago(5), metric="ModelLatency"),
        Alarm("5xx", AlarmState.OK, ago(8)),
        Alarm("none", AlarmState.INSUFFICIENT_DATA, ago(2)),
        Alarm("out", AlarmState.ALARM, ago(3), scales=True),
    )
    assert recent(alarms=alarms) == [(5, "alarm p99 on ModelLatency began to fire"), (8, "alarm 5xx is OK again")]


def test_what_was_not_asked_is_no_happening() -> None:
    assert recent(scaled=None, alarms=None) == []


def test_only_what_lies_shortly_before_an_onset_may_be_its_cause() -> None:
    around = told(deploys=DEPLOYED, scaled=(part(*(setting(1 + n % 2, 10 + n) for n in range(8))),))
    assert [one.at for one in before(ago(3), around)] == [ago(minutes) for minutes in (4, 10, 11, 12, 13)]
    assert before(ago(7), around)[0].at == ago(10)
    assert before(ago(5), around)[0].at == ago(4)
    assert before(ago(200), around) == ()
    assert before(None, around) == ()
