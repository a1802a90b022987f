"""Sizes that cannot be: each is said in a sentence before anything is sent."""

from typing import Any

import pytest

from smtop.metrics.actions.in_use import MOST_DESCRIBED
from smtop.metrics.actions.means import Means
from smtop.metrics.domain.change import Deployment
from smtop.metrics.errors import AwsError, FaultKind, RefusedError
from tests.support.control import FakeControl, hosted
from tests.support.sizes import resized


@pytest.mark.parametrize(
    ("endpoint", "sizes", "why"),
    [
        ("fraud", {}, "Nothing to change was named"),
        ("fraud", {"count": 3}, "so already"),
        ("fraud", {"count": -1}, "cannot be below 0"),
        ("fraud", {"count": 0}, "keeps one instance of it at least"),
        ("fraud", {"count": 4, "variant": "Blue"}, "has no variant Blue; it has AllTraffic"),
        ("fraud", {"count": 4, "variant": "All_Traffic"}, "letters, digits and hyphens"),
        ("fraud", {"count": 4, "variant": "a" * 64}, "63 characters at most"),
        ("fraud", {"type": "m5.xlarge"}, "is no instance type"),
        ("fraud", {"memory_mb": 2048}, "settings of serverless endpoints"),
        ("fraud", {"max_concurrency": 5}, "settings of serverless endpoints"),
        ("fraud", {"async_concurrency": 5}, "is not asynchronous"),
        ("fraud", {"copies": 2}, "hosts no inference components"),
        ("pair", {"count": 4}, "several variants (A, B): name one"),
        ("sls", {"count": 2}, "has no instances to count or choose"),
        ("sls", {"type": "ml.m5.large"}, "has no instances to count or choose"),
        ("sls", {"memory_mb": 1500}, "1024 to 6144 MB in steps of 1024; 1500 is not"),
        ("sls", {"memory_mb": 7168}, "1024 to 6144 MB in steps of 1024; 7168 is not"),
        ("sls", {"memory_mb": 0}, "1024 to 6144 MB in steps of 1024; 0 is not"),
        ("sls", {"max_concurrency": 201}, "Max concurrency is 1 to 200; 201 is not"),
        ("sls", {"provisioned_concurrency": 21}, "(21) cannot be more than max concurrency (20)"),
        ("sls", {"max_concurrency": 4}, "(5) cannot be more than max concurrency (4)"),
        ("sls", {"provisioned_concurrency": -1}, "Provisioned concurrency is 1 to 200; -1 is not"),
        ("queue", {"async_concurrency": 0}, "1 to 1000; 0 is not"),
        ("queue", {"async_concurrency": 1001}, "1 to 1000; 1001 is not"),
        ("queue", {"async_concurrency": 8, "count": 0}, "change the count in a step of its own"),
        ("fraud", {"type": "ml.m5.2xlarge", "deployment": Deployment("sideways")}, "There is no policy sideways"),
        ("fraud", {"count": 4, "ends_at": 2e9}, "Only provisioned concurrency"),
        ("sls", {"provisioned_concurrency": 6, "ends_at": 1.0}, "before it begins"),
        ("fraud", {"count": 21}, "quota for ml.m5.xlarge is 20, 5 are in use, and this takes 18 more"),
        ("fraud", {"type": "ml.g5.xlarge", "count": 5}, "quota for ml.g5.xlarge is 4 and this takes 5 more"),
        ("sls", {"max_concurrency": 150}, "quota for serverless concurrency is 100 and this takes 130 more"),
    ],
)
async def test_what_cannot_be(fleet: FakeControl, by: Means, endpoint: str, sizes: dict[str, Any], why: str) -> None:
    fleet.lists["ListEndpoints"] = [{"EndpointName": name} for name in ("fraud", "queue", "sls")]
    made = await resized(by, endpoint, **sizes)
    assert [why in sentence for sentence in made.blockers] == [True], made.blockers
    assert (made.calls, fleet.sent) == ((), [])


