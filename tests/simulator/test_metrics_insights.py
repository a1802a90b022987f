"""Metrics Insights through unmodified boto3: grammar, groups, order, limits, refusals, quota and count.

In the small fleet every variant has Invocations; the value of a minute is its number within the hour, and the epoch is
a whole hour: the last five minutes are 55 to 59.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from smtop.metrics.simulator.cloudwatch.insights import MOST_METRICS, answer, matched
from smtop.metrics.simulator.cloudwatch.insights_query import SyntaxRefusedError, parse
from smtop.metrics.simulator.resources import EndpointSeed, MetricId
from tests.simulator.small_fleet import EPOCH, LocalAws, SmallFleet, config, instances, model, serve_locally

NOW = datetime.fromtimestamp(EPOCH, UTC)
LAST_FIVE = 55 + 56 + 57 + 58 + 59
VARIANTS = 'SCHEMA("AWS/SageMaker", EndpointName, VariantName)'


def ask(client: Any, expression: str, period: int = 300, minutes: int = 5, **members: Any) -> dict[str, Any]:
    """GetMetricData of one query over the last minutes."""
    query = {"Id": "q1", "Expression": expression, "Period": period} | members.pop("query", {})
    window = {"StartTime": NOW - timedelta(minutes=minutes), "EndTime": NOW} | members
    return dict(client.get_metric_data(MetricDataQueries=[query], **window))


def groups(answer: dict[str, Any]) -> list[tuple[str, list[float]]]:
    """Labels and values of the series in their order."""
    assert {result["Id"] for result in answer["MetricDataResults"]} <= {"q1"}
    assert {result["StatusCode"] for result in answer["MetricDataResults"]} <= {"Complete"}
    return [(result["Label"], result["Values"]) for result in answer["MetricDataResults"]]


def test_a_group_for_each_endpoint_sums_its_variants(cloudwatch: Any) -> None:
    found = groups(ask(cloudwatch, f"SELECT SUM(Invocations) FROM {VARIANTS} GROUP BY EndpointName"))
    assert found == [
        ("Fraud-Scorer", [2 * LAST_FIVE]),
        ("batch", [LAST_FIVE]),
        ("chat", [LAST_FIVE]),
        ("search", [LAST_FIVE]),
    ]


@pytest.mark.parametrize(
    ("function", "value"), [("SUM", 2 * LAST_FIVE), ("COUNT", 10.0), ("AVG", 57.0), ("MAX", 57.0), ("min", 57.0)]
)
def test_functions_go_over_all_observations(cloudwatch: Any, function: str, value: float) -> None:
    """The small fleet's Maximum and Minimum are its Average."""
    text = f"SELECT {function}(Invocations) FROM {VARIANTS} WHERE EndpointName = 'Fraud-Scorer'"
    assert groups(ask(cloudwatch, text)) == [("q1", [value])]


def test_several_labels_conditions_and_times(cloudwatch: Any) -> None:
    text = (
        f"select sum(Invocations) from {VARIANTS} where EndpointName = 'Fraud-Scorer' and VariantName != 'B' "
        "group by EndpointName, VariantName"
    )
    assert groups(ask(cloudwatch, text, period=60, minutes=2)) == [("Fraud-Scorer A", [59.0, 58.0])]
    ascending = ask(cloudwatch, text, period=60, minutes=2, ScanBy="TimestampAscending")
    assert ascending["MetricDataResults"][0]["Timestamps"] == [NOW - timedelta(minutes=left) for left in (2, 1)]
    assert groups(ascending)[0][1] == [58.0, 59.0]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('"AWS/SageMaker"', 4),
        ('SCHEMA("AWS/SageMaker", VariantName, EndpointName)', 4),
        ('SCHEMA("AWS/SageMaker", EndpointName)', 0),
        ('SCHEMA("AWS/SageMaker")', 0),
        ('"AWS/sagemaker"', 0),
    ],
)
def test_a_schema_is_an_exact_set_of_dimensions(cloudwatch: Any, source: str, count: int) -> None:
    found = groups(ask(cloudwatch, f"SELECT SUM(Invocations) FROM {source} GROUP BY EndpointName"))
    assert len(found) == count


