"""An endpoint as Markdown, to be pasted into a ticket or a chat."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Vitals
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Paint, sample
from smtop.tui.view_models.commands_of_changes import command_of
from smtop.tui.view_models.console import console_url
from smtop.tui.view_models.finding import onset
from smtop.tui.view_models.saturation import saturation_text
from smtop.tui.view_models.schema import whose
from smtop.tui.view_models.speaking import in_order

_NUMBER_CELLS = 12
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def as_name(view: EndpointView, _snapshot: FleetSnapshot, paint: Paint) -> str:
    """The name alone; it may be pasted into a shell, where a line feed would be obeyed."""
    return paint.plain(view.endpoint.name)


def as_arn(view: EndpointView, _snapshot: FleetSnapshot, paint: Paint) -> str:
    """The ARN alone."""
    return paint.plain(view.endpoint.summary.arn)


def as_url(view: EndpointView, _snapshot: FleetSnapshot, _paint: Paint) -> str:
    """Where AWS's own console shows it. Raises ConsoleError where that is not known."""
    return console_url(view.endpoint.summary.arn)


def as_row(view: EndpointView, _snapshot: FleetSnapshot, paint: Paint) -> str:
    """A table with one row."""
    endpoint = view.endpoint
    who = {"ENDPOINT": endpoint.name, "KIND": endpoint.kind.value, "STATUS": endpoint.status}
    escaped_texts = {title: escaped(text, paint) for title, text in who.items()}
    return _one_row(escaped_texts | {"SEVERITY": view.severity.value} | _numbers(view.vitals, paint))


def as_summary(view: EndpointView, snapshot: FleetSnapshot, paint: Paint) -> str:
    """Who and where, the numbers with their age, and every finding with its evidence and the next step."""
    endpoint = view.endpoint
    lines = [f"### {escaped(endpoint.name, paint)}: {view.severity.value}", ""]
    lines += [f"* {escaped(text, paint)}" for text in _facts(view, snapshot, paint)]
    lines += ["", _one_row(_numbers(view.vitals, paint))]
    for cause in snapshot.shared:
        if view.key in cause.endpoints:
            lines += ["", *_finding(cause.finding, paint, endpoint.at)]
    for finding in in_order(view):
        lines += ["", *_finding(finding, paint, endpoint.at)]
    for hint in view.hints:
        lines += ["", f"Early signal, by minutes that may still change: {escaped(hint.title, paint)} (`{hint.id}`)"]
    if endpoint.runbook:
        lines += ["", f"Runbook: <{endpoint.runbook}>"]
    return "\n".join(lines) + "\n"


TEXTS: Mapping[str, Callable[[EndpointView, FleetSnapshot, Paint], str]] = {
    "name": as_name,
    "arn": as_arn,
    "url": as_url,
    "row": as_row,
    "summary": as_summary,
}
"""What can be copied of an endpoint."""

WORDS: Mapping[str, str] = {
    "name": "the name",
    "arn": "the ARN",
    "url": "the console's address",
    "row": "the row as Markdown",
    "summary": "the summary as Markdown",
}


def called(what: str, text: str) -> str:
    """What is copied, in words; an address is told in full, for terminals in which nothing can be pasted."""
    return f"{WORDS[what]} {text}" if what == "url" else WORDS[what]


def _facts(view: EndpointView, snapshot: FleetSnapshot, paint: Paint) -> list[str]:
    endpoint, identity = view.endpoint, whose(view, snapshot)
    where = [identity.label, identity.account, identity.region] if identity else []
    config = f", config {endpoint.config}" if endpoint.config else ""
    facts = [
        " ".join(part for part in where if part),
        f"{endpoint.kind.value}, {endpoint.status}{config}",
        endpoint.summary.arn,
        f"AWS says: {endpoint.status_reason}" if endpoint.status_reason else "",
        _read_at(snapshot, paint),
    ]
    return [fact for fact in facts if fact]


def _read_at(snapshot: FleetSnapshot, paint: Paint) -> str:
    read = snapshot.data_until or snapshot.measured_at
    now = fmt.moment(paint.now, paint.now)
    return f"at {now}, from data {fmt.age(paint.now - read.timestamp())} old" if read else f"at {now}, without data"


def _finding(finding: Finding, paint: Paint, at: Identity | None) -> list[str]:
    part = finding.component or finding.variant
    where = f" ({part})" if part else ""
    since = f", since {onset(finding, paint)}" if finding.since is not None else ""
    word = "advice" if finding.severity is Severity.OK else finding.severity.value
    head = f"**{word}: {escaped(finding.title + where, paint)}** (`{finding.id}`{since})"
    told = [*finding.evidence, *_more(finding, paint, at)]
    return [head, "", *(f"* {escaped(text, paint)}" for text in told)]


def _more(finding: Finding, paint: Paint, at: Identity | None) -> Iterator[str]:
    """How bad and how sure it is, what changed before, and what to do."""
    if finding.impact_per_minute:
        yield f"{finding.impact_per_minute:,.0f} requests a minute fail or are slow"
    for change in finding.changes:
        yield f"Before: {fmt.moment(change.at, paint.now)} {change.what}"
    yield f"Confidence: {finding.confidence.value}"
    if finding.next:
        yield f"Next: {finding.next}"
    command = command_of(finding.change, at) if finding.change else None
    if command:
        yield f"Run: {command}"
    if finding.muted:
        yield f"Muted by {finding.muted.by} until {fmt.moment(finding.muted.until, paint.now)}: {finding.muted.reason}"


def _numbers(vitals: Vitals, paint: Paint) -> dict[str, str]:
    values = {
        "REQ/m": (vitals.requests_per_minute, fmt.count),
        "4XX %": (vitals.client_error_ratio, fmt.percent),
        "5XX %": (vitals.server_error_ratio, fmt.percent),
        "P50 ms": (vitals.p50_ms, fmt.milliseconds),
        "P99 ms": (vitals.p99_ms, fmt.milliseconds),
    }
    shown = {title: sample(value, number, _NUMBER_CELLS, paint).text for title, (value, number) in values.items()}
    return shown | {"SATURATION": saturation_text(vitals.saturation, paint)}


def _one_row(columns: Mapping[str, str]) -> str:
    return table(list(columns), [list(columns.values())])


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts that are Markdown already."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, ["---"] * len(titles), *rows))


def escaped(text: str, paint: Paint) -> str:
    """Text that is not ours, as itself: neither markup nor a break of the line."""
    return _SPECIAL.sub(r"\\\1", paint.plain(text))
