"""Clocks: the one that runs faster keeps its promise about when it agrees with the machine's."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from smtop.metrics import clock as clocks
from smtop.metrics.clock import ScaledClock, SystemClock, utc


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