def test_a_label_that_metrics_lack_is_other(cloudwatch: Any) -> None:
    found = groups(ask(cloudwatch, 'SELECT COUNT(Invocations) FROM "AWS/SageMaker" GROUP BY InstanceId'))
    assert found == [("Other", [25.0])]


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [("ORDER BY SUM() DESC", "Fraud-Scorer", "search"), ("ORDER BY MAX()", "batch", "Fraud-Scorer")],
)
def test_order_is_ascending_unless_told(cloudwatch: Any, order: str, first: str, last: str) -> None:
    text = f"SELECT SUM(Invocations) FROM {VARIANTS} GROUP BY EndpointName {order}"
    labels = [label for label, _ in groups(ask(cloudwatch, text))]
    assert (labels[0], labels[-1]) == (first, last)
    assert [label for label, _ in groups(ask(cloudwatch, f"{text} LIMIT 2"))] == labels[:2]


def test_metrics_and_a_query_in_one_request(cloudwatch: Any) -> None:
    dimensions = [{"Name": "EndpointName", "Value": "chat"}, {"Name": "VariantName", "Value": "AllTraffic"}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": dimensions}
    found = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "q1", "Expression": f"SELECT SUM(Invocations) FROM {VARIANTS}", "Period": 300, "Label": "all"},
            {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}},
        ],
        StartTime=NOW - timedelta(minutes=5),
        EndTime=NOW,
    )["MetricDataResults"]
    assert [(one["Id"], one["Label"], one["Values"]) for one in found] == [
        ("m1", "Invocations", [LAST_FIVE]),
        ("q1", "all", [5 * LAST_FIVE]),
    ]


def test_pages_go_on_in_the_middle_of_a_query(cloudwatch: Any) -> None:
    text = f"SELECT SUM(Invocations) FROM {VARIANTS} GROUP BY EndpointName"
    first = ask(cloudwatch, text, MaxDatapoints=3)
    assert [result["StatusCode"] for result in first["MetricDataResults"]] == ["Complete"] * 3 + ["PartialData"]
    second = ask(cloudwatch, text, MaxDatapoints=3, NextToken=first["NextToken"])
    assert [label for label, _ in groups(second)] == ["search"]


def test_at_most_five_hundred_series_come_back() -> None:
    seeds = [
        EndpointSeed(f"e-{number:03}", [model("m")], [config("c", instances("Main", "m"))]) for number in range(501)
    ]
    with serve_locally(SmallFleet(seeds=seeds)) as aws:
        client = aws.client("cloudwatch")
        found = groups(ask(client, f"SELECT SUM(Invocations) FROM {VARIANTS} GROUP BY EndpointName"))
        client.close()
    assert (len(found), found[-1][0]) == (500, "e-499")


REFUSALS = [
    (f"SELECT p99(Invocations) FROM {VARIANTS}", "Error in expression 'q1': expected one of AVG, COUNT"),
    ("SELECT SUM(Invocations) FROM AWS/SageMaker", "unexpected text at '/SageMaker'"),
    ("SELECT SUM(Invocations)", "expected FROM, found 'the end'"),
    ("SELECT SUM(limit) FROM x", "expected a name, found 'limit'"),
    ("SELECT SUM(a) FROM x WHERE b = c", "expected a value in single quotes, found 'c'"),
    ("SELECT SUM(a) FROM x GROUP BY", "expected a name, found 'the end'"),
    ("SELECT SUM(a) FROM x GROUP BY b ORDER BY b", "expected one of AVG"),
    ("SELECT SUM(a) FROM x LIMIT 501", "LIMIT must be between 1 and 500"),
    ("SELECT SUM(a) FROM x OFFSET 3", "expected the end, found 'OFFSET'"),
    ("SELECT SUM(a) FROM x " + " " * 2048, "must have a length between 1 and 2048"),
]


