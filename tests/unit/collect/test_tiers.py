"""Which endpoints are asked how often: up at once, down slowly, the sick first and never too many."""

from dataclasses import replace

import pytest

from smtop.metrics.analysis.rules import RULES
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.tiers import (
    MOST_VISIBLE,
    SERVICES,
    Breadth,
    Facts,
    Look,
    Tier,
    Tiers,
    look_at,
    most_unhealthy,
)
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from tests.support.engine import component, hosted, variant_of
from tests.support.fleet import NOW_S

NOBODY = Look()
OLD_S = NOW_S - 30 * 86_400
BUSY = Facts(NOW_S - 60, OLD_S, True, Severity.OK)
SLOW = replace(BUSY, traffic_at=NOW_S - 3600)
QUIET = replace(BUSY, traffic_at=None, severity=Severity.IDLE)
SICK = replace(BUSY, severity=Severity.CRITICAL)


def tier_of(facts: Facts, look: Look = NOBODY) -> Tier:
    return Tiers().assign({"e": facts}, look, NOW_S)["e"]


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        (BUSY, Tier.HOT),
        (replace(BUSY, traffic_at=NOW_S - 900), Tier.HOT),
        (replace(BUSY, traffic_at=NOW_S - 901), Tier.WARM),
        (replace(BUSY, traffic_at=NOW_S - 10_800), Tier.WARM),
        (replace(BUSY, traffic_at=NOW_S - 10_801), Tier.IDLE),
        (QUIET, Tier.IDLE),
        (SICK, Tier.UNHEALTHY),
        (replace(QUIET, severity=Severity.WARNING), Tier.UNHEALTHY),
        (replace(QUIET, in_service=False), Tier.UNHEALTHY),
        (replace(QUIET, changed_at=NOW_S - 899), Tier.UNHEALTHY),
        (replace(QUIET, changed_at=NOW_S - 900), Tier.IDLE),
        (replace(QUIET, severity=Severity.UNKNOWN), Tier.IDLE),
        (replace(QUIET, suspected=True), Tier.UNHEALTHY),
        (replace(QUIET, stirs=True), Tier.UNHEALTHY),
    ],
)
def test_traffic_trouble_and_change_decide(facts: Facts, tier: Tier) -> None:
    assert tier_of(facts) is tier


@pytest.mark.parametrize(
    ("facts", "look", "tier"),
    [
        (QUIET, Look("e"), Tier.FOCUS),
        (SICK, Look("e"), Tier.FOCUS),
        (QUIET, Look(None, frozenset("e")), Tier.QUIET),
        (SLOW, Look(None, frozenset("e")), Tier.QUIET),
        (BUSY, Look("x", frozenset("e")), Tier.VISIBLE),
        (SICK, Look(None, frozenset("e")), Tier.UNHEALTHY),
        (QUIET, Look("x", frozenset("x")), Tier.IDLE),
    ],
)
def test_what_is_looked_at_is_asked_more_and_never_less(facts: Facts, look: Look, tier: Tier) -> None:
    assert tier_of(facts, look) is tier


def test_an_endpoint_rises_at_once_and_falls_after_three_quiet_cycles() -> None:
    tiers = Tiers()
    story = [QUIET, SICK, QUIET, QUIET, QUIET, BUSY, SLOW, SLOW, BUSY, SLOW, SLOW, SLOW]
    found = [tiers.assign({"e": facts}, NOBODY, NOW_S)["e"] for facts in story]
    sick, hot = Tier.UNHEALTHY, Tier.HOT
    assert found == [Tier.IDLE, sick, sick, sick, Tier.IDLE, hot, hot, hot, hot, hot, hot, Tier.WARM]


def test_what_left_the_screen_is_let_go_at_once() -> None:
    tiers = Tiers()
    looks = [Look("e"), Look(None, frozenset("e")), NOBODY]
    found = [tiers.assign({"e": QUIET}, look, NOW_S)["e"] for look in looks]
    assert found == [Tier.FOCUS, Tier.QUIET, Tier.IDLE]


@pytest.mark.parametrize(("endpoints", "room"), [(1, 10), (500, 10), (501, 10), (1000, 20), (5000, 100)])
def test_ten_or_two_in_a_hundred_may_be_sick_at_once(endpoints: int, room: int) -> None:
    assert most_unhealthy(endpoints) == room


def test_the_worst_have_the_room_and_the_others_are_asked_as_if_in_sight() -> None:
    fleet = {f"w{index:02}": replace(QUIET, severity=Severity.WARNING) for index in range(20)}
    fleet |= {f"z{index}": SICK for index in range(4)}
    tiers = Tiers().assign(fleet, NOBODY, NOW_S)
    served = sorted(name for name, tier in tiers.items() if tier is Tier.UNHEALTHY)
    assert served == [*(f"w{index:02}" for index in range(6)), "z0", "z1", "z2", "z3"]
    assert {tiers[name] for name in fleet if name not in served} == {Tier.VISIBLE}


