"""What exists, kept up to date: what is described again, and what survives a failure."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from smtop.metrics.collect.discovery import SWEEP_S, Discovery, merge_problems
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.snapshot import Problem
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.engine import FakeClock, FakeInventory, HastyClock, fault, hosted, variant_of, with_status
from tests.support.fleet import NOW_S

DENIED = fault(FaultKind.PERMISSION, "sagemaker:DescribeEndpoint", "Denied.")


def discovery(inventory: FakeInventory, clock: FakeClock | None = None) -> Discovery:
    return Discovery(inventory, clock or HastyClock())


async def discover(found: Discovery) -> None:
    """One round, as the poller makes it."""
    await found.list_all()
    async for _ in found.describe(found.due()):
        pass
    async for _ in found.read_tags(found.untagged):
        pass


def changed(endpoint: Endpoint, minutes: int = 1) -> Endpoint:
    summary = endpoint.summary
    return endpoint._replace(summary=summary._replace(modified_at=summary.modified_at + timedelta(minutes=minutes)))


def by_name(endpoints: Iterable[Endpoint]) -> dict[str, Endpoint]:
    return {endpoint.name: endpoint for endpoint in endpoints}


async def test_every_page_is_read_and_every_endpoint_described() -> None:
    endpoints = [hosted(f"e{index}") for index in range(10)]
    found = discovery(FakeInventory(*endpoints))
    await discover(found)
    assert found.endpoints == endpoints
    assert found.problems == []


async def test_an_endpoint_is_there_before_it_is_described() -> None:
    found = discovery(FakeInventory(hosted("a")))
    await found.list_all()
    [listed] = found.endpoints
    assert (listed.name, listed.described, listed.kind, listed.variants) == ("a", False, Kind.UNKNOWN, ())


async def test_only_what_changed_is_described_again() -> None:
    inventory = FakeInventory(hosted("a"), hosted("b"), hosted("c"))
    found = discovery(inventory)
    await discover(found)
    assert inventory.described() == ["a", "b", "c"]
    inventory.put(changed(hosted("b", Kind.SERVERLESS)), with_status(hosted("c"), "Failed"))
    await discover(found)
    assert inventory.described() == ["b", "c"]
    assert by_name(found.endpoints)["b"].kind is Kind.SERVERLESS
    await discover(found)
    assert inventory.described() == []


async def test_an_endpoint_in_transition_is_described_every_time_until_it_arrives() -> None:
    inventory = FakeInventory(hosted("a", status="Updating"), hosted("b"))
    found = discovery(inventory)
    await discover(found)
    inventory.described()
    await discover(found)
    assert inventory.described() == ["a"]
    inventory.put(hosted("a"))
    await discover(found)
    assert inventory.described() == ["a"]
    await discover(found)
    assert inventory.described() == []


async def test_a_new_variant_is_known_within_one_round() -> None:
    inventory = FakeInventory(hosted("a"))
    found = discovery(inventory)
    await discover(found)
    inventory.put(changed(hosted("a", variants=(variant_of(name="Blue"), variant_of(name="Green")))))
    await discover(found)
    assert [variant.name for variant in found.endpoints[0].variants] == ["Blue", "Green"]


async def test_the_slow_sweep_describes_everything_again_a_share_at_a_time() -> None:
    clock = HastyClock()
    inventory = FakeInventory(*(hosted(f"e{index:03}") for index in range(100)))
    found = discovery(inventory, clock)
    await discover(found)
    assert len(inventory.described()) == 100
    clock.move(SWEEP_S + 1)
    swept: list[str] = []
    for _ in range(4):
        await discover(found)
        names = inventory.described()
        assert 0 < len(names) <= 32
        swept += names
    assert sorted(swept) == [f"e{index:03}" for index in range(100)]
    await discover(found)
    assert inventory.described() == []


async def test_the_sweep_forgets_configs_and_models() -> None:
    clock = HastyClock()
    inventory = FakeInventory(hosted("a"))
    found = discovery(inventory, clock)
    await discover(found)
    assert "forget" not in inventory.calls
    clock.move(SWEEP_S + 1)
    await discover(found)
    assert inventory.calls.count("forget") == 1


async def test_broken_endpoints_are_described_first() -> None:
    found = discovery(FakeInventory(hosted("a"), hosted("b", status="Updating"), hosted("c", status="Failed")))
    await found.list_all()
    assert found.due() == ["c", "b", "a"]


# Vanishing and coming back


async def test_an_endpoint_that_is_no_longer_listed_is_gone() -> None:
    inventory = FakeInventory(hosted("a"), hosted("b"))
    found = discovery(inventory)
    await discover(found)
    del inventory.endpoints["a"]
    await discover(found)
    assert list(by_name(found.endpoints)) == ["b"]


async def test_an_endpoint_that_vanishes_before_it_is_described_is_gone_without_a_problem() -> None:
    inventory = FakeInventory(hosted("a"), hosted("b"))
    inventory.vanished = {"a"}
    found = discovery(inventory)
    await discover(found)
    assert list(by_name(found.endpoints)) == ["b"]
    assert found.problems == []


async def test_an_endpoint_created_again_under_the_same_name_is_a_new_one() -> None:
    inventory = FakeInventory(hosted("a", variants=(variant_of(name="Old"),)))
    found = discovery(inventory)
    await discover(found)
    inventory.put(hosted("a", Kind.SERVERLESS, age=timedelta(minutes=5)))
    await found.list_all()
    assert (found.endpoints[0].described, found.endpoints[0].variants) == (False, ())
    await discover(found)
    assert [variant.name for variant in found.endpoints[0].variants] == ["AllTraffic"]
    assert found.endpoints[0].kind is Kind.SERVERLESS


# Failures


async def test_a_list_that_fails_halfway_keeps_the_inventory() -> None:
    inventory = FakeInventory(*(hosted(f"e{index}") for index in range(7)))
    found = discovery(inventory)
    await discover(found)
    before = found.endpoints
    inventory.faults["list"] = [fault(FaultKind.THROTTLED, "sagemaker:ListEndpoints")]
    with pytest.raises(AwsError):
        await found.list_all()
    assert found.endpoints == before


async def test_one_refused_endpoint_keeps_its_row_and_what_was_known() -> None:
    inventory = FakeInventory(hosted("a"), hosted("b"))
    found = discovery(inventory)
    await discover(found)
    inventory.put(changed(hosted("a")))
    inventory.faults["describe a"] = [DENIED]
    await discover(found)
    known = by_name(found.endpoints)["a"]
    assert (known.described, len(known.variants)) == (True, 1)
    assert found.problems == [Problem(FaultKind.PERMISSION, "sagemaker:DescribeEndpoint", "Denied.", "a")]
    await discover(found)
    assert found.problems == []


async def test_the_same_refusal_of_many_is_one_line() -> None:
    inventory = FakeInventory(*(hosted(f"e{index}") for index in range(5)))
    for index in range(5):
        inventory.faults[f"describe e{index}"] = [DENIED]
    found = discovery(inventory)
    await discover(found)
    [problem] = found.problems
    assert (problem.endpoint, problem.message) == (None, "Denied. (5 endpoints)")
    assert len(found.endpoints) == 5


async def test_what_could_not_be_learned_on_the_way_is_told() -> None:
    config = Problem(FaultKind.PERMISSION, "sagemaker:DescribeEndpointConfig", "Denied.", "a")
    found = discovery(FakeInventory(hosted("a"), problems={"a": [config]}))
    await discover(found)
    assert found.problems == [config]


@pytest.mark.parametrize("kind", [FaultKind.CREDENTIALS, FaultKind.UNREACHABLE])
async def test_where_aws_cannot_be_asked_at_all_the_round_ends(kind: FaultKind) -> None:
    inventory = FakeInventory(*(hosted(f"e{index}") for index in range(100)))
    for index in range(100):
        inventory.faults[f"describe e{index}"] = [fault(kind, "sagemaker:DescribeEndpoint")]
    found = discovery(inventory)
    with pytest.raises(AwsError):
        await discover(found)
    assert len(inventory.described()) < 100
    assert len(found.endpoints) == 100


async def test_a_describe_that_is_throttled_is_a_problem_until_the_next_time() -> None:
    inventory = FakeInventory(hosted("a"))
    inventory.faults["describe a"] = [fault(FaultKind.THROTTLED, "sagemaker:DescribeEndpoint")]
    found = discovery(inventory)
    await discover(found)
    assert inventory.described() == ["a"]
    assert [problem.kind for problem in found.problems] == [FaultKind.THROTTLED]
    await discover(found)
    assert found.problems == []
    assert all(endpoint.described for endpoint in found.endpoints)


async def test_no_more_than_some_are_described_at_once() -> None:
    inventory = FakeInventory(*(hosted(f"e{index:02}") for index in range(100)))
    await discover(discovery(inventory))
    assert 1 < inventory.most_at_once <= 32


# Tags


async def test_tags_are_read_with_a_description_and_kept_through_the_next() -> None:
    inventory = FakeInventory(hosted("a"))
    inventory.tags_of["a"] = {"team": "fraud"}
    clock = HastyClock()
    found = discovery(inventory, clock)
    await discover(found)
    assert found.endpoints[0].tags == {"team": "fraud"}
    inventory.calls.clear()
    clock.move(60)
    await discover(found)
    assert "tags a" not in inventory.calls
    inventory.put(changed(hosted("a")))
    await found.list_all()
    async for _ in found.describe(found.due()):
        pass
    assert found.endpoints[0].tags == {"team": "fraud"}
    inventory.tags_of["a"] = {"team": "risk"}
    await discover(found)
    assert found.endpoints[0].tags == {"team": "risk"}


async def test_denied_tags_are_told_once_and_not_asked_again_before_the_sweep() -> None:
    clock = HastyClock()
    inventory = FakeInventory(*(hosted(f"e{index:02}") for index in range(50)))
    denied = fault(FaultKind.PERMISSION, "sagemaker:ListTags", "No tags.")
    for index in range(50):
        inventory.faults[f"tags e{index:02}"] = [denied] * 9
    found = discovery(inventory, clock)
    await discover(found)
    asked = sum(call.startswith("tags") for call in inventory.calls)
    assert asked <= 32
    assert found.problems == [Problem(FaultKind.PERMISSION, "sagemaker:ListTags", "No tags.")]
    await discover(found)
    assert sum(call.startswith("tags") for call in inventory.calls) == asked
    clock.move(SWEEP_S + 1)
    await discover(found)
    assert sum(call.startswith("tags") for call in inventory.calls) > asked


async def test_an_endpoint_that_vanishes_before_its_tags_are_read_is_no_problem() -> None:
    inventory = FakeInventory(hosted("a"), hosted("b"))
    inventory.faults["tags a"] = [fault(FaultKind.NOT_FOUND, "sagemaker:ListTags")]
    inventory.tags_of["b"] = {"x": "y"}
    found = discovery(inventory)
    await discover(found)
    assert found.problems == []
    assert by_name(found.endpoints)["b"].tags == {"x": "y"}


# An earlier run


async def test_an_earlier_runs_inventory_saves_describing_what_did_not_change() -> None:
    inventory = FakeInventory(hosted("a"), changed(hosted("b")), hosted("new"))
    found = discovery(inventory)
    found.recall([hosted("a"), hosted("b"), hosted("deleted"), hosted("listed")._replace(described=False)], NOW_S - 60)
    assert sorted(by_name(found.endpoints)) == ["a", "b", "deleted"]
    await discover(found)
    assert inventory.described() == ["b", "new"]
    assert sorted(by_name(found.endpoints)) == ["a", "b", "new"]


async def test_an_old_runs_inventory_is_swept_like_any_other() -> None:
    inventory = FakeInventory(hosted("a"))
    found = discovery(inventory)
    found.recall([hosted("a")], NOW_S - SWEEP_S - 1)
    await discover(found)
    assert inventory.described() == ["a"]


def test_problems_of_different_kinds_or_operations_stay_apart() -> None:
    one = Problem(FaultKind.PERMISSION, "sagemaker:DescribeModel", "x", "a")
    problems = [one, one._replace(kind=FaultKind.SERVICE), one._replace(operation="sagemaker:ListTags"), one]
    assert merge_problems(problems) == problems[:3]
