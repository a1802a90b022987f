"""Advice on idleness and on a second instance: each fires, does not fire, and is silent without data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Bounds, Resize
from smtop.metrics.domain.endpoint import Endpoint, Instances, Kind, Moving
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.scaling import ScaledPart
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.surroundings import Surroundings
from tests.support.engine import Values, at, hosted, minutes, on, subject, variant_of
from tests.support.rules import said, seen, the
from tests.support.scaling import part

CALLS = "Invocations.Sum"
QUIET: Mapping[str, Values] = {CALLS: [0.0] * 15}


# Idle


def test_an_hour_without_a_request_is_idle_and_costs() -> None:
    finding = the(said("idle", seen(hosted(), QUIET)))
    assert (finding.severity, finding.title) == (Severity.IDLE, "no request for 1 h")
    assert finding.evidence[1] == "it costs all the same: 2 x ml.m5.xlarge (AllTraffic)"
    assert finding.since == at(61)
    assert finding.change is None


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (hosted(kind=Kind.SERVERLESS), "it costs nothing meanwhile"),
        (hosted(kind=Kind.SERVERLESS_PROVISIONED), "it costs all the same: provisioned concurrency 5"),
    ],
)
def test_what_idleness_costs_depends_on_the_kind(endpoint: Endpoint, words: str) -> None:
    assert the(said("idle", seen(endpoint, QUIET))).evidence[1].startswith(words)


@pytest.mark.parametrize(
    ("endpoint", "labels", "more"),
    [
        (hosted(), {CALLS: [0.0] * 14 + [1.0]}, {}),
        (hosted(), QUIET, {"trend": minutes(1.0, *[0.0] * 50)}),
        (hosted(), QUIET, {"trend": minutes(*[0.0] * 50, 1.0)}),
        (hosted(), {}, {}),
        (hosted(), {"CPUUtilization.Average": [1.0] * 15}, {}),
        (hosted(age=timedelta(minutes=59)), QUIET, {}),
        (hosted(status="Updating"), QUIET, {}),
        (hosted(status="Failed"), QUIET, {}),
        (hosted()._replace(described=False, variants=()), QUIET, {}),
    ],
    ids=["a request", "50 minutes ago", "just now", "no data", "not asked", "new", "updating", "broken", "listed only"],
)
def test_anything_else_is_not_idle(endpoint: Endpoint, labels: Mapping[str, Values], more: dict[str, Any]) -> None:
    assert not said("idle", seen(endpoint, labels, **more))


@pytest.mark.parametrize(("ago", "fires"), [(20, False), (40, True)])
def test_how_long_makes_idle_can_be_set(ago: int, fires: bool) -> None:
    told = seen(hosted(), QUIET, trend=minutes(1.0, *[0.0] * ago))
    assert bool(said("idle", told, idle_minutes=30)) is fires


def test_an_async_endpoint_with_a_queue_is_not_idle() -> None:
    endpoint = hosted(kind=Kind.ASYNC)

    def waiting(count: float) -> Subject:
        own: Mapping[str, Values] = {"ApproximateBacklogSize.Maximum": [count]}
        return subject(endpoint, {on(endpoint): {"InvocationsProcessed.Sum": [0.0]}, Owner("fraud"): own})

    assert not said("idle", waiting(3.0))
    assert the(said("idle", waiting(0.0)))


# One instance


def alone(kind: Kind = Kind.REALTIME, count: int = 1, **more: Any) -> Endpoint:
    """A production endpoint with so many instances."""
    variant = variant_of(kind)
    if variant.instances is not None:
        variant = variant._replace(instances=Instances(Moving(count, count), "ml.m5.xlarge"))
    return hosted(kind=kind, variants=(variant,), **more)._replace(tags={"Environment": "production"})


def test_one_production_instance_is_worth_advice() -> None:
    finding = the(said("single-instance", seen(alone(), {})))
    assert (finding.severity, finding.variant) == (Severity.OK, "AllTraffic")
    assert finding.change == Resize("fraud", "AllTraffic", count=2)


@pytest.mark.parametrize(
    ("parts", "change"),
    [
        (None, Resize("fraud", "AllTraffic", count=2)),
        ((part(),), Bounds("fraud", "AllTraffic", least=2)),
        ((part(most=1),), Bounds("fraud", "AllTraffic", least=2, most=2)),
    ],
)
def test_what_is_scaled_gets_another_minimum(parts: tuple[ScaledPart, ...] | None, change: Resize | Bounds) -> None:
    finding = the(said("single-instance", seen(alone(), {}, around=Surroundings(scaled=parts))))
    assert finding.change == change


def shared(*weights: float) -> Endpoint:
    """Variants of one instance each."""
    one = Instances(Moving(1, 1), "ml.m5.xlarge")
    made = [
        variant_of(name=f"v{index}")._replace(instances=one, weight=Moving(weight, weight))
        for index, weight in enumerate(weights)
    ]
    return hosted(variants=made)._replace(tags={"env": "prod"})


@pytest.mark.parametrize(
    ("endpoint", "fires"),
    [
        (alone(count=2), False),
        (alone(Kind.ASYNC), False),
        (alone(Kind.SERVERLESS), False),
        (alone(status="Updating"), False),
        (alone()._replace(tags={}), False),
        (alone()._replace(tags={"stage": "preprod"}), False),
        (alone()._replace(tags={"STAGE": "Prod-eu"}), True),
        (shared(1.0, 1.0), False),
        (shared(1.0, 0.0), True),
    ],
)
def test_where_a_second_instance_is_missed(endpoint: Endpoint, fires: bool) -> None:
    assert bool(said("single-instance", seen(endpoint, {}))) is fires


@pytest.mark.parametrize(("tags", "fires"), [({}, True), ({"team": "ads"}, True), ({"stage": "dev"}, False)])
def test_an_account_may_be_production_and_a_tag_knows_better(tags: dict[str, str], fires: bool) -> None:
    told = seen(alone()._replace(tags=tags), {})
    assert bool(said("single-instance", replace(told, is_production=True))) is fires
    assert not said("single-instance", told)
