"""What may be done in an account to which several profiles and regions lead."""

from functools import partial
from pathlib import Path

import pytest

from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.endpoint import Account
from smtop.metrics.remit import Remit
from smtop.metrics.spread import places

ACCOUNT, OTHER = "111122223333", "444455556666"


class Run:
    """The remits of one run; `tell` says to which account a profile leads."""

    def __init__(self, settings: Settings) -> None:
        self._accounts: dict[str, str] = {}
        self.remits: list[Remit] = []
        for one in places(settings):
            Remit(one, one.region or "us-east-1", partial(self._accounts.get, one.profile_name), self.remits)

    def tell(self, account: str, *profiles: str) -> None:
        self._accounts.update(dict.fromkeys(profiles, account))

    @property
    def budgets(self) -> list[float | None]:
        return [one.max_usd_per_hour for one in self.remits]

    @property
    def read_only(self) -> list[str | None]:
        return [one.why_read_only for one in self.remits]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(Directories(tmp_path, tmp_path, tmp_path, tmp_path), profiles=("a", "b"))


def test_the_smallest_amount_of_an_account_holds_for_all_of_its_regions_together(settings: Settings) -> None:
    run = Run(settings._replace(regions=("us-east-1", "eu-west-1"), profile_budgets={"a": 0.4, "b": 0.1}))
    assert run.budgets == [0.2, 0.2, 0.05, 0.05]
    run.tell(ACCOUNT, "a", "b")
    assert run.budgets == [0.05] * 4, "two ways to one region are one"
    run.tell(OTHER, "b")
    assert run.budgets == [0.2, 0.2, 0.05, 0.05]


def test_an_account_has_an_amount_of_its_own_once_it_is_known(settings: Settings) -> None:
    run = Run(settings._replace(regions=("us-east-1", "eu-west-1"), account_budgets={ACCOUNT: 0.1}))
    assert run.budgets == [None] * 4
    run.tell(ACCOUNT, "a")
    run.tell(OTHER, "b")
    assert run.budgets == [0.05, 0.05, None, None]


def test_an_account_raises_no_share_of_what_all_may_cost(settings: Settings) -> None:
    run = Run(settings._replace(max_usd_per_hour=0.2, account_budgets={ACCOUNT: 5.0, OTHER: 0.02}))
    run.tell(ACCOUNT, "a")
    run.tell(OTHER, "b")
    assert run.budgets == [0.1, 0.02]


def test_a_read_only_profile_makes_its_whole_account_read_only(settings: Settings) -> None:
    run = Run(settings._replace(read_only_profiles=frozenset({"b"})))
    own = "The configuration says that nothing is changed with the profile b."
    assert run.read_only == [None, own], "nobody knows yet that they are one account"
    run.tell(ACCOUNT, "a", "b")
    assert run.read_only == [own.removesuffix(".") + f", which leads to account {ACCOUNT} too.", own]


def test_an_account_that_is_never_changed_leaves_the_other_alone(settings: Settings) -> None:
    run = Run(settings._replace(accounts={ACCOUNT: Account(may_write=False)}))
    run.tell(ACCOUNT, "a")
    run.tell(OTHER, "b")
    assert run.read_only == [f"The configuration says that nothing is changed in account {ACCOUNT}.", None]
