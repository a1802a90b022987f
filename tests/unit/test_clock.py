"""Clocks: the one that runs faster keeps its promise about when it agrees with the machine's."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from smtop.metrics import clock as clocks
from smtop.metrics.clock import CorrectedClock, ScaledClock, SystemClock, utc
from tests.support.engine import FakeClock
from tests.support.fleet import NOW_S


class Machine:
    """The machine's own time, set by hand."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now / 2

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(1000.0)
    monkeypatch.setattr(clocks, "time", machine)
    monkeypatch.setattr(clocks, "asyncio", machine)
    return machine


def test_a_scaled_clock_agrees_at_its_epoch_and_runs_ahead_from_there(machine: Machine) -> None:
    clock = ScaledClock(epoch=1000.0, speed=60.0)
    assert clock.wall() == 1000.0
    before = clock.monotonic()
    machine.now += 2.0
    assert clock.wall() == 1120.0
    assert clock.monotonic() - before == 60.0


async def test_a_scaled_clock_sleeps_as_much_shorter(machine: Machine) -> None:
    await ScaledClock(epoch=1000.0, speed=60.0).sleep(30.0)
    assert machine.slept == [0.5]


async def test_the_system_clock_is_the_machine(machine: Machine) -> None:
    clock = SystemClock()
    await clock.sleep(3.0)
    assert (clock.wall(), clock.monotonic(), machine.slept) == (1000.0, 500.0, [3.0])


@pytest.fixture
def kathmandu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("kathmandu")
def test_times_are_aware_and_utc_whatever_the_machine_is_set_to() -> None:
    assert utc(1_795_183_890.0) == datetime(2026, 11, 20, 14, 11, 30, tzinfo=UTC)
    assert utc(0).utcoffset() == timedelta(0)


def date_header(wall_s: float) -> str:
    return format_datetime(utc(int(wall_s)), usegmt=True)


@pytest.mark.parametrize("skew_s", [-300.0, -31.0, 31.0, 300.0, 7200.0])
def test_a_wrong_clock_goes_by_what_aws_says(skew_s: float) -> None:
    machine = FakeClock(NOW_S)
    clock = CorrectedClock(machine)
    assert clock.wall() == NOW_S
    for _ in range(3):
        clock.heard(date_header(machine.wall() + skew_s))
        machine.move(1.3)
    assert clock.skew_s == pytest.approx(skew_s, abs=1.0)
    assert clock.wall() == pytest.approx(machine.wall() + skew_s, abs=1.0)
    assert clock.monotonic() == machine.monotonic()


def test_a_right_clock_is_left_alone_however_late_some_answers_come() -> None:
    machine = FakeClock(NOW_S)
    clock = CorrectedClock(machine)
    for delay_s in (0.2, 4.0, 9.0, 29.0, 0.1):
        clock.heard(date_header(machine.wall() - delay_s))
        assert clock.wall() == machine.wall()


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_a_clock_that_is_set_anew_is_right_again_after_the_next_answer(jump_s: float) -> None:
    machine = FakeClock(NOW_S)
    clock = CorrectedClock(machine)
    for _ in range(20):
        clock.heard(date_header(NOW_S))
    machine.set_wall(NOW_S + jump_s)
    clock.heard(date_header(NOW_S))
    assert clock.wall() == pytest.approx(NOW_S, abs=1.0)


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Nov 2026 14:11:30 GMT"])
def test_a_date_that_cannot_be_read_says_nothing(date: str) -> None:
    clock = CorrectedClock(FakeClock(NOW_S))
    clock.heard(date)
    assert clock.wall() == NOW_S
