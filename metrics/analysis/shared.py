"""When many endpoints fall ill together: what they have in common, and the healthy ones have not.

Of all whose onsets lie close together, those that share a trait make a group if that is unlikely to be so by chance:
the probability that as many of the ill would have it, were they drawn from the fleet at random, is the upper tail of
the hypergeometric distribution (Fisher's exact test, one-sided), times the number of traits that are tried
(Bonferroni). The least likely trait makes a group, and then what is left is looked at: an endpoint that falls ill of
itself meanwhile hides no group.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import comb
from typing import NamedTuple

from smtop.metrics.analysis.happenings import AFTER_S
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Confidence, Finding, Happening, Severity, SharedCause
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.domain.surroundings import Surroundings

LEAST = 4
"""Endpoints below which it is no epidemic."""

TOGETHER_S = 300
"""Onsets within this time belong together: minutes are whole, and rules need some of them."""

CHANGED_S = 1800
"""A change this long before the onset may be the one that did it."""

_CHANGE = "change"
_CHANGED = "in the half hour before"
_EPIDEMIC, _EPIDEMIC_SHARE = 8, 0.1
"""Endpoints with the same finding, at least and of the whole fleet, that need nothing in common to be one thing."""

_NEARLY_ALL = 0.9
_BY_CHANCE = 0.001
_GRAVE = (Severity.CRITICAL, Severity.WARNING)

Around = Callable[[str], Surroundings]
Traits = Mapping[str, str]
"""What an endpoint is made from: a word for the sort, and its value."""


class _Ill(NamedTuple):
    name: str
    finding: Finding
    since: int


class _Common(NamedTuple):
    """A trait of a group: how many of the ill and of the fleet have it."""

    sort: str
    value: str
    ill: int
    all: int
    chance: float


def shared_causes(views: Sequence[EndpointView], around: Around) -> tuple[SharedCause, ...]:
    """One for every group of endpoints that fell ill together, the largest first."""
    ill = sorted(_ill(views), key=lambda one: one.since)
    if not any(len(together) >= LEAST for together in _together(ill)):
        return ()
    fleet = _Fleet(views, around)
    causes = [_cause(group, fleet) for group in _groups(ill, fleet)]
    return tuple(sorted(causes, key=lambda cause: (cause.finding.severity.rank, -len(cause.endpoints))))


def _groups(ill: Sequence[_Ill], fleet: "_Fleet") -> Iterator[Sequence[_Ill]]:
    """The groups that a trait makes, the least likely first; then those that need none."""
    while group := _least_likely(ill, fleet):
        yield group
        ill = _without(ill, group)
    while group := next((each for each in _together(ill) if _is_epidemic(each, len(fleet.views))), ()):
        yield group
        ill = _without(ill, group)


def _without(ill: Sequence[_Ill], group: Sequence[_Ill]) -> Sequence[_Ill]:
    names = {one.name for one in group}
    return [one for one in ill if one.name not in names]


def _together(ill: Sequence[_Ill]) -> Iterator[Sequence[_Ill]]:
    """From each onset on, all within TOGETHER_S."""
    for place, first in enumerate(ill):
        if place == 0 or ill[place - 1].since != first.since:
            yield ill[place : bisect_right(ill, first.since + TOGETHER_S, place, key=lambda one: one.since)]


def _least_likely(ill: Sequence[_Ill], fleet: "_Fleet") -> Sequence[_Ill]:
    """As many as share, within one window, the trait that is least likely to be shared by chance."""
    found = [found for together in _together(ill) for found in _sharing(together, fleet)]
    best, _ = min(found, key=lambda one: one[0].chance, default=(None, ()))
    alike = (group for trait, group in found if best and (trait.sort, trait.value) == (best.sort, best.value))
    return max(alike, key=len, default=())


def _sharing(together: Sequence[_Ill], fleet: "_Fleet") -> Iterator[tuple[_Common, Sequence[_Ill]]]:
    """Traits that are not shared by chance, with those that share them; the first of a window must."""
    since = together[0].since
    for trait in _common(together, fleet, since, LEAST):
        having = [one for one in together if fleet.traits(one.name, since).get(trait.sort) == trait.value]
        if having[0].since == since:
            yield trait, having


def _ill(views: Sequence[EndpointView]) -> Iterator[_Ill]:
    """Each endpoint once, by the gravest finding that nobody has muted and whose beginning is known."""
    for view in views:
        for finding in view.findings:
            if finding.severity in _GRAVE and finding.muted is None:
                if finding.since is not None and not finding.or_earlier:
                    yield _Ill(view.endpoint.name, finding, finding.since)
                break


def _cause(group: Sequence[_Ill], fleet: "_Fleet") -> SharedCause:
    since = group[0].since
    common = sorted(_common(group, fleet, since, _NEARLY_ALL * len(group)), key=lambda one: one.chance)
    severity = min((one.finding.severity for one in group), key=lambda severity: severity.rank)
    finding = Finding(
        id="shared-cause",
        severity=severity,
        title=f"{len(group)} endpoints {_what(group)}{_summed_up(common)}",
        evidence=tuple(_evidence(common, group, len(fleet.views))),
        since=since,
        next="Look at what they share before looking at any of them."
        if common
        else "They share nothing that smtop knows of; see whether the account, a dependency or AWS itself is ill.",
        confidence=_confidence(common),
        impact_per_minute=sum(one.finding.impact_per_minute or 0.0 for one in group) or None,
        changes=_changes(group),
    )
    return SharedCause(finding, tuple(one.name for one in group))


def _is_epidemic(group: Sequence[_Ill], fleet: int) -> bool:
    """Whether so many show the same that it needs no trait to be one thing."""
    _, count = _commonest(group)
    return count >= max(_EPIDEMIC, _EPIDEMIC_SHARE * fleet)


def _commonest(group: Sequence[_Ill]) -> tuple[str, int]:
    [found] = Counter(one.finding.id for one in group).most_common(1)
    return found


def _what(group: Sequence[_Ill]) -> str:
    """What all of them show, or how many show what most do."""
    rule, count = _commonest(group)
    return f"have {rule}" if count == len(group) else f"fell ill together, {count} of them with {rule}"


def _summed_up(common: Sequence[_Common]) -> str:
    return f": all {', one '.join(f'{one.sort} {one.value}' for one in common[:3])}" if common else ""


def _evidence(common: Sequence[_Common], group: Sequence[_Ill], fleet: int) -> Iterator[str]:
    first, last = group[0].since, group[-1].since
    yield f"{len(group)} of {fleet} endpoints fell ill within {(last - first) // 60 + 1} min"
    for one in common[:5]:
        yield f"{one.sort} {one.value}: {one.ill} of the {len(group)} ill, {one.all - one.ill} of the others"


def _confidence(common: Sequence[_Common]) -> Confidence:
    if not common:
        return Confidence.LOW
    return Confidence.HIGH if common[0].ill == common[0].all else Confidence.MEDIUM


def _common(ill: Sequence[_Ill], fleet: "_Fleet", since: int, least: float) -> Iterator[_Common]:
    """Traits that at least so many of these have, and not by chance."""
    among = Counter(trait for one in ill for trait in fleet.traits(one.name, since).items())
    tried = [(trait, count) for trait, count in among.items() if count >= least and trait[1]]
    for (sort, value), count in tried:
        everywhere = fleet.having(sort, value, since)
        chance = len(tried) * _tail(count, everywhere, len(ill), len(fleet.views))
        if chance <= _BY_CHANCE:
            yield _Common(sort, value, count, everywhere, chance)


@lru_cache(maxsize=4096)
def _tail(ill: int, having: int, group: int, fleet: int) -> float:
    """Chance that at least `ill` of a random group have what `having` of the fleet have."""
    least = max(ill, group - (fleet - having))
    chance = comb(having, least) * comb(fleet - having, group - least) / comb(fleet, group)
    total = chance
    for one in range(least, min(having, group)):
        chance *= (having - one) * (group - one) / ((one + 1) * (fleet - having - group + one + 1))
        total += chance
    return total


class _Fleet:
    """All endpoints, and what they are made from; what was changed shortly before an onset has that in common too."""

    def __init__(self, views: Sequence[EndpointView], around: Around) -> None:
        self.views = views
        self._stands = {view.endpoint.name: _stands(view.endpoint, around(view.endpoint.name)) for view in views}
        self._counts = Counter(trait for own in self._stands.values() for trait in own.items())
        self._modified = {view.endpoint.name: at for view in views if (at := _modified_at(view.endpoint)) is not None}

    def traits(self, name: str, since: int) -> Traits:
        """Those of one endpoint."""
        own = self._stands[name]
        return {**own, _CHANGE: _CHANGED} if self._was_changed(name, since) else own

    def having(self, sort: str, value: str, since: int) -> int:
        """How many endpoints have a trait."""
        if sort == _CHANGE:
            return sum(self._was_changed(name, since) for name in self._modified)
        return self._counts[sort, value]

    def _was_changed(self, name: str, since: int) -> bool:
        modified_at = self._modified.get(name)
        return modified_at is not None and -CHANGED_S <= modified_at - since <= AFTER_S


def _modified_at(endpoint: Endpoint) -> float | None:
    """When it was changed last; None where it never was since it was created."""
    modified_at = endpoint.summary.modified_at.timestamp()
    return modified_at if modified_at > endpoint.summary.created_at.timestamp() + 1 else None


def _stands(endpoint: Endpoint, around: Surroundings) -> Traits:
    models = [around.models[name] for name in _models(endpoint) if around.models and name in around.models]
    types = {variant.instances.type for variant in endpoint.production if variant.instances and variant.instances.type}
    found = {
        "kind": endpoint.kind.value,
        "type": ", ".join(sorted(types)),
        "model": ", ".join(_models(endpoint)),
        "image": ", ".join(sorted({_short(image) for model in models for image in model.images})),
        "role": ", ".join(sorted({_short(model.role) for model in models if model.role})),
    }
    return found | {f"tag {key}": value for key, value in endpoint.tags.items() if not key.startswith("aws:")}


def _models(endpoint: Endpoint) -> list[str]:
    return sorted({variant.model for variant in endpoint.production if variant.model})


def _short(name: str) -> str:
    """The last part of an image's or a role's long name."""
    return name.rsplit("/", 1)[-1]


def _changes(group: Sequence[_Ill]) -> tuple[Happening, ...]:
    """What happened before to most of them, each once."""
    told = Counter(change.what for one in group for change in set(one.finding.changes))
    first = {change.what: change for one in group for change in reversed(one.finding.changes)}
    usual = [first[what] for what, count in told.most_common(3) if count >= len(group) / 2]
    return tuple(sorted(usual, key=lambda change: -change.at))
