"""When many endpoints fall ill together: what they have in common, and the healthy ones have not.

Onsets that lie close together make a group. A trait of its members counts if nearly all have it and if it is unlikely
to be so by chance: the probability that as many of the group would have it, were the group drawn from the fleet at
random, is the upper tail of the hypergeometric distribution (Fisher's exact test, one-sided).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    view: EndpointView
    finding: Finding
    since: int


class _Common(NamedTuple):
    """A trait of a group: how many of the group and of the fleet have it."""

    sort: str
    value: str
    ill: int
    all: int
    chance: float


def shared_causes(views: Sequence[EndpointView], around: Around) -> tuple[SharedCause, ...]:
    """One for every group of endpoints that fell ill together, the largest first."""
    groups = [group for group in _groups(views) if len(group) >= LEAST]
    if not groups:
        return ()
    stands = {view.endpoint.name: _stands(view.endpoint, around(view.endpoint.name)) for view in views}
    found = (_cause(group, views, _with_changes(stands, views, group[0].since)) for group in groups)
    causes = [cause for cause in found if cause is not None]
    return tuple(sorted(causes, key=lambda cause: (cause.finding.severity.rank, -len(cause.endpoints))))


def _groups(views: Sequence[EndpointView]) -> Iterator[list[_Ill]]:
    """Endpoints by their onsets, one after the other; a pause longer than TOGETHER_S ends a group."""
    ill = sorted(_ill(views), key=lambda one: one.since)
    group: list[_Ill] = []
    for one in ill:
        if group and one.since - group[0].since > TOGETHER_S:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _ill(views: Sequence[EndpointView]) -> Iterator[_Ill]:
    """Each endpoint once, by the gravest finding that nobody has muted and whose beginning is known."""
    for view in views:
        for finding in view.findings:
            if finding.severity in _GRAVE and finding.muted is None:
                if finding.since is not None and not finding.or_earlier:
                    yield _Ill(view, finding, finding.since)
                break


def _cause(group: Sequence[_Ill], views: Sequence[EndpointView], traits: Mapping[str, Traits]) -> SharedCause | None:
    """None where they have nothing in common, and are too few or too different for more than chance."""
    names = tuple(one.view.endpoint.name for one in group)
    common = sorted(_common(names, traits), key=lambda one: one.chance)
    if not common and not _is_epidemic(group, len(views)):
        return None
    since = group[0].since
    severity = min((one.finding.severity for one in group), key=lambda severity: severity.rank)
    finding = Finding(
        id="shared-cause",
        severity=severity,
        title=f"{len(group)} endpoints {_what(group)}{_summed_up(common)}",
        evidence=tuple(_evidence(common, group, len(views))),
        since=since,
        next="Look at what they share before looking at any of them."
        if common
        else "They share nothing that smtop knows of; see whether the account, a dependency or AWS itself is ill.",
        confidence=_confidence(common),
        impact_per_minute=sum(one.finding.impact_per_minute or 0.0 for one in group) or None,
        changes=_changes(group),
    )
    return SharedCause(finding, names)


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


def _common(names: Sequence[str], traits: Mapping[str, Traits]) -> Iterator[_Common]:
    everywhere: dict[tuple[str, str], int] = defaultdict(int)
    for own in traits.values():
        for trait in own.items():
            everywhere[trait] += 1
    among = Counter(trait for name in names for trait in traits[name].items())
    for (sort, value), ill in among.items():
        if ill < _NEARLY_ALL * len(names) or not value:
            continue
        chance = _tail(ill, everywhere[sort, value], len(names), len(traits))
        if chance <= _BY_CHANCE:
            yield _Common(sort, value, ill, everywhere[sort, value], chance)


def _tail(ill: int, having: int, group: int, fleet: int) -> float:
    """Chance that at least `ill` of a random group have what `having` of the fleet have."""
    ways = sum(comb(having, one) * comb(fleet - having, group - one) for one in range(ill, min(having, group) + 1))
    return ways / comb(fleet, group)


def _with_changes(stands: Mapping[str, Traits], views: Sequence[EndpointView], since: int) -> Mapping[str, Traits]:
    """What endpoints are made from, and whether they were changed shortly before an onset."""
    changed = {view.endpoint.name for view in views if _was_changed(view.endpoint, since)}
    return {name: {**own, "change": _CHANGED} if name in changed else own for name, own in stands.items()}


def _was_changed(endpoint: Endpoint, since: int) -> bool:
    summary = endpoint.summary
    modified_at = summary.modified_at.timestamp()
    return modified_at > summary.created_at.timestamp() + 1 and -CHANGED_S <= modified_at - since <= AFTER_S


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
