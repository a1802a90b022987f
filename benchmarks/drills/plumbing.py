"""What goes wrong between smtop and AWS: it must be told as just that, and nothing be said of any endpoint."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.drills.clock import HandClock
from benchmarks.drills.feed import Feed
from benchmarks.drills.metrics import FeedMetrics
from benchmarks.drills.run import OPENED
from benchmarks.drills.scoring import GRAVE
from benchmarks.drills.watch import Look, Tiered, aws
from smtop.metrics.errors import FaultKind

ENDPOINTS: Final = 20
_FIRST_S, _BEGINS_S, _ENDS_S = 900.0, 1800.0, 3000.0


@dataclass(frozen=True)
class Mishap:
    """What the feed is told to refuse, the problem that this is, and the operation that is named with it."""

    faults: Mapping[str, Any]
    kind: FaultKind
    operation: str
    over_after_s: float = 1200.0
    """How long it takes until smtop asks again; what was refused of the surroundings rests for an hour."""


_HOUR_S: Final = 3900.0
MISHAPS: Mapping[str, Mishap] = {
    "throttled": Mishap(
        {"throttle": {"cloudwatch:GetMetricData": {"rate": 0.001, "burst": 1}}},
        FaultKind.THROTTLED,
        "cloudwatch:GetMetricData",
    ),
    "metrics denied": Mishap({"deny": ["cloudwatch:GetMetricData"]}, FaultKind.PERMISSION, "cloudwatch:GetMetricData"),
    "describing denied": Mishap(
        {"deny": ["sagemaker:DescribeEndpoint"]}, FaultKind.PERMISSION, "sagemaker:DescribeEndpoint"
    ),
    "alarms denied": Mishap(
        {"deny": ["cloudwatch:DescribeAlarms"]}, FaultKind.PERMISSION, "cloudwatch:DescribeAlarms", _HOUR_S
    ),
    "scaling denied": Mishap(
        {"deny": ["application-autoscaling:DescribeScalableTargets"]},
        FaultKind.PERMISSION,
        "application-autoscaling:DescribeScalableTargets",
        _HOUR_S,
    ),
    "credentials expired": Mishap({"expired": True}, FaultKind.CREDENTIALS, ""),
    "CloudWatch fails": Mishap(
        {"fail": {"cloudwatch:GetMetricData": 500}}, FaultKind.SERVICE, "cloudwatch:GetMetricData"
    ),
}
LATE: Final = "late-data"


@dataclass(frozen=True)
class Verdict:
    """Whether the right problem was told, and no other; whether it was over in time; what was said of endpoints."""

    name: str
    is_told: bool
    others: tuple[str, ...]
    is_over: bool
    false: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return self.is_told and self.is_over and not self.others and not self.false


def verdicts(seed: int) -> Iterator[Verdict]:
    """Each mishap befalls a fleet that is well, for half an hour; then all metrics come late."""
    for name, mishap in MISHAPS.items():
        yield _verdict(
            name, mishap, asyncio.run(_watched(seed, {"healthy": ENDPOINTS}, mishap.faults, mishap.over_after_s))
        )
    late = {"cause": LATE, "severity": "severe", "began": OPENED + _BEGINS_S}
    looks = asyncio.run(_watched(seed, {"drills": [{"strikes": [late]}] * ENDPOINTS}, {}, 1200.0))
    problems = {f"{one.kind} {one.operation}" for look in looks for one in look.problems}
    yield Verdict(LATE, is_told=True, others=tuple(sorted(problems)), is_over=True, false=_false(looks))


def _verdict(name: str, mishap: Mishap, looks: Sequence[Look]) -> Verdict:
    during = [look for look in looks if _BEGINS_S < look.at - OPENED < _ENDS_S]
    told = {(one.kind, one.operation) for look in during for one in look.problems}
    right = {(kind, operation) for kind, operation in told if kind is mishap.kind and mishap.operation in operation}
    others = tuple(sorted(f"{kind} {operation}" for kind, operation in told - right))
    return Verdict(name, bool(right), others, is_over=not looks[-1].problems, false=_false(looks))


def _false(looks: Sequence[Look]) -> tuple[str, ...]:
    graves = {
        f"{finding.id} ({finding.severity})"
        for look in looks
        for view in look.views
        for finding in view.findings
        if finding.severity in GRAVE
    }
    return tuple(sorted(graves))


async def _watched(seed: int, world: Mapping[str, Any], faults: Mapping[str, Any], over_after_s: float) -> list[Look]:
    with Feed() as feed:
        feed.ask("open", seed=seed, opened=OPENED, **world)
        clock = HandClock(OPENED)
        watch = Tiered(aws(feed, clock, FeedMetrics(feed, clock)))
        looks = []
        for place in range(int((_ENDS_S + over_after_s - _FIRST_S) // 60)):
            after_s = _FIRST_S + 60.0 * place
            if after_s in (_BEGINS_S, _ENDS_S):
                feed.ask("misbehave", **(faults if after_s == _BEGINS_S else {}))
            looks.append(await watch.look(OPENED + after_s + 7.0))
        return looks


def markdown(told: Sequence[Verdict]) -> Iterator[str]:
    """A table, a line each."""
    yield "| between smtop and AWS | right problem | other problems | over in time | false verdicts |"
    yield "|---|---|---|---|---|"
    for one in told:
        words = ("yes" if one.is_told else "no", ", ".join(one.others) or "none", "yes" if one.is_over else "no")
        yield f"| {one.name} | {' | '.join(words)} | {', '.join(one.false) or 'none'} |"
