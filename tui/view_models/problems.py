"""What could not be asked: the one sentence that matters most, and the whole list."""

from collections.abc import Mapping, Sequence

from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Spend, Watched
from smtop.metrics.errors import FaultKind
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_state import FeedState

_FIRST = (FaultKind.CREDENTIALS, FaultKind.PERMISSION, FaultKind.UNREACHABLE, FaultKind.THROTTLED)
_MOST_LINES = 2
_NAMES_KEYS = 60

SHARED_KEY = "&"
"""The key that marks all endpoints of a shared cause."""


def sentences(snapshot: FleetSnapshot | None, feed: FeedState) -> list[str]:
    """Every different sentence, the most important first: a feed that does not flow before all, slowness last."""
    found = [feed.fault] if feed.fault else []
    found += feed.left
    found += [problem.message for problem in by_importance(snapshot.problems if snapshot else ())]
    found += snapshot.notices if snapshot else ()
    found += feed.notes
    return list(dict.fromkeys(found))


def by_importance(problems: Sequence[Problem]) -> list[Problem]:
    """Credentials, permissions, connection, throttling, then the rest, each in the order in which they came."""
    return sorted(problems, key=lambda problem: _FIRST.index(problem.kind) if problem.kind in _FIRST else len(_FIRST))


def banner(snapshot: FleetSnapshot | None, feed: FeedState, *, width: int, paint: Paint) -> list[Line]:
    """Up to two lines above the table, and more for a drill, what many share and what is being changed; or none."""
    told = _worst(sentences(snapshot, feed), width, paint)
    return [*told, *_drill(feed, width, paint), *_shared(snapshot, width, paint), *_under_way(feed, width, paint)]


def _shared(snapshot: FleetSnapshot | None, width: int, paint: Paint) -> list[Line]:
    """The worst cause that several endpoints have in common."""
    if snapshot is None or not snapshot.shared:
        return []
    first, *others = snapshot.shared
    more = f"  +{len(others)} more" if others else ""
    more += f"  [{SHARED_KEY}] marks" if width >= _NAMES_KEYS else ""
    since = f", since {fmt.moment(first.finding.since, paint.now)}" if first.finding.since is not None else ""
    severity = first.finding.severity
    told = f"{MARKS[severity]} {paint.plain(first.finding.title)}{since}"
    return [(Cell(f"{fmt.cut(told, width - len(more), paint.glyphs)}{more}", SEVERITY_STYLES[severity]),)]


def _drill(feed: FeedState, width: int, paint: Paint) -> list[Line]:
    return [(Cell(line, "bold"),) for line in fmt.wrap(paint.plain(feed.drill), width)] if feed.drill else []


def _under_way(feed: FeedState, width: int, paint: Paint) -> list[Line]:
    if not feed.under_way:
        return []
    return [(Cell(fmt.cut(f"* {paint.plain(feed.under_way)}", width, paint.glyphs), "changing"),)]


def _worst(found: Sequence[str], width: int, paint: Paint) -> list[Line]:
    if not found:
        return []
    more = f"  +{len(found) - 1} more (F12)" if len(found) > 1 else ""
    lines = fmt.wrap(f"! {paint.plain(found[0])}", width)
    if len(lines) > _MOST_LINES:
        more = more or "  (F12)"
        lines = [lines[0], " ".join(lines[1:])]
    lines[-1] = fmt.cut(lines[-1], max(width - len(more), 1), paint.glyphs) + more
    return [(Cell(line, "banner"),) for line in lines]


def problem_lines(snapshot: FleetSnapshot | None, feed: FeedState, *, width: int, paint: Paint) -> list[Line]:
    """All problems in full, with the operation and the endpoint that each concerns."""
    lines: list[Line] = []
    if feed.fault:
        lines += _entry("no connection", feed.fault, width, paint)
    for problem in by_importance(snapshot.problems if snapshot else ()):
        about = f" for {paint.plain(problem.endpoint)}" if problem.endpoint else ""
        lines += _entry(f"{problem.kind.value}: {paint.plain(problem.operation)}{about}", problem.message, width, paint)
    lines = lines or [(Cell("Everything that was asked was answered."),), ()]
    for sentence in feed.left:
        lines += _entry("left half done", sentence, width, paint)
    for note in feed.notes:
        lines += _entry("note", note, width, paint)
    return [*lines, *_slowed_lines(snapshot, width, paint), *_cost_lines(snapshot, width, paint)] if snapshot else lines


def _slowed_lines(snapshot: FleetSnapshot, width: int, paint: Paint) -> list[Line]:
    return _entry("asked less often", " ".join(snapshot.notices), width, paint) if snapshot.notices else []


def _cost_lines(snapshot: FleetSnapshot, width: int, paint: Paint) -> list[Line]:
    """What asking has cost, and costs as things stand, by tier."""
    spend = snapshot.spend
    so_far = f"So far ${spend.usd:.4f}{_by_tier(spend.usd_spent_by_tier)}."
    hour, day = f"${spend.usd_per_hour:.4f} an hour", f"${spend.usd_per_day:.2f} a day"
    plan = f"As things stand {hour}{_by_tier(spend.usd_by_tier)}, {day}." if spend.usd_per_hour else ""
    plan += _others(spend)
    unverified = " The price of the sweep is unverified." if "sweep" in spend.usd_by_tier else ""
    through = f" It is asked through {spend.asked_through}." if spend.asked_through else ""
    told = f"{so_far} {plan}{unverified}{_elsewhere(snapshot)}{through}"
    lines = _entry("cost of asking CloudWatch, at list price", told, width, paint)
    places = "; ".join(map(_spent_there, snapshot.watched))
    return [*lines[:-1], *_entry("of that, by account and region", f"{places}.", width, paint)] if places else lines


def _elsewhere(snapshot: FleetSnapshot) -> str:
    """What AWS bills in China or GovCloud is another list, in China in another currency."""
    there = [one.region for one in snapshot.identities if one.partition not in ("", "aws")]
    named = ", ".join(dict.fromkeys(there))
    return f" The prices of {named} are not known: these are those of other regions." if there else ""


def _spent_there(one: Watched) -> str:
    through = f", asked through {one.spend.asked_through}" if one.spend.asked_through else ""
    return f"{one.source.word} ${one.spend.usd:.4f} so far, ${one.spend.usd_per_hour:.4f} an hour{through}"


def _others(spend: Spend) -> str:
    """What other smtops cost that ask the same."""
    if not spend.others:
        return ""
    who = "Another smtop of yours asks" if spend.others == 1 else f"{spend.others} other smtops of yours ask"
    together = spend.usd_per_hour + spend.others_usd_per_hour
    return f" {who} the same for ${spend.others_usd_per_hour:.4f} an hour; together that is ${together:.4f}."


def _by_tier(usd: Mapping[str, float]) -> str:
    told = ", ".join(f"{tier} ${amount:.4f}" for tier, amount in usd.items())
    return f" ({told})" if told else ""


def _entry(head: str, message: str, width: int, paint: Paint) -> list[Line]:
    body = fmt.wrap(paint.plain(message), max(width - 2, 10))
    return [(Cell(fmt.cut(head, width, paint.glyphs), "bold"),), *((Cell(f"  {part}"),) for part in body), ()]
