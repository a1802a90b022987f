"""When a metric counts as silent."""

from smtop.metrics.collect.silence import LOOK_BACK_S, Silence
from smtop.metrics.domain.series import SeriesKey
from smtop.metrics.ports import Answer, Completeness
from tests.support.engine import minutes, series
from tests.support.fleet import NOW_S

P50, P99 = series("ModelLatency", "p50"), series("ModelLatency", "p99")
NOTHING = Answer(Completeness.COMPLETE)
SOMETHING = Answer.of(Completeness.COMPLETE, minutes(1.0))
LATER_S = NOW_S + LOOK_BACK_S


def heard(*told: tuple[float, dict[SeriesKey, Answer]]) -> Silence:
    silence = Silence()
    for now, answers in told:
        silence.note(answers, now)
    return silence


def test_an_hour_of_empty_answers_is_long() -> None:
    silence = heard((NOW_S, {P50: NOTHING}), (LATER_S, {P50: NOTHING}))
    assert not silence.is_long(P50.metric, LATER_S - 1)
    assert silence.is_long(P50.metric, LATER_S)


def test_a_metric_speaks_when_one_of_its_statistics_does() -> None:
    silence = heard((NOW_S, {P50: NOTHING, P99: NOTHING}), (NOW_S + 60, {P50: NOTHING, P99: SOMETHING}))
    assert not silence.is_long(P50.metric, LATER_S)
    assert silence.has_spoken(P99.metric)


def test_answers_that_are_not_whole_say_nothing() -> None:
    broken = {P50: Answer(Completeness.PARTIAL), P99: Answer(Completeness.ERROR)}
    assert not heard((NOW_S, broken)).is_long(P50.metric, LATER_S)


def test_a_metric_that_was_never_asked_is_not_silent() -> None:
    assert not Silence().is_long(P50.metric, NOW_S)
    assert not Silence().has_spoken(P50.metric)


def test_what_is_forgiven_starts_anew() -> None:
    silence = heard((NOW_S, {P50: NOTHING}))
    silence.forgive([P50.metric])
    silence.note({P50: NOTHING}, LATER_S)
    assert not silence.is_long(P50.metric, LATER_S)
