"""The first two lines: who and where, how fresh, how many of what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import FleetSnapshot, Source, Spend
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, SEVERITY_STYLES, Cell, Line, Paint, text_of, width_of
from smtop.tui.view_models.fleet import sort_label
from smtop.tui.view_state import WORST_FIRST, FeedState, ViewState

_COUNT_WORDS: Mapping[Severity, str] = {
    Severity.CRITICAL: "CRIT",
    Severity.WARNING: "WARN",
    Severity.CHANGING: "CHANGING",
    Severity.UNKNOWN: "UNKNOWN",
    Severity.IDLE: "IDLE",
    Severity.OK: "OK",
}
_FULL_CELLS, _NARROW_CELLS = 110, 80
_STEP_S = 10
_LONGEST_WORD = 12


class Shown(NamedTuple):
    """What the table shows at the moment: rows out of all that the view has.

    `marked` endpoints include `unseen` ones, which are not among the rows. `title` is that of a view beside triage.
    `views` names all of them, on terminals that have a line for it. `leftmost` is the title of the first column, where
    some before it are scrolled out of sight.
    """

    rows: int
    of: int
    marked: int = 0
    unseen: int = 0
    title: str = ""
    views: Line = ()
    leftmost: str = ""


def header(
    snapshot: FleetSnapshot | None,
    feed: FeedState,
    view: ViewState,
    shown: Shown,
    *,
    place: str,
    width: int,
    paint: Paint,
) -> tuple[Line, ...]:
    """Two lines of at most `width` cells, or three where the views have a line of their own.

    `place` stands for the identity until it is known.
    """
    who = _where(snapshot, place, width, paint)
    state = _state(snapshot, feed, paint)
    right = _freshness(snapshot, width, paint) if snapshot else ()
    first = spread(
        (Cell("smtop ", "title"), *who, *_leave(feed), Cell(f" {state} ", "reverse"), *_drill(feed)),
        right,
        width,
        paint,
    )
    words = _view_words(view, shown, paint)
    if shown.views:
        return first, _counts(snapshot, feed, width), spread(shown.views, words, width, paint)
    return first, spread(_counts(snapshot, feed, width, beside=width_of(words)), words, width, paint)


def compact(
    snapshot: FleetSnapshot | None,
    feed: FeedState,
    view: ViewState,
    shown: Shown,
    *,
    place: str,
    width: int,
    paint: Paint,
) -> Line:
    """The same in one line: where, the state, how many of what; then what narrows the table, and the age of data."""
    where = _where(snapshot, place, _NARROW_CELLS - 1, paint)
    state = Cell(f" {_state(snapshot, feed, paint)} ", "reverse")
    counts = _counts(snapshot, feed, _NARROW_CELLS - 1)
    fresh = _freshness(snapshot, _NARROW_CELLS - 1, paint) if snapshot else ()
    return spread(
        (*where, *_leave(feed), state, *_drill(feed), Cell(" "), *counts),
        (*fresh, *_view_words(view, shown, paint)),
        width,
        paint,
    )


def spread(left: Line, right: Line, width: int, paint: Paint) -> Line:
    """Both in one line, the right one at its end; where both do not fit, pieces of the right one go first."""
    while right and width_of(left) + width_of(right) + 1 > width:
        right = right[1:]
    gap = width - width_of(left) - width_of(right)
    if gap < 0:
        return cut_line(left, width, paint)
    return (*left, Cell(" " * gap), *right)


def cut_line(line: Line, width: int, paint: Paint) -> Line:
    """The line's beginning in at most `width` cells."""
    kept: list[Cell] = []
    for cell in line:
        room = width - sum(fmt.cells(other.text) for other in kept)
        if room <= 0:
            break
        kept.append(Cell(fmt.cut(cell.text, room, paint.glyphs), cell.style))
    return tuple(kept)


def _where(snapshot: FleetSnapshot | None, place: str, width: int, paint: Paint) -> Line:
    if snapshot is not None and snapshot.watched:
        return _several([one.source for one in snapshot.watched], paint)
    return _who(snapshot.identity if snapshot else None, place, width, paint)


