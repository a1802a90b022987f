"""Points in memory: what a later read does to an earlier one, and what is never made up."""

import math

import pytest

from smtop.metrics.domain.series import PERIOD_S, Point, SeriesKey
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Answer, Answers, Completeness
from smtop.metrics.store import EXACT_MINUTES, MINUTES, NEVER_ASKED, Store
from tests.support.engine import at, fault, minutes, series
from tests.support.fleet import NOW_S

KEY = series("Invocations", "Sum")
OTHER = series("ModelLatency", "p99")


def told(store: Store, *points: Point, key: SeriesKey = KEY, now: float = NOW_S) -> Store:
    store.record({key: Answer.of(Completeness.COMPLETE, points)}, now)
    return store


def recent(store: Store, key: SeriesKey = KEY, span: int = 15, now: float = NOW_S) -> list[Point]:
    [points] = store.recent([key], now, span)
    return list(points)


def test_a_late_point_lands_in_its_own_minute_once() -> None:
    store = told(Store(), *minutes(5.0, None, 7.0))
    told(store, *minutes(6.0, 7.0))
    assert recent(store) == list(minutes(5.0, 6.0, 7.0))


def test_a_value_that_grows_is_replaced() -> None:
    store = Store()
    for value in (70.0, 107.0, 120.0):
        told(store, Point(at(1), value))
    assert recent(store) == [Point(at(1), 120.0)]


def test_a_gap_stays_a_gap() -> None:
    assert recent(told(Store(), *minutes(1.0, None, None, 4.0))) == list(minutes(1.0, None, None, 4.0))


def test_order_of_arrival_does_not_matter() -> None:
    points = minutes(1.0, 2.0, 3.0, 4.0)
    assert recent(told(Store(), *reversed(points))) == list(points)


def test_a_read_that_no_longer_holds_a_point_does_not_take_it_away() -> None:
    store = told(told(Store(), *minutes(1.0, 2.0)))
    assert recent(store) == list(minutes(1.0, 2.0))


def test_only_the_minutes_asked_for_are_given_the_one_under_way_included() -> None:
    store = told(Store(), *minutes(9.0, 1.0, 2.0, 3.0, newest=0))
    assert recent(store, span=3) == list(minutes(1.0, 2.0, 3.0, newest=0))


def test_series_come_back_in_the_order_asked_and_an_unknown_one_is_empty() -> None:
    store = told(told(Store(), Point(at(2), 1.0)), Point(at(2), 2.0), key=OTHER)
    unknown = series("Unknown")
    found = store.recent([OTHER, unknown, KEY], NOW_S, 15)
    assert found == [[Point(at(2), 2.0)], [], [Point(at(2), 1.0)]]
    assert store.recent([], NOW_S, 15) == []
    assert Store().recent([KEY], NOW_S, 15) == [[]]


def test_the_ring_forgets_what_it_has_gone_round_over() -> None:
    store = told(Store(), Point(at(5), 1.0), key=OTHER)
    later = NOW_S + MINUTES * PERIOD_S
    told(store, Point(at(5) + MINUTES * PERIOD_S, 2.0), now=later)
    assert recent(store, OTHER, MINUTES, later) == []
    assert recent(store, KEY, MINUTES, later) == [Point(at(5) + MINUTES * PERIOD_S, 2.0)]


def test_a_point_older_than_the_ring_overwrites_nothing() -> None:
    store = told(Store(), Point(at(2), 1.0))
    told(store, Point(at(2) - MINUTES * PERIOD_S, 99.0))
    assert recent(store, span=MINUTES) == [Point(at(2), 1.0)]


def test_an_hour_of_silence_does_not_bring_old_minutes_back() -> None:
    store = told(Store(), *minutes(1.0, 2.0))
    assert recent(store, now=NOW_S + 3600) == []


def test_a_fleet_of_more_series_than_expected_keeps_them_all() -> None:
    store = Store()
    keys = [series(f"M{index}") for index in range(3000)]
    store.record(
        {key: Answer.of(Completeness.COMPLETE, (Point(at(2), float(n)),)) for n, key in enumerate(keys)}, NOW_S
    )
    assert [points[0].value for points in store.recent(keys, NOW_S, 15)] == list(range(3000))


def test_asking_is_remembered_with_its_time_and_completeness() -> None:
    store = told(Store(), now=NOW_S)
    assert (store.asked(KEY).answered_at, store.asked(KEY).completeness) == (NOW_S, Completeness.COMPLETE)
    assert store.asked(OTHER) == NEVER_ASKED