def test_an_endpoint_that_went_away_and_came_back_starts_anew() -> None:
    tiers = Tiers()
    tiers.assign({"e": SICK}, NOBODY, NOW_S)
    tiers.assign({}, NOBODY, NOW_S)
    assert tiers.assign({"e": QUIET}, NOBODY, NOW_S) == {"e": Tier.IDLE}


def test_a_screen_shows_no_more_rows_than_there_is_room_for() -> None:
    look = look_at("e", [f"e{index}" for index in range(100)])
    assert (look.focused, len(look.visible)) == ("e", MOST_VISIBLE)
    assert "e0" in look.visible


def test_tiers_that_are_asked_more_come_first() -> None:
    services = [SERVICES[tier] for tier in Tier]
    assert services == sorted(services, key=lambda one: (one.priority, one.every_s))


# What belongs to a headline


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UNKNOWN])
@pytest.mark.parametrize("instance_type", ["ml.m5.xlarge", "ml.g5.xlarge", None])
def test_a_variant_has_four_headline_metrics_and_one_pulse(kind: Kind, instance_type: str | None) -> None:
    endpoint = hosted(kind=kind, variants=(variant_of(kind, instance_type=instance_type),))
    found: dict[Breadth, set[str]] = {breadth: set() for breadth in Breadth}
    for ask in asks(endpoint):
        found[ask.breadth].add(ask.spec.name)
    assert len(found[Breadth.PULSE]) == 1
    assert len(found[Breadth.PULSE] | found[Breadth.HEADLINE]) == 4
    assert found[Breadth.ALL] - found[Breadth.HEADLINE] - found[Breadth.PULSE]


def test_the_processor_of_a_row_is_the_gpu_where_there_may_be_one() -> None:
    found = {}
    for instance_type in ("ml.m5.xlarge", "ml.g5.xlarge"):
        endpoint = hosted(variants=(variant_of(instance_type=instance_type),))
        headline = {ask.spec.name for ask in asks(endpoint) if ask.breadth is Breadth.HEADLINE}
        found[instance_type] = headline & {"CPUUtilization", "GPUUtilization"}
    assert found == {"ml.m5.xlarge": {"CPUUtilization"}, "ml.g5.xlarge": {"GPUUtilization"}}


def test_the_statistics_of_a_metric_belong_together() -> None:
    endpoint = hosted("llm", Kind.INFERENCE_COMPONENT, components=(component("chat"),))
    breadths: dict[object, set[Breadth]] = {}
    for ask in asks(endpoint):
        breadths.setdefault(ask.key.metric, set()).add(ask.breadth)
    assert all(len(found) == 1 for found in breadths.values())


def test_the_containers_of_a_variant_are_no_headline() -> None:
    asked = asks(hosted(kind=Kind.MULTI_CONTAINER))
    assert {ask.breadth for ask in asked if ask.owner.container} == {Breadth.ROW, Breadth.ALL}


def test_what_is_wrong_shows_the_sick_before_what_only_stirs() -> None:
    fleet = {f"a{index}": replace(BUSY, stirs=True) for index in range(8)} | {f"z{index}": SICK for index in range(8)}
    tiers = Tiers().assign(fleet, NOBODY, NOW_S)
    served = {name for name, tier in tiers.items() if tier is Tier.UNHEALTHY}
    assert served == {f"z{index}" for index in range(8)} | {"a0", "a1"}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UNKNOWN])
def test_no_rule_reads_what_a_row_with_traffic_is_never_asked(kind: Kind) -> None:
    read = {label for rule in RULES for label in rule.reads}
    endpoint = hosted(
        kind=kind, variants=(variant_of(kind, instance_type="ml.g5.xlarge"),), components=[component("c")]
    )
    of_containers = {"ContainerLatency", "Invocations", "Invocation5XXErrors"}
    never = {
        ask.label
        for ask in asks(endpoint)
        if ask.breadth > min(SERVICES[tier].widest for tier in (Tier.VISIBLE, Tier.HOT, Tier.WARM))
        and (ask.owner.container is None or ask.spec.name in of_containers)
    }
    assert not never & read


def test_a_suspect_is_looked_at_even_where_the_sick_take_all_the_room() -> None:
    fleet = {f"e{number:02}": SICK for number in range(30)} | {"suspect": replace(QUIET, suspected=True)}
    tiers = Tiers().assign(fleet, NOBODY, NOW_S)
    assert tiers["suspect"] is Tier.UNHEALTHY
    assert list(tiers.values()).count(Tier.UNHEALTHY) == most_unhealthy(len(fleet)) + 1
