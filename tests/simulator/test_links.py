"""A monitoring account, seen through boto3: queries that name an account, and lists of several accounts' metrics."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from smtop.metrics.simulator.__main__ import main
from smtop.metrics.simulator.resources import EndpointSeed
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from tests.simulator.small_fleet import CALLS, LocalAws, SmallFleet, config, instances, model, serve_locally
from tests.simulator.test_metric_data import ask, query, values

SOURCE = "444455556666"
THEIRS = (("EndpointName", "ads"), ("VariantName", "Main"))
FLEET = (EndpointSeed("ads", [model("ads")], [config("ads-1", instances("Main", "ads"))]),)


@pytest.fixture(scope="module")
def source() -> Iterator[LocalAws]:
    with serve_locally(SmallFleet(seeds=FLEET)) as local:
        yield local


@pytest.fixture(scope="module")
def monitoring(source: LocalAws) -> Iterator[LocalAws]:
    with serve_locally(SmallFleet(), {SOURCE: source.url}) as local:
        yield local


@pytest.fixture(scope="module")
def client(monitoring: LocalAws) -> Iterator[Any]:
    with closing(monitoring.client("cloudwatch")) as made:
        yield made


def results(answer: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["Id"], one["StatusCode"], len(one["Values"])) for one in answer["MetricDataResults"]]


def test_a_query_is_answered_from_the_account_that_it_names(client: Any) -> None:
    answer = ask(
        client,
        query("theirs", dimensions=THEIRS, AccountId=SOURCE),
        query("own"),
        query("named", AccountId=ACCOUNT_ID),
        query("unnamed", dimensions=THEIRS),
    )
    assert results(answer) == [
        ("theirs", "Complete", 5),
        ("own", "Complete", 5),
        ("named", "Complete", 5),
        ("unnamed", "Complete", 0),
    ]
    assert values(answer)[0] == values(ask(client, query(dimensions=THEIRS, AccountId=SOURCE)))[0]


def test_an_account_that_is_not_linked_is_forbidden_and_costs_others_nothing(client: Any) -> None:
    answer = ask(client, query("stranger", AccountId="777788889999"), query("own"))
    assert results(answer) == [("stranger", "Forbidden", 0), ("own", "Complete", 5)]
    assert answer["MetricDataResults"][0]["Messages"][0]["Code"] == "Forbidden"


def test_pages_hold_every_point_of_every_account_once(client: Any) -> None:
    queries = [query("theirs", dimensions=THEIRS, AccountId=SOURCE), query("own")]
    whole = {one["Id"]: one["Values"] for one in ask(client, *queries, minutes=10)["MetricDataResults"]}
    paged: dict[str, list[float]] = {name: [] for name in whole}
    token: dict[str, str] = {}
    for _ in range(9):
        page = ask(client, *queries, minutes=10, MaxDatapoints=3, **token)
        for one in page["MetricDataResults"]:
            paged[one["Id"]] += one["Values"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert paged == whole
    with pytest.raises(ClientError, match="next token"):
        ask(client, *queries, minutes=9, **token)


def test_a_bad_query_is_refused_wherever_it_goes(client: Any) -> None:
    with pytest.raises(ClientError, match="not a valid statistic"):
        ask(client, query(dimensions=THEIRS, AccountId=SOURCE, stat="Most"))


def test_lists_are_of_one_account_or_of_all_that_are_linked(client: Any) -> None:
    own = client.list_metrics(Namespace=CALLS)
    assert "OwningAccounts" not in own
    theirs = client.list_metrics(Namespace=CALLS, IncludeLinkedAccounts=True, OwningAccount=SOURCE)
    assert theirs["OwningAccounts"] == [SOURCE] * len(theirs["Metrics"]) != []
    assert {one["Dimensions"][0]["Value"] for one in theirs["Metrics"]} == {"ads"}
    pages = list(client.get_paginator("list_metrics").paginate(Namespace=CALLS, IncludeLinkedAccounts=True))
    told = [
        (account, metric["MetricName"], str(metric["Dimensions"]))
        for page in pages
        for account, metric in zip(page["OwningAccounts"], page["Metrics"], strict=True)
    ]
    assert len(told) == len(set(told)) == len(own["Metrics"]) + len(theirs["Metrics"])
    assert {account for account, *_ in told} == {ACCOUNT_ID, SOURCE}


@pytest.mark.parametrize(
    "members", [{"OwningAccount": SOURCE}, {"OwningAccount": "777788889999", "IncludeLinkedAccounts": True}]
)
def test_a_list_of_an_account_that_is_not_linked_or_not_included_is_refused(client: Any, members: Any) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        client.list_metrics(**members)


def test_the_source_account_is_not_asked_and_not_billed(source: LocalAws, monitoring: LocalAws, client: Any) -> None:
    before = monitoring.control("calls")["billed_metrics"]
    ask(client, query("theirs", dimensions=THEIRS, AccountId=SOURCE), query("same", dimensions=THEIRS))
    assert monitoring.control("calls")["billed_metrics"] - before == 2, "the same names in two accounts are two metrics"
    assert (source.control("calls")["calls"], source.control("calls")["billed_metrics"]) == ({}, 0)


def test_what_is_refused_there_is_refused_here(client: Any) -> None:
    with pytest.raises(ClientError, match="must be PT3H"):
        client.list_metrics(OwningAccount=SOURCE, IncludeLinkedAccounts=True, RecentlyActive="PT1H")
    with pytest.raises(ClientError, match="InvalidNextToken"):
        ask(client, query(dimensions=THEIRS, AccountId=SOURCE), NextToken="made-up")


@pytest.mark.parametrize("link", ["444455556666", "4444=http://127.0.0.1:80", f"{ACCOUNT_ID}=http://127.0.0.1:80"])
def test_a_link_that_is_none_is_refused(link: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--link", link])
    assert end.value.code == 2
    assert "another account's number and URL" in capsys.readouterr().err
