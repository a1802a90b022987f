"""Bad weather: the same for the same seed, of every kind, and on the wire what networks and CloudWatch do."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ResponseStreamingError

from smtop.metrics.simulator.mishaps import KINDS, RESULT_KINDS
from smtop.metrics.simulator.spoilage import hold_back, spoil, spoil_body
from smtop.metrics.simulator.weather import Weather, read_weather
from smtop.metrics.simulator.wire.messages import WireAnswer
from tests.simulator.small_fleet import EPOCH, LocalAws, SmallFleet, serve_locally

NOW = 1_763_640_000.0
DESCRIBE = "sagemaker:DescribeEndpoint"
RATES = dict.fromkeys(KINDS, 0.05)


def befallen(seed: int, calls: int = 400) -> list[str | None]:
    weather = Weather(seed, RATES)
    told = (weather.befall(DESCRIBE, is_change=False, has_results=True) for _ in range(calls))
    return [one.kind if one else None for one in told]


def test_the_seed_decides_what_befalls_which_call() -> None:
    assert befallen(1) == befallen(1) != befallen(2)
    other = Weather(1, RATES)
    for _ in range(7):
        other.befall("sagemaker:ListEndpoints", is_change=False, has_results=False)
    again = [other.befall(DESCRIBE, is_change=False, has_results=True) for _ in range(20)]
    assert [one.kind if one else None for one in again] == befallen(1, 20), "calls of others in between do not count"


def test_every_kind_comes_about_as_often_as_it_should() -> None:
    seen = Counter(befallen(3, 4000))
    assert set(seen) == {*KINDS, None}
    assert all(80 < seen[kind] < 400 for kind in KINDS)


def test_results_are_spoiled_only_where_there_are_some_and_changes_more_often() -> None:
    weather = Weather(1, {"partial": 0.5, "cut-after": 0.1}, changes=4.0)
    kinds = [weather.befall(DESCRIBE, is_change=True, has_results=False) for _ in range(500)]
    assert 150 < sum(one is not None for one in kinds) < 250
    assert {one.kind for one in kinds if one} == {"cut-after"}


def test_fine_weather_and_weather_that_there_is_not() -> None:
    assert read_weather({}).befall(DESCRIBE, is_change=False, has_results=True) is None
    for wrong in ({"rates": {"frogs": 0.1}}, {"colour": "red"}):
        with pytest.raises(ValueError, match=r"no such weather: frogs|malformed weather"):
            read_weather(wrong)


def results(count: int = 20) -> list[dict[str, Any]]:
    times = [NOW - 60.0 * back for back in range(10, 0, -1)]
    return [
        {"Id": f"q{place}", "Timestamps": times, "Values": list(range(10)), "StatusCode": "Complete"}
        for place in range(count)
    ]


def pairs(result: dict[str, Any]) -> list[tuple[float, float]]:
    return list(zip(result["Timestamps"], result["Values"], strict=True))


@pytest.mark.parametrize("kind", RESULT_KINDS)
def test_spoiled_results_tell_no_point_that_there_is_not(kind: str) -> None:
    whole = results()
    told = spoil(kind, whole, NOW, random.Random(5))
    assert told != whole
    truth = dict(pairs(whole[0]))
    assert all(truth[at] == value for one in told for at, value in pairs(one))
    for one in told:
        missing = truth.keys() - set(one["Timestamps"])
        assert not missing or one["StatusCode"] != "Complete" or (kind == "late" and min(missing) > NOW - 240.0)


def test_what_is_overdue_is_held_back_until_its_time_and_from_everybody() -> None:
    weather = Weather(9, overdue=1.0)
    metric = {"Dimensions": [{"Name": "EndpointName", "Value": "shop"}]}
    queries = [{"Id": "q0", "MetricStat": {"Metric": metric, "Period": 60}}]
    minute = NOW - 60.0
    one = {"Id": "q0", "Timestamps": [minute], "Values": [1.0], "StatusCode": "Complete"}
    seen_at = next(at for at in range(0, 1000, 5) if hold_back(weather, queries, [one], minute + at) == [one])
    assert 420 <= seen_at <= 905
    assert seen_at - 5 <= weather.held_until["shop", int(minute)] - minute < seen_at
    hourly = [{"Id": "q0", "MetricStat": {"Metric": metric, "Period": 3600}}]
    assert hold_back(weather, hourly, [one], minute + 60.0) == [one]


def test_bodies_are_cut_short_or_garbled() -> None:
    answer, luck = WireAnswer(200, b"0123456789", "application/x-amz-json-1.1", {}), random.Random(1)
    cut = [spoil_body("truncate", answer, luck) for _ in range(40)]
    assert all(answer.body.startswith(one.body) and len(one.body) < 10 for one in cut)
    assert {one.lacking in (0, 10 - len(one.body)) for one in cut} == {True}
    assert {bool(one.lacking) for one in cut} == {True, False}
    garbled = [spoil_body("malform", answer, luck) for _ in range(40)]
    assert all((one.body, one.content_type) != (answer.body, answer.content_type) for one in garbled)


@pytest.fixture(scope="module")
def fleet() -> Iterator[LocalAws]:
    with serve_locally(SmallFleet()) as local:
        yield local


@pytest.mark.parametrize(
    ("kind", "refusals"),
    [
        ("cut-before", ConnectionClosedError),
        ("deny", ClientError),
        ("truncate", (HTTPClientError, ResponseStreamingError, KeyError)),
    ],
)
def test_weather_reaches_clients(fleet: LocalAws, kind: str, refusals: Any) -> None:
    """botocore takes a body without its end for an answer without members, unless more was announced."""
    fleet.control("weather", {"rates": {kind: 1.0}})
    for _ in range(6):
        with pytest.raises(refusals):
            assert fleet.client("sagemaker").describe_endpoint(EndpointName="search")["EndpointArn"]
    told = fleet.control("weather")
    assert (told["calls"], told["befallen"]) == ({DESCRIBE: 6}, {kind: 6})
    fleet.control("weather", {})
    assert fleet.client("sagemaker").describe_endpoint(EndpointName="search")["EndpointName"] == "search"


def test_what_is_denied_names_the_permission(fleet: LocalAws) -> None:
    fleet.control("weather", {"rates": {"deny": 1.0}})
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:DescribeEndpoint on resource: arn"):
        fleet.client("sagemaker").describe_endpoint(EndpointName="search")
    fleet.control("weather", {})


def test_the_points_of_the_end_are_told_whatever_the_weather(fleet: LocalAws) -> None:
    fleet.pass_time(600)
    fleet.control("weather", {"rates": {"fail": 1.0}})
    start = int(EPOCH)
    there = ["AWS/SageMaker", "Invocations", [["VariantName", "A"], ["EndpointName", "Fraud-Scorer"]], "Sum"]
    nowhere = ["AWS/SageMaker", "Invocations", [["EndpointName", "Fraud-Scorer"]], "Sum"]
    body = json.dumps({"series": [there, nowhere], "start": start, "end": start + 300}).encode()
    with urlopen(Request(f"{fleet.url}/_simulator/points", body), timeout=10) as answer:
        told = np.frombuffer(answer.read(), dtype="<f8").reshape(2, 5)
    assert told[0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert np.isnan(told[1]).all()
    fleet.control("weather", {})


def test_somebody_deletes_endpoints_and_makes_them_again(aws: LocalAws) -> None:
    aws.control("weather", {"seed": 4, "recreate_s": 600.0})
    made = {one["EndpointName"]: one["CreationTime"] for one in aws.read("ListEndpoints")["Endpoints"]}
    for _ in range(120):
        aws.pass_time(30)
        aws.read("ListEndpoints")
    again = {one["EndpointName"]: one["CreationTime"] for one in aws.read("ListEndpoints")["Endpoints"]}
    assert any(again.get(name, at) != at for name, at in made.items())
    assert aws.control("weather")["befallen"]["recreate"] >= 2
    assert aws.control("writes") == [], "nobody has called"


def test_weather_that_makes_no_sense_is_refused(fleet: LocalAws) -> None:
    with pytest.raises(HTTPError) as caught:
        fleet.control("weather", {"rates": {"frogs": 1.0}})
    with caught.value:
        assert caught.value.code == 400
