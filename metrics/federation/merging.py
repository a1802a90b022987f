"""Pictures of several accounts and regions as one: the worst of all first, and every sentence with its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from smtop.metrics.domain.endpoint import Identity, address
from smtop.metrics.domain.finding import SharedCause
from smtop.metrics.domain.snapshot import (
    EndpointView,
    FleetSnapshot,
    Problem,
    Source,
    Spend,
    Watched,
    worst_first,
)

N = TypeVar("N", int, float)


@dataclass
class Part:
    """What is known of one source: its newest picture, and why there is none, or none any more.

    Its views are told whose they are; one that is the same as before stays the same, and its row with it.
    """

    source: Source
    snapshot: FleetSnapshot | None = None
    fault: Problem | None = None
    _told: dict[EndpointView, EndpointView] = field(default_factory=dict)
    _told_of: Identity | None = None

    def take(self, snapshot: FleetSnapshot) -> None:
        """A newer picture."""
        self.snapshot, self.fault = snapshot, None
        self.source = self.source._replace(identity=snapshot.identity or self.source.identity)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to tell of it."""
        return self.snapshot is not None or self.fault is not None

    @property
    def account(self) -> str | None:
        """The account as AWS tells it, or until then as the ARNs of an earlier run do."""
        if self.source.identity is not None:
            return self.source.identity.account
        return next((view.endpoint.summary.account for view in self._endpoints), None)

    @property
    def place(self) -> tuple[str | None, str]:
        """Account and region."""
        return self.account, self.source.region

    @property
    def views(self) -> Iterable[EndpointView]:
        """The endpoints of the newest picture, each with whose it is."""
        at = self.source.identity or Identity(self.account or "", self.source.region, "", self.source.profile)
        known = self._told if at == self._told_of else {}
        self._told_of = at
        self._told = {view: known.get(view) or _of(view, at) for view in self._endpoints}
        return self._told.values()

    @property
    def problems(self) -> Iterator[Problem]:
        told = [self.fault] if self.fault else self.snapshot.problems if self.snapshot else ()
        for problem in told:
            yield problem._replace(message=f"{self.source.word}: {problem.message}", source=self.source)

    @property
    def shared(self) -> Iterator[SharedCause]:
        for cause in self.snapshot.shared if self.snapshot else ():
            yield cause._replace(endpoints=tuple(map(self.address, cause.endpoints)))

    def address(self, name: str) -> str:
        """That of an endpoint of this source."""
        return address(self.account or "", self.source.region, name)

    @property
    def watched(self) -> Watched:
        cut_off = self.fault is not None or (self.snapshot is not None and self.snapshot.is_cut_off)
        listed_at = self.snapshot.listed_at if self.snapshot else None
        return Watched(self.source, self.snapshot.spend if self.snapshot else Spend(), listed_at, cut_off)

    @property
    def _endpoints(self) -> Sequence[EndpointView]:
        return self.snapshot.endpoints if self.snapshot else ()


def _of(view: EndpointView, at: Identity) -> EndpointView:
    return replace(view, endpoint=view.endpoint._replace(at=at))


def same(kept: Source, let_go: Source) -> str:
    """Two ways to one place, in a sentence."""
    names = " and ".join(source.profile or "the default credentials" for source in (kept, let_go))
    account = kept.identity.account if kept.identity else ""
    return f"{names} are both account {account} in {kept.region}: it is watched once, as {kept.word}."


def without_twins(parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """The first of those that lead to the same account and region, and a sentence for each that was left out."""
    kept: dict[tuple[str | None, str] | int, Part] = {}
    left_out = []
    for part in parts:
        place = part.place if part.source.identity else id(part)
        if place in kept:
            left_out.append(same(kept[place].source, part.source))
        else:
            kept[place] = part
    return list(kept.values()), left_out


def merged(parts: Sequence[Part], now: datetime, notices: Sequence[str] = ()) -> FleetSnapshot:
    """One picture of all parts. `notices` are told beside their own."""
    known = [part.snapshot for part in parts if part.snapshot is not None]
    views = [view for part in parts for view in part.views]
    return FleetSnapshot(
        generated_at=max((one.generated_at for one in known), default=now),
        identity=None,
        endpoints=tuple(sorted(views, key=worst_first)),
        problems=tuple(problem for part in parts for problem in part.problems),
        spend=together([one.spend for one in known]),
        listed_at=_oldest(one.listed_at for one in known),
        remembered_at=_oldest(one.remembered_at for one in known),
        measured_at=_oldest(one.measured_at for one in known),
        data_until=_oldest(one.data_until for one in known),
        next_poll_at=_next([one.next_poll_at for one in known]),
        notices=(*notices, *_notices(parts)),
        complete=len(known) == len(parts) and all(one.complete for one in known),
        shared=tuple(sorted((cause for part in parts for cause in part.shared), key=_gravest)),
        watched=tuple(part.watched for part in parts),
    )


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    """The oldest that is known; which parts know none is told by `watched` and the problems."""
    return min((moment for moment in moments if moment is not None), default=None)


def _next(moments: Sequence[datetime | None]) -> datetime | None:
    """The first to come; not known while any is being asked."""
    return None if None in moments else _oldest(moments)


def _gravest(cause: SharedCause) -> tuple[int, int]:
    return cause.finding.severity.rank, -len(cause.endpoints)


def _notices(parts: Sequence[Part]) -> Iterator[str]:
    """What all say is said once; anything else with its place."""
    told = {part.source.word: part.snapshot.notices for part in parts if part.snapshot is not None}
    for sentence in dict.fromkeys(sentence for said in told.values() for sentence in said):
        places = [word for word, said in told.items() if sentence in said]
        yield sentence if len(places) == len(parts) else f"{', '.join(places)}: {sentence}"


def together(spends: Sequence[Spend]) -> Spend:
    """What all of them cost."""
    return Spend(
        metrics_billed=sum(one.metrics_billed for one in spends),
        api_calls=_summed(one.api_calls for one in spends),
        usd=round(sum(one.usd for one in spends), 6),
        usd_per_hour=round(sum(one.usd_per_hour for one in spends), 6),
        usd_by_tier=_summed(one.usd_by_tier for one in spends),
        usd_spent_by_tier=_summed(one.usd_spent_by_tier for one in spends),
        metrics_analysed=sum(one.metrics_analysed for one in spends),
        others=max((one.others for one in spends), default=0),
        others_usd_per_hour=round(sum(one.others_usd_per_hour for one in spends), 6),
    )


def _summed(tables: Iterable[Mapping[str, N]]) -> dict[str, N]:
    total: dict[str, N] = {}
    for name, amount in (entry for table in tables for entry in table.items()):
        total[name] = total[name] + amount if name in total else amount
    return total
