"""`smtop snapshot` against moto, an AWS that we did not write: 121 endpoints, and every number as it was put."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from smtop.metrics.domain.endpoint import Kind
from tests.cli.command import Done, Shell, count_sentences
from tests.cli.shapes import SNAPSHOT, differences
from tests.support.moto_server import LONG_NAME, VARIANT, Hosted, fleet_of, start_moto

COUNT = 121
EVENT_COUNTERS = {
    "Invocations",
    "InvocationsPerInstance",
    "Invocation4XXErrors",
    "Invocation5XXErrors",
    "InvocationModelErrors",
    "InvocationsProcessed",
    "InvocationFailures",
    "ExpiredRequests",
    "RequestDownloadFailures",
    "ResponseUploadFailures",
    "NotificationFailures",
    "ServerlessProvisionedConcurrencyInvocations",
    "ServerlessProvisionedConcurrencySpilloverInvocations",
}


@pytest.fixture(scope="module")
def fleet() -> list[Hosted]:
    return fleet_of(COUNT)


@pytest.fixture(scope="module")
def taken(fleet: list[Hosted], tmp_path_factory: pytest.TempPathFactory) -> Done:
    with start_moto() as moto:
        moto.put(fleet)
        return Shell(moto.environment, tmp_path_factory.mktemp("home")).snapshot()


@pytest.fixture(scope="module")
def endpoints(taken: Done) -> dict[str, Any]:
    return {endpoint["name"]: endpoint for endpoint in taken.json["endpoints"]}


def metrics_of(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """All samples of an endpoint with one variant; no metric is both the endpoint's and the variant's."""
    (variant,) = endpoint["variants"]
    assert not endpoint["metrics"].keys() & variant["metrics"].keys()
    return {**endpoint["metrics"], **variant["metrics"]}


def of_measured(fleet: list[Hosted], endpoints: Mapping[str, Any]) -> Iterator[tuple[Hosted, dict[str, Any]]]:
    """The endpoints that have metrics, with their samples."""
    for hosted in fleet:
        if hosted.measured:
            yield hosted, metrics_of(endpoints[hosted.name])


def test_it_succeeds_and_says_what_it_could_not_ask(taken: Done) -> None:
    assert taken.code == 0
    assert list(differences(taken.json, SNAPSHOT)) == []
    (problem,) = taken.json["problems"]
    assert problem["operation"] == "cloudwatch:GetMetricData"
    assert "percentiles" in problem["message"]
    assert count_sentences(problem["message"]) == 2
    assert taken.sentences == [problem["message"]]


def test_both_pages_of_the_list_are_read(taken: Done, fleet: list[Hosted], endpoints: Mapping[str, Any]) -> None:
    assert len(taken.json["endpoints"]) == COUNT
    assert endpoints.keys() == {hosted.name for hosted in fleet}
    assert LONG_NAME in endpoints
    assert taken.json["spend"]["api_calls"]["ListEndpoints"] == 2
    assert taken.json["spend"]["api_calls"]["DescribeEndpoint"] == COUNT


def test_kinds_tags_and_settings_are_those_that_were_put(fleet: list[Hosted], endpoints: Mapping[str, Any]) -> None:
    assert {name: endpoint["kind"] for name, endpoint in endpoints.items()} == {
        hosted.name: hosted.kind.value for hosted in fleet
    }
    for hosted in fleet:
        endpoint = endpoints[hosted.name]
        assert endpoint["tags"] == {"team": "search"}
        assert endpoint["arn"].lower().endswith(f":endpoint/{hosted.name.lower()}")
        (variant,) = endpoint["variants"]
        assert variant["name"] == VARIANT
        if hosted.kind.is_serverless:
            provisioned = 5 if hosted.kind is Kind.SERVERLESS_PROVISIONED else None
            settings = {"memory_mb": 2048, "max_concurrency": 20, "provisioned_concurrency": provisioned}
            assert (variant["serverless"], variant["instances"]) == (settings, None)
        else:
            instances = {"current": 2, "desired": 2, "type": "ml.m5.xlarge", "type_why": None}
            assert (variant["serverless"], variant["instances"]) == (None, instances)


def test_every_value_is_the_one_that_was_put(fleet: list[Hosted], endpoints: Mapping[str, Any]) -> None:
    seen = set()
    for hosted, metrics in of_measured(fleet, endpoints):
        for measured in hosted.measured:
            told = {
                sample["stat"]: sample
                for key, sample in metrics.items()
                if key.partition(".")[0] == measured.name and not sample["stat"].startswith("p")
            }
            assert told, (hosted.kind, measured.name)
            for stat, sample in told.items():
                assert sample["value"] == pytest.approx(measured.statistic(stat))
                assert (sample["state"], sample["filled"], sample["why"]) == ("ok", False, None)
                assert sample["at"] == datetime.fromtimestamp(hosted.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                seen.add((hosted.kind, measured.name, stat))
    assert {kind for kind, _, _ in seen} == {hosted.kind for hosted in fleet}
    assert {stat for _, _, stat in seen} == {"Sum", "Average", "Maximum", "SampleCount"}


def test_percentiles_are_not_collected_and_say_why(fleet: list[Hosted], endpoints: Mapping[str, Any]) -> None:
    """moto fails at those of metrics that have data; that others have none it may be able to say."""
    percentiles = [
        sample
        for _, metrics in of_measured(fleet, endpoints)
        for key, sample in metrics.items()
        if key.rpartition(".")[2].startswith("p")
    ]
    assert len(percentiles) == 2 * len([hosted for hosted in fleet if hosted.measured])
    assert {(sample["value"], sample["state"]) for sample in percentiles} == {(None, "not-collected")}
    assert all("percentiles" in sample["why"] for sample in percentiles)


def test_a_silent_counter_beside_a_metric_that_is_published_is_zero(
    fleet: list[Hosted], endpoints: Mapping[str, Any]
) -> None:
    """Only event counters, only where the same dimensions are known; moto lists them once for each datum."""
    counted = 0
    for hosted, metrics in of_measured(fleet, endpoints):
        put = {measured.name for measured in hosted.measured}
        for key, sample in metrics.items():
            name, _, stat = key.rpartition(".")
            if name in put or stat.startswith("p"):
                continue
            if name in EVENT_COUNTERS:
                assert (sample["value"], sample["state"], sample["filled"]) == (0.0, "ok", True), (hosted.kind, key)
                counted += 1
            else:
                assert (sample["value"], sample["state"], sample["filled"]) == (None, "no-data", False), key
    assert counted > 20


def test_nothing_is_zero_where_nothing_is_known(fleet: list[Hosted], endpoints: Mapping[str, Any]) -> None:
    """An endpoint that never published anything may be asked with wrong dimensions: no zero, and no verdict."""
    silent = [hosted.name for hosted in fleet if not hosted.measured]
    assert len(silent) > 100
    states = {
        (sample["value"], sample["state"])
        for name in silent
        for key, sample in metrics_of(endpoints[name]).items()
        if not sample["stat"].startswith("p")
    }
    assert states == {(None, "no-data")}
    assert {endpoints[name]["severity"] for name in silent} == {"unknown"}
