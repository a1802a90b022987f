"""Fleets for drills: endpoints to which things happen at set times, others that stay well, and the answer key."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.bases import BASES, base, usual
from smtop.metrics.simulator.blueprint import Blueprint, calls_for
from smtop.metrics.simulator.causes import CAUSES, Cause, Onset
from smtop.metrics.simulator.fleet import Fleet

DAY_S: Final = 86_400.0
MILD, SEVERE = "mild", "severe"
IMAGE, TYPE = "image", "type"
SHARED: Final = "shared-cause"
_GROUP: Final = 6
_CALM_S: Final = 1800.0
_SHARED_IMAGES: Final = "team-inference:{}-py311"
_SHARED_TYPE: Final = "ml.c6i.4xlarge"
_OF_ANY_TYPE: Final = ("cpu", "several")
# What may strike one endpoint at once, the first first.
COMPOUNDS: Final = (
    ("errors-5xx", "latency-high"),
    ("clean-deploy", "errors-5xx"),
    ("disk-full", "errors-4xx"),
    ("memory-saturated", "latency-high"),
    ("daily-peak", "hot-instance"),
    ("late-data", "errors-5xx"),
    ("notifications-failing", "backlog-growing"),
    ("cache-thrash", "model-load-failing"),
)


@dataclass(frozen=True)
class Strike:
    """A cause at a time (epoch seconds)."""

    cause: str
    severity: str
    began: float
    until: float = math.inf

    @property
    def onset(self) -> Onset:
        """The same as the causes take it."""
        return Onset(self.began, self.severity == SEVERE, self.until)


@dataclass(frozen=True)
class Drill:
    """What happens to one endpoint, if anything. Members of a `group` have in common what befalls them last.

    They also share what others have not: their `image` and its role, or the `type` of their instances.
    """

    strikes: tuple[Strike, ...]
    group: str | None = None
    shares: str = IMAGE


@dataclass(frozen=True)
class DrillFleet(Fleet):
    """A fleet with its answer key: one entry a strike, and one a group."""

    key: tuple[dict[str, Any], ...] = ()

    def truth(self) -> list[dict[str, Any]]:
        """The answer key."""
        return list(self.key)


def open_drills(drills: Sequence[Drill], healthy: int, seed: int, opened: float) -> DrillFleet:
    """A fleet that opens at `opened`: an endpoint a drill, then `healthy` ones to which nothing happens.

    Raises ValueError for a cause or a severity that there is not, and for causes that no kind of endpoint can have at
    once.
    """
    blueprints, truth = [], []
    for number, drill in enumerate(drills):
        struck = _struck(drill, number, seed)
        blueprints.append(struck)
        truth += [_entry(struck, strike, opened) | {"member_of": drill.group} for strike in drill.strikes]
    truth += _group_entries(drills, [blueprint.name for blueprint in blueprints])
    calm = [usual(number, seed) for number in range(len(drills), len(drills) + healthy)]
    return DrillFleet((*blueprints, *calm), (), seed, opened, tuple(truth))


def open_drawn(endpoints: int, seed: int, opened: float, hours: float) -> DrillFleet:
    """A fleet to most of whose endpoints something happens, from half an hour after it opens on."""
    drills = drawn(seed, endpoints, opened + _CALM_S, opened + max(hours * 3600.0, _CALM_S))
    return open_drills(drills, endpoints - len(drills), seed, opened)


def drawn(seed: int, endpoints: int, first: float, last: float, ill: float = 0.6) -> list[Drill]:
    """Drills for a share of so many endpoints, that begin between two times, the same for the same arguments.

    Every cause and severity comes in turn, and seeds that follow each other go on where the last one ended, so that a
    few go through them all; one in eight is a compound, and a fleet of forty and more has a group.
    """
    wanted = round(endpoints * ill)
    drills = list(_group(seed, first, last)) if endpoints >= 40 else []
    turns = _turns(seed * max(0, wanted - len(drills)))
    for place in count():
        if len(drills) >= wanted:
            return drills[:wanted]
        names, severity = next(turns)
        began = _moment(noise.key(seed, "began", place), first, last)
        drills.append(Drill(tuple(Strike(name, severity, began + 60.0 * later) for later, name in enumerate(names))))
    raise AssertionError("turns never end")


def _turns(first: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Causes and severities, from the turn of that number on; every eighth is a compound."""
    singles = [((name,), severity) for name in CAUSES for severity in (MILD, SEVERE)]
    compounds = [(names, severity) for names in COMPOUNDS for severity in (MILD, SEVERE)]
    for turn in count(first):
        eighths, rest = divmod(turn, 8)
        yield compounds[eighths % len(compounds)] if rest == 7 else singles[(turn - eighths) % len(singles)]


