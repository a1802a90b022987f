"""Changing the fleet, wired to one AWS session: plans, the write gate, the journal, and carrying out."""

import asyncio
import random
import string
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from smtop.metrics.actions.apply import UNDO, Hands, carry_out
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.ground import Ground, activities, survey
from smtop.metrics.actions.invoke import Answer, Bench, Invocation, direct_containers, invoke
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import is_here, plan
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.traffic import queued, requests_per_minute
from smtop.metrics.actions.window import at
from smtop.metrics.aws.access import Access, Commons
from smtop.metrics.aws.control import AwsControl
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.operations import invoke_policy, monitoring_policy, operator_policy, read_only_policy
from smtop.metrics.aws.runtime import AwsRuntime
from smtop.metrics.clock import Clock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.plan import Place, Plan
from smtop.metrics.domain.quotas import Usage
from smtop.metrics.errand import send
from smtop.metrics.errors import AwsError, FaultKind, RefusedError
from smtop.metrics.journal import Entry, Journal, State
from smtop.metrics.ports import MetricSource
from smtop.metrics.sightings import Sightings

__all__ = ["Operator", "invoke_policy", "monitoring_policy", "operating", "operator_policy", "read_only_policy"]

Send: TypeAlias = Callable[[str, Settings, Clock, Mapping[str, str]], None]
"""Starts a process that carries out a journalled change, on its own."""

_AMAZONS = (
    *(".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"),
    *(".api.aws", ".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu"),
)
_BEGINS_WITHIN_S = 60.0
_NOT_BEGUN = (State.PLANNED, State.DEFERRED)
_LOOK_S = 0.2
_ID_CHARACTERS = string.ascii_lowercase + string.digits


def _no_number(_: str) -> float | None:
    return None


@dataclass(frozen=True)
class Known:
    """What need not be asked, since somebody watches the fleet anyway; None for what he does not know.

    `requests_per_minute` are those of an endpoint, `usage` is what the account uses of its quotas.
    """

    requests_per_minute: Callable[[str], float | None] = _no_number
    usage: Callable[[], Awaitable[Usage | None]] | None = None


_NOTHING_KNOWN = Known()


