"""Every trouble crosses its threshold because of its cause, heals when the cause goes, and look-alikes stay quiet."""

import itertools
from dataclasses import replace

import pytest

from smtop.metrics.simulator.fleet import open_fleet
from smtop.metrics.simulator.resources import LiveVariant
from smtop.metrics.simulator.scenarios import BROUGHT, PLUMBING, SCENARIOS, TROUBLES, Trouble
from tests.simulator.fleet_playback import OPENED, Account, crossed
from tests.simulator.small_fleet import EPOCH, serve_locally

HOUR_S = 3600.0
MEASURED = [trouble for trouble in TROUBLES if trouble.scenario not in {"failed-update", "idle-burn"}]
EXPECTED = {
    "checkout-fraud-slpc": "critical provisioned",
    "sentiment-slpc": "warning provisioned",
    "faq-answerer-sls": "critical concurrency",
    "session-intent-slpc": "warning spillover",
    "tenant-forecasts": "warning cache",
    "per-store-demand": "warning cache",
    "video-transcribe-async": "critical backlog",
    "fraud-scorer-prod": "critical 5xx",
    "price-elasticity-eu": "warning 4xx",
    "vision-defect-detect": "critical 5xx",
    "product-embeddings": "warning gpu",
}


def _name(trouble: Trouble) -> str:
    return f"{trouble.scenario}-{trouble.severity}"


@pytest.mark.parametrize("hours", [0, 5, 11, 16, 21])
@pytest.mark.parametrize("trouble", MEASURED, ids=_name)
def test_trouble_crosses_the_threshold_of_its_severity_at_any_hour(trouble: Trouble, hours: int) -> None:
    account = Account(trouble.scenario, opened=OPENED + hours * HOUR_S)
    found = crossed(account, trouble.endpoint)
    assert EXPECTED[trouble.endpoint] in found
    if trouble.severity == "warning":
        assert not [rule for rule in found if rule.startswith("critical")]


@pytest.mark.parametrize("trouble", MEASURED, ids=_name)
def test_endpoint_was_well_before_the_trouble_began(trouble: Trouble) -> None:
    account = Account(trouble.scenario)
    assert crossed(account, trouble.endpoint, until=OPENED - trouble.ago_s - 120.0) == set()


@pytest.mark.parametrize("trouble", MEASURED, ids=_name)
def test_trouble_is_still_there_two_hours_later(trouble: Trouble) -> None:
    account = Account(trouble.scenario)
    assert EXPECTED[trouble.endpoint] in crossed(account, trouble.endpoint, until=OPENED + 2 * HOUR_S)


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in {"default", *PLUMBING, *BROUGHT}])
def test_only_the_endpoints_of_a_scenario_are_in_trouble(scenario: str) -> None:
    account = Account(scenario)
    struck = {trouble.endpoint for trouble in TROUBLES if trouble.scenario == scenario}
    troubled = {name for name in account.deployments.endpoint_names() if crossed(account, name)}
    assert troubled <= struck
    wrong = {line["endpoint"] for line in account.fleet.truth() if line["severity"] in {"critical", "warning"}}
    assert wrong <= struck


@pytest.mark.parametrize("scenario", BROUGHT)
def test_failure_mode_brings_one_endpoint_a_severity(scenario: str) -> None:
    fleet = open_fleet([scenario], None, 7, OPENED)
    wrong = [line for line in fleet.truth() if line["cause"] == scenario]
    assert [line["severity"] for line in wrong] == ["warning", "critical"]
    assert len(fleet.seeds) == 42
    assert {line["endpoint"] for line in wrong} == {seed.name for seed in fleet.seeds[-2:]}


def test_default_has_every_trouble_and_leaves_the_others_well() -> None:
    account = Account()
    troubled = {name for name in account.deployments.endpoint_names() if crossed(account, name)}
    assert troubled == set(EXPECTED)
    assert {line["cause"] for line in account.fleet.truth()} >= {trouble.scenario for trouble in TROUBLES}


# Healing


