"""What was done to an endpoint, as far as smtop saw it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from smtop.metrics.collect.surroundings.past import Past, Pasts, followed, remembered
from smtop.metrics.domain.endpoint import Endpoint, Instances, Moving
from smtop.metrics.domain.surroundings import Deploy
from smtop.metrics.sightings import Sighting
from tests.support.engine import component, hosted, variant_of, with_status
from tests.support.fleet import NOW, NOW_S

HOUR = 3600.0
FRAUD = hosted("fraud")


def modified(endpoint: Endpoint, ago_s: float, config: str | None = None) -> Endpoint:
    summary = endpoint.summary._replace(modified_at=NOW - timedelta(seconds=ago_s))
    return endpoint._replace(summary=summary, config=config or endpoint.config)


def unseen(_: Endpoint) -> Sequence[Sighting]:
    return ()


def seen_as(*steps: tuple[Endpoint, float]) -> Past:
    """What is known after these looks, each so many seconds ago."""
    past = None
    for endpoint, ago_s in steps:
        past = followed(past, endpoint, NOW_S - ago_s, unseen)
    assert past is not None
    return past


# Deploys


def test_the_live_config_was_live_by_the_time_of_the_last_modification() -> None:
    assert seen_as((modified(FRAUD, HOUR), 0)).deploys == (Deploy("fraud-v1", NOW_S - HOUR),)


def test_another_config_is_a_deploy_and_the_way_back_is_one_too() -> None:
    before, after = modified(FRAUD, 9 * HOUR), modified(FRAUD, 600, "fraud-v2")
    back = modified(FRAUD, 60, "fraud-v1")
    deploys = [Deploy("fraud-v1", NOW_S - 9 * HOUR), Deploy("fraud-v2", NOW_S - 600), Deploy("fraud-v1", NOW_S - 60)]
    assert seen_as((before, 900), (after, 590), (back, 0)).deploys == tuple(reversed(deploys))


def test_an_endpoint_that_is_not_described_yet_has_no_deploys() -> None:
    vague = FRAUD._replace(config=None)
    assert seen_as((vague, 60)).deploys == ()
    assert len(seen_as((vague, 60), (FRAUD, 0)).deploys) == 1


def test_what_was_seen_before_stands_behind_what_is_live() -> None:
    was = [Sighting("fraud-v1", NOW_S - 9 * HOUR, NOW_S - 5 * HOUR), Sighting("fraud-v0", 1.0, NOW_S - 9 * HOUR)]
    past = followed(None, modified(FRAUD, HOUR, "fraud-v2"), NOW_S, lambda _: was)
    assert past.deploys == (
        Deploy("fraud-v2", NOW_S - HOUR),
        Deploy("fraud-v1", NOW_S - 9 * HOUR),
        Deploy("fraud-v0", 1.0),
    )


@pytest.mark.parametrize(
    ("modified_ago_s", "at"),
    [(5 * HOUR, NOW_S - 5 * HOUR), (HOUR, NOW_S - 4 * HOUR), (9 * HOUR, NOW_S - 4 * HOUR)],
    ids=["modified before it was first seen", "modified since", "modified while another was live"],
)
def test_what_was_seen_late_was_deployed_when_it_was_modified(modified_ago_s: float, at: float) -> None:
    was = [Sighting("fraud-v1", NOW_S - 4 * HOUR, NOW_S), Sighting("fraud-v0", 1.0, NOW_S - 6 * HOUR)]
    past = followed(None, modified(FRAUD, modified_ago_s), NOW_S, lambda _: was)
    assert past.deploys[0] == Deploy("fraud-v1", at)


def test_a_config_that_came_back_did_so_after_the_other_one() -> None:
    assert remembered([Sighting("a", 1.0, 30.0), Sighting("b", 10.0, 20.0)]) == (Deploy("a", 20.0), Deploy("b", 10.0))
    assert remembered([]) == ()


def test_a_namesake_that_was_there_before_has_another_past() -> None:
    again = FRAUD._replace(summary=FRAUD.summary._replace(created_at=NOW, modified_at=NOW), config="fraud-v9")
    past = seen_as((with_status(FRAUD, "RollingBack"), 60), (again, 0))
    assert (past.deploys, past.rolled_back_at) == ((Deploy("fraud-v9", NOW_S),), None)


# Changes and rollbacks


def test_a_change_began_when_aws_says_or_else_when_it_was_seen() -> None:
    stable, moving = modified(FRAUD, 9 * HOUR), with_status(FRAUD, "Updating")
    assert seen_as((stable, 120)).changing_since is None
    assert seen_as((modified(moving, 300), 0)).changing_since == NOW_S - 300
    assert seen_as((stable, 120), (modified(moving, 70), 60)).changing_since == NOW_S - 70
    assert seen_as((stable, 120), (modified(moving, 9 * HOUR), 60)).changing_since == NOW_S - 60


def test_a_change_goes_on_while_its_status_moves_and_ends_with_it() -> None:
    moving, back = modified(with_status(FRAUD, "Updating"), 900), modified(with_status(FRAUD, "RollingBack"), 60)
    assert seen_as((moving, 600), (back, 0)).changing_since == NOW_S - 900
    assert seen_as((moving, 600), (back, 60), (modified(FRAUD, 0), 0)).changing_since is None


def test_a_rollback_is_remembered_from_when_it_was_first_seen() -> None:
    moving, back = with_status(FRAUD, "Updating"), with_status(FRAUD, "RollingBack")
    assert seen_as((moving, 600)).rolled_back_at is None
    past = seen_as((moving, 600), (back, 300), (modified(back, 60), 60), (modified(FRAUD, 0), 0))
    assert past.rolled_back_at == NOW_S - 300
    assert seen_as((back, 9 * HOUR), (FRAUD, 8 * HOUR), (back, 60)).rolled_back_at == NOW_S - 60


def test_a_failed_rollback_was_one_when_the_endpoint_was_modified() -> None:
    assert seen_as((modified(with_status(FRAUD, "UpdateRollbackFailed"), HOUR), 0)).rolled_back_at == NOW_S - HOUR


def test_a_part_is_uneven_from_when_that_was_first_seen_until_it_is_even() -> None:
    def sized(instances: int, copies: int) -> Endpoint:
        count = Instances(Moving(instances, 2), "ml.m5.xlarge")
        return FRAUD._replace(
            variants=(variant_of()._replace(instances=count), variant_of(name="even")),
            components=(component("llm")._replace(copies=Moving(copies, 2)),),
        )

    assert seen_as((sized(2, 2), 0)).uneven_since == {}
    past = seen_as((sized(0, 2), 300), (sized(1, 1), 60))
    assert past.uneven_since == {("AllTraffic", None): NOW_S - 300, ("AllTraffic", "llm"): NOW_S - 60}
    assert seen_as((sized(0, 1), 300), (sized(2, 1), 0)).uneven_since == {("AllTraffic", "llm"): NOW_S - 300}


def test_only_what_changed_is_looked_at_again() -> None:
    pasts, chat = Pasts(unseen), hosted("chat")
    assert [past.endpoint for past in pasts.take([FRAUD, chat], NOW_S)] == [FRAUD, chat]
    assert pasts.take([FRAUD, chat], NOW_S + 60) == []
    moved = with_status(chat, "Updating")
    [past] = pasts.take([FRAUD, moved], NOW_S + 120)
    assert past.endpoint is moved
    assert past in pasts
    pasts.take([FRAUD], NOW_S + 180)
    assert past not in pasts
    assert [past.endpoint for past in pasts] == [FRAUD]


def test_what_an_earlier_run_knew_is_looked_at_again_only_where_it_changed_since() -> None:
    saved_at, moved = NOW_S - HOUR, with_status(modified(FRAUD, 600), "Updating")
    chat = hosted("chat")._replace(variants=(variant_of()._replace(instances=Instances(Moving(1, 2), "ml.m5.xlarge")),))
    pasts = Pasts(unseen)
    assert [past.endpoint for past in pasts.recall([FRAUD, chat], saved_at, NOW_S)] == [FRAUD, chat]
    [past] = pasts.take([moved, chat], NOW_S)
    assert past.changing_since == NOW_S - 600
    assert [past.uneven_since for past in pasts] == [{}, {("AllTraffic", None): NOW_S}]