class Operator:
    """Plans and carries out changes in one account and region.

    `source` tells how busy an endpoint is, and AWS itself what the account uses of its quotas, unless that is `known`.
    """

    def __init__(
        self,
        access: Access,
        settings: Settings,
        clock: Clock,
        rng: random.Random,
        source: MetricSource,
        send: Send = send,
        known: Known = _NOTHING_KNOWN,
    ) -> None:
        session, remit = access.session, access.remit
        self._session = session
        self._clock = clock
        self._rng = rng
        self._source = source
        self._settings = settings
        self._send = send
        self._known = known
        self.control = AwsControl(session, settings.accounts)
        self._sightings = Sightings(settings)
        self.journal = Journal(settings.directories.state, clock)
        self.gate = WriteGate(clock, lambda: remit.why_read_only)

    async def plan(self, change: Change) -> Plan:
        """What the change will do. Raises AwsError, and RefusedError where there can be no plan."""
        identity = await self.control.identity()
        place = self._place(identity)
        means = Means(
            self.control,
            self.journal,
            self._clock,
            place,
            self._new_id,
            self._requests_per_minute,
            lambda ground: queued(self._source, self._clock, ground),
            lambda ground: self._seen(identity, ground),
            self._known.usage,
        )
        return await plan(change, means)

    async def carry_out(self, made: Plan, wait_s: float) -> Entry:
        """Writes the plan down, carries it out, and follows it for so long at most; returns what is known then.

        What takes several calls is done by a process of its own, which goes on if this one ends. Raises RefusedError
        where nothing can be written down, or the gate is closed.
        """
        closed = self.gate.why_closed(own=made.change == UNDO)
        if closed is not None:
            raise RefusedError(closed)
        entry = self.journal.begin(made)
        if made.is_quick or (made.begins_at or 0.0) > self._clock.wall():
            return await self.go_on(entry.id, wait_s)
        await asyncio.to_thread(self._send, entry.id, self._settings, self._clock, await self._session.given())
        return await self.followed(entry.id, wait_s)

    async def go_on(self, change_id: str, wait_s: float) -> Entry:
        """Carries out what the journal has of a change and was not done yet. Raises RefusedError in another place."""
        there, here = self.journal.entry(change_id).plan.place, self._place(await self.control.identity())
        if not is_here(there, here):
            raise RefusedError(
                f"Change {change_id} belongs to {there.account} / {there.region}, and is made only there."
            )
        hands = Hands(self.control, self.journal, self.gate, self._clock)
        return await carry_out(hands, change_id, wait_s=wait_s)

    async def finish(self, change_id: str, wait_s: float) -> Entry:
        """Goes on with a change that was cut off, as `carry_out` does, or begins one that was put off until now."""
        entry = self.journal.entry(change_id)
        self._check_time(entry)
        is_put_off = entry.state is State.DEFERRED and entry.undone_by is None
        if not entry.is_pending and not is_put_off:
            raise RefusedError(f"Change {change_id} was {entry.state.value}; there is nothing left to do.")
        await asyncio.to_thread(self._send, change_id, self._settings, self._clock, await self._session.given())
        return await self.followed(change_id, wait_s)

    def _check_time(self, entry: Entry) -> None:
        """Raises RefusedError for what was put off, until it is due and while nothing may be changed."""
        if entry.state is not State.DEFERRED:
            return
        closed = self.gate.why_closed()
        if closed is not None:
            raise RefusedError(closed)
        if entry.due_at is not None and entry.due_at > self._clock.wall():
            raise RefusedError(f"Change {entry.id} is not due before {at(entry.due_at)}.")

    async def followed(self, change_id: str, wait_s: float) -> Entry:
        """The change at its end, where nobody goes on with it, or as it stands after so many seconds.

        Raises RefusedError where the process that was to carry it out has not begun.
        """
        ends_at, begins_at = self._clock.monotonic() + wait_s, time.monotonic() + _BEGINS_WITHIN_S
        while True:
            entry = self.journal.entry(change_id)
            if entry.state.is_final or entry.error is not None:
                return entry
            if entry.state not in _NOT_BEGUN and self._clock.monotonic() >= ends_at:
                return entry
            if entry.state in _NOT_BEGUN and time.monotonic() >= begins_at:
                raise RefusedError(f"Nothing was changed: the process for change {change_id} did not begin.")
            await asyncio.sleep(_LOOK_S)

    async def invoke(self, wanted: Invocation, wait_s: float) -> Answer:
        """A test invocation; an asynchronous answer is waited for. Raises AwsError, RefusedError while read-only."""
        await self.control.identity()  # the account has a say
        bench = Bench(AwsRuntime(self._session), self.gate, self._clock, self._new_id)
        return await invoke(wanted, await survey(self.control, wanted.endpoint), bench, wait_s)

    async def scaled(self, name: str) -> dict[str, Sequence[Document]]:
        """What Application Auto Scaling has of an endpoint, and did to it last. Raises AwsError."""
        ground = await survey(self.control, name)
        if ground.scaling is None:
            raise AwsError(FaultKind.PERMISSION, "application-autoscaling:DescribeScalableTargets", ground.notes[0])
        return {**ground.scaling, "activities": await activities(self.control, ground)}

    async def target(self, name: str) -> tuple[str, Sequence[str]]:
        """The ARN of an endpoint, and its containers where they can be invoked one by one. Raises AwsError."""
        ground = await survey(self.control, name)
        return ground.arn, await direct_containers(self.control, ground)

    async def open(self, seconds: float) -> None:
        """Opens the write gate. Raises RefusedError where the configuration keeps it shut, and AwsError."""
        await self.control.identity()  # the account has a say
        self.gate.open(seconds)

    async def _requests_per_minute(self, ground: Ground) -> float | None:
        known = self._known.requests_per_minute(ground.name)
        return known if known is not None else await requests_per_minute(self._source, self._clock, ground)

    def _seen(self, identity: Identity, ground: Ground) -> list[str]:
        created_at = float(ground.endpoint.get("CreationTime") or 0)
        return [one.config for one in self._sightings.known(identity, ground.name, created_at)]

    def _place(self, identity: Identity) -> Place:
        url = self._session.endpoint_url
        elsewhere = None if is_amazons(url) else url
        return Place(identity.account, identity.region, elsewhere, identity.label, identity.kind_word)

    def _new_id(self) -> str:
        """`20261120T141132Z-k3f9`: in the order of time, and never the same twice."""
        moment = datetime.fromtimestamp(self._clock.wall(), UTC)
        return f"{moment:%Y%m%dT%H%M%SZ}-{''.join(self._rng.choices(_ID_CHARACTERS, k=4))}"


def is_amazons(url: str) -> bool:
    """Whether an endpoint URL is Amazon's own, in whichever partition, and not that of something in its place."""
    return url.rstrip("/").endswith(_AMAZONS)


@asynccontextmanager
async def operating(settings: Settings, clock: Clock, rng: random.Random | None = None) -> AsyncIterator[Operator]:
    """An operator with a session of its own, for a command. Raises ConfigError as Monitor does."""
    rng = rng or random.Random()
    async with Access(settings, Meter(), Commons(clock, rng)) as access:
        yield Operator(access, settings, clock, rng, access.metrics)