@pytest.mark.parametrize("verdict", [Completeness.ERROR, Completeness.FORBIDDEN])
def test_a_result_without_an_answer_keeps_points_and_says_why(verdict: Completeness) -> None:
    store = told(Store(), *minutes(1.0, 2.0))
    store.record({KEY: Answer(verdict)}, NOW_S + 60)
    assert recent(store) == list(minutes(1.0, 2.0))
    assert store.asked(KEY).answered_at == NOW_S
    assert verdict.value in (store.asked(KEY).failure or "")
    told(store, now=NOW_S + 120)
    assert store.asked(KEY).failure is None


def test_partial_data_is_kept_and_marked() -> None:
    store = Store()
    store.record({KEY: Answer.of(Completeness.PARTIAL, minutes(3.0))}, NOW_S)
    assert recent(store) == list(minutes(3.0))
    assert store.asked(KEY).completeness is Completeness.PARTIAL


def test_a_failed_request_keeps_points_and_the_time_of_the_last_answer() -> None:
    store = told(Store(), *minutes(1.0, 2.0))
    store.fail({KEY: fault(FaultKind.THROTTLED), OTHER: fault(FaultKind.THROTTLED)})
    assert recent(store) == list(minutes(1.0, 2.0))
    assert store.asked(KEY).answered_at == NOW_S
    assert "throttled" in (store.asked(KEY).failure or "")
    assert store.asked(OTHER).answered_at is None


def test_a_total_adds_what_there_is_and_is_a_gap_where_nothing_is() -> None:
    store = told(told(Store(), *minutes(1.0, None, None, 4.0)), *minutes(10.0, 20.0, None, None), key=OTHER)
    pair, unknown = [KEY, OTHER], series("Unknown")
    assert store.totals([pair, [unknown], [OTHER]], at(2), 15) == [
        minutes(11.0, 20.0, None, 4.0),
        (),
        minutes(10.0, 20.0, None, None),
    ]
    assert store.totals([[*pair, unknown]], at(3), 3) == [minutes(11.0, 20.0, newest=4)]
    assert store.totals([], at(2), 15) == []


def test_the_newest_minute_of_a_series_is_told_up_to_a_given_one() -> None:
    store = told(told(Store(), *minutes(1.0, 2.0, 3.0, newest=1)), *minutes(5.0, newest=9), key=OTHER)
    assert store.newest([OTHER, series("Unknown"), KEY], at(2), 15) == [at(9), None, at(2)]
    assert store.newest([OTHER], at(2), 5) == [None]
    assert Store().newest([KEY, OTHER], at(2), 15) == [None, None]


# A whole batch, a whole day


def test_series_of_a_batch_keep_their_own_minutes_and_a_shared_list_of_times_serves_many() -> None:
    keys = tuple(series(f"M{index}") for index in range(4))
    shared = [at(4), at(3), at(2)]
    answers = Answers(
        keys, [Completeness.COMPLETE] * 4, [shared, shared, [at(3)], []], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0], []]
    )
    store = Store()
    store.record(answers, NOW_S)
    store.record(answers, NOW_S)
    expected = [list(minutes(1.0, 2.0, 3.0)), list(minutes(4.0, 5.0, 6.0)), [Point(at(3), 7.0)], []]
    assert [list(points) for points in store.recent(keys, NOW_S, 15)] == expected


def test_long_lists_that_are_shared_are_written_for_each_series() -> None:
    keys = tuple(series(f"M{index}") for index in range(3))
    shared = [at(ago) for ago in range(20, 0, -1)]
    rows = [[float(10 * key + place) for place in range(20)] for key in range(2)]
    store = Store()
    store.record(Answers(keys, [Completeness.COMPLETE] * 3, [shared, shared, [at(3)]], [*rows, [7.0]]), NOW_S)
    first, second, third = (list(points) for points in store.recent(keys, NOW_S, 30))
    assert (first, second) == (list(minutes(*rows[0], newest=1)), list(minutes(*rows[1], newest=1)))
    assert third == [Point(at(3), 7.0)]


def test_a_refused_result_in_a_batch_leaves_the_others_alone() -> None:
    store = told(Store(), Point(at(3), 1.0), key=OTHER)
    verdicts = [Completeness.COMPLETE, Completeness.FORBIDDEN]
    store.record(Answers((KEY, OTHER), verdicts, [[at(2)], [at(2)]], [[5.0], [6.0]], {1: "not allowed"}), NOW_S + 60)
    assert (recent(store), recent(store, OTHER)) == ([Point(at(2), 5.0)], [Point(at(3), 1.0)])
    assert (store.asked(OTHER).answered_at, store.asked(OTHER).failure) == (NOW_S, "not allowed")
    assert store.asked(KEY).answered_at == NOW_S + 60


