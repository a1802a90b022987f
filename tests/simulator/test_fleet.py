"""Which endpoints an account opens with, what is said of them, and that a healthy fleet stays healthy."""

import re

import pytest

from smtop.metrics.simulator.fleet import SCENARIOS, open_fleet
from smtop.metrics.simulator.hosting import Kind, kind_of
from smtop.metrics.simulator.resources import EndpointSeed
from tests.simulator.fleet_playback import OPENED, Account, crossed

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def _seeds(endpoints: int | None = None, *scenarios: str, seed: int = 7) -> dict[str, EndpointSeed]:
    return {seed.name: seed for seed in open_fleet(scenarios, endpoints, seed, OPENED).seeds}


def _sibling_hours() -> list[int]:
    return [*range(0, 24, 2), 55, 81, 107, 131, 159]


@pytest.mark.parametrize("hour", _sibling_hours())
def test_healthy_fleet_stays_healthy(hour: int, healthy: Account) -> None:
    until = OPENED + hour * 3600.0
    assert {
        name: found for name in healthy.deployments.endpoint_names() if (found := crossed(healthy, name, until=until))
    } == {}


@pytest.fixture(scope="module")
def healthy() -> Account:
    return Account("healthy", endpoints=120)


def test_default_fleet_has_forty_endpoints_of_every_kind() -> None:
    account = Account()
    kinds = {
        kind_of(history[-1], variant, account.deployments)
        for history in account.deployments.histories.values()
        for variant in history[-1].variants
    }
    assert len(account.fleet.seeds) == 40
    assert kinds == set(Kind)


def test_names_are_valid_and_one_is_as_long_as_it_may_be() -> None:
    names = _seeds(400)
    assert all(_NAME.fullmatch(name) and len(name) <= 63 for name in names)
    assert max(len(name) for name in names) == 63
    assert any(name != name.lower() for name in names)
    assert len(names) == 400


def test_statuses_of_the_default_fleet() -> None:
    statuses = {seed.status for seed in _seeds().values()}
    assert statuses == {"InService", "Creating", "Updating", "Failed", "UpdateRollbackFailed"}
    assert {seed.status for seed in _seeds(None, "healthy").values()} == {"InService", "Creating", "Updating"}


def test_a_small_fleet_is_the_most_telling_one() -> None:
    assert len(_seeds(1)) == 1
    fleet = open_fleet([], 7, 7, OPENED)
    assert {line["severity"] for line in fleet.truth()} == {"critical"}
    assert list(_seeds(20)) == [name for name in _seeds() if name in _seeds(20)]


def test_a_large_fleet_begins_with_the_default_one_and_is_repeatable() -> None:
    large = _seeds(300)
    assert list(large)[:40] == list(_seeds())
    assert list(large) == list(_seeds(300))
    assert large == _seeds(300)
    assert list(large) != list(_seeds(300, seed=8))


def test_a_fleet_may_be_empty_and_not_less() -> None:
    assert list(open_fleet([], 0, 7, OPENED).seeds) == []
    with pytest.raises(ValueError, match="cannot have -3 endpoints"):
        open_fleet([], -3, 7, OPENED)


def test_unknown_scenario_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="nonsense") as caught:
        open_fleet(["bad-canary", "nonsense"], None, 7, OPENED)
    assert all(name in str(caught.value) for name in SCENARIOS)


@pytest.mark.parametrize("name", ["throttled", "denied", "late-data"])
def test_plumbing_leaves_the_endpoints_well(name: str) -> None:
    fleet = open_fleet([name], None, 7, OPENED)
    assert list(fleet.plumbing) == [name]
    assert {line["severity"] for line in fleet.truth()} <= {"ok", "idle"}


def test_truth_names_endpoints_and_variants_that_exist() -> None:
    account = Account()
    for line in account.fleet.truth():
        assert set(line) == {"endpoint", "variant", "cause", "severity", "since", "note"}
        assert line["since"] <= OPENED
        variants = {variant.name for variant in account.deployments.histories[line["endpoint"]][-1].variants}
        assert line["variant"] is None or line["variant"] in variants
    severities = [line["severity"] for line in account.fleet.truth()]
    assert set(severities) == {"critical", "warning", "ok", "idle"}


@pytest.mark.parametrize("endpoints", [None, 200])
def test_requests_and_history_tell_the_same(endpoints: int | None) -> None:
    for seed in _seeds(endpoints).values():
        models = {str(model["ModelName"]) for model in seed.models}
        rolled_out = seed.configs[: -1 if seed.status == "Updating" else None]
        serving = seed.history[-1].variants
        if serving:
            assert [variant["VariantName"] for variant in rolled_out[-1]["ProductionVariants"]] == [
                variant.name for variant in serving if not variant.shadow
            ]
        assert {
            variant.model for deployment in seed.history for variant in deployment.variants if variant.model
        } <= models
        times = [deployment.since for deployment in seed.history]
        assert times == sorted(times)
        names = [config["EndpointConfigName"] for config in seed.configs]
        assert len(set(names)) == len(names)
        assert all(_NAME.fullmatch(name) and len(name) <= 63 for name in names)


def test_components_run_models_of_their_endpoint() -> None:
    pool = _seeds()["shared-genai-pool"]
    models = {model["ModelName"] for model in pool.models}
    assert {component["Specification"]["ModelName"] for component in pool.components} == models
    assert all(component["EndpointName"] == "shared-genai-pool" for component in pool.components)


@pytest.mark.parametrize("endpoints", [None, 5])
def test_alarms_watch_metrics_of_the_fleet(endpoints: int | None) -> None:
    account = Account(endpoints=endpoints)
    listed = {(metric.namespace, metric.name, metric.dimensions) for metric in account.reader.metrics(OPENED)}
    alarms = account.fleet.alarms
    assert alarms
    for alarm in alarms:
        dimensions = tuple(sorted((part["Name"], part["Value"]) for part in alarm["Dimensions"]))
        assert dict(dimensions)["EndpointName"] in account.deployments.endpoint_names()
        silent = alarm["AlarmName"] == "loan-pricing-5xx"
        assert ((alarm["Namespace"], alarm["MetricName"], dimensions) in listed) is not silent
        assert ("Statistic" in alarm) != ("ExtendedStatistic" in alarm)
