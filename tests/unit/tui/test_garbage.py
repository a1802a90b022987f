"""Full collections wait until nobody is at the keyboard."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from smtop.tui.garbage import ALONE_S, EVERY_S, LATEST_S, Garbage, none_at_first
from tests.support.engine import FakeClock


class Knot:
    """Points at itself, so that only a collection can find it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def garbage(clock: FakeClock) -> Iterator[Garbage]:
    made = Garbage(clock)
    made.hold()
    yield made
    made.release()


def test_only_young_objects_are_looked_at_until_it_is_released(garbage: Garbage) -> None:
    held = gc.get_threshold()
    garbage.release()
    assert gc.get_threshold()[0] == held[0]
    assert gc.get_threshold()[2] < held[2]


def test_everything_is_looked_at_when_nobody_is_there(garbage: Garbage, clock: FakeClock) -> None:
    lost = weakref.ref(Knot())
    clock.move(EVERY_S)
    assert garbage.collect_at_leisure()
    assert lost() is None


def test_not_while_somebody_presses_keys_and_not_all_the_time(garbage: Garbage, clock: FakeClock) -> None:
    clock.move(EVERY_S)
    garbage.touched()
    clock.move(ALONE_S - 1)
    assert not garbage.collect_at_leisure()
    clock.move(1)
    assert garbage.collect_at_leisure()
    clock.move(ALONE_S)
    assert not garbage.collect_at_leisure()


def test_once_an_hour_even_while_somebody_presses_keys(garbage: Garbage, clock: FakeClock) -> None:
    clock.move(LATEST_S - 1)
    garbage.touched()
    assert not garbage.collect_at_leisure()
    clock.move(1)
    garbage.touched()
    assert garbage.collect_at_leisure()


def test_none_is_collected_before_somebody_takes_hold(clock: FakeClock) -> None:
    with none_at_first():
        assert not gc.isenabled()
        made = Garbage(clock)
        made.hold()
        assert gc.isenabled()
        made.release()
    with none_at_first():
        pass
    assert gc.isenabled()


def test_what_was_there_before_it_is_held_is_not_looked_at_until_it_is_released(garbage: Garbage) -> None:
    assert gc.get_freeze_count() > 0
    garbage.release()
    assert gc.get_freeze_count() == 0
