"""The metrics of one account by way of another: CloudWatch's cross-account observability.

A monitoring account reads what source accounts in the same region share with it. Each query names the account that it
is about. Source: CloudWatch user guide, "CloudWatch cross-account observability"; API reference, MetricDataQuery.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from smtop.metrics.aws.descriptions import caller_account
from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.clock import Clock
from smtop.metrics.domain.catalogue import INVOCATIONS_NAMESPACE
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answers, Completeness

BARRED_S = 300.0
"""How long nothing is asked once an account was refused: whether AWS bills what it forbids is not documented."""

_GET = "cloudwatch:GetMetricData"


class Link:
    """The way to the metrics of the account of `home` through `session`, which is opened when it is first needed.

    What fails on it names both.
    """

    def __init__(self, home: AwsSession, session: AwsSession, clock: Clock) -> None:
        self.session = session
        self._clock = clock
        self._refusal = ""
        self._barred_until = 0.0
        self._home = home
        self._is_open = False
        self._accounts: tuple[str, str] | None = None
        self._asking = asyncio.Lock()

    async def owner(self) -> str | None:
        """The account that queries must name; None where it is the monitoring account itself.

        Raises AwsError, for a while also where the account was refused.
        """
        if self._refusal and self._clock.monotonic() < self._barred_until:
            raise AwsError(FaultKind.PERMISSION, _GET, self._refusal)
        async with self._asking:
            if self._accounts is None:
                with self.told():
                    if not self._is_open:
                        await self.session.__aenter__()
                        self._is_open = True
                    self._accounts = await account_of(self._home), await account_of(self.session)
        source, monitoring = self._accounts
        return source if source != monitoring else None

    async def renew(self) -> None:
        """Signs in again if AWS no longer lets smtop in."""
        if self._is_open and not await lets_in(self.session):
            with self.told():
                await self.session.renew()

    async def close(self) -> None:
        if self._is_open:
            await self.session.__aexit__(None, None, None)

    @contextmanager
    def told(self) -> Iterator[None]:
        """An AwsError of the block is told as one of the link. What refuses the account refuses all of its queries."""
        try:
            yield
        except AwsError as error:
            refuses = error.kind is FaultKind.INVALID and self._is_about_the_account(str(error))
            kind, sentence = (FaultKind.PERMISSION, f"{error} {self._way_out}") if refuses else (error.kind, str(error))
            raise AwsError(kind, error.operation, f"{self._lead} {sentence}", error.sign_in) from error

    def refused(self, answers: Answers) -> tuple[str, ...]:
        """What to say of results that CloudWatch forbids. A link may share some namespaces only.

        Raises AwsError where all are forbidden, and requests among them.
        """
        forbidden = answers.having(Completeness.FORBIDDEN)
        if not forbidden:
            return ()
        said = next(filter(None, (answers[key].message for key in forbidden)), "Forbidden").rstrip(".")
        namespaces = dict.fromkeys(key.metric.namespace for key in forbidden)
        told = f"{self._lead} CloudWatch gives none of {', '.join(namespaces)} there: {said}. {self._way_out}"
        if len(forbidden) < len(answers) or INVOCATIONS_NAMESPACE not in namespaces:
            return (told,)
        again = f"It is tried again after {BARRED_S / 60:.0f} minutes."
        self._refusal, self._barred_until = f"{told} {again}", self._clock.monotonic() + BARRED_S
        raise AwsError(FaultKind.PERMISSION, _GET, self._refusal)

    @property
    def _lead(self) -> str:
        source, monitoring = (one.profile or "the default credentials" for one in (self._home, self.session))
        return f"The metrics of {source} are asked through {monitoring}."

    @property
    def _way_out(self) -> str:
        source, monitoring = self._accounts or ("the account", "the monitoring account")
        return f"Link {source} to {monitoring} as a source of metrics, and allow {_GET} there."

    def _is_about_the_account(self, sentence: str) -> bool:
        return "AccountId" in sentence or (self._accounts is not None and self._accounts[0] in sentence)


async def account_of(session: AwsSession) -> str:
    """The account that the credentials belong to. Raises AwsError."""
    with translated("sts:GetCallerIdentity", session.profile):
        account = caller_account(await session.client("sts").get_caller_identity())
    session.belongs_to(account)
    return account


async def lets_in(session: AwsSession) -> bool:
    """Whether the credentials still are what AWS accepts, as far as AWS can be asked."""
    try:
        await account_of(session)
    except AwsError as error:
        return error.kind is not FaultKind.CREDENTIALS
    return True