def _serverless(variant: LiveVariant, provisioned: int | None, max_concurrency: int) -> LiveVariant:
    assert variant.serverless is not None
    limits = replace(variant.serverless, provisioned_concurrency=provisioned, max_concurrency=max_concurrency)
    return replace(variant, serverless=limits)


def _healed(scenario: str, endpoint: str, *variants: LiveVariant) -> set[str]:
    """What an endpoint still crosses half an hour after a deployment made now."""
    account = Account(scenario)
    assert crossed(account, endpoint)
    account.deployments.deploy(endpoint, OPENED, *variants)
    assert crossed(account, endpoint)
    return crossed(account, endpoint, until=OPENED + 1800.0)


def _live(scenario: str, endpoint: str) -> tuple[LiveVariant, ...]:
    return Account(scenario).deployments.histories[endpoint][-1].variants


def test_more_provisioned_concurrency_heals_exhaustion() -> None:
    (variant,) = _live("pc-exhausted", "checkout-fraud-slpc")
    assert _healed("pc-exhausted", "checkout-fraud-slpc", _serverless(variant, 110, 190)) == set()


def test_too_little_provisioned_concurrency_heals_nothing() -> None:
    (variant,) = _live("pc-exhausted", "checkout-fraud-slpc")
    assert _healed("pc-exhausted", "checkout-fraud-slpc", _serverless(variant, 28, 190))


def test_provisioned_concurrency_heals_a_cold_start_storm() -> None:
    (variant,) = _live("cold-start-storm", "faq-answerer-sls")
    assert _healed("cold-start-storm", "faq-answerer-sls", _serverless(variant, 30, 60)) == set()


def test_more_memory_heals_cache_thrash() -> None:
    (variant,) = _live("cache-thrash", "per-store-demand")
    assert (
        _healed("cache-thrash", "per-store-demand", replace(variant, instance_type="ml.r5.4xlarge", instances=4))
        == set()
    )


def test_more_instances_heal_saturated_gpus() -> None:
    (variant,) = _live("gpu-saturated", "vision-defect-detect")
    assert _healed("gpu-saturated", "vision-defect-detect", replace(variant, instances=8)) == set()


def test_taking_the_canary_out_heals_the_errors() -> None:
    stable, canary = _live("bad-canary", "fraud-scorer-prod")
    assert _healed("bad-canary", "fraud-scorer-prod", stable, replace(canary, weight=0.0)) == set()


def test_instances_drain_a_stuck_backlog() -> None:
    account = Account("async-stuck")
    (variant,) = account.deployments.histories["video-transcribe-async"][-1].variants
    account.deployments.deploy("video-transcribe-async", OPENED, replace(variant, instances=6))
    stuck = account.points("ApproximateBacklogSize", "video-transcribe-async", "Maximum", variant=None)
    drained = account.points(
        "ApproximateBacklogSize", "video-transcribe-async", "Maximum", variant=None, until=OPENED + 3600.0
    )
    assert max(drained.values()) < max(stuck.values()) / 4
    assert crossed(account, "video-transcribe-async", until=OPENED + 3600.0) == set()


def test_a_change_leaves_the_past_as_it_was() -> None:
    changed, untouched = Account("gpu-saturated"), Account("gpu-saturated")
    (variant,) = changed.deployments.histories["vision-defect-detect"][-1].variants
    before = changed.points("ModelLatency", "vision-defect-detect", "p99")
    changed.deployments.deploy("vision-defect-detect", OPENED, replace(variant, instances=8))
    assert changed.points("ModelLatency", "vision-defect-detect", "p99") == before
    after = [
        account.points("ModelLatency", "vision-defect-detect", "p99", until=OPENED + 1800.0)
        for account in (changed, untouched)
    ]
    assert max(after[0].values()) < min(after[1].values())


# What a cause does besides crossing a threshold


def test_exhaustion_spills_calls_that_are_still_conserved() -> None:
    account = Account("pc-exhausted")
    name = "ServerlessProvisionedConcurrency"
    calls = account.points("Invocations", "checkout-fraud-slpc", "Sum")
    refused = account.points("Invocation4XXErrors", "checkout-fraud-slpc", "Sum")
    spilled = account.points(f"{name}SpilloverInvocations", "checkout-fraud-slpc", "Sum")
    provisioned = account.points(f"{name}Invocations", "checkout-fraud-slpc", "Sum")
    for at in calls:
        assert calls[at] - refused[at] <= spilled[at] + provisioned[at] <= calls[at]


