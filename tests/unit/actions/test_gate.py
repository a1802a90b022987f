"""The write gate: closed until the operator opens it, for a time or for the run, and never where that is forbidden."""

import asyncio
from typing import Any

import pytest

from smtop.metrics.actions.gate import READ_ONLY, WriteGate, is_passing
from smtop.metrics.errors import RefusedError
from tests.support.fleet import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def gate(clock: HandClock) -> WriteGate:
    return WriteGate(clock)


def test_it_is_closed_until_it_is_opened(gate: WriteGate) -> None:
    assert (gate.why_closed(), gate.left_s) == (READ_ONLY, 0.0)
    with pytest.raises(RefusedError, match="read-only"), gate.passage():
        raise AssertionError("nobody passes")
    gate.open()
    assert (gate.why_closed(), gate.left_s) == (None, float("inf"))
    with gate.passage():
        assert is_passing()
    assert not is_passing()


def test_it_counts_down_and_closes_by_itself(gate: WriteGate, clock: HandClock) -> None:
    gate.open(900)
    clock.now += 899
    assert (gate.left_s, gate.why_closed()) == (1.0, None)
    clock.now += 1
    assert (gate.left_s, gate.why_closed()) == (0.0, READ_ONLY)
    gate.open(900)
    gate.close()
    assert gate.left_s == 0.0


def test_who_is_inside_when_it_closes_gets_through(gate: WriteGate, clock: HandClock) -> None:
    gate.open(60)
    with gate.passage():
        clock.now += 61
        assert is_passing()


def test_the_way_back_of_ones_own_change_is_open_always(gate: WriteGate) -> None:
    assert gate.why_closed(own=True) is None
    with gate.passage(own=True):
        assert is_passing()


@pytest.mark.parametrize("own", [False, True])
def test_what_is_forbidden_stays_so(clock: HandClock, own: bool) -> None:
    gate = WriteGate(clock, lambda: "Not with this profile.")
    with pytest.raises(RefusedError, match="Not with this profile"):
        gate.open()
    with pytest.raises(RefusedError, match="Not with this profile"), gate.passage(own=own):
        raise AssertionError("nobody passes")


def test_it_can_be_forbidden_while_it_is_open(clock: HandClock) -> None:
    forbidden = iter([None, *["Not in this account."] * 2])
    gate = WriteGate(clock, lambda: next(forbidden))
    gate.open()
    assert (gate.why_closed(), gate.left_s) == ("Not in this account.", 0.0)


async def test_only_the_task_inside_passes(gate: WriteGate) -> None:
    gate.open()
    inside, seen = asyncio.Event(), list[Any]()

    async def other() -> None:
        await inside.wait()
        seen.append(is_passing())

    beside = asyncio.ensure_future(other())
    with gate.passage():
        inside.set()
        await beside
        assert (is_passing(), seen) == (True, [False])


def test_whoever_fails_inside_leaves_it(gate: WriteGate) -> None:
    gate.open()
    with pytest.raises(ZeroDivisionError), gate.passage():
        raise ZeroDivisionError
    assert not is_passing()