async def test_an_endpoint_of_an_impossible_name_is_not_asked_for(control: FakeControl, by: Means) -> None:
    with pytest.raises(RefusedError, match="'fraud/prod' is no name of an endpoint"):
        await resized(by, "fraud/prod", count=2)


async def test_a_config_that_would_lose_something_is_not_cloned(fleet: FakeControl, by: Means) -> None:
    fleet.unknown["fraud-cfg"] = frozenset({"ProductionVariants[1].InstancePools"})
    made = await resized(by, type="ml.m5.2xlarge")
    assert "fields that this SDK would drop (ProductionVariants[1].InstancePools)" in made.blockers[0]
    assert (await resized(by, count=4)).blockers == ()


async def test_in_place_has_no_other_way_where_the_config_cannot_be_cloned(fleet: FakeControl, by: Means) -> None:
    del fleet.documents["DescribeEndpointConfig", "sls-cfg"]
    made = await resized(by, "sls", provisioned_concurrency=6)
    assert (made.blockers, made.calls[0].otherwise) == ((), ())
    assert "Should AWS refuse it in place, there is no other way." in made.warnings


async def test_managed_scaling_from_zero_lets_a_variant_rest(control: FakeControl, by: Means) -> None:
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4}
    hosted(control, "pool", {"InitialInstanceCount": 2, "ManagedInstanceScaling": scaling})
    made = await resized(by, "pool", count=0)
    assert made.blockers == ()
    assert "between 0 and 4 (managed instance scaling), and may not keep 0" in made.warnings[0]


# Quotas


async def test_what_the_fleet_uses_is_taken_from_who_knows(fleet: FakeControl, by: Means) -> None:
    async def known() -> dict[str, int]:
        return {"ml.m5.xlarge": 19}

    knowing = Means(**{**vars(by), "fleet_usage": known})
    assert (await resized(knowing, count=4)).blockers == ()
    (why,) = (await resized(knowing, count=5)).blockers
    assert "is 20, 19 are in use, and this takes 2 more" in why


async def test_what_nobody_knows_is_asked(fleet: FakeControl, by: Means) -> None:
    async def unknown() -> None:
        return None

    asking = Means(**{**vars(by), "fleet_usage": unknown})
    fleet.lists["ListEndpoints"] = [{"EndpointName": name} for name in ("fraud", "queue", "sls")]
    plain, asked = await resized(by, count=19), await resized(asking, count=19)
    assert (asked.blockers, asked.warnings) == (plain.blockers, plain.warnings)
    assert "are in use" in asked.blockers[0]


async def test_nothing_is_asked_where_nothing_grows(fleet: FakeControl, by: Means) -> None:
    fleet.faults["ListServiceQuotas"] = AwsError(FaultKind.PERMISSION, "servicequotas:ListServiceQuotas", "Denied.")
    assert (await resized(by, count=2)).warnings == ()
    (warning,) = (await resized(by, count=4)).warnings
    assert warning == "Whether the account's quota has room for 1 more is not known: Denied."


async def test_a_fleet_that_is_too_large_to_describe_is_unknown(fleet: FakeControl, by: Means) -> None:
    fleet.lists["ListEndpoints"] = [{"EndpointName": f"e{number}"} for number in range(MOST_DESCRIBED + 1)]
    made = await resized(by, count=4)
    assert made.blockers == ()
    assert made.warnings == (
        "The account's quota for ml.m5.xlarge is 20, and this takes 1 more; how much of it is in use is not known "
        "here, so AWS may refuse.",
    )


async def test_a_type_that_is_not_known_has_no_known_quota(fleet: FakeControl, by: Means) -> None:
    del fleet.documents["DescribeEndpointConfig", "fraud-cfg"]
    made = await resized(by, count=4)
    assert made.blockers == ()
    assert made.warnings[0] == "The instance type of AllTraffic is not known, and so not whether a quota has room."


async def test_a_quota_that_is_not_listed_is_unknown(fleet: FakeControl, by: Means) -> None:
    made = await resized(by, type="ml.m5.4xlarge")
    assert made.blockers == ()
    assert "Service Quotas names no quota for ml.m5.4xlarge; AWS may still refuse." in made.warnings
