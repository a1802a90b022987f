"""What was said, held against the answer key: found, by its right cause, how soon; and what was said wrongly.

Values in, values out; times are epoch seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from smtop.metrics.domain.finding import Severity

SOON_S = 180.0
"""Within this time after the deciding points became readable the right cause must be told."""

_SETTLES_S = 120.0
"""How long after the first word of it a finding may take to stand first."""

_MEMBERS = 0.8
"""Share of a group that a shared cause must name."""

GRAVE = (Severity.CRITICAL, Severity.WARNING)


class Said(NamedTuple):
    """A finding, without its numbers."""

    id: str
    severity: Severity
    variant: str | None = None
    component: str | None = None


class Shared(NamedTuple):
    """A shared cause: who is named, and all that is said of what they share."""

    endpoints: tuple[str, ...]
    words: str


class Told(NamedTuple):
    """What was said at a moment: findings by endpoint, worst first. Endpoints without any are left out."""

    at: float
    said: Mapping[str, tuple[Said, ...]]
    shared: tuple[Shared, ...] = ()


class Trouble(NamedTuple):
    """An entry of the answer key. `readable_at` is when CloudWatch shows all points that decide."""

    endpoint: str
    cause: str
    severity: str
    rules: tuple[str, ...]
    also: tuple[str, ...]
    variant: str | None
    began_at: float
    readable_at: float
    ends_at: float | None = None

    @property
    def is_confounder(self) -> bool:
        return not self.rules

    def is_named_by(self, said: Said) -> bool:
        """Whether a finding names this cause, at the right part where the key names one."""
        return said.id in self.rules and (None in (said.variant, self.variant) or said.variant == self.variant)


class Outcome(NamedTuple):
    """What became of a trouble: when it was first told of, and when it stood first; None where it never did."""

    trouble: Trouble
    found_at: float | None
    right_at: float | None

    @property
    def minutes(self) -> float | None:
        """From when the deciding points were readable until the first word of it; 0 where it came before."""
        return None if self.found_at is None else max(0.0, self.found_at - self.trouble.readable_at) / 60.0

    @property
    def is_soon(self) -> bool:
        """Whether the right cause was told in time."""
        return self.right_at is not None and self.right_at - self.trouble.readable_at <= SOON_S


class Episode(NamedTuple):
    """Something that was said and is not true, for as long as it was said. `of` is who it was said of."""

    endpoint: str
    of: str
    said: Said
    began_at: float
    ended_at: float


def outcome(trouble: Trouble, beside: Sequence[Trouble], told: Sequence[Told]) -> Outcome:
    """What became of one trouble; `beside` are the others of its endpoint."""
    found_at = None
    for one in told:
        said = one.said.get(trouble.endpoint, ())
        if one.at < trouble.began_at or not any(map(trouble.is_named_by, said)):
            continue
        found_at = one.at if found_at is None else found_at
        if one.at > found_at + _SETTLES_S:
            break
        if _stands_first(trouble, [other for other in beside if other.began_at <= one.at], said):
            return Outcome(trouble, found_at, one.at)
    return Outcome(trouble, found_at, None)


def _stands_first(trouble: Trouble, beside: Sequence[Trouble], said: Sequence[Said]) -> bool:
    """Above it stands nothing but other causes that are true as well, and equally grave consequences.

    Of what only costs money, or is advice, graver consequences may stand above it.
    """
    place = next(place for place, one in enumerate(said) if trouble.is_named_by(one))
    causes = {rule for other in beside for rule in other.rules}
    consequences = {rule for other in (trouble, *beside) for rule in other.also}
    return all(
        one.id in causes
        or (one.id in consequences and (one.severity is said[place].severity or said[place].severity not in GRAVE))
        for one in said[:place]
    )


def false_episodes(told: Sequence[Told], troubles: Iterable[Trouble], gap_s: float) -> Iterator[Episode]:
    """Grave findings that nothing in the key explains; looks without one for longer than `gap_s` end an episode."""
    by_endpoint: defaultdict[str, list[Trouble]] = defaultdict(list)
    for trouble in troubles:
        by_endpoint[trouble.endpoint].append(trouble)
    going: dict[tuple[str, str, Said], Episode] = {}
    for one in told:
        for endpoint, said in one.said.items():
            at_work = [trouble for trouble in by_endpoint[endpoint] if trouble.began_at <= one.at]
            for wrong in _unexplained(said, at_work):
                place = (endpoint, wrong.id, wrong._replace(severity=Severity.OK))
                known = going.get(place)
                if known is not None and one.at - known.ended_at <= gap_s:
                    worst = min(known.said, wrong, key=lambda each: each.severity.rank)
                    going[place] = known._replace(said=worst, ended_at=one.at)
                    continue
                if known is not None:
                    yield known
                going[place] = Episode(endpoint, _who(at_work), wrong, one.at, one.at)
    yield from going.values()


def _unexplained(said: Iterable[Said], at_work: Sequence[Trouble]) -> Iterator[Said]:
    true = {rule for trouble in at_work for rule in (*trouble.rules, *trouble.also)}
    return (one for one in said if one.severity in GRAVE and one.id not in true)


def _who(at_work: Sequence[Trouble]) -> str:
    """`healthy`, the look-alikes at work, or `ill:` and the causes."""
    causes = [trouble.cause for trouble in at_work if not trouble.is_confounder]
    if causes:
        return f"ill:{'+'.join(causes)}"
    return "+".join(trouble.cause for trouble in at_work) or "healthy"


class Group(NamedTuple):
    """Endpoints that one thing befell, and the words for what they share."""

    endpoints: frozenset[str]
    shared: tuple[str, ...]
    cause: str
    severity: str
    began_at: float
    readable_at: float


def group_outcome(group: Group, told: Sequence[Told]) -> Outcome:
    """Found: one shared cause names most of the group and hardly anybody else. Right: it names what they share."""
    trouble = Trouble(
        "", "shared-cause", group.severity, ("shared-cause",), (), None, group.began_at, group.readable_at
    )
    found_at = None
    for one in told:
        ours = [shared for shared in one.shared if _is_of(shared, group)] if one.at >= group.began_at else []
        if ours and found_at is None:
            found_at = one.at
        if any(words in shared.words for shared in ours for words in group.shared):
            return Outcome(trouble, found_at, one.at)
    return Outcome(trouble, found_at, None)


def _is_of(shared: Shared, group: Group) -> bool:
    named = group.endpoints & set(shared.endpoints)
    return len(named) >= _MEMBERS * len(group.endpoints) and len(named) >= _MEMBERS * len(shared.endpoints)


def entry_of(entry: Mapping[str, Any], readable_at: float) -> Trouble:
    """An entry of the answer key as the feed tells it."""
    return Trouble(
        entry["endpoint"],
        entry["cause"],
        entry["severity"],
        tuple(entry["rules"]),
        tuple(entry["also"]),
        entry["variant"],
        entry["began_at"],
        readable_at,
        entry["ends_at"],
    )
