"""What smtop may do in an account, whichever profiles lead to it: what polling may cost, and whether it may change."""

from collections.abc import Callable

from smtop.metrics.config import Settings
from smtop.metrics.domain.endpoint import Account


class Remit:
    """What one profile may do in one region: no more than its own settings and those of its account allow.

    `account` tells the account once AWS has told it, until then None, and the settings of the account do not count.
    `known` are the remits of all that run together; this one is from now on among them.
    """

    def __init__(
        self, settings: Settings, region: str, account: Callable[[], str | None], known: "list[Remit]"
    ) -> None:
        self.profile = settings.profile_name
        self.region = region
        self._settings = settings
        self._account = account
        self._known = known
        known.append(self)

    @property
    def account(self) -> str | None:
        return self._account()

    @property
    def max_usd_per_hour(self) -> float | None:
        """What polling may cost here; None where nothing bounds it. It may shrink as AWS tells accounts."""
        amounts = (self._settings.max_usd_per_hour, self._share)
        return min((amount for amount in amounts if amount is not None), default=None)

    @property
    def why_read_only(self) -> str | None:
        """Why nothing may ever be changed here, in a sentence; None where it may."""
        account, lead = self.account, "The configuration says that nothing is changed"
        if self.is_read_only:
            return f"{lead} with the profile {self.profile}."
        if account is not None and not self._settings.accounts.get(account, Account()).may_write:
            return f"{lead} in account {account}."
        other = next((one for one in self._of_account if one.is_read_only), None)
        return f"{lead} with the profile {other.profile}, which leads to account {account} too." if other else None

    @property
    def is_read_only(self) -> bool:
        """Whether its own profile is."""
        return self.profile in self._settings.read_only_profiles

    @property
    def _of_account(self) -> "list[Remit]":
        """Those that are known to lead to the same account, this one among them."""
        account = self.account
        return [one for one in self._known if one is self or (account is not None and one.account == account)]

    @property
    def _share(self) -> float | None:
        """The smallest amount that is named for the account or for a profile that leads to it, in equal parts."""
        together = self._of_account
        amounts = [self._settings.profile_budgets.get(one.profile) for one in together]
        amounts.append(self._settings.account_budgets.get(self.account or ""))
        named = [amount for amount in amounts if amount is not None]
        return min(named) / len({one.region for one in together}) if named else None