def test_two_batches_of_the_same_series_in_another_order_are_not_confused() -> None:
    store = Store()
    for order in ((KEY, OTHER), (OTHER, KEY)):
        store.record({key: Answer.of(Completeness.COMPLETE, [Point(at(2), float(key == KEY))]) for key in order}, NOW_S)
    assert (recent(store), recent(store, OTHER)) == ([Point(at(2), 1.0)], [Point(at(2), 0.0)])


def test_the_newest_minutes_are_exact_and_older_ones_good_to_seven_digits() -> None:
    value = 123_456_789.123_456_7
    store = told(Store(), *minutes(*[value] * (MINUTES - 10), newest=0))
    points = recent(store, span=MINUTES)
    assert len(points) == MINUTES - 10
    assert {point.value for point in points[-EXACT_MINUTES:]} == {value}
    assert EXACT_MINUTES >= 15
    assert [point.value for point in points] == pytest.approx([value] * len(points), rel=1e-7)


def test_a_fleet_that_grows_for_a_day_keeps_its_past_and_makes_up_none() -> None:
    store = Store()
    first = told(store, *minutes(1.0, 2.0, newest=600))
    keys = [series(f"M{index}") for index in range(5000)]
    first.record({key: Answer.of(Completeness.COMPLETE, [Point(at(2), 7.0)]) for key in keys}, NOW_S)
    assert recent(store, span=MINUTES) == list(minutes(1.0, 2.0, newest=600))
    assert recent(store, keys[-1], MINUTES) == [Point(at(2), 7.0)]


def test_what_stands_out_is_told_in_standard_deviations() -> None:
    store = told(Store(), *minutes(10.0, 12.0, 8.0, None, 10.0, 16.0))
    told(store, *minutes(5.0, 5.0, 5.0), key=OTHER)
    told(store, *minutes(1.0, 3.0, newest=3), key=series("Late"))
    out, flat, late = store.deviations(at(2), 5).tolist()
    assert out == pytest.approx((16.0 - 10.0) / 2.0**0.5)
    assert [math.isnan(flat), math.isnan(late)] == [True, True]
    assert all(math.isnan(value) for value in store.deviations(at(2) + 3600, 5))


def covered(store: Store, start: int | None, now: float, completeness: Completeness = Completeness.COMPLETE) -> object:
    store.record({KEY: Answer(completeness)}, now, start)
    return store.asked(KEY).since


def test_reads_that_meet_cover_everything_since_the_first() -> None:
    store = Store()
    assert covered(store, at(15), NOW_S) == at(15)
    assert covered(store, at(5), NOW_S + 60) == at(15)
    assert covered(store, at(60), NOW_S + 60) == at(60)


def test_minutes_that_were_never_read_are_not_covered() -> None:
    store = Store()
    covered(store, at(15), NOW_S)
    later = at(0) + 3600
    assert covered(store, later, NOW_S + 7200) == later
    assert covered(store, None, NOW_S + 7260) is None


def test_half_an_answer_covers_nothing() -> None:
    store = Store()
    assert covered(store, at(15), NOW_S, Completeness.PARTIAL) is None
    assert covered(store, at(5), NOW_S + 60) == at(5)


def test_half_an_answer_leaves_what_was_covered_before() -> None:
    store = Store()
    covered(store, at(15), NOW_S)
    assert covered(store, at(5), NOW_S + 60, Completeness.PARTIAL) == at(15)
    assert store.asked(KEY).until == NOW_S
    assert store.asked(KEY).answered_at == NOW_S + 60


def test_of_very_many_series_less_than_a_day_is_kept_and_no_more_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtop.metrics.store.MOST_VALUES", 8_000)
    monkeypatch.setattr("smtop.metrics.store.LEAST_MINUTES", 3)
    store, first = Store(), at(600)
    store.record(
        {KEY: Answer.of(Completeness.COMPLETE, minutes(*map(float, range(600, 0, -1)), newest=1))}, NOW_S, first
    )
    assert store.asked(KEY).since == first
    others = {series("Invocations", "Sum", f"e{index}"): Answer(Completeness.COMPLETE) for index in range(1_100)}
    store.record(others, NOW_S)
    kept = recent(store, span=600)
    assert kept == list(minutes(*map(float, range(len(kept), 0, -1)), newest=1))
    assert 3 <= len(kept) < 10
    since = store.asked(KEY).since
    assert since is not None and first < since <= kept[0].at
