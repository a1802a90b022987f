"""The forms of changes as data: what they propose, what follows, what is wrong, and what they make."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from smtop.metrics.actions.allowed import Act
from smtop.metrics.domain.change import (
    Bounds,
    Delete,
    Deployment,
    Policy,
    Resize,
    Rollback,
    Schedule,
    Suspend,
    Unscale,
    Update,
    Weights,
)
from smtop.metrics.domain.configs import EndpointConfig, KnownConfig, Standing
from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.endpoint import Component, Endpoint, Instances, Kind, Moving, Serverless, Variant
from smtop.metrics.errors import RefusedError
from smtop.tui.view_models.cells import Paint, text_of, width_of
from smtop.tui.view_models.change_forms import Asked, form_of
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.forms import FormState, form_lines
from tests.support.fleet import NOW_S, endpoint, variant

T = TypeVar("T")
PAINT = Paint(NOW_S, BLOCKS)


def real_time(name: str, count: int = 2, *variants: str) -> Endpoint:
    names = variants or ("AllTraffic",)
    behind = Instances(Moving(count, count), "ml.m5.xlarge")
    return endpoint(
        name, variants=[Variant(one, weight=Moving(1.0, 1.0), instances=behind, model="m") for one in names]
    ).endpoint


TWO = endpoint("fraud", variants=(variant("A", 0.9), variant("B", 0.1))).endpoint
THREE = endpoint("three", variants=tuple(variant(name, 10.0) for name in "ABC")).endpoint
SERVERLESS = endpoint(
    "sls", kind=Kind.SERVERLESS_PROVISIONED, variants=[Variant("V", serverless=Serverless(2048, 20, 5))]
).endpoint


def filled(act: Act, of: Endpoint | tuple[Endpoint, ...], details: EndpointDetails | None = None) -> FormState[Asked]:
    return FormState.of(form_of(act, (of,) if isinstance(of, Endpoint) else of, details, lambda: NOW_S))


def having(state: FormState[T], values: Mapping[str, str]) -> FormState[T]:
    """The form after these were typed or chosen, in their order."""
    for name, text in values.items():
        place = next(place for place, one in enumerate(state.form.fields) if one.id == name)
        state = replace(state, at=place).edited(text)
    return state


def made(state: FormState[T]) -> list[T]:
    sent = state.sent()
    assert not isinstance(sent, FormState), sent.said
    return list(sent)


def text(state: FormState[Any], width: int = 80) -> str:
    return "\n".join(text_of(line) for line in form_lines(state, width, PAINT))


def test_a_preset_fills_the_weights_in_their_own_scale() -> None:
    state = filled(Act.WEIGHTS, TWO).stepped(1).stepped(1)
    assert "< 90/10 >" in text(state)
    assert (state.values["weight:A"], state.values["weight:B"]) == ("0.9", "0.1")
    assert made(state.stepped(1)) == [Weights("fraud", {"A": 0.5, "B": 0.5})]
    alone = having(filled(Act.WEIGHTS, THREE), {"preset": "all to B"})
    assert "Share of the traffic: A 33.3% to 0%, B 33.3% to 100%, C 33.3% to 0%." in text(alone)


def test_what_is_typed_is_followed_by_its_share_and_only_that_is_named() -> None:
    state = having(filled(Act.WEIGHTS, TWO), {"weight:B": "0.9"})
    assert "A 90% to 50%, B 10% to 50%" in text(state)
    assert made(state) == [Weights("fraud", {"B": 0.9})]
    assert state.values["preset"] == "as typed"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"weight:A": "x"}, "weight of A: x is no number."),
        ({"weight:A": "-1"}, "weight of A is at least 0."),
        ({"weight:A": "0", "weight:B": "0"}, "All weights would be 0"),
        ({}, "Nothing is different yet."),
    ],
)
def test_a_form_that_is_wrong_is_not_sent(values: dict[str, str], why: str) -> None:
    sent = having(filled(Act.WEIGHTS, TWO), values).sent()
    assert isinstance(sent, FormState)
    assert why in sent.said
    assert why in text(sent)


def test_numbers_are_stepped_within_their_bounds() -> None:
    state = replace(filled(Act.RESIZE, real_time("e", 1)), at=0)
    assert state.stepped(1).text == "2"
    assert state.stepped(-1).stepped(-1).text == "0"


def test_instances_are_resized_with_what_differs_only() -> None:
    state = filled(Act.RESIZE, real_time("e"))
    assert made(having(state, {"count": "4"})) == [Resize("e", variant="AllTraffic", count=4)]
    other = having(state, {"type": "ml.g5.xlarge", "policy": "canary", "alarms": "p99  5xx"})
    assert "This takes a new config" in text(other)
    rollout = Deployment("canary", ("p99", "5xx"))
    assert made(other) == [Resize("e", variant="AllTraffic", type="ml.g5.xlarge", deployment=rollout)]


def test_another_part_is_another_form() -> None:
    mixed = real_time("e", 2, "A", "B")._replace(components=(Component("llm", "A", "InService", Moving(3, 3)),))
    state = filled(Act.RESIZE, mixed)
    assert made(having(state, {"copies": "5"})) == [Resize("e", component="llm", copies=5)]
    assert made(having(state, {"part": "B", "count": "1"})) == [Resize("e", variant="B", count=1)]


def test_serverless_is_checked_before_anything_is_asked() -> None:
    state = filled(Act.SERVERLESS, SERVERLESS)
    assert made(having(state, {"memory": "4096", "provisioned": "0"})) == [
        Resize("sls", memory_mb=4096, provisioned_concurrency=0)
    ]
    for values, why in (
        ({"provisioned": "21"}, "above max concurrency 20"),
        ({"most": "201"}, "max concurrency is at most 200."),
        ({"memory": "2000"}, "memory MB: choose one of 1024, 2048"),
        ({"most": "2.5"}, "max concurrency is a whole number."),
        ({"until": "soon"}, "soon is no time"),
        ({"provisioned": "", "until": "+2h"}, "say how much of it"),
    ):
        assert why in (having(state, values).complaint or "")


def test_provisioned_concurrency_can_be_for_a_time() -> None:
    (change,) = made(having(filled(Act.SERVERLESS, SERVERLESS), {"provisioned": "9", "until": "2026-11-21T06:00Z"}))
    assert change == Resize("sls", provisioned_concurrency=9, ends_at=1_795_240_800.0)


def test_marked_endpoints_are_changed_alike() -> None:
    both = (real_time("a", 2), real_time("b", 3))
    state = filled(Act.RESIZE, both)
    assert state.values["count"] == ""
    assert made(having(state, {"count": "4"})) == [Resize("a", count=4), Resize("b", count=4)]
    assert made(filled(Act.DELETE, both)) == [Delete("a"), Delete("b")]
    with pytest.raises(RefusedError, match="different variants"):
        filled(Act.WEIGHTS, (TWO, THREE))
    with pytest.raises(RefusedError, match="one endpoint at a time"):
        filled(Act.UPDATE, both)
    with pytest.raises(RefusedError, match="resize it alone"):
        filled(Act.RESIZE, (real_time("a", 2, "A", "B"), both[0]))


def known(name: str, standing: Standing, kind: str) -> KnownConfig:
    document = {"ProductionVariants": [{"VariantName": "V", "InstanceType": kind}]}
    return KnownConfig(name, standing, "seen live by smtop", config=EndpointConfig(name, 1.0, document))


CONFIGS = EndpointDetails(
    "e", 1.0, configs=(known("e-v1", Standing.LIVE, "ml.m5.xlarge"), known("e-v0", Standing.SEEN, "ml.c5.large"))
)


def test_the_way_back_shows_what_would_be_otherwise() -> None:
    state = filled(Act.ROLLBACK, real_time("e"), CONFIGS)
    assert "InstanceType: ml.m5.xlarge to ml.c5.large" in text(state)
    assert made(state) == [Rollback("e", "e-v0")]
    assert made(having(state, {"retain": "no"})) == [Rollback("e", "e-v0", retain=False)]
    assert "No earlier config is known" in text(filled(Act.ROLLBACK, real_time("e")))


def test_an_update_is_to_a_config_or_a_model() -> None:
    state = filled(Act.UPDATE, real_time("e"), CONFIGS)
    assert made(having(state, {"config": "e-v0"})) == [Update("e", config="e-v0")]
    assert made(having(state, {"model": "m2"})) == [Update("e", model="m2")]
    both = having(state, {"config": "e-v0", "model": "m2"}).sent()
    assert isinstance(both, FormState)
    assert "not both" in both.said


def test_scaling_has_a_form_for_each_of_its_parts() -> None:
    state = filled(Act.SCALING, real_time("e"))
    assert made(state) == [Bounds("e", "AllTraffic", least=1, most=4)]
    assert "above the maximum" in (having(state, {"least": "5"}).complaint or "")
    tracking = having(state, {"do": "target tracking"})
    assert made(tracking) == [
        Policy(
            "e",
            "AllTraffic",
            metric="invocations",
            target=70.0,
            in_cooldown_s=300,
            out_cooldown_s=60,
        )
    ]
    assert made(having(state, {"do": "leave zero (steps)"})) == [Policy("e", "AllTraffic", step=True)]
    nights = having(state, {"do": "scheduled action", "name": "night", "when": "cron(0 20 ? * * *)", "most": "1"})
    assert made(nights) == [Schedule("e", "night", "cron(0 20 ? * * *)", "AllTraffic", most=1)]
    assert made(having(state, {"do": "resume", "which": "in"})) == [
        Suspend("e", "AllTraffic", what=("in",), resume=True)
    ]
    assert made(having(state, {"do": "remove"})) == [Unscale("e", "AllTraffic")]


@pytest.mark.parametrize("width", [10, 38, 78, 116])
def test_no_line_is_wider_than_the_form(width: int) -> None:
    for state in (filled(Act.SCALING, real_time("e" * 63)), filled(Act.ROLLBACK, real_time("e"), CONFIGS)):
        assert max(map(width_of, form_lines(state, width, PAINT))) <= width
