"""An immutable picture of the fleet: what exists, what was measured, what is wrong, what could not be asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from itertools import groupby
from math import log2
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple, Self

from smtop.metrics.domain.endpoint import Endpoint, Identity
from smtop.metrics.domain.finding import Finding, Severity, SharedCause
from smtop.metrics.domain.series import NO_DATA, Owner, Points, Sample
from smtop.metrics.errors import AwsError, FaultKind, SignIn


class Source(NamedTuple):
    """One of several accounts and regions that are watched, as it was asked for; `identity` once AWS has told it."""

    region: str
    profile: str | None = None
    identity: Identity | None = None

    @property
    def word(self) -> str:
        """`payments us-east-1`."""
        return self.identity.place if self.identity else " ".join(filter(None, (self.profile, self.region)))


class Problem(NamedTuple):
    """Something that could not be asked, and what the operator can do about it; by signing in, if that is the way.

    `source` is where, if several accounts or regions are watched; the message then begins with its word.
    """

    kind: FaultKind
    operation: str
    message: str
    endpoint: str | None = None
    sign_in: SignIn | None = None
    source: Source | None = None

    @classmethod
    def of(cls, error: AwsError, endpoint: str | None = None) -> Self:
        """What AWS refused, in the error's own words."""
        return cls(error.kind, error.operation, str(error), endpoint, error.sign_in)


class Spend(NamedTuple):
    """What asking has cost so far, at list price, retries and pages included; and what it will cost as things stand.

    `usd_by_tier` splits `usd_per_hour` by the classes of endpoints that are asked alike, those asked most first, the
    sweep, and the histories that baselines are still to be taught, which are paid for once. `usd_spent_by_tier` splits
    `usd` by those for whom it was spent; what is asked of an endpoint for the first time stands under "first look".
    `metrics_analysed` are those that Metrics Insights has probably gone through; they are no part of `metrics_billed`
    and have an unverified price. `others` are further smtops of this user on this host that ask the same as the same
    identity, and `others_usd_per_hour` what they cost beside this one. `asked_through` is the profile of the monitoring
    account in which all of it is asked, where it is not the account itself.
    """

    metrics_billed: int = 0
    api_calls: Mapping[str, int] = MappingProxyType({})
    usd: float = 0.0
    usd_per_hour: float = 0.0
    usd_by_tier: Mapping[str, float] = MappingProxyType({})
    usd_spent_by_tier: Mapping[str, float] = MappingProxyType({})
    metrics_analysed: int = 0
    others: int = 0
    others_usd_per_hour: float = 0.0
    asked_through: str | None = None

    @property
    def usd_per_day(self) -> float:
        """A day like this hour."""
        return self.usd_per_hour * 24


class SaturationKind(Enum):
    """What the one kind-aware column measures."""

    PROVISIONED = "pc"
    CONCURRENCY = "conc"
    CACHE = "cache"
    BACKLOG = "backlog"
    CPU = "cpu"
    GPU = "gpu"
    MEMORY = "mem"


class Saturation(NamedTuple):
    """How full an endpoint is, by the resource that its kind runs out of first.

    `sample.value` is a ratio (1.0 is full), for the cache the hit ratio, for a backlog the number of requests.
    `spillover_per_minute` is None where nothing can spill.
    """

    kind: SaturationKind
    sample: Sample
    spillover_per_minute: float | None = None


class Vitals(NamedTuple):
    """The few numbers of an endpoint that its row shows, merged over production variants.

    Rates are per minute, ratios 0..1 over the last five readable minutes, latencies in milliseconds and the largest
    of the variants: percentiles cannot be averaged. `trend` holds the requests of each minute, oldest first.
    """

    requests_per_minute: Sample
    server_error_ratio: Sample
    client_error_ratio: Sample
    p50_ms: Sample
    p99_ms: Sample
    saturation: Saturation | None
    trend: Points = ()


class Watched(NamedTuple):
    """What one of several sources adds to a fleet: what asking there costs, whether its inventory was read by now.

    `cut_off` is whether nothing could be asked there the last time.
    """

    source: Source
    spend: Spend
    listed_at: datetime | None = None
    cut_off: bool = False


CUT_OFF = frozenset({FaultKind.CREDENTIALS, FaultKind.UNREACHABLE})
"""Faults that leave nothing to be asked until somebody does something."""