def _several(sources: Sequence[Source], paint: Paint) -> Line:
    """What the accounts are for, and how many accounts and regions there are; what there is one of is named."""
    identities = [source.identity for source in sources if source.identity is not None]
    kinds = {identity.kind_word: _kind_word(identity, paint) for identity in identities}
    accounts = {identity.account: identity.name for identity in identities}
    unknown = {source.profile for source in sources} - {identity.profile for identity in identities}
    regions = dict.fromkeys(source.region for source in sources)
    words = (
        _counted([*accounts.values(), *(profile or "?" for profile in unknown)], "accounts"),
        _counted(list(regions), "regions"),
    )
    return (*(cell for word in kinds.values() for cell in word), Cell(paint.plain(" ".join(words)), "bold"))


def _counted(names: Sequence[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} {word}"


def _who(identity: Identity | None, place: str, width: int, paint: Paint) -> Line:
    if identity is None:
        return (Cell(paint.plain(place), "bold"),)
    account = fmt.account(identity.account, short=width < _FULL_CELLS)
    word = _kind_word(identity, paint)
    label = identity.label if identity.label and identity.label.upper() != identity.kind_word else None
    names = [paint.plain(name) for name in (label, account, identity.region) if name]
    role = paint.plain(role_name(identity.arn))
    if width >= _FULL_CELLS:
        return (*word, Cell(" ".join(names), "bold"), Cell(f" {role}"))
    return (*word, Cell(" ".join(names if width >= _NARROW_CELLS else names[-2:]), "bold"))


def _leave(feed: FeedState) -> Line:
    """Whether changes are allowed, and for how long yet: that stands out."""
    if not feed.writable:
        return (Cell(" [RO] "),)
    return (Cell(" "), Cell(f" RW {feed.writable} ", "reverse"), Cell(" "))


def _drill(feed: FeedState) -> Line:
    return (Cell(" "), Cell(" DRILL ", "reverse")) if feed.drill else ()


def _kind_word(identity: Identity, paint: Paint) -> Line:
    """What the account is for, as a word that is seen without colours."""
    if not identity.kind_word:
        return ()
    color = identity.color or ("red" if identity.kind_word.startswith("PROD") else None)
    word = fmt.cut(paint.plain(identity.kind_word), _LONGEST_WORD, paint.glyphs)
    return (Cell(f" {word} ", f"account-{color}" if color else "reverse"), Cell(" "))


def role_name(arn: str) -> str:
    """`role/oncall` of an assumed role, `user/ana` of a user, as short as an ARN can be said."""
    resource = arn.rpartition(":")[2]
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        return f"role/{name.split('/')[0]}"
    return resource


def _state(snapshot: FleetSnapshot | None, feed: FeedState, paint: Paint) -> str:
    if feed.paused:
        return "PAUSED"
    if snapshot is not None and snapshot.listed_at is None and snapshot.remembered_at is not None:
        return f"CACHED {_long_age(paint.now - snapshot.remembered_at.timestamp())}"
    if is_offline(snapshot, feed):
        return "OFFLINE"
    if snapshot is None or snapshot.listed_at is None:
        return "READING"
    live = sum(one.listed_at is not None and not one.cut_off for one in snapshot.watched)
    return "LIVE" if live == len(snapshot.watched) else f"LIVE {live}/{len(snapshot.watched)}"


def is_offline(snapshot: FleetSnapshot | None, feed: FeedState) -> bool:
    """Whether nothing can be asked at the moment."""
    return feed.fault is not None or (snapshot is not None and snapshot.is_cut_off)


def _long_age(seconds: float) -> str:
    return f"{seconds // 60:.0f} min" if 60 <= seconds < 3600 else fmt.age(seconds)


def _freshness(snapshot: FleetSnapshot, width: int, paint: Paint) -> Line:
    """When the next poll comes, what asking has cost and costs an hour, how old the data is: the last goes last."""
    pieces = [Cell(f"  cw {_spent(snapshot.spend, width)}", "dim")]
    if snapshot.next_poll_at is not None:
        pieces.insert(0, Cell(f"  {_until(snapshot.next_poll_at, paint)}", "dim"))
    newest = snapshot.data_until or snapshot.measured_at
    if newest is not None:
        pieces.append(Cell(f"  data {_age_of(newest, paint)}"))
    return tuple(pieces)


def _spent(spend: Spend, width: int) -> str:
    so_far = fmt.usd(spend.usd) if width >= _FULL_CELLS else _short_usd(spend.usd)
    if not spend.usd_per_hour or width < _NARROW_CELLS:
        return so_far
    together = f" ({_short_usd(spend.usd_per_hour + spend.others_usd_per_hour)}/h x{spend.others + 1})"
    return f"{so_far} {_short_usd(spend.usd_per_hour)}/h{together if spend.others else ''}"


def _short_usd(amount: float) -> str:
    return f"${amount:.3f}" if amount < 1 else fmt.usd(amount)


def _age_of(moment: datetime, paint: Paint) -> str:
    seconds = max(paint.now - moment.timestamp(), 0)
    return f"{seconds // _STEP_S * _STEP_S:.0f}s" if seconds < 600 else fmt.age(seconds)


def _until(moment: datetime, paint: Paint) -> str:
    seconds = moment.timestamp() - paint.now
    if seconds <= 0:
        return "next now"
    return f"next {-(-seconds // _STEP_S) * _STEP_S:.0f}s"


def _counts(snapshot: FleetSnapshot | None, feed: FeedState, width: int, *, beside: int = 0) -> Line:
    """How many are how, in words where these leave `beside` cells free; in a drill only how many there are."""
    if snapshot is None:
        return ()
    total = Cell(f"{len(snapshot.endpoints)} ep", "bold")
    if feed.drill:
        return (total,)
    tally = snapshot.tally
    present = [severity for severity in Severity if severity in tally]
    hushed = (Cell(f"  {snapshot.muted} muted", "dim"),) if snapshot.muted else ()
    spelled = (total, *(_count(severity, tally[severity], words=True) for severity in present), *hushed)
    if width >= _NARROW_CELLS and width_of(spelled) + beside < width:
        return spelled
    return (total, *(_count(severity, tally[severity], words=False) for severity in present), *hushed)


def _count(severity: Severity, number: int, *, words: bool) -> Cell:
    mark = "ok" if severity is Severity.OK else MARKS[severity]
    text = f"  {number} {_COUNT_WORDS[severity]}" if words else f" {number}{mark}"
    return Cell(text, SEVERITY_STYLES[severity])


def _view_words(view: ViewState, shown: Shown, paint: Paint) -> Line:
    """What narrows or reorders the table; the filter stays longest when there is little room.

    Where the view is named beside it, the sort is told too when it is the usual one.
    """
    pieces: list[str] = []
    if shown.marked:
        pieces.append(f"{shown.marked} marked" + (f" ({shown.unseen} not shown)" if shown.unseen else ""))
    if shown.views or view.sort != WORST_FIRST or view.inverted:
        pieces.append(f"sort {sort_label(view)}")
    if shown.leftmost:
        pieces.append(f"columns from {shown.leftmost}")
    if view.attention_only:
        pieces.append("attention only")
    if view.filter_text:
        pieces.append(f"/{fmt.cut(paint.plain(view.filter_text), 30, paint.glyphs)}")
    if shown.title and not shown.views:
        pieces.append(f"{shown.title} {shown.rows}/{shown.of}")
    elif shown.title or view.attention_only or view.filter_text:
        pieces.append(f"{shown.rows}/{shown.of} shown")
    return tuple(Cell(f"  {piece}", "bold") for piece in pieces)


def blank_place(snapshot: FleetSnapshot | None, feed: FeedState, view: ViewState, *, paint: Paint) -> Sequence[str]:
    """What stands in the table's place while it has no rows."""
    if snapshot is None or (snapshot.listed_at is None and not snapshot.endpoints):
        if is_offline(snapshot, feed):
            return ["Nothing could be read yet. smtop keeps trying; Ctrl+r tries at once."]
        return [f"Reading the fleet{'...' if paint.glyphs.ascii_only else paint.glyphs.ellipsis}"]
    if not snapshot.endpoints:
        return _no_endpoints(snapshot.identities, paint)
    if view.filter_text:
        return [f"No endpoint matches /{paint.plain(view.filter_text)}", "Esc clears the filter."]
    if view.attention_only:
        told = "Which ones need attention is hidden." if feed.drill else "No endpoint needs attention."
        return [told, "! shows all of them."]
    return ["No endpoint is of this kind.", "1 shows all of them."]


def _no_endpoints(identities: Sequence[Identity], paint: Paint) -> Sequence[str]:
    places = (f"{paint.plain(identity.account)} / {paint.plain(identity.region)}" for identity in identities)
    where = f" in {', '.join(places)}" if identities else ""
    return [f"No SageMaker endpoints{where}.", "Others are a start away: smtop --profile NAME --region REGION"]


def as_text(lines: Sequence[Line]) -> list[str]:
    """Lines without styles."""
    return [text_of(line).rstrip() for line in lines]
