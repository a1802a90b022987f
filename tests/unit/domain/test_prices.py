"""Prices by published figures; and that what is not known is never 0."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from smtop.metrics.domain.endpoint import Instances, Moving, Serverless, Variant
from smtop.metrics.domain.instance_types import hardware_by_type
from smtop.metrics.domain.prices import Prices
from smtop.metrics.domain.shipped import shipped

VIRGINIA = "us-east-1"
HOURS = 730
"""Of a month, as AWS's own examples count them."""


def on_instances(instance_type: str | None, count: int | None, name: str = "AllTraffic") -> Variant:
    return Variant(name, instances=Instances(Moving(count, count), instance_type))


def serverless(memory_mb: int, provisioned: int | None) -> Variant:
    return Variant(
        "AllTraffic", serverless=Serverless(memory_mb, max_concurrency=200, provisioned_concurrency=provisioned)
    )


def cost(*variants: Variant, region: str = VIRGINIA) -> float | None:
    return Prices.load().endpoint_usd_per_hour(variants, region)


def test_two_m5_xlarge_cost_what_the_list_says() -> None:
    an_hour = cost(on_instances("ml.m5.xlarge", 2))
    assert an_hour is not None
    assert an_hour == pytest.approx(0.46)
    assert an_hour * HOURS == pytest.approx(335.80)


@pytest.mark.parametrize(("instance_type", "usd_a_day"), [("ml.m4.xlarge", 5.76), ("ml.m5.xlarge", 5.52)])
def test_the_published_days_of_one_instance(instance_type: str, usd_a_day: float) -> None:
    an_hour = Prices.load().instance_usd_per_hour(instance_type, VIRGINIA)
    assert an_hour is not None
    assert an_hour * 24 == pytest.approx(usd_a_day)


@pytest.mark.parametrize(
    ("instance_type", "usd_a_month"), [("ml.t2.medium", 40.32), ("ml.c5.large", 73.44), ("ml.c5.xlarge", 146.88)]
)
def test_the_published_months_of_720_hours(instance_type: str, usd_a_month: float) -> None:
    an_hour = cost(on_instances(instance_type, 1))
    assert an_hour is not None
    assert an_hour * 24 * 30 == pytest.approx(usd_a_month)


def test_the_published_consolidation_of_ten_endpoints_at_their_old_price() -> None:
    then = replace(Prices.load(), instances={VIRGINIA: {"ml.c5.xlarge": 0.238}})
    one = then.endpoint_usd_per_hour([on_instances("ml.c5.xlarge", 2)], VIRGINIA)
    assert one is not None
    assert 10 * one * 720 == pytest.approx(3427.20)
    assert one * 720 == pytest.approx(342.72)


@pytest.mark.parametrize(
    ("memory_mb", "usd_a_month"),
    [(1024, 13.14), (2048, 26.28), (3072, 39.42), (4096, 52.56), (5120, 65.70), (6144, 78.84)],
)
def test_one_provisioned_slot_costs_by_its_memory(memory_mb: int, usd_a_month: float) -> None:
    an_hour = cost(serverless(memory_mb, provisioned=1))
    assert an_hour is not None
    assert an_hour * HOURS == pytest.approx(usd_a_month)


def test_a_hundred_slots_of_2_gb_for_forty_hours_cost_what_the_worked_example_says() -> None:
    an_hour = Prices.load().provisioned_usd_per_hour(2048, 100, VIRGINIA)
    assert an_hour is not None
    assert an_hour * 40 == pytest.approx(144)


def test_requests_data_and_storage_cost_what_the_read_outs_say() -> None:
    rates = Prices.load().rates[VIRGINIA]
    assert 2 * rates.on_demand_usd_per_gb_second == pytest.approx(0.00004)
    assert 2 * rates.on_demand_usd_per_gb_second * 300_000 == pytest.approx(12)
    assert 2 * rates.provisioned_duration_usd_per_gb_second * 5_256_000 == pytest.approx(122.46, abs=0.01)
    assert 2 * rates.provisioned_usd_per_gb_second * 500_000 == pytest.approx(5.00)
    assert round(13 * rates.data_usd_per_gb, 2) == 0.21
    assert 20 * rates.storage_usd_per_gb_month == pytest.approx(2.24)


def test_every_variant_counts_and_shadows_do_too() -> None:
    shadow = on_instances("ml.c5.large", 1, "shadow")._replace(shadow=True)
    assert cost(on_instances("ml.m5.xlarge", 2), on_instances("ml.m5.large", 1, "b"), shadow) == pytest.approx(0.677)


def test_instances_are_counted_as_they_run_now() -> None:
    growing = Variant("AllTraffic", instances=Instances(Moving(1, 4), "ml.m5.xlarge"))
    assert cost(growing) == pytest.approx(0.23)


@pytest.mark.parametrize("provisioned", [None, 0])
@pytest.mark.parametrize("region", [VIRGINIA, "eu-north-1"])
def test_serverless_on_demand_costs_nothing_at_rest_anywhere(provisioned: int | None, region: str) -> None:
    assert cost(serverless(2048, provisioned), region=region) == 0


@pytest.mark.parametrize("instance_type", ["ml.m5.xlarge", "ml.x4.xlarge", None])
def test_no_instances_cost_nothing_whatever_their_type(instance_type: str | None) -> None:
    assert cost(on_instances(instance_type, 0)) == 0


@pytest.mark.parametrize(
    "variants",
    [
        [],
        [on_instances("ml.x4.xlarge", 1)],
        [on_instances("ml.p5.48xlarge", 1)],
        [on_instances(None, 2)],
        [on_instances("ml.m5.xlarge", None)],
        [Variant("told of by nobody")],
        [on_instances("ml.m5.xlarge", 2), on_instances("ml.x4.xlarge", 1, "b")],
        [on_instances("ml.m5.xlarge", 2), on_instances(None, None, "b")],
    ],
)
def test_what_has_an_unknown_part_is_unknown(variants: Sequence[Variant]) -> None:
    assert cost(*variants) is None


@pytest.mark.parametrize("variant", [on_instances("ml.m5.xlarge", 1), serverless(2048, 5)])
def test_a_region_that_the_table_lacks_is_unknown(variant: Variant) -> None:
    assert cost(variant, region="eu-west-1") is None


def test_every_group_of_the_table_says_where_and_when_it_is_from() -> None:
    table = shipped("prices")
    for group in [table, *table["instances"], *table["rates"]]:
        assert group["source"]
        assert group["dated"][:2] == "20"
    assert date.fromisoformat(Prices.load().dated) >= date(2026, 11, 1)
    assert "public" in Prices.load().source


def test_every_price_is_of_a_type_that_can_host_and_stands_once() -> None:
    groups = shipped("prices")["instances"]
    named = [(group["region"], name) for group in groups for name in group["usd_per_hour"]]
    assert len(named) == len(set(named))
    assert {name for _, name in named} <= set(hardware_by_type())


def test_larger_types_of_a_family_cost_more() -> None:
    priced = Prices.load().instances[VIRGINIA]
    for smaller, larger in [
        ("large", "xlarge"),
        ("xlarge", "2xlarge"),
        ("2xlarge", "4xlarge"),
        ("12xlarge", "24xlarge"),
    ]:
        pairs = [(name, name.replace(f".{smaller}", f".{larger}")) for name in priced if name.endswith(f".{smaller}")]
        assert all(priced[name] < priced[next_up] for name, next_up in pairs if next_up in priced)