@dataclass(frozen=True, eq=False)
class EndpointView:
    """One endpoint in a snapshot. `metrics` maps an owner to its samples, keyed `MetricName.Stat`.

    `impact` is failed or slowed requests a minute. `parts` has the vitals of each variant and component, without
    trends, where the endpoint has more than one of them. `hints` are graver findings that points that may still grow
    would make. `no_baseline` says why it is not known of all of it what is usual.
    `usd_per_hour` is what it costs at rest, by the list prices that smtop ships. It `stirs` while something of it is
    out of line, which may be the beginning of trouble.
    """

    endpoint: Endpoint
    severity: Severity
    vitals: Vitals
    findings: tuple[Finding, ...] = ()
    metrics: Mapping[Owner, Mapping[str, Sample]] = field(default_factory=dict)
    impact: Sample = NO_DATA
    parts: Mapping[Owner, Vitals] = field(default_factory=dict)
    hints: tuple[Finding, ...] = ()
    no_baseline: str | None = None
    usd_per_hour: float | None = None
    stirs: bool = False

    @cached_property
    def key(self) -> str:
        """What no other endpoint of the snapshot has."""
        return self.endpoint.key

    @cached_property
    def urgency(self) -> tuple[int, int, float]:
        """What a fleet is sorted by, the most urgent first: severity, then impact, then money where something is wrong.

        Impact counts in powers of two: rows keep their places until it doubles or halves.
        """
        lets_down = self.impact.value or 0.0
        usd = (self.usd_per_hour or 0.0) if self.findings else 0.0
        return self.severity.rank, -int(log2(lets_down)) - 1 if lets_down >= 1 else 0, -usd


def worst_first(view: EndpointView) -> tuple[tuple[int, int, float], str, str]:
    """Sort key of a fleet: severity, then impact, then money, then name.

    What it is made of is kept with the view: the screen, which sorts the same views again, finds it worked out.
    """
    return view.urgency, view.endpoint.name, view.key


@dataclass(frozen=True, eq=False)
class FleetSnapshot:
    """The fleet at `generated_at`, worst endpoint first.

    `listed_at` is when the inventory was last read whole; until then `remembered_at` is when the one shown was saved by
    an earlier run. `measured_at` is when the newest metrics arrived, `data_until` the end of the newest minute that
    they cover. `notices` say what is asked less often than usual, what costs more than it must, and why.
    `complete` is False while something was not asked, was refused, or has not come back yet. `shared` are the causes
    that several endpoints have in common, the worst first.

    Of several accounts or regions each is in `watched`, there is no one `identity`, times are the oldest of any, and
    `complete` holds for all.
    """

    generated_at: datetime
    identity: Identity | None
    endpoints: tuple[EndpointView, ...] = ()
    problems: tuple[Problem, ...] = ()
    spend: Spend = field(default_factory=Spend)
    listed_at: datetime | None = None
    remembered_at: datetime | None = None
    measured_at: datetime | None = None
    data_until: datetime | None = None
    next_poll_at: datetime | None = None
    notices: tuple[str, ...] = ()
    complete: bool = False
    shared: tuple[SharedCause, ...] = ()
    watched: tuple[Watched, ...] = ()

    @cached_property
    def tally(self) -> Mapping[Severity, int]:
        """How many endpoints are how. They are counted by the stretch, as they come sorted by it."""
        found: Counter[Severity] = Counter()
        for severity, alike in groupby(self.endpoints, attrgetter("severity")):
            found[severity] += len(tuple(alike))
        return found

    @cached_property
    def muted(self) -> int:
        """How many endpoints have a finding that somebody knows of already."""
        found = (view.findings for view in self.endpoints if view.findings)
        return sum(any(one.muted is not None for one in findings) for findings in found)

    @property
    def is_cut_off(self) -> bool:
        """Whether AWS could not be asked at all the last time, wherever that was."""
        if self.watched:
            return all(one.cut_off for one in self.watched)
        return any(problem.kind in CUT_OFF for problem in self.problems)

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Who is asking, in each account and region that has told it."""
        told = (one.source.identity for one in self.watched) if self.watched else (self.identity,)
        return tuple(identity for identity in told if identity is not None)

    @property
    def unread(self) -> tuple[Source, ...]:
        """Those of several sources whose inventory was not read yet."""
        return tuple(one.source for one in self.watched if one.listed_at is None)
