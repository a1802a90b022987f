"""What stands between a plan and its being carried out."""

from dataclasses import replace

import pytest

from smtop.metrics.actions.gate import READ_ONLY
from smtop.metrics.domain.plan import Confirm, Plan
from smtop.tui.commands import CommandError
from smtop.tui.view_models.cells import Paint, text_of
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.gate import seconds_of, time_left
from smtop.tui.view_models.plan_dialog import Question, Spot, answer_lines, cli_commands, question_lines
from tests.support.changes import weights_plan
from tests.support.fleet import NOW_S

PAINT = Paint(NOW_S, BLOCKS)
PLAN = weights_plan()
RISKY = weights_plan(confirm=Confirm.TYPE_NAME)


def of(*plans: Plan, **members: object) -> Question:
    return replace(Question(plans), **members)  # type: ignore[arg-type]


def test_the_focus_begins_where_nothing_happens() -> None:
    assert of(PLAN).at is Spot.CANCEL
    assert of(PLAN).moved(1).at is Spot.DO
    assert of(PLAN).moved(-1).at is Spot.DO
    assert of(RISKY).moved(1).at is Spot.FIELD


def test_only_the_very_text_confirms() -> None:
    assert of(PLAN).is_confirmed
    assert not of(RISKY).is_confirmed
    assert not of(RISKY).edited("fraud").is_confirmed
    assert of(RISKY).edited("fraud PROD").is_confirmed


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (Question(fault="There is no endpoint fraud."), "There is no endpoint fraud."),
        (Question(), ""),
        (of(PLAN, dry=True), "A dry run: nothing is changed."),
        (of(PLAN, closed=READ_ONLY), "Type :write 15m, and it can be done"),
        (of(PLAN, closed="The profile says never."), "The profile says never. This is a dry run."),
        (of(replace(PLAN, blockers=("No.",))), "Nothing can be done"),
    ],
)
def test_what_stands_against_it_leaves_one_button(question: Question, why: str) -> None:
    assert why in (question.obstacle or "")
    assert question.spots == (Spot.CANCEL,)
    assert not question.is_confirmed


def test_an_undo_needs_no_open_gate() -> None:
    undo = replace(PLAN, change="undo")
    assert of(undo, closed=READ_ONLY).obstacle is None
    assert "never" in (of(undo, closed="The profile says never.").obstacle or "")


def test_several_want_their_number_and_leave_out_what_is_blocked() -> None:
    three = of(PLAN, weights_plan("b", "2"), replace(weights_plan("c", "3"), blockers=("No.",)))
    assert three.confirm_text == "2 PROD"
    assert three.spots == (Spot.CANCEL, Spot.FIELD, Spot.GO_ON, Spot.DO)
    assert three.turned().go_on
    text = "\n".join(text_of(line) for line in question_lines(three, 80, PAINT))
    assert "2 changes, one after the other: fraud, b" in text
    assert "1 of 3 cannot be done" in text
    assert "cost together $0.460 -> ? an hour" in text


def test_unknown_numbers_are_question_marks() -> None:
    unknown = replace(PLAN, requests_per_minute=None, usd_per_hour=(None, 0.5))
    text = "\n".join(text_of(line) for line in question_lines(of(unknown), 80, PAINT))
    assert "requests a minute now ?" in text
    assert "? -> $0.500 an hour" in text


def test_the_calls_can_be_copied_as_commands() -> None:
    assert cli_commands([PLAN, PLAN]).count("aws sagemaker update-endpoint-weights-and-capacities") == 2


def test_what_has_to_be_typed_stands_there() -> None:
    text = "\n".join(text_of(line) for line in answer_lines(of(RISKY).moved(1).edited("fra"), 80, PAINT))
    assert "Type fraud PROD to do it:  fra_ " in text


@pytest.mark.parametrize(("text", "seconds"), [(None, 900), ("15m", 900), ("90s", 90), ("1h", 3600), ("5", 300)])
def test_lengths_of_time(text: str | None, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0m", "9h", "-5m", "1d"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(CommandError):
        seconds_of(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (28_800, "8h00m"),
        (6_541, "1h50m"),
        (3600, "60m"),
        (900, "15m"),
        (841, "15m"),
        (61, "2m"),
        (60, "60s"),
        (41, "50s"),
        (1, "10s"),
        (0, ""),
        (-5, ""),
    ],
)
def test_the_time_left_moves_in_steps(seconds: float, shown: str) -> None:
    assert time_left(seconds) == shown
