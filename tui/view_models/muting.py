"""What somebody types to acknowledge or mute findings: how long, which rule, and why; and all that is muted."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.domain.finding import Finding, Muted
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.commands import CommandError
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, Cell, Line, Paint
from smtop.tui.view_models.finding import wrapped

_TIME = re.compile(r"(\d+)([mhd])$")
_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 86_400.0}
LONGEST_S = 90 * 86_400.0


class Muting(NamedTuple):
    """`rules` of one endpoint for so long; those that are acknowledged only until they are over."""

    endpoint: str
    rules: tuple[str, ...]
    seconds: float
    reason: str
    until_over: bool


def acknowledgement(text: str, view: EndpointView) -> Muting:
    """`[TIME] REASON`: all that is found now, until it is over; for two hours without a time.

    Raises CommandError.
    """
    seconds, reason = _timed(text, 2 * 3600.0, "ack")
    found = tuple(dict.fromkeys(finding.id for finding in view.findings if finding.muted is None))
    if not found:
        raise CommandError(f"Nothing is found on {view.endpoint.title} that could be acknowledged.")
    return Muting(view.key, found, seconds, reason, until_over=True)


def mute(text: str, view: EndpointView) -> Muting:
    """`[TIME] [RULE] REASON`: a rule, or those that find something now, whatever comes; a day without a time.

    Raises CommandError.
    """
    seconds, reason = _timed(text, 86_400.0, "mute")
    first, _, rest = reason.partition(" ")
    if first in BY_ID:
        if not rest.strip():
            raise CommandError("Say why it is muted: :mute 1d RULE REASON.")
        return Muting(view.key, (first,), seconds, rest.strip(), until_over=False)
    found = tuple(dict.fromkeys(finding.id for finding in view.findings if finding.muted is None))
    if not found:
        raise CommandError(f"Nothing is found on {view.endpoint.title}; name the rule: :mute 1d RULE REASON.")
    return Muting(view.key, found, seconds, reason, until_over=False)


def _timed(text: str, standard_s: float, word: str) -> tuple[float, str]:
    first, _, rest = text.strip().partition(" ")
    told = _TIME.match(first)
    seconds, reason = (float(told[1]) * _UNITS_S[told[2]], rest.strip()) if told else (standard_s, text.strip())
    if not reason:
        raise CommandError(f"Say why: :{word} 2h REASON.")
    if not 0 < seconds <= LONGEST_S:
        raise CommandError("A finding can be muted for 1m to 90d.")
    return seconds, reason


def muted_lines(snapshot: FleetSnapshot | None, width: int, paint: Paint) -> list[Line]:
    """What is found and muted: whose it is, what it is, why it is muted, by whom and for how long."""
    lines: list[Line] = []
    for view, finding, said in sorted(_muted(snapshot), key=lambda one: one[2].until):
        part = finding.component or finding.variant
        whose = f"{view.endpoint.title} ({part})" if part else view.endpoint.title
        lines.append((Cell(fmt.cut(f"{paint.plain(whose)}  {finding.id}", width, paint.glyphs), "bold"),))
        left = fmt.age(said.until - paint.now)
        lines += wrapped(f"  {MARKS[finding.severity]} ", finding.title, width, paint)
        lines += wrapped("  muted by ", f"{said.by}: {said.reason}", width, paint)
        lines += wrapped("  until ", f"{fmt.moment(said.until, paint.now)}, in {left}", width, paint, "dim")
        lines.append(())
    return lines or [(Cell("Nothing that is found at present is muted."),)]


def _muted(snapshot: FleetSnapshot | None) -> Iterator[tuple[EndpointView, Finding, Muted]]:
    for view in snapshot.endpoints if snapshot else ():
        for finding in view.findings:
            if finding.muted is not None:
                yield view, finding, finding.muted
