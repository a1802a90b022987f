"""Somebody and scaling, or two policies, move the same count against each other."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from smtop.metrics.analysis.activities import DONE, Move, moves
from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.scaling.parts import Part, scaled_parts
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since
from smtop.metrics.domain.endpoint import IN_SERVICE
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.scaling import Suspension

_ID = "scaling-fight"
_HOUR_S = 3600


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """A count that was set back, one outside of its bounds, or policies that take turns."""
    if not subject.around.scaled:
        return
    for part in scaled_parts(subject):
        finding = _outside(subject, part) or _among(_done(subject, part), subject, part, limits)
        if finding is not None:
            yield finding


def _outside(subject: Subject, part: Part) -> Finding | None:
    """The present count lies outside of the bounds: the next scaling brings it back."""
    target, count = part.scaled.target, part.size.desired
    if count is None or target.least <= count <= target.most or subject.endpoint.status != IN_SERVICE:
        return None
    if target.suspended >= frozenset(Suspension):
        return None
    goes_to = min(max(count, target.least), target.most)
    return _finding(
        part,
        f"{part.name} has {count} {part.units}, scaling may have {target.least} to {target.most}",
        (f"desired {count} lies outside of {target.least} to {target.most}: the next scaling sets {goes_to}",),
        "Widen the bounds if the count is meant, else set it within them.",
    )._replace(change=part.bounds(least=min(target.least, count), most=max(target.most, count)))


def _among(done: Sequence[Move], subject: Subject, part: Part, limits: Thresholds) -> Finding | None:
    """What the counts that were set within the hour say, the newest first."""
    if len(done) < 2:
        return None
    return _set_back(done, subject, part, limits) or _turns(done, part, limits)


def _set_back(done: Sequence[Move], subject: Subject, part: Part, limits: Thresholds) -> Finding | None:
    """Scaling set a count that it had set before: in between, somebody else set another."""
    backs = [later for later, earlier in pairwise(done) if later.to == earlier.to and _by_hand(subject, earlier, later)]
    if len(backs) < limits.scaling_fights:
        return None
    newest, oldest = backs[0], backs[-1]
    ago = lasted(minutes_since(newest.activity.started_at, subject.now))
    times = "" if len(backs) == 1 else f" {len(backs)} times within the hour"
    return _finding(
        part,
        f"scaling has set {part.name} back to {newest.to} {part.units}{times}",
        (
            f"{ago} ago it set {newest.to} again, which it had set before: in between somebody set another count",
            f"because {newest.activity.cause}",
        ),
        "Change the bounds instead of the count, or suspend scaling as long as the count is to stay.",
        since=oldest.activity.started_at,
    )._replace(confidence=Confidence.MEDIUM)


def _done(subject: Subject, part: Part) -> list[Move]:
    """What succeeded within the last hour, the newest first."""
    return [one for one in moves(part.scaled, since=subject.now - _HOUR_S) if one.activity.status == DONE]


def _by_hand(subject: Subject, earlier: Move, later: Move) -> bool:
    """A deployment resets counts too, and then scaling is right to set them again."""
    begin, end = earlier.activity.started_at, later.activity.started_at
    return not any(begin <= deploy.at <= end for deploy in subject.around.deploys)


def _turns(done: Sequence[Move], part: Part, limits: Thresholds) -> Finding | None:
    """Different policies moved the count up and down in turn."""
    oldest_first = done[::-1]
    steps = [(one, one.to - before.to) for before, one in pairwise(oldest_first) if one.to != before.to and one.policy]
    turns = [(a, b) for (a, up), (b, down) in pairwise(steps) if up * down < 0 and a.policy != b.policy]
    if len(turns) < limits.scaling_turns:
        return None
    names = _names(turns)
    counts = " -> ".join(str(one.to) for one in oldest_first)
    return _finding(
        part,
        f"policies move {part.name} out and in {len(turns)} times within the hour",
        (f"policies {' and '.join(names)} take turns", f"{part.units}: {counts}"),
        "Let one policy decide, or move their thresholds apart; a longer cooldown of scaling in helps.",
        since=turns[0][1].activity.started_at,
    )


def _names(turns: Sequence[tuple[Move, Move]]) -> list[str]:
    return sorted({move.policy for pair in turns for move in pair if move.policy})


def _finding(part: Part, title: str, evidence: tuple[str, ...], then: str, since: float | None = None) -> Finding:
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=title,
        evidence=evidence,
        since=None if since is None else int(since),
        variant=part.owner.variant,
        component=part.owner.component,
        next=then,
    )


RULE = Rule(
    id=_ID,
    title="Scaling fights a change",
    severity=Severity.WARNING,
    check=check,
    reads=("scaled", "deploys"),
    limits=("scaling_fights", "scaling_turns"),
    help="""\
The same count is moved by two hands: Application Auto Scaling takes back what somebody set, is about to, or has two
policies that undo each other's work.

It is said when the desired count lies outside of the bounds while the endpoint is in service; when scaling set a count
within the last hour that it had set just before, so that another hand was in between; and when different policies
turned the count out and in several times within the hour. It is critical where CPU or GPU is critically full meanwhile,
or answers come near the limit.

A deployment sets counts too, and scaling then restores its own: that is no fight. One policy that follows a load up and
down is none either. A target whose scaling is suspended altogether is left alone.

Change the bounds instead of the count, or suspend scaling for as long as the count is to stay. Of two policies, let
target tracking decide alone.
""",
)
