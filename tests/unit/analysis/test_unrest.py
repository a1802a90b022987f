"""How much a series moves of late, against how much it usually does."""

import json
import random

import pytest

from smtop.metrics.analysis.unrest import WINDOWS, Movement


def moved(points: int = 600, spread: float = 1.0, level: float = 0.0) -> Movement:
    movement, made = Movement(), random.Random(1)
    for _ in range(points):
        movement.learn(made.gauss(level, spread))
    return movement


def test_nothing_is_said_before_a_window_is_full() -> None:
    movement = moved(WINDOWS[0])
    assert not any(movement.unrest(9.0))


def test_it_swings() -> None:
    movement = moved()
    for place in range(WINDOWS[1]):
        movement.learn(8.0 * (-1) ** place)
    more, less, more_of_long, less_of_long = movement.unrest(8.0)
    assert min(more, more_of_long) > 1
    assert less == less_of_long == 0


def test_it_freezes() -> None:
    movement = moved()
    for _ in range(WINDOWS[1] + 2):
        movement.learn(0.3)
    more, less, more_of_long, less_of_long = movement.unrest(0.3)
    assert min(less, less_of_long) > 5
    assert more == more_of_long == 0


def test_another_level_is_one_step() -> None:
    before, after = moved(), moved()
    for _ in range(2 * WINDOWS[1]):
        before.learn(3.0)
        after.learn(300.0)
    assert after.unrest(300.0) == pytest.approx(before.unrest(3.0), rel=0.1)


def test_a_gap_empties_the_window_and_leaves_what_is_usual() -> None:
    movement = moved()
    movement.forget_window()
    assert not any(movement.unrest(9.0))
    for _ in range(WINDOWS[1] + 2):
        movement.learn(0.3)
    assert min(movement.unrest(0.3)[1::2]) > 5


def test_a_document_is_all_of_it() -> None:
    movement = moved()
    again = Movement.of_document(json.loads(json.dumps(movement.to_document())))
    for value in (0.5, 7.0, -3.0):
        assert again.unrest(value) == movement.unrest(value)
        movement.learn(value)
        again.learn(value)
