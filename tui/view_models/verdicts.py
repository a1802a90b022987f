"""Verdicts for scripts: the shapes of `check` and `explain` (schema 1), and the lines of their text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from smtop.metrics.analysis.judged import Look, Outcome, unjudged
from smtop.metrics.domain.change import Change, as_document
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.view_models import fmt
from smtop.tui.view_models.announcing import News
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.commands_of_changes import command_of
from smtop.tui.view_models.finding import onset
from smtop.tui.view_models.schema import SCHEMA, finding_json, iso, iso_epoch, problem_json


class Verdict(NamedTuple):
    """A finding and whose it is; `endpoint` is None for what several `endpoints` have in common."""

    finding: Finding
    endpoint: str | None
    endpoints: tuple[str, ...] = ()
    runbook: str | None = None

    @property
    def where(self) -> str:
        """`fraud/AllTraffic`, or how many endpoints it is about."""
        if self.endpoint is None:
            return f"{len(self.endpoints)} endpoints"
        part = self.finding.component or self.finding.variant
        return f"{self.endpoint}/{part}" if part else self.endpoint


def verdicts(taken: FleetSnapshot) -> list[Verdict]:
    """All that was found and nobody has muted, the worst first; what is shared stands above what it explains."""
    own = [
        Verdict(finding, view.endpoint.name, runbook=view.endpoint.runbook)
        for view in taken.endpoints
        for finding in view.findings
        if finding.muted is None
    ]
    shared = [Verdict(cause.finding, None, cause.endpoints) for cause in taken.shared]
    return sorted([*shared, *own], key=_urgency)


def _urgency(verdict: Verdict) -> tuple[int, bool, float, str]:
    finding = verdict.finding
    lets_down = -(finding.impact_per_minute or 0.0)
    return finding.severity.rank, verdict.endpoint is not None, lets_down, verdict.endpoint or ""


def unjudged_views(views: Iterable[EndpointView]) -> list[tuple[str, str]]:
    """Endpoints that cannot be called fine, each with the reason."""
    told = ((view.endpoint.name, unjudged(view)) for view in views)
    return [(name, why) for name, why in told if why is not None]


# JSON


def verdicts_json(taken: FleetSnapshot, found: Sequence[Verdict], missed: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Schema 1 of `check --format json`, worst first."""
    return {
        "schema": SCHEMA,
        "generated_at": iso(taken.generated_at),
        "findings": [_verdict_json(verdict, taken.identity) for verdict in found],
        "unjudged": [{"endpoint": name, "why": why} for name, why in missed],
        "muted": [
            {
                "endpoint": view.endpoint.name,
                "id": finding.id,
                "variant": finding.variant,
                "reason": finding.muted.reason,
                "until": iso_epoch(int(finding.muted.until)),
            }
            for view in taken.endpoints
            for finding in view.findings
            if finding.muted is not None
        ],
        "problems": [problem_json(problem, taken.identity) for problem in taken.problems],
    }


def news_json(taken: FleetSnapshot, news: Sequence[News]) -> dict[str, Any]:
    """What a webhook is told of new findings, as `check` tells it."""
    shared = {cause.finding: cause.endpoints for cause in taken.shared}
    runbooks = {view.key: view.endpoint.runbook for view in taken.endpoints}
    told = [
        Verdict(one.finding, one.endpoint, shared.get(one.finding, ()), runbooks.get(one.endpoint or ""))
        for one in news
    ]
    return {
        "schema": SCHEMA,
        "generated_at": iso(taken.generated_at),
        "findings": [_verdict_json(verdict, taken.identity) for verdict in told],
    }


def looks_json(looked: Iterable[Look]) -> list[dict[str, Any]]:
    """What `explain` looked at."""
    return [{"id": look.rule.id, "outcome": look.outcome.value, "why": look.why} for look in looked]


def _whole_finding_json(finding: Finding) -> dict[str, Any]:
    """What every finding says, whose ever it is."""
    return {
        **finding_json(finding),
        "confidence": finding.confidence.value,
        "component": finding.component,
        "impact_per_minute": finding.impact_per_minute,
        "changes": [{"at": iso_epoch(change.at), "what": change.what} for change in finding.changes],
        "change": change_json(finding.change),
    }


def change_json(change: Change | None) -> dict[str, Any] | None:
    """A prepared change without what it leaves as it is, and the command that makes it."""
    if change is None:
        return None
    members = {name: value for name, value in as_document(change).items() if value is not None}
    return {**{name: value for name, value in members.items() if name != "deployment"}, "command": command_of(change)}


def _verdict_json(verdict: Verdict, identity: Identity | None) -> dict[str, Any]:
    whose = {
        "account": identity.account if identity else None,
        "region": identity.region if identity else None,
        "endpoint": verdict.endpoint,
    }
    endpoints = {"endpoints": list(verdict.endpoints)} if verdict.endpoint is None else {}
    return {**whose, **endpoints, **_whole_finding_json(verdict.finding), "runbook": verdict.runbook}


# Text


def verdict_line(verdict: Verdict, paint: Paint) -> str:
    """One line: `CRITICAL  fraud/AllTraffic  pc-exhausted  provisioned concurrency is used up, since 14:02Z (9m)`."""
    finding = verdict.finding
    since = f", since {_since(finding, paint)}" if finding.since is not None else ""
    text = f"{finding.severity.value.upper():8}  {verdict.where}  {finding.id}  {finding.title}{since}"
    return paint.plain(f"{text}{_impact(finding)}")


def verdict_block(verdict: Verdict, paint: Paint) -> Iterator[str]:
    """All there is to say of one finding."""
    finding = verdict.finding
    yield verdict_line(verdict, paint)
    for text in finding.evidence:
        yield paint.plain(f"  {text}")
    for change in finding.changes:
        yield paint.plain(f"  before: {fmt.moment(change.at, paint.now)} {change.what}")
    yield f"  confidence: {finding.confidence.value}"
    if finding.next:
        yield paint.plain(f"  next: {finding.next}")
    command = command_of(finding.change) if finding.change else None
    if command:
        yield paint.plain(f"  run: {command}")
    if verdict.runbook:
        yield paint.plain(f"  runbook: {verdict.runbook}")


def looks_lines(looked: Sequence[Look], paint: Paint) -> Iterator[str]:
    """What was looked at, in a line each for what was quiet and for what is not known."""
    quiet = [look.rule.id for look in looked if look.outcome is Outcome.QUIET]
    if quiet:
        yield f"Looked at and quiet: {', '.join(quiet)}."
    why: dict[str, list[str]] = {}
    for look in looked:
        if look.outcome is Outcome.UNKNOWN:
            why.setdefault(look.why or "no reason is known", []).append(look.rule.id)
    for reason, names in why.items():
        yield paint.plain(f"Not known: {', '.join(names)} ({reason}).")
    off = [look.rule.id for look in looked if look.outcome is Outcome.OFF]
    if off:
        yield f"Switched off: {', '.join(off)}."


def counted(found: Sequence[Verdict]) -> dict[Severity, int]:
    """How many findings there are of each severity that asks for somebody."""
    told = [verdict.finding.severity for verdict in found]
    return {severity: told.count(severity) for severity in (Severity.CRITICAL, Severity.WARNING)}


def _since(finding: Finding, paint: Paint) -> str:
    assert finding.since is not None
    return f"{onset(finding, paint)} ({fmt.age(paint.now - finding.since)})"


def _impact(finding: Finding) -> str:
    return f", {finding.impact_per_minute:,.0f} requests/min" if finding.impact_per_minute else ""
