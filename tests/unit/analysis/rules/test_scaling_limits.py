"""Fights over a count, and quotas in the way: each fires, does not fire, and is silent without data."""

from collections.abc import Sequence
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Bounds
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.scaling import PROVISIONED, Scalable, ScaledPart, ScalingActivity, Suspension
from smtop.metrics.domain.surroundings import Deploy, Quota, Surroundings
from tests.support.engine import hosted, on
from tests.support.rules import open_before, said, seen, the
from tests.support.scaling import ago, part, scaled, setting, sized

# Fights


def test_a_count_outside_of_the_bounds_will_be_taken_back() -> None:
    finding = the(said("scaling-fight", scaled(sized(8), part())))
    assert (finding.severity, finding.change) == (Severity.WARNING, Bounds("fraud", "AllTraffic", least=1, most=8))
    assert finding.evidence == ("desired 8 lies outside of 1 to 4: the next scaling sets 4",)


@pytest.mark.parametrize(
    ("endpoint", "own"),
    [
        (sized(4), part()),
        (sized(8, status="Updating"), part()),
        (sized(8), part(suspended=frozenset(Suspension))),
    ],
    ids=["inside", "updating", "suspended"],
)
def test_a_count_that_stays_is_no_fight(endpoint: Endpoint, own: ScaledPart) -> None:
    assert not said("scaling-fight", scaled(endpoint, own))


def test_a_count_that_was_set_back_was_somebodys() -> None:
    finding = the(said("scaling-fight", scaled(sized(2), part(setting(2, 10), setting(2, 50)))))
    assert finding.title == "scaling has set AllTraffic back to 2 instances"
    assert (finding.since, finding.confidence) == (int(ago(10)), Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("activities", "deploys"),
    [
        ((setting(3, 10), setting(2, 50)), ()),
        ((setting(2, 10), setting(2, 70)), ()),
        ((setting(2, 10), setting(2, 50, "Failed")), ()),
        ((setting(2, 10), setting(2, 50)), (Deploy("fraud-v1", ago(15)),)),
    ],
    ids=["another count", "long ago", "tried again", "after a deploy"],
)
def test_other_counts_are_no_fight(activities: Sequence[ScalingActivity], deploys: tuple[Deploy, ...]) -> None:
    assert not said("scaling-fight", scaled(sized(2), part(*activities), deploys=deploys))


def test_how_many_fights_are_told_can_be_set() -> None:
    assert not said("scaling-fight", scaled(sized(2), part(setting(2, 10), setting(2, 50))), scaling_fights=2)


def seesaw(*policies: str) -> ScaledPart:
    """2, then 4 and 2 in turn, by these policies; the newest first."""
    steps = [setting(4 if index % 2 else 2, 50 - 8 * index, policy=name) for index, name in enumerate(policies)]
    return part(*reversed(steps))


def test_policies_that_take_turns_fight() -> None:
    finding = the(said("scaling-fight", scaled(sized(2), seesaw("in", "out", "in", "out", "in"))))
    assert finding.evidence == ("policies in and out take turns", "instances: 2 -> 4 -> 2 -> 4 -> 2")
    assert finding.since == int(ago(34))


@pytest.mark.parametrize("policies", [("one",) * 5, ("in", "out", "in")], ids=["one policy", "a peak"])
def test_a_load_that_goes_up_and_down_is_no_fight(policies: Sequence[str]) -> None:
    assert not said("scaling-fight", scaled(sized(2), seesaw(*policies)))


# Quotas


def bounded(used: float | None, most: int = 8, **more: Any) -> Subject:
    """Two instances that may become `most`, of a type of which the account may have 20."""
    quotas = {"ml.m5.xlarge": Quota("ml.m5.xlarge for endpoint usage", 20, used)}
    return scaled(sized(2), part(most=most), quotas=quotas, **more)


def test_a_quota_that_scaling_out_will_meet_is_a_warning() -> None:
    finding = the(said("quota-near", bounded(18)))
    assert (finding.severity, finding.variant) == (Severity.WARNING, "AllTraffic")
    assert finding.title == "the quota of ml.m5.xlarge leaves 2 more: scaling AllTraffic out to 8 will fail"
    assert "24 or more" in (finding.next or "")


@pytest.mark.parametrize(
    "told",
    [
        bounded(17),
        bounded(18, most=4),
        bounded(None),
        scaled(sized(2), part(most=8), quotas=None),
        scaled(sized(2), part(most=8), quotas={}),
        seen(sized(2), {}, around=Surroundings(quotas={"ml.m5.xlarge": Quota("q", 20, 20)})),
    ],
    ids=["not near", "it fits", "use unknown", "not asked", "no such quota", "nothing scales"],
)
def test_a_quota_with_room_says_nothing(told: Subject) -> None:
    assert not said("quota-near", told)


def test_a_quota_is_near_until_it_is_clearly_not() -> None:
    assert said("quota-near", open_before(bounded(17.5), "quota-near", on(sized(2))))
    assert not said("quota-near", open_before(bounded(16), "quota-near", on(sized(2))))


@pytest.mark.parametrize(("most", "fires"), [(40, True), (20, False)])
def test_serverless_concurrency_counts_by_the_variants_maximum(most: int, fires: bool) -> None:
    endpoint = hosted("sl", Kind.SERVERLESS_PROVISIONED)
    own = part(scalable=Scalable("endpoint/sl/variant/AllTraffic", PROVISIONED), most=most)
    told = scaled(endpoint, own, quotas={"serverless": Quota("total concurrency", 1000, 990)})
    assert bool(said("quota-near", told)) is fires