def _group(seed: int, first: float, last: float) -> Iterator[Drill]:
    """Several endpoints that fall ill within a minute, of the same thing."""
    stream = noise.key(seed, "drills")
    shares = (IMAGE, TYPE)[seed % 2]
    name = "errors-5xx" if shares == TYPE else ("errors-5xx", "latency-high")[stream >> 8 & 1]
    severity = (MILD, SEVERE)[stream >> 9 & 1]
    began = _moment(noise.key(seed, "group"), first, last)
    for member in range(_GROUP):
        yield Drill((Strike(name, severity, began + 10.0 * (member % 3)),), f"group-{seed}", shares)


def _moment(stream: int, first: float, last: float) -> float:
    return float(int(first + (last - first) * (stream % 10_000) / 10_000.0))


def _struck(drill: Drill, number: int, seed: int) -> Blueprint:
    if not drill.strikes:
        return usual(number, seed)
    causes = [_cause(strike) for strike in drill.strikes]
    of_group = _OF_ANY_TYPE if drill.shares == TYPE else tuple(BASES)
    kinds = [kind for kind in causes[0].bases if all(kind in cause.bases for cause in causes) and kind in of_group]
    if not kinds:
        raise ValueError(f"no endpoint can have at once: {', '.join(cause.name for cause in causes)}")
    steady, roomy = any(cause.steady for cause in causes), any(cause.roomy for cause in causes)
    kind = kinds[noise.key(seed, "kind", number) % len(kinds)]
    blueprint = base(kind, number, seed, steady=steady, roomy=roomy)
    if drill.group is not None:
        blueprint = _retyped(blueprint) if drill.shares == TYPE else _sharing(blueprint, drill.group)
    for strike, cause in zip(drill.strikes, causes, strict=True):
        blueprint = cause.strike(blueprint, strike.onset)
    return blueprint


def _cause(strike: Strike) -> Cause:
    name = strike.cause
    if strike.severity not in {MILD, SEVERE}:
        raise ValueError(f"a severity is {MILD} or {SEVERE}, not {strike.severity!r}")
    if name not in CAUSES:
        raise ValueError(f"unknown cause {name!r}; there are {', '.join(CAUSES)}")
    return CAUSES[name]


def _sharing(blueprint: Blueprint, group: str) -> Blueprint:
    """All models from one image, under one role."""
    shared = _shared(group)
    models = (replace(model, image=shared["image"], role=shared["role"]) for model in blueprint.models)
    return replace(blueprint, models=tuple(models))


def _retyped(blueprint: Blueprint) -> Blueprint:
    """On instances of the shared type, just as busy as before."""
    (variant,) = blueprint.live
    profile, count = blueprint.workload.usual, variant.instances
    before, after = (calls_for(profile, kind, count, 1.0) for kind in (variant.instance_type or "", _SHARED_TYPE))
    moved = replace(blueprint.revisions[0], variants=(replace(variant, instance_type=_SHARED_TYPE),))
    calls = blueprint.workload.traffic.calls_per_min * after / before
    return replace(blueprint, revisions=(moved,)).called(calls_per_min=calls)


def _shared(group: str, shares: str = IMAGE) -> dict[str, str]:
    """What the members of a group have that others have not."""
    if shares == TYPE:
        return {"instance_type": _SHARED_TYPE}
    mark = f"{noise.key(group) % 1000:03d}"
    return {"image": _SHARED_IMAGES.format(mark), "role": f"arn:aws:iam::123456789012:role/team-{mark}"}


def _entry(blueprint: Blueprint, strike: Strike, opened: float) -> dict[str, Any]:
    cause = CAUSES[strike.cause]
    began = opened if cause.always else strike.began
    endless = cause.lasting or cause.always or strike.until == math.inf
    return {
        "endpoint": blueprint.name,
        "variant": cause.variant,
        "cause": cause.name,
        "rules": list(cause.rules),
        "also": list(cause.also),
        "severity": strike.severity,
        "began_at": began,
        "full_at": began + cause.full_s,
        "ends_at": None if endless else strike.until,
        "confounder": cause.confounder,
        "note": cause.note,
        "group": None,
    }


def _group_entries(drills: Sequence[Drill], names: Sequence[str]) -> Iterable[dict[str, Any]]:
    for group in dict.fromkeys(drill.group for drill in drills if drill.group):
        members = [(name, drill) for name, drill in zip(names, drills, strict=True) if drill.group == group]
        strikes = [drill.strikes[-1] for _, drill in members]
        yield {
            "endpoint": None,
            "variant": None,
            "cause": SHARED,
            "rules": [SHARED],
            "also": [],
            "severity": strikes[0].severity,
            "began_at": min(strike.began for strike in strikes),
            "full_at": max(strike.began + CAUSES[strike.cause].full_s for strike in strikes),
            "ends_at": None,
            "confounder": False,
            "note": f"{len(members)} endpoints have {strikes[0].cause} at once",
            "member_of": None,
            "group": {"endpoints": [name for name, _ in members], "shared": _shared(group, members[0][1].shares)},
        }