@pytest.mark.parametrize(("expression", "text"), REFUSALS)
def test_what_is_no_query_is_refused(cloudwatch: Any, expression: str, text: str) -> None:
    with pytest.raises(ClientError) as caught:
        ask(cloudwatch, expression)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert text in caught.value.response["Error"]["Message"]


def test_a_query_needs_a_period_and_stands_alone(cloudwatch: Any) -> None:
    query = {"Id": "a", "Expression": "SELECT SUM(a) FROM b"}
    with pytest.raises(ClientError) as caught:
        cloudwatch.get_metric_data(
            MetricDataQueries=[query, query | {"Id": "b", "Period": 90}],
            StartTime=NOW - timedelta(hours=1),
            EndTime=NOW,
        )
    said = caught.value.response["Error"]["Message"]
    assert "member.1.Period is required" in said
    assert "The value 90 for parameter MetricDataQueries.member.2.Period" in said
    assert "Only one Metrics Insights query is allowed in a request." in said


def test_names_may_be_quoted_and_escaped() -> None:
    found = parse('SELECT AVG("LIMIT") FROM SCHEMA("My \\"own\\"", "a b") WHERE "a b" = \'it\\\'s\'')
    assert (found.metric, found.namespace, found.schema) == ("LIMIT", 'My "own"', frozenset({"a b"}))
    assert found.where[0].value == "it's"
    with pytest.raises(SyntaxRefusedError, match="unexpected text"):
        parse("SELECT AVG(a) FROM 'unfinished")


class ManyMetrics:
    """More metrics than one query goes through, each with one point."""

    def metrics(self, now: float) -> Sequence[MetricId]:
        return [MetricId("n", "m", (("E", f"{number:05}"),)) for number in range(MOST_METRICS + 1)]

    def last_published(self, metric: MetricId, now: float) -> float | None:
        return now

    def read(
        self, metric: MetricId, stat: str, start: int, end: int, period: int, now: float
    ) -> tuple[list[int], list[float]]:
        return [start], [1.0]

    def units(self, metric: MetricId) -> str:
        return "None"


def test_only_the_first_ten_thousand_metrics_are_gone_through() -> None:
    query = parse("SELECT SUM(m) FROM SCHEMA(n, E)")
    found = matched(ManyMetrics(), query, EPOCH)
    assert (len(found.metrics), found.exceeded) == (MOST_METRICS, True)
    (series,) = answer(ManyMetrics(), query, (EPOCH - 300, EPOCH), 300, EPOCH)
    assert series.points == {int(EPOCH) - 300: MOST_METRICS}


def test_what_a_query_goes_through_is_counted_apart(aws: LocalAws, cloudwatch: Any) -> None:
    ask(cloudwatch, f"SELECT SUM(Invocations) FROM {VARIANTS} GROUP BY EndpointName LIMIT 1")
    ask(cloudwatch, "SELECT SUM(Invocations) FROM \"AWS/SageMaker\" WHERE EndpointName = 'Fraud-Scorer'")
    with urlopen(f"{aws.url}/_simulator/calls", timeout=10) as told:
        counted = json.load(told)
    assert counted["calls"] == {"cloudwatch:GetMetricData": 2}
    assert (counted["billed_metrics"], counted["analysed_metrics"]) == (0, 5 + 2)


def test_ten_queries_a_second_and_no_more(cloudwatch: Any) -> None:
    text = f"SELECT SUM(Invocations) FROM {VARIANTS}"
    for _ in range(10):
        ask(cloudwatch, text)
    with pytest.raises(ClientError, match="Rate exceeded"):
        ask(cloudwatch, text)
