"""The checks of a soak bite: each is shown what must not be, and says so."""

import asyncio
import json
import logging
import socket
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.soak.accounts import Audit, audit
from benchmarks.soak.points import Comparison, Reader, Stored, compared, stored
from benchmarks.soak.run import KINDS, Options, Result
from benchmarks.soak.table import breaches, markdown
from benchmarks.soak.witness import Memory, Witness, belongings, growth, tasks_left
from smtop.metrics.domain.series import MetricId, Point, SeriesKey
from smtop.metrics.ports import Answer, Completeness
from smtop.metrics.store import Store
from tests.support.fleet import NOW_S

KEY = SeriesKey(MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "shop"), ("VariantName", "A"))), "Sum")
START = int(NOW_S // 60 - 19) * 60
RESIZE = "UpdateEndpointWeightsAndCapacities"
PARAMS = {"EndpointName": "shop", "DesiredWeightsAndCapacities": [{"VariantName": "A", "DesiredInstanceCount": 2}]}


# Points


def had(**differences: float) -> Stored:
    """Twenty minutes, all read whole when the last began; `m3=7` is another value stored for the fourth."""
    values = np.arange(20, dtype=np.float32)[None, :].copy()
    for name, value in differences.items():
        values[0, int(name[1:])] = value
    return Stored([KEY], START, values, np.full((1, 20), 19 * 60.0, dtype=np.float32))


TRUTH = np.arange(20, dtype=np.float64)[None, :]


def reread(stored: Stored, minutes: slice, at_s: float) -> Stored:
    read_at = stored.read_at.copy()
    read_at[0, minutes] = at_s
    return replace(stored, read_at=read_at)


def test_what_is_stored_as_it_was_published_is_no_loss() -> None:
    assert compared(had(), TRUTH, {}) == Comparison(series=1, compared=20)


@pytest.mark.parametrize("value", [float("nan"), 3.5])
def test_a_settled_minute_that_is_not_stored_as_it_was_published_is_lost(value: float) -> None:
    told = compared(had(m3=value), TRUTH, {})
    assert (told.lost, told.young, told.alone, told.overdue) == (1, 0, 0, 0)
    assert "Invocations Sum shop A" in told.named[0]


def test_a_point_out_of_nowhere_is_lost() -> None:
    truth = TRUTH.copy()
    truth[0, 3] = np.nan
    assert compared(had(), truth, {}).lost == 1


def test_a_young_minute_may_differ_until_it_is_read_again() -> None:
    young = had(m17=1.0)
    assert compared(young, TRUTH, {}).young == 1
    skipped = reread(young, slice(18, 20), 19 * 60.0 + 120.0)
    assert (compared(skipped, TRUTH, {}).young, compared(skipped, TRUTH, {}).lost) == (0, 1)
    hours_later = reread(young, slice(18, 20), 19 * 60.0 + 14_400.0)
    assert (compared(hours_later, TRUTH, {}).alone, compared(hours_later, TRUTH, {}).lost) == (1, 0)


def test_what_came_too_late_for_anybody_is_counted_apart() -> None:
    at = START + 180
    assert compared(had(m3=float("nan")), TRUTH, {("shop", at): at + 301.0}).overdue == 1
    assert compared(had(m3=float("nan")), TRUTH, {("shop", at): at + 200.0}).lost == 1


def test_the_reader_hears_what_a_store_was_told_whole() -> None:
    store, reader = Store(), Reader(NOW_S, 60, 10)
    reader.listen(store)
    other = KEY._replace(stat="Average")
    answers = {
        KEY: Answer.of(Completeness.COMPLETE, [Point(START + 60, 1.0)]),
        other: Answer.of(Completeness.PARTIAL, [Point(START + 60, 2.0)]),
    }
    store.record(answers, NOW_S, START)
    copy = stored(store, reader, NOW_S)
    place = (START + 60 - copy.start) // 60
    assert copy.values[:, place].tolist() == [1.0, 2.0]
    assert (copy.read_at[:, place] > 0).tolist() == [True, False]
    assert (copy.read_at[0, : place - 1] > 0).sum() == 0


# Journal


def journal(
    folder: Path, *events: Mapping[str, Any], calls: Sequence[Mapping[str, Any]] | None = None, change: str = "change-1"
) -> Path:
    call = {"service": "sagemaker", "operation": RESIZE, "params": PARAMS, "otherwise": [], "back": []}
    lines = [{"event": "planned", "at": 100.0, "plan": {"calls": list(calls or [call])}}, *events]
    folder.mkdir(exist_ok=True)
    (folder / f"{change}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return folder


CALLING = {"event": "calling", "at": 101.0, "call": "0"}
CALLED = {"event": "called", "at": 104.0, "call": "0", "request_id": "r1"}
APPLIED = {"event": "applied", "at": 150.0}


def write(at: float = 102.0, request_id: str = "r1", **members: Any) -> dict[str, Any]:
    usual = {"operation": f"sagemaker:{RESIZE}", "request": PARAMS, "request_id": request_id, "carried_out": True}
    return {**usual, "at": at, **members}


def test_a_change_that_was_sent_once_is_in_order(tmp_path: Path) -> None:
    told = audit(journal(tmp_path, CALLING, CALLED, APPLIED), [write(101.5, "r0", carried_out=False), write()])
    assert (told.breaches, told.repeated, told.writes, dict(told.changes)) == ([], 0, 2, {"applied": 1})


@pytest.mark.parametrize(
    ("writes", "breach"),
    [
        ([write(), write(103.0, "r2")], "was carried out 2 times"),
        ([write(), write(300.0, "r2")], "no line announces it"),
        ([write(), write(request={**PARAMS, "EndpointName": "other"})], "no line announces it"),
        ([write(carried_out=False)], "AWS has not carried it out"),
        ([], "AWS has not carried it out"),
        ([write(request_id="r9")], "the id of another request"),
    ],
)
def test_whatever_the_two_stories_do_not_share_is_a_breach(
    tmp_path: Path, writes: Sequence[Mapping[str, Any]], breach: str
) -> None:
    told = audit(journal(tmp_path, CALLING, CALLED, APPLIED), writes)
    assert len(told.breaches) == 1
    assert breach in told.breaches[0]


def test_of_two_changes_that_want_the_same_at_once_each_has_its_own_calls(tmp_path: Path) -> None:
    journal(tmp_path, CALLING, CALLED, APPLIED)
    journal(tmp_path, {**CALLING, "at": 103.0}, {"event": "failed", "at": 106.0}, change="change-2")
    told = audit(tmp_path, [write(101.5, "r0", carried_out=False), write(103.5), write(105.0, "r2", carried_out=False)])
    assert (told.breaches, told.never_arrived) == ([], 0)


def test_a_second_announcement_does_not_excuse_a_second_call(tmp_path: Path) -> None:
    again = {**CALLING, "at": 110.0}
    told = audit(journal(tmp_path, CALLING, again, {**CALLED, "at": 115.0}), [write(), write(112.0, "r2")])
    assert told.repeated == 1


def test_an_effect_that_was_found_needs_no_call_and_a_test_invocation_no_line(tmp_path: Path) -> None:
    found = {**CALLED, "request_id": None}
    told = audit(journal(tmp_path, CALLING, found), [write(operation="sagemaker:InvokeEndpoint")])
    assert (told.breaches, told.found, told.never_arrived) == ([], 1, 1)


def test_calls_on_the_way_back_and_what_is_looked_up_are_found_in_the_plan(tmp_path: Path) -> None:
    back = {"service": "cloudwatch", "operation": "PutMetricAlarm", "params": {"AlarmActions": [{"$policy-arn": {}}]}}
    call = {"service": "sagemaker", "operation": RESIZE, "params": PARAMS, "otherwise": [], "back": [back]}
    lines = ({**CALLING, "call": "back.0.0"}, {**CALLED, "call": "back.0.0"})
    sent = write(operation="cloudwatch:PutMetricAlarm", request={"AlarmActions": ["arn:1"]})
    assert audit(journal(tmp_path, *lines, calls=[call]), [sent]).breaches == []


# What is left behind


async def test_a_task_that_is_left_is_seen() -> None:
    leaked = asyncio.ensure_future(asyncio.sleep(60))
    assert len([one for one in tasks_left() if "sleep" in one]) == 1
    leaked.cancel()


def test_a_thread_and_a_socket_that_are_left_are_seen() -> None:
    before, over = belongings(), threading.Event()
    thread = threading.Thread(target=over.wait, name="forgotten")
    thread.start()
    with socket.socket():
        assert belongings().beyond(before) == ["thread forgotten is left", "descriptor socket is left"]
    over.set()
    thread.join()
    assert belongings().beyond(before) == []


def test_what_nobody_caught_is_heard() -> None:
    witness = Witness()
    with witness.watching():
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        warnings.warn("unclosed", ResourceWarning, stacklevel=1)
        logging.getLogger("asyncio").warning("slow")
        logging.getLogger("botocore").warning("part of the weather")
    asyncio.run(_with_a_failed_task(witness))
    assert [one.split()[0] for one in witness.seen] == ["thread", "log", "log", "loop:"]


async def _with_a_failed_task(witness: Witness) -> None:
    asyncio.get_running_loop().set_exception_handler(witness.of_loop)
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)


def test_memory_that_grows_is_measured_over_the_second_half() -> None:
    times = [float(second) for second in range(100)]
    assert growth(times, [100.0 + min(second, 50) for second in range(100)]) == pytest.approx(0.0, abs=0.1)
    assert growth(times, [100.0 + second for second in range(100)]) == pytest.approx(49.0)


# The verdict


def good() -> Result:
    memory = Memory([0.0, 300.0, 600.0], [100.0, 150.0, 151.0])
    weather = {"calls": {"sagemaker:ListEndpoints": 4000}, "befallen": dict.fromkeys(KINDS, 50)}
    told = Audit()
    told.changes["applied"] = 3
    return Result(Options(), weather, Comparison(5, 100), told, memory, opened=1)


def test_a_good_soak_has_no_breaches_and_a_table() -> None:
    assert breaches(good()) == []
    assert "| verdict | passed |" in list(markdown(good()))


@pytest.mark.parametrize(
    ("members", "breach"),
    [
        ({"comparison": Comparison(5, 100, lost=1, named=["x"])}, "1 points were lost, as x."),
        ({"comparison": Comparison()}, "Nothing was compared."),
        ({"audit": Audit()}, "No change was applied."),
        ({"seen": ["loop: boom"]}, "Somebody should have caught it: loop: boom."),
        ({"left": ["thread x is left"]}, "Thread x is left."),
        ({"opened": 2}, "The feed was opened 2 times."),
        ({"memory": Memory([0.0, 300.0, 450.0, 600.0], [100.0, 150.0, 170.0, 190.0])}, "Memory grew by 40 MB"),
    ],
)
def test_every_breach_is_a_sentence(members: Mapping[str, Any], breach: str) -> None:
    (told,) = breaches(replace(good(), **members))
    assert told.startswith(breach)


def test_fine_weather_proves_nothing() -> None:
    fine = replace(good(), weather={"calls": {"x": 90_000}, "befallen": dict.fromkeys(KINDS, 50) | {"stall": 49}})
    assert [told.partition(":")[0] for told in breaches(fine)] == ["The weather was too fine"] * 2
