"""Practising: what an answer is worth, the grades, what the curtain hides, and the report."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.finding import Finding, Severity, SharedCause
from smtop.metrics.domain.series import SampleState
from smtop.tui.cli import drill as command
from smtop.tui.cli.common import Common
from smtop.tui.drill import key, report
from smtop.tui.drill.curtain import Curtain
from smtop.tui.drill.exercise import Exercise
from smtop.tui.drill.grading import Answer, Judgement, Opinion, Result, Trouble, is_done, judged, results
from smtop.tui.view_models.cells import Paint, text_of
from smtop.tui.view_models.fmt import ASCII
from tests.support.fleet import NOW_S, HandClock, endpoint, ok, snapshot, vitals

MIN_S = 60.0
FULL = Trouble(
    "cart",
    "pc-exhausted",
    "severe",
    "calls outgrow provisioned concurrency",
    ("pc-exhausted",),
    ("spillover", "pc-high"),
    NOW_S,
    can_end=True,
)
FAILING = Trouble("menu", "errors-5xx", "mild", "the model fails", ("errors-5xx",), (), NOW_S + 120.0, can_end=False)
ELSEWHERE = FAILING._replace(elsewhere="its model")


def answer(endpoint: str, rule: str, minutes: float = 3.0) -> Answer:
    return Answer(endpoint, rule, NOW_S + minutes * MIN_S)


RIGHT = answer("cart", "pc-exhausted")


def ended(minutes: float) -> Trouble:
    return FULL._replace(ended_at=NOW_S + minutes * MIN_S)


def graded(trouble: Trouble, *answers: Answer) -> Result:
    (result,) = results([trouble], answers, [], NOW_S + 200 * MIN_S)
    return result


# What an answer is worth


@pytest.mark.parametrize(
    ("given", "worth"),
    [
        (RIGHT, Judgement.RIGHT),
        (answer("cart", "spillover"), Judgement.CONSEQUENCE),
        (answer("cart", "errors-5xx"), Judgement.WRONG),
        (answer("menu", "pc-exhausted"), Judgement.WRONG),
        (answer("cart", "pc-exhausted", -1.0), Judgement.WRONG),
        (answer("menu", "errors-5xx", 1.9), Judgement.WRONG),
        (answer("menu", "errors-5xx", 2.0), Judgement.RIGHT),
    ],
)
def test_an_answer_is_right_where_it_names_endpoint_and_cause_after_the_onset(given: Answer, worth: Judgement) -> None:
    assert judged(given, [FULL, FAILING]) is worth


def test_what_was_told_before_is_not_told_again() -> None:
    assert judged(answer("cart", "pc-exhausted", 5.0), [FULL], [RIGHT]) is Judgement.AGAIN


def test_where_no_remedy_is_graded_it_is_said_with_what_it_lies() -> None:
    assert FAILING.ungraded == "No remedy is graded for this one."
    assert ELSEWHERE.ungraded == "No remedy is graded for this one: it lies with its model."


# Grades


@pytest.mark.parametrize(
    ("minutes", "grade"),
    [(6.0, "A"), (6.1, "B"), (10.0, "B"), (20.0, "C"), (40.0, "D"), (41.0, "F")],
)
def test_a_diagnosis_is_graded_by_the_minutes_since_the_onset(minutes: float, grade: str) -> None:
    result = graded(ended(1.0), answer("cart", "pc-exhausted", minutes))
    assert result.diagnosed_min == pytest.approx(minutes)
    assert (result.diagnosis, result.grade) == (grade, grade)


@pytest.mark.parametrize(
    ("minutes", "grade"),
    [(15.0, "A"), (25.0, "B"), (40.0, "C"), (60.0, "D"), (61.0, "F")],
)
def test_a_remedy_is_graded_by_the_minutes_since_the_onset_and_the_worse_grade_counts(
    minutes: float, grade: str
) -> None:
    result = graded(ended(minutes), RIGHT)
    assert (result.remedied_min, result.diagnosis, result.remedy, result.grade) == (minutes, "A", grade, grade)


def test_what_was_never_done_is_an_f_and_where_there_is_no_remedy_the_diagnosis_counts_alone() -> None:
    never = graded(FULL)
    assert (never.diagnosed_min, never.remedied_min, never.diagnosis, never.remedy) == (None, None, "F", "F")
    assert graded(FULL, RIGHT).grade == "F"
    alone = graded(FAILING, answer("menu", "errors-5xx", 4.0))
    assert (alone.remedy, alone.grade) == (None, "A")


@pytest.mark.parametrize(("wrong", "grade"), [(0, "A"), (1, "B"), (3, "D"), (9, "D")])
def test_each_wrong_answer_costs_a_grade_but_what_was_found_is_no_f(wrong: int, grade: str) -> None:
    result = graded(ended(1.0), *(answer("menu", "idle", 2.5) for _ in range(wrong)), RIGHT)
    assert (result.wrong, result.diagnosis) == (wrong, grade)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ([answer("menu", "idle")], [0, 1]),
        ([answer("cart", "spillover")], [1, 0]),
        ([answer("calm", "idle")], [1, 0]),
        ([RIGHT, answer("calm", "idle", 4.0)], [0, 1]),
        ([answer("calm", "idle", -1.0)], [1, 0]),
        ([RIGHT, answer("cart", "pc-exhausted", 9.0)], [0, 0]),
        ([RIGHT, answer("cart", "pc-high", 9.0)], [1, 0]),
    ],
)
def test_a_wrong_answer_counts_for_its_endpoint_or_for_what_has_waited_longest(
    given: Sequence[Answer], wrong: Sequence[int]
) -> None:
    found = results([FAILING, FULL], given, [], NOW_S + 20 * MIN_S)
    assert [(result.trouble.endpoint, result.wrong) for result in found] == [
        ("cart", wrong[0]),
        ("menu", wrong[1]),
    ]


def test_what_has_not_begun_yet_is_not_graded() -> None:
    assert [result.trouble for result in results([FULL, FAILING], [], [], NOW_S + 60.0)] == [FULL]


@pytest.mark.parametrize(
    ("troubles", "answers", "done"),
    [
        ([], [], False),
        ([FULL], [RIGHT], False),
        ([ended(9.0)], [], False),
        ([ended(9.0)], [RIGHT], True),
        ([ended(9.0), FAILING], [RIGHT], False),
        ([ended(9.0), FAILING], [RIGHT, answer("menu", "errors-5xx", 4.0)], True),
    ],
)
def test_it_is_done_when_all_is_diagnosed_and_remedied(
    troubles: Sequence[Trouble], answers: Sequence[Answer], done: bool
) -> None:
    assert is_done(troubles, answers) is done


def test_what_smtop_would_have_said_is_the_cause_or_else_a_consequence() -> None:
    later, before = NOW_S + 300.0, NOW_S - 300.0
    cause = Opinion("cart", "pc-exhausted", "critical", "all in use", later + 60.0)
    consequence = Opinion("cart", "pc-high", "warning", "nearly all in use", later)
    others = [cause._replace(endpoint="menu", at=later), cause._replace(at=before)]
    found = [
        results([FULL], [], opinions, later)[0].opinion
        for opinions in ([*others, consequence, cause], [*others, consequence], others)
    ]
    assert found == [cause, consequence, None]


# The curtain

FOUND = Finding("pc-exhausted", Severity.CRITICAL, "all in use")
SICK = endpoint("sick", Severity.CRITICAL, findings=[FOUND], impact=70.0, numbers=vitals(requests=9.0))
SHOWN = replace(
    snapshot(replace(SICK, hints=(FOUND,)), endpoint("busy", status="Updating"), endpoint("calm")),
    shared=(SharedCause(FOUND, ("sick",)),),
)


def test_behind_the_curtain_there_are_numbers_and_states_and_no_word_of_any_rule() -> None:
    seen = Curtain().before(SHOWN)
    assert [(view.endpoint.name, view.severity) for view in seen.endpoints] == [
        ("busy", Severity.CHANGING),
        ("calm", Severity.OK),
        ("sick", Severity.OK),
    ]
    sick = seen.endpoints[-1]
    assert (sick.findings, sick.hints, seen.shared) == ((), (), ())
    assert (sick.impact.state, sick.vitals.requests_per_minute) == (SampleState.NOT_COLLECTED, ok(9.0))


def test_the_curtain_remembers_what_was_said_first_and_when_it_is_lifted_all_is_seen() -> None:
    curtain = Curtain()
    curtain.before(SHOWN)
    curtain.before(replace(snapshot(SICK, at=NOW_S + 60.0)))
    assert curtain.opinions == (Opinion("sick", "pc-exhausted", "critical", "all in use", NOW_S),)
    curtain.lift()
    assert curtain.before(SHOWN) is SHOWN


# An exercise


def exercise(*troubles: Trouble, minutes: float = 3.0) -> tuple[Exercise, HandClock]:
    clock = HandClock()
    one = Exercise(lambda: troubles, clock)
    one.heard(one.ask())
    clock.now += minutes * MIN_S
    return one, clock


def test_answers_are_judged_at_once() -> None:
    one, clock = exercise(FULL, FAILING)
    assert one.answer("calm", "idle") == "No, idle is not what troubles calm. 1 wrong answer so far."
    consequence = one.answer("cart", "spillover")
    assert consequence == "spillover is true there, and only a consequence: what causes it? 2 wrong answers so far."
    assert one.answer("cart", "pc-exhausted") == "Right, 3.0 min after it began. Now remedy it."
    assert one.answer("cart", "pc-exhausted") == "That is answered already."
    assert one.answer("menu", "errors-5xx") == "Right, 1.0 min after it began. No remedy is graded for this one."
    clock.now += 60.0
    assert not one.heard([FULL, FAILING])
    assert one.heard([ended(3.5), FAILING])
    assert one.answer("cart", "idle") == "The drill is over; :drill shows how it went."
    assert [result.grade for result in one.results] == ["C", "A"]


def test_the_last_answer_ends_it_where_all_is_remedied_and_time_stops_there() -> None:
    one, clock = exercise(ended(1.0))
    assert one.answer("cart", "pc-exhausted") == "Right, 3.0 min after it began. It is remedied already."
    assert one.ended_at == clock.now
    clock.now += 60.0
    assert one.now == one.ended_at
    one.end(gave_up=True)
    assert not one.gave_up


# The report


def test_the_standing_tells_nothing_that_is_not_known_already() -> None:
    one, _ = exercise(FULL, FAILING)
    one.answer("calm", "idle")
    one.answer("cart", "pc-exhausted")
    told = " ".join(text_of(line).strip() for line in report.page(one, 80, Paint(NOW_S, ASCII)))
    assert "calm idle: wrong" in told
    assert "cart pc-exhausted: right" in told
    assert "cart: not remedied yet" in told
    assert "menu" not in told


def test_the_report_tells_cause_onset_times_grades_and_what_smtop_would_have_said() -> None:
    one, clock = exercise(ended(12.0), FAILING)
    one.curtain.before(snapshot(endpoint("cart", findings=[FOUND]), at=NOW_S + 240.0))
    one.answer("calm", "idle")
    one.answer("cart", "pc-exhausted")
    clock.now += 10 * MIN_S
    one.end(gave_up=True)
    assert report.text(one, 100).splitlines()[:14] == [
        "Drill given up after 13.0 min.",
        "",
        "B  cart: pc-exhausted, severe",
        "   what       calls outgrow provisioned concurrency",
        "   onset      14:11:30 UTC",
        "   diagnosis  B after 3.0 min, 1 wrong",
        "   remedy     A after 12.0 min",
        "   smtop      pc-exhausted (critical) after 4.0 min: all in use",
        "",
        "F  menu: errors-5xx, mild",
        "   what       the model fails",
        "   onset      14:13:30 UTC",
        "   diagnosis  F not told",
        "   remedy     - No remedy is graded for this one.",
    ]
    assert all(len(line) <= 60 for line in report.text(one, 60).splitlines())


def test_before_anything_happened_there_is_nothing_to_grade() -> None:
    one, _ = exercise(FULL._replace(began_at=NOW_S + 900.0))
    one.end(gave_up=True)
    assert "there is nothing to grade" in report.text(one, 80)


def test_whoever_leaves_the_screen_gets_the_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked: list[str] = []

    def asked_of(url: str) -> tuple[Trouble, ...]:
        asked.append(url)
        return (FULL,)

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(key, "asked", asked_of)
    monkeypatch.setattr(command, "show", lambda *_args, **_more: 0)
    settings = Settings(Directories(tmp_path, tmp_path, tmp_path, tmp_path))
    assert command.practise(Common(), settings, HandClock(NOW_S + 60.0), 1.0) == 0
    assert asked == ["http://127.0.0.1:1"]
    assert "F  cart: pc-exhausted, severe" in capsys.readouterr().out
