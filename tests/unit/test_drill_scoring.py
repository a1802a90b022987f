"""How drills are scored: on answer keys and words made by hand."""

from collections.abc import Mapping, Sequence

import pytest

from benchmarks.drills.scoring import (
    Group,
    Said,
    Shared,
    Told,
    Trouble,
    false_episodes,
    group_outcome,
    outcome,
)
from smtop.metrics.domain.finding import Severity

CRITICAL, WARNING, IDLE, ADVICE = Severity.CRITICAL, Severity.WARNING, Severity.IDLE, Severity.OK
FULL = Said("cpu-saturated", WARNING, "A")
SLOW = Said("latency-high", WARNING, "A")
FAILS = Said("errors-5xx", CRITICAL, "A")
TROUBLE = Trouble(
    "shop", "cpu-saturated", "mild", ("cpu-saturated",), ("latency-high", "errors-5xx"), "A", 600.0, 900.0
)


def _minute_by_minute(*said: Sequence[Said], first: float = 900.0, endpoint: str = "shop") -> list[Told]:
    return [Told(first + 60.0 * place, {endpoint: tuple(one)} if one else {}) for place, one in enumerate(said)]


@pytest.mark.parametrize(
    ("said", "found", "right"),
    [
        ([[], [FULL]], 960.0, 960.0),
        ([[], []], None, None),
        ([[SLOW], [SLOW]], None, None),
        # An equally grave consequence may stand above its cause, a graver one may not.
        ([[SLOW, FULL]], 900.0, 900.0),
        ([[FAILS, FULL]] * 4, 900.0, None),
        # A symptom that is right within two minutes.
        ([[FAILS, FULL], [FAILS, FULL], [FULL]], 900.0, 1020.0),
        ([[FAILS, FULL], [FAILS, FULL], [FAILS, FULL], [FULL]], 900.0, None),
        # What nothing explains may not stand above it, whatever its gravity.
        ([[Said("disk-full", WARNING, "A"), FULL]], 900.0, None),
        # The wrong variant is not found.
        ([[FULL._replace(variant="B")]], None, None),
        ([[FULL._replace(variant=None)]], 900.0, 900.0),
    ],
)
def test_trouble_is_found_by_its_right_cause(
    said: Sequence[Sequence[Said]], found: float | None, right: float | None
) -> None:
    seen = outcome(TROUBLE, (), _minute_by_minute(*said))
    assert (seen.found_at, seen.right_at) == (found, right)


def test_graver_consequence_may_stand_above_what_only_costs_money() -> None:
    idle = TROUBLE._replace(cause="idle", rules=("idle",), also=("traffic-gone",))
    told = _minute_by_minute([Said("traffic-gone", WARNING), Said("idle", IDLE)])
    assert outcome(idle, (), told).right_at == 900.0


def test_words_before_the_onset_are_luck_and_count_for_nothing() -> None:
    assert outcome(TROUBLE, (), _minute_by_minute([FULL], first=500.0)).found_at is None


def test_cause_of_another_trouble_may_stand_above() -> None:
    other = TROUBLE._replace(cause="disk-full", rules=("disk-full",), also=())
    told = _minute_by_minute([Said("disk-full", CRITICAL, "A"), FULL])
    assert outcome(TROUBLE, [other], told).right_at == 900.0
    assert outcome(TROUBLE, [other._replace(began_at=5000.0)], told).right_at is None


@pytest.mark.parametrize(
    ("first", "minutes", "is_soon"), [(840.0, 0.0, True), (1020.0, 2.0, True), (1140.0, 4.0, False)]
)
def test_time_runs_from_when_the_deciding_points_were_readable(first: float, minutes: float, is_soon: bool) -> None:
    seen = outcome(TROUBLE, (), _minute_by_minute([FULL], first=first))
    assert (seen.minutes, seen.is_soon) == (minutes, is_soon)


def test_what_the_key_explains_is_not_false() -> None:
    told = _minute_by_minute([FULL, SLOW], [FULL])
    assert not list(false_episodes(told, [TROUBLE], 300.0))
    assert {one.said for one in false_episodes(told, [], 300.0)} == {FULL, SLOW}


def test_words_of_one_finding_are_one_episode_by_its_worst_severity() -> None:
    graver = FULL._replace(severity=CRITICAL)
    told = _minute_by_minute([FULL], [], [graver], *[[]] * 9, [FULL])
    first, second = sorted(false_episodes(told, [], 300.0), key=lambda one: one.began_at)
    assert (first.said.severity, first.began_at, first.ended_at) == (CRITICAL, 900.0, 1020.0)
    assert (second.said.severity, second.began_at) == (WARNING, 1620.0)


def test_idle_and_advice_are_not_held_against_it() -> None:
    told = _minute_by_minute([Said("idle", IDLE), Said("single-instance", ADVICE)])
    assert not list(false_episodes(told, [], 300.0))


@pytest.mark.parametrize(
    ("troubles", "of"),
    [
        ([], "healthy"),
        ([TROUBLE._replace(cause="clean-deploy", rules=(), also=())], "clean-deploy"),
        ([TROUBLE], "ill:cpu-saturated"),
        ([TROUBLE._replace(began_at=5000.0)], "healthy"),
    ],
)
def test_episode_says_of_whom(troubles: Sequence[Trouble], of: str) -> None:
    told = _minute_by_minute([Said("disk-full", WARNING, "A")])
    assert [one.of for one in false_episodes(told, troubles, 300.0)] == [of]


GROUP = Group(frozenset("abcde"), ("image:7", "role-7"), "errors-5xx", "mild", 600.0, 900.0)


@pytest.mark.parametrize(
    ("endpoints", "words", "found", "right"),
    [
        ("abcde", "image image:7: 5 of the 5 ill", True, True),
        ("abcd", "role role-7", True, True),
        ("abcde", "kind realtime", True, False),
        ("abc", "image image:7", False, False),
        ("abcdefghi", "image image:7", False, False),
    ],
)
def test_shared_cause_names_the_group_and_what_it_shares(endpoints: str, words: str, found: bool, right: bool) -> None:
    nothing: Mapping[str, tuple[Said, ...]] = {}
    seen = group_outcome(GROUP, [Told(960.0, nothing, (Shared(tuple(endpoints), words),))])
    assert (seen.found_at is not None, seen.right_at is not None) == (found, right)
