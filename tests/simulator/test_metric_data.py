"""CloudWatch, seen through boto3: windows, pages, refusals, lists and alarms.

In the small fleet the value of a minute is its number within the hour, and the epoch is a whole hour.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smtop.metrics.simulator.cloudwatch.windows import Window, cut
from smtop.metrics.simulator.resources import EndpointSeed
from tests.simulator.small_fleet import (
    CALLS,
    EPOCH,
    LocalAws,
    SmallFleet,
    config,
    instances,
    model,
    serve_locally,
)

NOW = datetime.fromtimestamp(EPOCH, UTC)
VARIANT_A = (("EndpointName", "Fraud-Scorer"), ("VariantName", "A"))


def query(name: str = "q", stat: str = "Sum", period: int = 60, **members: Any) -> dict[str, Any]:
    """A query for Invocations of one variant; `dimensions` and `metric` replace what is asked for."""
    dimensions = members.pop("dimensions", VARIANT_A)
    metric = {
        "Namespace": members.pop("namespace", CALLS),
        "MetricName": members.pop("metric", "Invocations"),
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
    }
    wanted = {"Metric": metric, "Period": period, "Stat": stat} | members.pop("wanted", {})
    return {"Id": name, "MetricStat": wanted} | members


def ask(client: Any, *queries: dict[str, Any], minutes: float = 5, **members: Any) -> dict[str, Any]:
    """GetMetricData of the last minutes."""
    window = {"StartTime": NOW - timedelta(minutes=minutes), "EndTime": NOW} | members
    return dict(client.get_metric_data(MetricDataQueries=list(queries), **window))


def values(answer: dict[str, Any]) -> list[list[float]]:
    """The values of each result."""
    return [result["Values"] for result in answer["MetricDataResults"]]


def test_newest_first_and_end_exclusive(cloudwatch: Any) -> None:
    (result,) = ask(cloudwatch, query())["MetricDataResults"]
    assert result["Values"] == [59.0, 58.0, 57.0, 56.0, 55.0]
    assert result["Timestamps"][0] == NOW - timedelta(minutes=1)
    assert (result["StatusCode"], result["Label"], result["Id"]) == ("Complete", "Invocations", "q")
    assert values(ask(cloudwatch, query(), ScanBy="TimestampAscending")) == [[55.0, 56.0, 57.0, 58.0, 59.0]]


def test_start_is_rounded_down_to_the_minute(cloudwatch: Any) -> None:
    assert values(ask(cloudwatch, query(), StartTime=NOW - timedelta(seconds=61))) == [[59.0, 58.0]]


def test_buckets_are_aligned_to_their_period(cloudwatch: Any) -> None:
    (result,) = ask(cloudwatch, query(period=300), minutes=12)["MetricDataResults"]
    assert [at.minute for at in result["Timestamps"]] == [55, 50, 45]
    assert result["Values"][0] == 55 + 56 + 57 + 58 + 59


def test_label_unit_and_hidden_queries(cloudwatch: Any) -> None:
    answer = ask(
        cloudwatch,
        query("labelled", Label="calls of A"),
        query("right", wanted={"Unit": "None"}),
        query("wrong", wanted={"Unit": "Count"}),
        query("hidden", ReturnData=False),
    )
    assert [result["Id"] for result in answer["MetricDataResults"]] == ["labelled", "right", "wrong"]
    assert answer["MetricDataResults"][0]["Label"] == "calls of A"
    assert [len(each) for each in values(answer)] == [5, 5, 0]


@pytest.mark.parametrize(
    "dimensions",
    [
        VARIANT_A[:1],
        (*VARIANT_A, ("InstanceType", "ml.m5.large")),
        (),
        (("EndpointName", "Fraud-Scorer"), ("VariantName", "C")),
    ],
)
def test_dimensions_match_exactly_or_not_at_all(cloudwatch: Any, dimensions: tuple[tuple[str, str], ...]) -> None:
    (result,) = ask(cloudwatch, query(dimensions=dimensions))["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_order_of_dimensions_does_not_matter(cloudwatch: Any) -> None:
    assert values(ask(cloudwatch, query(dimensions=VARIANT_A[::-1]))) == values(ask(cloudwatch, query()))


def test_pages_repeat_the_id_that_was_cut(cloudwatch: Any) -> None:
    queries = [query("a"), query("b"), query("c")]
    first = ask(cloudwatch, *queries, minutes=10, MaxDatapoints=15)
    assert [(r["Id"], r["StatusCode"], len(r["Values"])) for r in first["MetricDataResults"]] == [
        ("a", "Complete", 10),
        ("b", "PartialData", 5),
        ("c", "PartialData", 0),
    ]
    second = ask(cloudwatch, *queries, minutes=10, MaxDatapoints=15, NextToken=first["NextToken"])
    assert [(r["Id"], r["StatusCode"]) for r in second["MetricDataResults"]] == [("b", "Complete"), ("c", "Complete")]
    assert first["MetricDataResults"][1]["Values"] + second["MetricDataResults"][0]["Values"] == [
        float(minute) for minute in range(59, 49, -1)
    ]
    assert "NextToken" not in second


@pytest.mark.parametrize("page", [1, 7, 10, 29, 30, 31])
def test_any_page_size_gives_the_same_series(cloudwatch: Any, page: int) -> None:
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[query("a"), query("b"), query("c")],
        StartTime=NOW - timedelta(minutes=10),
        EndTime=NOW,
        MaxDatapoints=page,
    )
    merged: dict[str, list[float]] = {}
    for answer in pages:
        assert sum(len(result["Values"]) for result in answer["MetricDataResults"]) <= page
        for result in answer["MetricDataResults"]:
            merged.setdefault(result["Id"], []).extend(result["Values"])
    assert merged == {name: [float(minute) for minute in range(59, 49, -1)] for name in "abc"}


def test_pages_show_the_world_of_the_first(aws: LocalAws, cloudwatch: Any) -> None:
    until: dict[str, Any] = {"EndTime": NOW + timedelta(minutes=5), "MaxDatapoints": 3, "ScanBy": "TimestampAscending"}
    first = ask(cloudwatch, query(), **until)
    aws.pass_time(300)
    second = ask(cloudwatch, query(), **until, NextToken=first["NextToken"])
    assert values(first) + values(second) == [[55.0, 56.0, 57.0], [58.0, 59.0]]


def test_token_needs_the_same_question(cloudwatch: Any) -> None:
    token = ask(cloudwatch, query(), MaxDatapoints=1)["NextToken"]
    with pytest.raises(ClientError, match="InvalidNextToken"):
        ask(cloudwatch, query(), MaxDatapoints=2, NextToken=token)


REFUSALS = [
    (
        [query(f"q{n}") for n in range(501)],
        {},
        "The collection MetricDataQueries must not have a size greater than 500.",
    ),
    ([query("Upper")], {}, r"The value Upper for parameter MetricDataQueries.member.1.Id is not matching the expected"),
    ([query("a"), query("a")], {}, "The values for parameter Id in MetricDataQueries are not unique."),
    ([{"Id": "a"}], {}, "Exactly one of the parameters MetricDataQueries.member.1.MetricStat and"),
    (
        [query("a"), query("b", stat="Min")],
        {},
        "The value Min for parameter MetricDataQueries.member.2.MetricStat.Stat is not a valid statistic.",
    ),
    ([query(stat="p101")], {}, "The value p101 for parameter .* is not a valid statistic."),
    ([query(stat="tm90")], {}, "The simulator computes no trimmed statistics"),
    ([query(period=7)], {}, r"The value 7 for parameter MetricDataQueries.member.1.MetricStat.Period must be"),
    ([query(period=90)], {}, "The value 90 for parameter"),
    ([{"Id": "e", "Expression": "SUM(METRICS())"}], {}, "The simulator has no metric math"),
    ([query()], {"StartTime": NOW}, "The parameter StartTime must be less than the parameter EndTime."),
    ([query()], {"MaxDatapoints": 100_801}, "The value 100801 for parameter MaxDatapoints"),
]


@pytest.mark.parametrize(("queries", "members", "text"), REFUSALS)
def test_refusals(cloudwatch: Any, queries: list[dict[str, Any]], members: dict[str, Any], text: str) -> None:
    with pytest.raises(ClientError, match=text) as caught:
        ask(cloudwatch, *queries, **members)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_every_fault_of_a_request_is_named(cloudwatch: Any) -> None:
    with pytest.raises(ClientError) as caught:
        ask(cloudwatch, query("a", stat="None"), query("b", stat="Min"))
    assert caught.value.response["Error"]["Message"].count("is not a valid statistic.") == 2


DAY = 86400.0


@pytest.mark.parametrize(
    ("age_s", "period", "expected"),
    [
        (3600.5, 60, Window(-3660, 0, 60)),
        (3600.5, 1, Window(-3660, 0, 60)),
        (3 * 3600 + 1, 10, None),
        (3 * 3600 + 1, 60, Window(-10860, 0, 60)),
        (16 * DAY, 60, None),
        (16 * DAY, 300, Window(-1382400, 0, 300)),
        (64 * DAY, 300, None),
        (64 * DAY, 3600, Window(-5529600, 0, 3600)),
        (500 * DAY, 86400, Window(-455 * 86400, 0, 86400)),
        (-60, 60, None),
    ],
)
def test_retention(age_s: float, period: int, expected: Window | None) -> None:
    day = 20_000 * DAY
    found = cut(day - age_s, day, period, now=day)
    shifted = None if expected is None else Window(expected.start + int(day), expected.end + int(day), expected.period)
    assert found == shifted


def test_far_future_ends_with_the_present() -> None:
    assert cut(EPOCH - 120, 1e15, 60, now=EPOCH) == Window(int(EPOCH) - 120, int(EPOCH) + 60, 60)


def test_metric_statistics(cloudwatch: Any) -> None:
    asked = {
        "Namespace": CALLS,
        "MetricName": "ModelLatency",
        "Dimensions": [{"Name": name, "Value": value} for name, value in VARIANT_A],
        "StartTime": NOW - timedelta(minutes=5),
        "EndTime": NOW,
    }
    answer = cloudwatch.get_metric_statistics(**asked, Period=300, Statistics=["Sum", "SampleCount"])
    assert answer["Datapoints"] == [
        {"Timestamp": NOW - timedelta(minutes=5), "Sum": 285.0, "SampleCount": 5.0, "Unit": "Microseconds"}
    ]
    answer = cloudwatch.get_metric_statistics(**asked, Period=300, ExtendedStatistics=["p99"])
    assert answer["Datapoints"][0]["ExtendedStatistics"] == {"p99": 57.0}
    with pytest.raises(ClientError, match="You have requested up to 2880 datapoints, which exceeds the limit of 1440"):
        cloudwatch.get_metric_statistics(
            **asked | {"StartTime": NOW - timedelta(days=2)}, Period=60, Statistics=["Sum"]
        )


def test_list_metrics_filters(cloudwatch: Any) -> None:
    def found(**filters: Any) -> int:
        return len(cloudwatch.list_metrics(**filters)["Metrics"])

    assert found() == found(Namespace=CALLS) == 10
    assert found(Namespace="/aws/sagemaker/Endpoints") == 0
    assert found(MetricName="Invocations") == 5
    assert found(RecentlyActive="PT3H") == 5
    assert found(Dimensions=[{"Name": "VariantName"}]) == 10
    assert found(Dimensions=[{"Name": "EndpointName", "Value": "Fraud-Scorer"}]) == 4
    assert found(Dimensions=[{"Name": "InferenceComponentName"}]) == 0
    (metric,) = cloudwatch.list_metrics(MetricName="Invocations", Dimensions=[{"Name": "VariantName", "Value": "B"}])[
        "Metrics"
    ]
    assert metric["Dimensions"] == [
        {"Name": "EndpointName", "Value": "Fraud-Scorer"},
        {"Name": "VariantName", "Value": "B"},
    ]


@pytest.mark.parametrize(("filters", "expected"), [({}, 1100), ({"RecentlyActive": "PT3H"}, 550)])
def test_list_metrics_comes_in_pages_of_five_hundred(filters: dict[str, str], expected: int) -> None:
    seeds = [EndpointSeed(f"e-{number}", [model("m")], [config("c", instances("Main", "m"))]) for number in range(550)]
    with serve_locally(SmallFleet(seeds=seeds)) as aws:
        client = aws.client("cloudwatch")
        pages = [page["Metrics"] for page in client.get_paginator("list_metrics").paginate(**filters)]
        client.close()
    assert [len(page) for page in pages[:-1]] == [500] * (expected // 500)
    named = {(metric["MetricName"], metric["Dimensions"][0]["Value"]) for page in pages for metric in page}
    assert len(named) == sum(map(len, pages)) == expected


def alarm(name: str, threshold: float, comparison: str = "GreaterThanThreshold", variant: str = "A") -> dict[str, Any]:
    """An alarm on three minutes of invocations."""
    return {
        "AlarmName": name,
        "Namespace": CALLS,
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "EndpointName", "Value": "Fraud-Scorer"}, {"Name": "VariantName", "Value": variant}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": threshold,
        "ComparisonOperator": comparison,
    }


def test_alarm_states_follow_from_the_metrics() -> None:
    alarms = [alarm("high", 40.0), alarm("low", 40.0, "LessThanThreshold"), alarm("silent", 1.0, variant="none")]
    with serve_locally(SmallFleet(alarms=alarms)) as aws:
        client = aws.client("cloudwatch")
        shown = {each["AlarmName"]: each for each in client.describe_alarms()["MetricAlarms"]}
        assert {name: each["StateValue"] for name, each in shown.items()} == {
            "high": "ALARM",
            "low": "OK",
            "silent": "INSUFFICIENT_DATA",
        }
        # Minutes 41, 42 and 43 were the first three above 40.
        assert shown["high"]["StateUpdatedTimestamp"] == NOW - timedelta(minutes=16)
        assert "[57, 58, 59] were greater than the threshold (40.0)" in shown["high"]["StateReason"]
        assert shown["high"]["Dimensions"][1] == {"Name": "VariantName", "Value": "A"}
        names = [each["AlarmName"] for each in client.describe_alarms(StateValue="ALARM")["MetricAlarms"]]
        assert names == ["high"]
        aws.pass_time(3 * 60)
        assert client.describe_alarms(AlarmNames=["high"])["MetricAlarms"][0]["StateValue"] == "OK"
        pages = client.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1})
        assert [each["AlarmName"] for page in pages for each in page["MetricAlarms"]] == ["high", "low", "silent"]
        client.close()


def test_new_variant_has_metrics_and_deleted_endpoint_has_none(aws: LocalAws, cloudwatch: Any, sagemaker: Any) -> None:
    asked = {"Dimensions": [{"Name": "EndpointName", "Value": "search"}]}
    assert len(cloudwatch.list_metrics(**asked)["Metrics"]) == 2
    sagemaker.delete_endpoint(EndpointName="search")
    aws.pass_time(61)
    assert cloudwatch.list_metrics(**asked)["Metrics"] == []
