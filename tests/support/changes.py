"""Changes in memory for tests of the screen: plans are made by hand, and what comes of them is told by hand."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from smtop.metrics.actions.invoke import Answer, Invocation
from smtop.metrics.changes import Leave, Past
from smtop.metrics.domain.change import Change, Undo, Weights, as_document
from smtop.metrics.domain.plan import Call, Confirm, Place, Plan, Until
from smtop.metrics.errors import RefusedError, SmtopError
from smtop.metrics.journal import Entry, Made, State

NOW_S = 1_795_183_890.0
READ_ONLY = "smtop is read-only. Open it with :write 15m on the screen, or with --write on the command line."
PROD = Place("123456789012", "eu-west-1", label="ml-prod", kind_word="PROD")


def weights_plan(
    endpoint: str = "fraud", change_id: str = "change-1", *, confirm: Confirm = Confirm.YES, place: Place = PROD
) -> Plan:
    """From 90/10 to 50/50, by one call."""
    wanted = Weights(endpoint, {"A": 0.5, "B": 0.5})
    named = [{"VariantName": name, "DesiredWeight": 0.5} for name in ("A", "B")]
    params = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": named}
    call = Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params, until=Until.IN_SERVICE)
    return Plan(
        change_id,
        "weights",
        place,
        endpoint,
        f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{endpoint}",
        None,
        {"A.weight": 0.9, "B.weight": 0.1},
        {"A.weight": 0.5, "B.weight": 0.5},
        (call,),
        confirm,
        f"{endpoint} {place.kind_word}".rstrip() if confirm is Confirm.TYPE_NAME else None,
        ("Share of the traffic: A 90% to 50%, B 10% to 50%.",),
        requests_per_minute=1900.0,
        usd_per_hour=(0.23, None),
        fingerprint="f",
        undo=as_document(Weights(endpoint, {"A": 0.9, "B": 0.1})),
        wanted=as_document(wanted),
    )


def entry(plan: Plan, state: State = State.UNDER_WAY, **members: object) -> Entry:
    """A change in the journal, by default one that was just begun."""
    return replace(Entry(plan, NOW_S, "ana@bastion", state), **members)  # type: ignore[arg-type]


def applied(plan: Plan) -> Entry:
    calls = {str(place): Made(True, f"request-{place}") for place in range(len(plan.calls))}
    return entry(plan, State.APPLIED, calls=calls, status="InService", ended_at=NOW_S + 40)


class FakeChanges:
    """`plans` are given to who asks, by endpoint (an undo asks for the key "undo"); an error is raised instead.

    `tell` says what comes of a plan that is being applied. `forbidden` keeps the gate shut.
    """

    def __init__(self) -> None:
        self.plans: dict[str, Plan | SmtopError] = {}
        self.planned: list[Change] = []
        self.applied: list[Plan] = []
        self.finished: list[str] = []
        self.invoked: list[Invocation] = []
        self.answer = Answer(0.183, b'{"score": 0.97}', "application/json", "A")
        self.entries: list[Entry] = []
        self.left: frozenset[str] = frozenset()
        self.open_s = 0.0
        self.forbidden: str | None = None
        self._news: dict[str, asyncio.Queue[Entry | SmtopError]] = {}

    async def plan(self, change: Change) -> Plan:
        self.planned.append(change)
        known = self.plans.get("undo" if isinstance(change, Undo) else change.endpoint)
        if known is None:
            raise RefusedError(f"smtop cannot do {change.word} yet.")
        if isinstance(known, SmtopError):
            raise known
        return known

    def tell(self, news: Entry | SmtopError, change_id: str | None = None) -> None:
        """The next thing that comes of a plan."""
        name = change_id or (news.id if isinstance(news, Entry) else "")
        self._queue(name).put_nowait(news)

    async def apply(self, plan: Plan) -> AsyncGenerator[Entry, None]:
        if self.open_s <= 0 and plan.change != "undo":
            raise RefusedError(READ_ONLY)
        self.applied.append(plan)
        while True:
            news = await self._queue(plan.id).get()
            if isinstance(news, SmtopError):
                raise news
            yield news
            if news.state.is_final:
                return

    def _queue(self, change_id: str) -> "asyncio.Queue[Entry | SmtopError]":
        return self._news.setdefault(change_id, asyncio.Queue())

    async def finish(self, change_id: str) -> AsyncGenerator[Entry, None]:
        self.finished.append(change_id)
        while True:
            news = await self._queue(change_id).get()
            if isinstance(news, SmtopError):
                raise news
            yield news
            if news.state.is_final:
                return

    async def invoke(self, wanted: Invocation, wait_s: float) -> Answer:
        self.invoked.append(wanted)
        if self.open_s <= 0:
            raise RefusedError(READ_ONLY)
        return self.answer

    async def past(self) -> Past:
        return Past(tuple(self.entries), self.left)

    async def leave(self) -> Leave:
        return Leave(self.open_s, None if self.open_s > 0 else self.forbidden or READ_ONLY)

    async def open(self, seconds: float) -> Leave:
        if self.forbidden is not None:
            raise RefusedError(self.forbidden)
        self.open_s = seconds
        return await self.leave()

    async def close(self) -> Leave:
        self.open_s = 0.0
        return await self.leave()
