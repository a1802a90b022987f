"""What baselines say of series whose making is known; five-minute steps unless said otherwise."""

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count

import pytest

from smtop.metrics.analysis.baseline import ALARM, KNOWN_AFTER_POINTS, Baseline, Verdict

STEP_S = 300
START = 1_700_006_400
"""A midnight in UTC."""

DAY = 86_400 // STEP_S
HOUR = 3600 // STEP_S


def feed(baseline: Baseline, values: Sequence[float], start: int = START, step_s: int = STEP_S) -> list[Verdict]:
    return [baseline.update(start + step_s * place, value) for place, value in enumerate(values)]


def at(place: int) -> int:
    return START + STEP_S * place


def assert_told(verdicts: Sequence[Verdict]) -> None:
    """Strange at once, and an alarm if it goes on."""
    assert verdicts[0].score >= 0.9
    assert verdicts[-1].rarity >= ALARM


def noisy(points: int, level: float = 100.0, seed: int = 0) -> list[float]:
    made = random.Random(seed)
    return [made.gauss(level, level / 20) for _ in range(points)]


def daily_peak(points: int, seed: int = 0) -> list[float]:
    """100 by night, 300 from noon to two."""
    made = random.Random(seed)
    return [made.gauss(300 if 12 <= place % DAY // HOUR < 14 else 100, 5) for place in range(points)]


def bursts(points: int, seed: int = 0) -> list[float]:
    """Heavy tails, many zeros."""
    made = random.Random(seed)
    return [made.paretovariate(1.2) if made.random() < 0.1 else 0.0 for _ in range(points)]


def counters(points: int, seed: int = 0) -> list[float]:
    made = random.Random(seed)
    return [float(sum(made.random() < 0.1 for _ in range(8))) for _ in range(points)]


def constant(points: int) -> list[float]:
    return [7.0] * points


KINDS: Sequence[Callable[[int], list[float]]] = (noisy, daily_peak, bursts, counters, constant)


@cache
def _learned(kind: Callable[[int], list[float]], days: int) -> str:
    baseline = Baseline()
    feed(baseline, kind(days * DAY))
    return json.dumps(baseline.to_document())


def learned(kind: Callable[[int], list[float]], days: int) -> Baseline:
    """A baseline of its own that has seen so many days; they are fed once for all tests."""
    return Baseline.of_document(json.loads(_learned(kind, days)))


def test_there_is_no_baseline_at_first() -> None:
    verdicts = feed(Baseline(), [*noisy(30), 1e6, *noisy(DAY), 1e6, *noisy(DAY)])
    known = [verdict.is_known for verdict in verdicts]
    assert known.index(True) == DAY + KNOWN_AFTER_POINTS
    assert not any(verdict.score or verdict.rarity for verdict in verdicts[: DAY + KNOWN_AFTER_POINTS])
    assert verdicts[0].expected is None


def test_few_points_are_no_baseline_however_long_they_take() -> None:
    verdicts = feed(Baseline(), noisy(KNOWN_AFTER_POINTS + 30), step_s=3600)
    assert [verdict.is_known for verdict in verdicts].index(True) == 24 + KNOWN_AFTER_POINTS


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_later_changes_nothing(kind: Callable[[int], list[float]]) -> None:
    values = kind(2 * DAY)
    whole = feed(Baseline(), values)
    other = feed(Baseline(), [*values[: DAY + 50], *(1e9 * place for place in range(DAY - 50))])
    assert other[: DAY + 50] == whole[: DAY + 50]
    assert other[DAY + 50 :] != whole[DAY + 50 :]


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_between_nothing_and_one(kind: Callable[[int], list[float]]) -> None:
    for verdict in feed(learned(kind, 3), [0.0, 1e300, -1e300, 5e-324, 1e300, 7.0], at(3 * DAY)):
        assert 0 <= verdict.score <= verdict.rarity <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_judging_is_what_an_update_says_and_learns_nothing(kind: Callable[[int], list[float]]) -> None:
    baseline = learned(kind, 3)
    before = json.dumps(baseline.to_document())
    for place, value in ((3 * DAY, 1e4), (3 * DAY + 5, 0.0), (5 * DAY, 120.0)):
        judged = baseline.judge(at(place), value)
        assert json.dumps(baseline.to_document()) == before
        assert judged == learned(kind, 3).update(at(place), value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_goes_on_where_the_baseline_was(kind: Callable[[int], list[float]]) -> None:
    original = Baseline()
    feed(original, kind(3 * DAY))
    more = kind(DAY)
    again = feed(learned(kind, 3), more, at(3 * DAY))
    for one, other in zip(feed(original, more, at(3 * DAY)), again, strict=True):
        assert one == pytest.approx(other)


def test_the_state_stops_growing() -> None:
    baseline = Baseline()
    made = random.Random(3)
    sizes = []
    for place in range(6000):
        baseline.update(START + 60 * place, math.exp(made.gauss(0, 5)))
        if place % 1500 == 1499:
            sizes.append(len(json.dumps(baseline.to_document())))
    assert max(sizes) < 20_000
    assert sizes[-1] < 1.3 * sizes[1]


def test_a_spike_is_told_once_and_is_forgotten() -> None:
    baseline = learned(noisy, 3)
    (before,) = feed(baseline, [100.0], at(3 * DAY))
    first, second = feed(baseline, [5000.0, 5000.0], at(3 * DAY + 1))
    assert first.score >= ALARM > second.score
    assert second.rarity >= ALARM
    later = feed(baseline, noisy(DAY, seed=1), at(3 * DAY + 3))
    assert before.expected is not None and before.spread is not None
    assert later[-1].expected == pytest.approx(before.expected, rel=0.05)
    assert later[-1].spread == pytest.approx(before.spread, rel=0.4)
    assert max(verdict.score for verdict in later[HOUR:]) < 0.97


def test_a_level_that_lasts_is_learned_within_a_day() -> None:
    verdicts = feed(learned(noisy, 3), noisy(DAY, level=300, seed=2), at(3 * DAY))
    assert verdicts[0].score >= ALARM
    assert verdicts[HOUR].expected == pytest.approx(100, rel=0.1)
    assert verdicts[9 * HOUR].expected == pytest.approx(300, rel=0.1)
    assert verdicts[-1].rarity < ALARM


def test_a_daily_peak_is_usual_by_day_and_strange_by_night() -> None:
    noon, night = 6 * DAY + 12 * HOUR + 6, 6 * DAY + 3 * HOUR
    by_day = learned(daily_peak, 6)
    feed(by_day, daily_peak(12 * HOUR + 6, seed=1), at(6 * DAY))
    expected = by_day.judge(at(noon), 300.0)
    assert expected.expected == pytest.approx(300, rel=0.05)
    assert expected.rarity < ALARM
    by_night = learned(daily_peak, 6)
    feed(by_night, daily_peak(3 * HOUR, seed=1), at(6 * DAY))
    assert_told(feed(by_night, [300.0] * 3, at(night)))


def test_the_hour_counts_after_hourly_history_too() -> None:
    hourly = Baseline()
    feed(
        hourly, [300.0 + day if hour == 12 else 100.0 + day % 3 for day in range(14) for hour in range(24)], START, 3600
    )
    first_live = START + 14 * 86_400
    feed(hourly, [101.0] * (12 * 60), first_live, 60)
    assert hourly.judge(first_live + 12 * 3600, 305.0).expected == pytest.approx(306, abs=10)


def test_a_series_that_stands_still_is_silent_until_it_moves() -> None:
    baseline = learned(constant, 5)
    assert not any(verdict.score for verdict in feed(baseline, constant(DAY), at(5 * DAY)))
    assert_told(feed(baseline, [7.5] * 3, at(6 * DAY)))


def test_zero_is_a_value_like_others() -> None:
    baseline = Baseline()
    assert not any(verdict.score for verdict in feed(baseline, [0.0] * (5 * DAY)))
    assert_told(feed(baseline, [1.0] * 3, at(5 * DAY)))


def test_bursts_that_come_every_day_are_no_news() -> None:
    def values() -> Iterator[float]:
        made = random.Random(5)
        for place in count():
            yield made.gauss(500, 20) if place % 97 == 0 else made.gauss(10, 1)

    made = values()
    verdicts = feed(Baseline(), [next(made) for _ in range(10 * DAY)])
    assert max(verdict.score for verdict in verdicts[5 * DAY :: 97]) < ALARM


def test_a_series_that_freezes_is_told_though_each_value_is_usual() -> None:
    verdicts = feed(learned(noisy, 3), [101.0] * (6 * HOUR), at(3 * DAY))
    assert max(verdict.rarity for verdict in verdicts[:6]) < ALARM
    assert max(verdict.rarity for verdict in verdicts) >= ALARM


def test_an_hour_that_is_always_restless_is_measured_by_its_own_width() -> None:
    """Noise of 20 from noon to six, of 2 otherwise; 150 is usual then and far out by night."""

    def restless_noons(points: int, seed: int) -> list[float]:
        made = random.Random(seed)
        return [made.gauss(100, 20 if 12 <= place % DAY // HOUR < 18 else 2) for place in range(points)]

    baseline = Baseline()
    feed(baseline, restless_noons(8 * DAY + 3 * HOUR, seed=7))
    by_night = baseline.judge(at(8 * DAY + 3 * HOUR), 150.0)
    feed(baseline, restless_noons(14 * HOUR, seed=8)[3 * HOUR :], at(8 * DAY + 3 * HOUR))
    by_day = baseline.judge(at(8 * DAY + 14 * HOUR), 150.0)
    assert by_day.rarity < ALARM <= by_night.rarity


def test_a_gap_is_neither_learned_nor_told() -> None:
    whole, holed = learned(noisy, 3), learned(noisy, 3)
    feed(whole, noisy(DAY, seed=4), at(3 * DAY))
    first, *_ = feed(holed, noisy(DAY, seed=4), at(5 * DAY + 17))
    assert first.is_known and first.score < ALARM
    for place, value in ((6 * DAY + 100, 100.0), (6 * DAY + 200, 104.0)):
        assert holed.judge(at(place), value).expected == pytest.approx(whole.judge(at(place), value).expected, rel=0.03)


def test_points_that_are_missing_here_and_there_change_little() -> None:
    made = random.Random(6)
    baseline = Baseline()
    verdicts = [baseline.update(at(place), value) for place, value in enumerate(noisy(6 * DAY)) if made.random() < 0.6]
    assert verdicts[-1].expected == pytest.approx(100, rel=0.05)
    assert sum(verdict.score >= ALARM for verdict in verdicts) <= 12


def test_time_that_is_put_back_stands_still() -> None:
    back, still = learned(noisy, 3), learned(noisy, 3)
    last = at(3 * DAY - 1)
    assert back.update(last - 3600, 103.0) == still.update(last, 103.0)
    assert back.to_document() == still.to_document()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="leave it out"):
        Baseline().update(START, value)
