"""Fleets to practise on: what goes wrong on them and when, whether it still harms, and what ends that."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from smtop.metrics.simulator.causes import CAUSES
from smtop.metrics.simulator.exercise import DRAWN, LEAST_QUIET_S, MOST_QUIET_S, open_exercise
from smtop.metrics.simulator.harm import ELSEWHERE, HARMS, Look, harms
from smtop.metrics.simulator.journal import Write
from tests.simulator.drilled import BEGAN, OPENED, Drilled
from tests.simulator.small_fleet import EPOCH, serve_locally

Call = tuple[str, Mapping[str, Any]]

# The draw


def _told(seed: int, *causes: str, endpoints: int = 24) -> list[dict[str, Any]]:
    return open_exercise(endpoints, seed, OPENED, causes).truth()


@pytest.mark.parametrize("seed", range(8))
def test_after_a_quiet_start_one_or_two_things_go_wrong_beside_some_that_only_look_like_it(seed: int) -> None:
    key = _told(seed)
    troubles = [entry for entry in key if not entry["confounder"]]
    assert len(troubles) in {1, 2}
    assert {entry["cause"] for entry in troubles} <= set(DRAWN)
    first = min(entry["began_at"] for entry in troubles) - OPENED
    assert LEAST_QUIET_S <= first <= MOST_QUIET_S
    assert len(key) - len(troubles) == 3
    assert len({entry["endpoint"] for entry in key}) == len(key)
    assert _told(seed) == key


def test_neither_names_nor_order_tell_which_endpoints_are_struck() -> None:
    struck = {int(entry["endpoint"][-4:]) for seed in range(20) for entry in _told(seed) if not entry["confounder"]}
    assert len(struck) > 10


def test_troubles_can_be_asked_for_by_name() -> None:
    key = _told(1, "memory-saturated", "errors-5xx", endpoints=2)
    assert {entry["cause"] for entry in key if not entry["confounder"]} == {"errors-5xx", "memory-saturated"}


@pytest.mark.parametrize(
    ("causes", "endpoints", "words"),
    [(["nonsense"], 24, "pc-exhausted"), (["clean-deploy"], 24, "clean-deploy"), (["errors-5xx"], 0, "need as many")],
)
def test_what_cannot_be_practised_is_refused(causes: Sequence[str], endpoints: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        open_exercise(endpoints, 0, OPENED, causes)


# Its harm


@pytest.mark.parametrize("severity", ["mild", "severe"])
@pytest.mark.parametrize("cause", HARMS)
def test_harm_is_seen_from_the_onset_on_and_not_before(cause: str, severity: str) -> None:
    drilled = Drilled(cause, severity)
    began, full = int(BEGAN) // 60 * 60, int(BEGAN + CAUSES[cause].full_s) // 60 * 60 + 120
    end = full + 1200
    drilled.world.advance(end)
    harmed = HARMS[cause](
        Look(drilled.world.telemetry, drilled.world.region.account, drilled.name, began - 1800, end)
    ).tolist()
    assert not any(harmed[:30])
    after = harmed[(full - began) // 60 + 30 :]
    assert sum(after) >= 0.8 * len(after)


def _resized(count: int) -> Callable[[Drilled], list[Call]]:
    def calls(drilled: Drilled) -> list[Call]:
        wanted = [{"VariantName": drilled.blueprint.live[0].name, "DesiredInstanceCount": count}]
        request = {"EndpointName": drilled.name, "DesiredWeightsAndCapacities": wanted}
        return [("sagemaker:UpdateEndpointWeightsAndCapacities", request)]

    return calls


def _serverless(**limits: int) -> Callable[[Drilled], list[Call]]:
    """Another config with other limits."""

    def calls(drilled: Drilled) -> list[Call]:
        variant = drilled.blueprint.live[0]
        own = {"MemorySizeInMB": 2048, "MaxConcurrency": 120, **limits}
        config = {"VariantName": variant.name, "ModelName": variant.model, "ServerlessConfig": own}
        return [
            ("sagemaker:CreateEndpointConfig", {"EndpointConfigName": "other", "ProductionVariants": [config]}),
            ("sagemaker:UpdateEndpoint", {"EndpointName": drilled.name, "EndpointConfigName": "other"}),
        ]

    return calls


def _without_canary(drilled: Drilled) -> list[Call]:
    wanted = [{"VariantName": "canary", "DesiredWeight": 0.0}]
    request = {"EndpointName": drilled.name, "DesiredWeightsAndCapacities": wanted}
    return [("sagemaker:UpdateEndpointWeightsAndCapacities", request)]


def _more_allowed(drilled: Drilled) -> list[Call]:
    where = f"endpoint/{drilled.name}/variant/{drilled.blueprint.live[0].name}"
    dimension = "sagemaker:variant:DesiredInstanceCount"
    request = {"ServiceNamespace": "sagemaker", "ResourceId": where, "ScalableDimension": dimension, "MaxCapacity": 40}
    return [("application-autoscaling:RegisterScalableTarget", request)]


def _copies(drilled: Drilled) -> list[Call]:
    name = drilled.blueprint.live[0].components[0].name
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": 2}}
    return [("sagemaker:UpdateInferenceComponentRuntimeConfig", request)]


REMEDIES: Mapping[str, Callable[[Drilled], list[Call]]] = {
    "pc-exhausted": _serverless(ProvisionedConcurrency=110),
    "pc-high": _serverless(ProvisionedConcurrency=40),
    "pc-wasted": _serverless(ProvisionedConcurrency=1),
    "concurrency-limit": _serverless(MaxConcurrency=200),
    "cpu-saturated": _resized(20),
    "gpu-saturated": _resized(20),
    "hot-instance": _resized(20),
    "scaling-at-max": _more_allowed,
    "scaling-stuck": _resized(12),
    "cache-thrash": _resized(20),
    "backlog-growing": _resized(12),
    "backlog-never-drains": _resized(12),
    "requests-expiring": _resized(12),
    "backlog-without-capacity": _resized(2),
    "component-without-capacity": _copies,
    "bad-canary": _without_canary,
}


def _ended_at(cause: str, calls: Sequence[Call], after_s: float = 3600.0) -> tuple[float, dict[str, Any]]:
    """When `calls` were made, and what is told of the trouble an hour later."""
    drilled = Drilled(cause)
    at, writes = drilled.then, []
    for action, request in calls:
        drilled.call(action, at, **request)
        writes.append(Write(action, request, "", "", at, carried_out=True))
    drilled.world.advance(at + after_s)
    world = drilled.world
    (told,) = harms(world.drills.truth(), world.telemetry, world.region.account, writes, at + after_s)
    return at, told


@pytest.mark.parametrize("cause", HARMS)
def test_what_the_rule_would_propose_ends_it(cause: str) -> None:
    at, told = _ended_at(cause, REMEDIES[cause](Drilled(cause)))
    assert told["can_end"]
    assert told["ended_at"] is not None
    assert at - 60.0 <= told["ended_at"] <= at + 2400.0


@pytest.mark.parametrize(
    ("cause", "remedy"),
    [
        ("pc-exhausted", _serverless()),
        ("cpu-saturated", _resized(2)),
        ("bad-canary", _resized(6)),
        ("backlog-growing", _resized(0)),
    ],
)
def test_what_helps_nobody_ends_nothing(cause: str, remedy: Callable[[Drilled], list[Call]]) -> None:
    assert _ended_at(cause, remedy(Drilled(cause)))[1]["ended_at"] is None


def test_without_a_change_nothing_ends_and_some_things_no_change_ends() -> None:
    assert _ended_at("pc-high", [])[1]["ended_at"] is None
    _, told = _ended_at("errors-5xx", _resized(9)(Drilled("errors-5xx")))
    assert (told["can_end"], told["ended_at"], told["elsewhere"]) == (False, None, ELSEWHERE["errors-5xx"])


def test_it_is_told_beside_the_answer_key() -> None:
    fleet = open_exercise(4, 1, EPOCH, ["cpu-saturated"])
    with serve_locally(fleet) as aws:
        aws.pass_time(900.0)
        (told,) = aws.control("harm")
    (key,) = [entry for entry in fleet.truth() if not entry["confounder"]]
    assert told == {**key, "can_end": True, "ended_at": None, "elsewhere": None}


def test_of_what_is_drawn_there_is_a_remedy_to_grade_or_it_is_said_where_it_lies() -> None:
    assert not HARMS.keys() & ELSEWHERE.keys()
    assert set(DRAWN) <= HARMS.keys() | ELSEWHERE.keys()
