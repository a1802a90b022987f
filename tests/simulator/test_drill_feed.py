"""The feed of drills: a fleet and its answer key by one seed, read as of any moment, from a process of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
import pytest

from smtop.metrics.simulator.drills import COMPOUNDS, DAY_S, Drill, Strike, drawn, open_drills
from smtop.metrics.simulator.feed.__main__ import serve
from smtop.metrics.simulator.noise import Array

OPENED = 1_795_000_020.0
FIRST, LAST = OPENED + 1800.0, OPENED + 20 * 3600.0
OPEN: Mapping[str, Any] = {
    "op": "open",
    "seed": 6,
    "opened": OPENED,
    "draw": {"endpoints": 40, "first": FIRST, "last": LAST},
}
ONE: Mapping[str, Any] = {"op": "open", "opened": OPENED}
IDLE: Mapping[str, Any] = {"cause": "idle", "severity": "mild", "began": FIRST, "until": None}
Answer = tuple[dict[str, Any], Array | None]


def _answers(stream: BinaryIO) -> Iterator[Answer]:
    for line in iter(stream.readline, b""):
        told = json.loads(line)
        array = None
        if "bytes" in told:
            array = np.frombuffer(stream.read(told["bytes"]), dtype="<f8").reshape(told["shape"])
        yield told, array


def _asked(*requests: Mapping[str, Any]) -> Sequence[Answer]:
    lines = b"".join(json.dumps(request).encode() + b"\n" for request in requests)
    out = io.BytesIO()
    serve(io.BytesIO(lines), out)
    return list(_answers(io.BytesIO(out.getvalue())))


def _calls_of(name: str) -> list[Any]:
    return ["AWS/SageMaker", "Invocations", [["VariantName", "AllTraffic"], ["EndpointName", name]], "Sum"]


@pytest.fixture(scope="module")
def names() -> list[str]:
    """The endpoints of the fleet."""
    ((told, _),) = _asked(OPEN)
    return list(told["endpoints"])


def test_truth_names_endpoints_of_the_fleet_and_one_group(names: list[str]) -> None:
    truth = _asked(OPEN, {"op": "truth"})[1][0]["truth"]
    groups = [entry for entry in truth if entry["group"]]
    assert {entry["endpoint"] for entry in truth if not entry["group"]} < set(names)
    assert len(groups) == 1
    assert set(groups[0]["group"]["endpoints"]) < set(names)
    assert all(FIRST <= entry["began_at"] <= LAST + 60.0 for entry in truth if entry["began_at"] != OPENED)


def test_members_of_a_group_share_an_image_and_a_role_that_others_do_not(names: list[str]) -> None:
    truth = _asked(OPEN, {"op": "truth"})[1][0]["truth"]
    group = next(entry["group"] for entry in truth if entry["group"])
    wish = {"service": "sagemaker", "operation": "ListModels", "request": {"MaxResults": 100}}
    told = _asked(OPEN, {"op": "call", "now": OPENED, **wish})[1][0]
    models = [model["ModelName"] for model in told["answer"]["Models"]]
    describes = [{**wish, "operation": "DescribeModel", "request": {"ModelName": model}} for model in models]
    answers = _asked(OPEN, {"op": "calls", "now": OPENED, "calls": describes})[1][0]["answers"]
    sharing = {
        one["answer"]["ModelName"] for one in answers if group["shared"]["role"] == one["answer"]["ExecutionRoleArn"]
    }
    assert sharing == {f"{name}-model" for name in group["endpoints"]}


def test_reads_name_kept_series_and_a_replay_shows_what_every_moment_saw(names: list[str]) -> None:
    series = [_calls_of(name) for name in names]
    nows = [FIRST + 60.0 * step + 7.0 for step in range(5)]
    ends = [int(now // 60) * 60 + 60 for now in nows]
    reads = [
        {"op": "read", "series": 0, "now": now, "start": end - 600, "end": end, "period": 60}
        for now, end in zip(nows, ends, strict=True)
    ]
    kept, replayed, *seen = _asked(
        OPEN, {"op": "keep", "series": series}, {"op": "replay", "series": 0, "nows": nows, "minutes": 10}, *reads
    )[1:]
    assert kept[0] == {"ok": True, "series": 0, "count": 40}
    assert replayed[1] is not None
    assert replayed[1].shape == (5, 40, 10)
    assert np.isnan(replayed[1][:, :, -1]).all()
    for step, (_, array) in enumerate(seen):
        np.testing.assert_array_equal(array, replayed[1][step])


def test_late_minutes_are_readable_when_the_feed_says_so() -> None:
    start = int(FIRST // 60) * 60
    strike = {"cause": "late-data", "severity": "severe", "began": FIRST - 600.0}
    late = {"op": "open", "opened": OPENED, "drills": [{"strikes": [strike]}]}
    (name,) = _asked(late)[0][0]["endpoints"]
    (_, moments) = _asked(late, _published(name, start))[1]
    assert moments is not None
    first, every = moments[:, 0].tolist()
    assert every - start > 60.0 + 300.0
    samples = [*_calls_of(name)[:3], "SampleCount"]
    read = {"op": "read", "series": [samples], "start": start, "end": start + 60, "period": 60}
    asked = ({**read, "now": now} for now in (first - 1.0, every - 1.0, every, every + 900.0))
    unseen, growing, settled, later = (np.nansum(array) for _, array in _asked(late, *asked)[1:] if array is not None)
    assert unseen == 0.0 < growing <= settled == later


def _published(name: str, start: int) -> dict[str, Any]:
    return {"op": "publication", "endpoint": name, "start": start, "end": start + 60}


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"op": "nonsense"}, "unknown op"),
        ({"op": "call", "now": OPENED - 60.0, "service": "sagemaker", "operation": "ListModels"}, "cannot go back"),
        ({"op": "read", "now": OPENED, "series": [], "start": 30, "end": 90, "period": 60}, "multiples"),
        ({**ONE, "drills": [{"strikes": [{**IDLE, "cause": "x"}]}]}, "unknown cause 'x'"),
        ({**ONE, "drills": [{"strikes": [{**IDLE, "severity": "bad"}]}]}, "mild or severe, not 'bad'"),
    ],
)
def test_request_without_sense_is_told_so(request_: Mapping[str, Any], told: str) -> None:
    answer, _ = _asked(OPEN, request_)[1]
    assert not answer["ok"]
    assert told in answer["problem"]


def test_causes_that_no_endpoint_can_have_at_once_are_refused() -> None:
    strikes = [{"cause": name, "severity": "mild", "began": FIRST} for name in ("cache-thrash", "pc-high")]
    ((answer, _),) = _asked({"op": "open", "opened": OPENED, "drills": [{"strikes": strikes}]})
    assert answer == {"ok": False, "problem": "ValueError: no endpoint can have at once: cache-thrash, pc-high"}


def test_denied_and_throttled_calls_are_refused_as_aws_does() -> None:
    listing = {"op": "metrics", "now": OPENED}
    read = {"op": "read", "now": OPENED, "series": [], "start": 0, "end": 60, "period": 60}
    faults = {"deny": ["cloudwatch:ListMetrics"], "throttle": {"cloudwatch:GetMetricData": {"rate": 1, "burst": 1}}}
    answers = _asked(OPEN, {"op": "misbehave", **faults}, listing, read, read, {"op": "misbehave"}, listing)
    codes = [answer.get("error", {}).get("code") for answer, _ in answers]
    assert codes == [None, None, "AccessDeniedException", None, "ThrottlingException", None, None]


def test_few_seeds_go_through_every_cause() -> None:
    drills = [drill for seed in range(8) for drill in drawn(seed, 40, OPENED, OPENED + DAY_S, ill=0.8)]
    severities = {(strike.cause, strike.severity) for drill in drills for strike in drill.strikes}
    assert len(severities) > 90
    assert all(OPENED <= strike.began <= OPENED + DAY_S + 60.0 for drill in drills for strike in drill.strikes)


def test_a_group_may_share_the_type_of_its_instances() -> None:
    fleet = open_drills(drawn(7, 40, FIRST, LAST), 20, 7, OPENED)
    (group,) = (entry["group"] for entry in fleet.truth() if entry["group"])
    kind = group["shared"]["instance_type"]
    alike = [plan.name for plan in fleet.blueprints if any(variant.instance_type == kind for variant in plan.live)]
    assert alike == group["endpoints"]


@pytest.mark.parametrize("names", COMPOUNDS, ids="+".join)
def test_compounds_befall_one_endpoint(names: Sequence[str]) -> None:
    drill = Drill(tuple(Strike(name, "severe", FIRST) for name in names))
    fleet = open_drills([drill], 0, 1, OPENED)
    assert [entry["cause"] for entry in fleet.truth()] == list(names)
    assert len({entry["endpoint"] for entry in fleet.truth()}) == 1


def test_feed_is_a_process_that_ends_with_its_input(names: list[str]) -> None:
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in (OPEN, {"op": "metrics", "now": OPENED}))
    done = subprocess.run(
        [sys.executable, "-m", "smtop.metrics.simulator.feed"],
        input=lines,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([".dev", "."])},
        capture_output=True,
        check=True,
    )
    opened, listed = _answers(io.BytesIO(done.stdout))
    assert opened[0]["endpoints"] == names
    assert set(listed[0]["metrics"]) <= set(names)
