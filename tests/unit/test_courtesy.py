"""The engine's loop waits while the screen's is busy, and never for long."""

import time

import pytest

from smtop.metrics.courtesy import LONGEST_S, NAP_S, EngineSelector, ScreenSelector, Turn


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The naps that the engine takes; nobody waits for them."""
    taken: list[float] = []
    monkeypatch.setattr(time, "sleep", taken.append)
    return taken


def test_the_turn_is_the_screens_between_two_waits() -> None:
    turn = Turn()
    screen = ScreenSelector(turn)
    seen = [turn.is_taken]
    screen.select(0)
    seen.append(turn.is_taken)
    screen.close()
    assert [*seen, turn.is_taken] == [False, True, False]


def test_the_engine_goes_on_at_once_while_the_screen_waits(naps: list[float]) -> None:
    with EngineSelector(Turn()) as engine:
        assert engine.select(0) == []
    assert naps == []


def test_the_engine_naps_until_the_screen_waits_again(naps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Turn()
    turn.is_taken = True

    def nap(seconds: float) -> None:
        naps.append(seconds)
        turn.is_taken = len(naps) < 3

    monkeypatch.setattr(time, "sleep", nap)
    with EngineSelector(turn) as engine:
        engine.select(0)
    assert naps == [NAP_S] * 3


def test_a_screen_that_never_waits_does_not_starve_the_engine(naps: list[float]) -> None:
    turn = Turn()
    turn.is_taken = True
    with EngineSelector(turn) as engine:
        engine.select(0)
    assert sum(naps) == pytest.approx(LONGEST_S)