def test_burst_starts_containers_and_the_wait_is_overhead() -> None:
    account = Account("cold-start-storm")
    starts = account.points("ModelSetupTime", "faq-answerer-sls", "SampleCount", minutes=20)
    overhead = account.points("OverheadLatency", "faq-answerer-sls", "Maximum", minutes=20)
    assert starts
    assert all(overhead[at] > 20_000_000 for at in starts)
    assert min(overhead.values()) < 1_000_000


def test_thrash_makes_a_sawtooth_of_loaded_models_and_longer_overhead() -> None:
    account = Account("cache-thrash")
    loaded = list(
        account.points(
            "LoadedModelCount", "tenant-forecasts", minutes=20, namespace="/aws/sagemaker/Endpoints"
        ).values()
    )
    assert any(later < earlier for earlier, later in itertools.pairwise(loaded))
    overhead = [
        account.points("OverheadLatency", "tenant-forecasts", "Average", minutes=10, until=until)
        for until in (OPENED - 3600.0, OPENED)
    ]
    assert min(overhead[1].values()) > 5 * max(overhead[0].values())


def test_idle_endpoints_are_paid_but_not_called() -> None:
    account = Account("idle-burn")
    for name in ("research-llm-sandbox", "speech-diarizer-old"):
        assert account.points("Invocations", name, "Sum", minutes=8 * 1440) == {}
        assert account.points("GPUUtilization", name, namespace="/aws/sagemaker/Endpoints")
        assert account.points("Invocations", name, "Sum", until=OPENED - 12 * 86_400.0)


@pytest.mark.parametrize(
    ("name", "status"), [("pricing-engine-v3", "UpdateRollbackFailed"), ("translation-v4", "Failed")]
)
def test_failed_update_has_a_status_and_a_reason(name: str, status: str) -> None:
    (seed,) = [seed for seed in Account("failed-update").fleet.seeds if seed.name == name]
    assert seed.status == status
    assert seed.failure_reason


def test_rolled_back_endpoint_still_serves_and_a_failed_one_does_not() -> None:
    account = Account("failed-update")
    assert account.points("Invocations", "pricing-engine-v3", "Sum")
    assert account.points("Invocations", "translation-v4", "Sum") == {}


def test_scale_out_absorbed_the_rise() -> None:
    account = Account()
    earlier = account.points("Invocations", "search-ranker-prod", "Sum", until=OPENED - 3600.0)
    now = account.points("Invocations", "search-ranker-prod", "Sum")
    assert min(now.values()) > 1.5 * max(earlier.values())
    samples = account.points(
        "CPUUtilization", "search-ranker-prod", "SampleCount", namespace="/aws/sagemaker/Endpoints"
    )
    assert set(samples.values()) == {5.0}


# Over the wire


def test_what_befell_an_endpoint_before_the_account_opened_has_happened() -> None:
    fleet = open_fleet(["update-rolled-back", "quota-near", "scaling-stuck"], None, 7, EPOCH)
    with serve_locally(fleet) as aws:
        sagemaker, scaling = aws.client("sagemaker"), aws.client("application-autoscaling")
        wrong = {line["cause"]: line["endpoint"] for line in fleet.truth() if line["severity"] == "critical"}
        rolled_back = sagemaker.describe_endpoint(EndpointName=wrong["update-rolled-back"])
        full = sagemaker.describe_endpoint(EndpointName=wrong["quota-near"])
        tried = scaling.describe_scaling_activities(
            ServiceNamespace="sagemaker", ResourceId=f"endpoint/{wrong['scaling-stuck']}/variant/AllTraffic"
        )
    assert rolled_back["EndpointStatus"] == "InService"
    assert "could not be pulled" in rolled_back["FailureReason"]
    assert full["ProductionVariants"][0]["CurrentInstanceCount"] == 10
    assert {activity["StatusCode"] for activity in tried["ScalingActivities"]} == {"Failed"}
