"""Several profiles and regions that lead to one account: what is said of it holds for all of them together."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import RefusedError
from smtop.metrics.federation.feed import Federation
from smtop.metrics.places import watching
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

NAME = "fraud-scorer-prod"
KEY = f"123456789012/us-east-1/{NAME}"


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAws]:
    with start_simulated_aws("--endpoints", "6") as aws:
        yield aws


@pytest.fixture
def several(account: SimulatedAws, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The profiles `admin` and `audit` of one account, which are looked at in different regions."""
    keys = [
        f"{name.lower()} = {account.environment[name]}\n" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    ]
    file = tmp_path / "aws-config"
    file.write_text(
        "".join(
            f"[profile {name}]\nregion = {region}\nendpoint_url = {account.url}\n{''.join(keys)}"
            for name, region in (("admin", "us-east-1"), ("audit", "eu-west-1"))
        ),
        encoding="utf-8",
    )
    point_at({"AWS_CONFIG_FILE": str(file)}, monkeypatch)
    return settings._replace(profiles=("admin", "audit"))


async def until(federation: Federation, condition: Callable[[FleetSnapshot], bool]) -> FleetSnapshot:
    """The first picture of which that holds; all are asked again until then."""
    async with aclosing(federation.snapshots()) as pictures, asyncio.timeout(20):
        async for picture in pictures:
            if condition(picture):
                return picture
            federation.refresh()
    raise AssertionError("it ends with the test at most")


async def test_the_budget_of_a_profile_is_that_of_its_account(several: Settings) -> None:
    several = several._replace(profile_budgets={"audit": 0.01})
    async with watching(several, SystemClock(), print) as federation:
        told = "admin us-east-1: The budget of $0.005 an hour is too small"
        await until(federation, lambda picture: any(said.startswith(told) for said in picture.notices))


async def test_a_read_only_profile_keeps_everybody_from_changing_its_account(several: Settings) -> None:
    several = several._replace(read_only_profiles=frozenset({"audit"}))
    async with watching(several, SystemClock(), print) as federation:
        await until(federation, lambda picture: all(one.source.identity for one in picture.watched))
        why = (
            "The configuration says that nothing is changed with the profile audit, which leads to account 123456789012"
        )
        with pytest.raises(RefusedError, match=why):
            await federation.changes.open(900)
        made = await federation.changes.plan(Resize(KEY, variant="AllTraffic", count=2))
        assert any(said.startswith(why) for said in made.blockers)
