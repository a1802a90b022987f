"""The ways into AWS for one account and region, and what several of them have in common."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Self

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.insights import MetricsInsights
from smtop.metrics.aws.link import Link, lets_in
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.mfa import SignOn
from smtop.metrics.aws.session import SERVICES, AwsSession
from smtop.metrics.clock import Clock
from smtop.metrics.config import Settings
from smtop.metrics.errors import ConfigError
from smtop.metrics.limiter import Pace
from smtop.metrics.remit import Remit


class Commons:
    """One sign-on for each profile, and one pace for each account and region: whoever asks there, asks in turn.

    `remits` are those of each that watches; who only asks in a monitoring account for another is none of them.
    Until AWS has said which account a profile leads to, the pace is that of the profile.
    """

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.clock = clock
        self._rng = rng
        self._paces: dict[tuple[str | None, str], Pace] = {}
        self._of_accounts: dict[tuple[str, str], Pace] = {}
        self.remits: list[Remit] = []
        self.sign_ons: defaultdict[str, SignOn] = defaultdict(SignOn)

    def pace(self, profile: str | None, region: str) -> Pace:
        return self._paces.setdefault((profile, region), Pace(self.clock, self._rng))

    def pace_of(self, account: str, profile: str | None, region: str) -> Pace:
        """That of the first profile that turned out to lead to the account."""
        of_account = self._of_accounts.setdefault((account, region), self.pace(profile, region))
        self._paces[profile, region] = of_account
        return of_account


class Access:
    """The session of an account and region, and the link by which its metrics are asked, if that is another one.

    An async context. What is asked through a link is metered here too: it is asked for this account. Raises ConfigError
    for a profile or region that cannot be used.
    """

    def __init__(
        self, settings: Settings, meter: Meter, commons: Commons, heard_date: Callable[[str], None] = lambda _: None
    ) -> None:
        self._meter = meter
        self._commons = commons
        self._heard_date = heard_date
        self.session = self._made(settings)
        self.remit = Remit(settings, self.session.region, lambda: self.session.account, commons.remits)
        monitoring = settings.monitoring_profile
        self._link = self._linked(settings, monitoring) if monitoring else None
        asked = self._link.session if self._link else self.session
        self.metrics = CloudWatchMetrics(asked, self._link)
        in_monitoring = settings.profile_name in settings.metrics_from.values()
        self.insights = MetricsInsights(asked, self._link, in_monitoring=in_monitoring)

    def _made(self, settings: Settings, services: Sequence[str] = SERVICES) -> AwsSession:
        sign_on = self._commons.sign_ons[settings.profile_name]
        session = AwsSession(settings, self._meter, heard_date=self._heard_date, sign_on=sign_on, services=services)
        place = session.profile, session.region
        session.go_by(self._commons.pace(*place), lambda account: self._commons.pace_of(account, *place))
        return session

    def _linked(self, settings: Settings, monitoring: str) -> Link:
        """Links do not leave the region."""
        there = settings._replace(profile=monitoring, region=self.session.region)
        try:
            return Link(self.session, self._made(there, ("cloudwatch", "sts")), self._commons.clock)
        except ConfigError as error:
            where = f"profiles.{settings.profile_name}.metrics_from"
            raise ConfigError(f"{settings.file or 'The configuration'}: {where} cannot be used. {error}") from error

    async def __aenter__(self) -> Self:
        await self.session.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        try:
            if self._link is not None:
                await self._link.close()
        finally:
            await self.session.__aexit__(None, None, None)

    async def renew(self) -> None:
        """Signs in again where AWS no longer lets smtop in: to give up what still opens might cost an MFA code."""
        if self._link is None:
            await self.session.renew()
            return
        if not await lets_in(self.session):
            await self.session.renew()
        await self._link.renew()

    def give(self, code: str) -> None:
        """The code goes to the profile that has asked for one last."""
        sessions = [self.session] if self._link is None else [self.session, self._link.session]
        max((session.codes for session in sessions), key=lambda codes: codes.asked).give(code)
