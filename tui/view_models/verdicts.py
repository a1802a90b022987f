"""Verdicts for scripts: the shapes of `check` and `explain` (schema 1), and the lines of their text."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from smtop.metrics.analysis.judged import Look, Outcome, unjudged
from smtop.metrics.domain.change import Change, as_document
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.finding import Finding, Severity, SharedCause
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.view_models import fmt
from smtop.tui.view_models.announcing import News
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.commands_of_changes import command_of
from smtop.tui.view_models.finding import onset
from smtop.tui.view_models.schema import SCHEMA, account_of, finding_json, iso, iso_epoch, problem_json, whose


class Verdict(NamedTuple):
    """A finding and whose it is; `endpoint` is None for what several `endpoints`, by key, have in common.

    `at` is the account and region, None where they are not known. `is_one_of_several` is whether there are others.
    """

    finding: Finding
    endpoint: str | None
    endpoints: tuple[str, ...] = ()
    runbook: str | None = None
    at: Identity | None = None
    is_one_of_several: bool = False

    @property
    def where(self) -> str:
        """`fraud/AllTraffic`, or how many endpoints it is about; among several accounts or regions with its place."""
        if self.endpoint is None:
            return f"{len(self.endpoints)} endpoints"
        part = self.finding.component or self.finding.variant
        told = f"{self.endpoint}/{part}" if part else self.endpoint
        return f"{told} ({self.at.place})" if self.at is not None and self.is_one_of_several else told

    @property
    def command(self) -> str | None:
        """The command line that makes the prepared change, wherever it is typed."""
        at = self.at if self.is_one_of_several else None
        return command_of(self.finding.change, at) if self.finding.change else None


class Missed(NamedTuple):
    """An endpoint that cannot be called fine, and why; without a name it is all that there is at `at`."""

    endpoint: str | None
    why: str
    account: str | None = None
    region: str | None = None
    place: str = ""

    @property
    def where(self) -> str:
        """`fraud`, and among several accounts or regions its place."""
        place = f"({self.place})" if self.place and self.endpoint else self.place
        return " ".join(filter(None, (self.endpoint, place)))


def verdicts(taken: FleetSnapshot) -> list[Verdict]:
    """All that was found and nobody has muted, the worst first; what is shared stands above what it explains."""
    own = [
        _verdict(finding, view, taken) for view in taken.endpoints for finding in view.findings if finding.muted is None
    ]
    shared = [_of_several(cause, taken) for cause in taken.shared]
    return sorted([*shared, *own], key=_urgency)


def _verdict(finding: Finding, view: EndpointView, taken: FleetSnapshot) -> Verdict:
    at, endpoint = whose(view, taken), view.endpoint
    return Verdict(finding, endpoint.name, (), endpoint.runbook, at, endpoint.at is not None)


def _of_several(cause: SharedCause, taken: FleetSnapshot) -> Verdict:
    """All of them are of one account and region."""
    view = next((view for view in taken.endpoints if view.key in cause.endpoints), None)
    at = whose(view, taken) if view else taken.identity
    return Verdict(cause.finding, None, cause.endpoints, at=at)


def _urgency(verdict: Verdict) -> tuple[int, bool, float, str]:
    finding = verdict.finding
    lets_down = -(finding.impact_per_minute or 0.0)
    return finding.severity.rank, verdict.endpoint is not None, lets_down, verdict.endpoint or ""


def missed(taken: FleetSnapshot) -> list[Missed]:
    """What cannot be called fine: accounts and regions that could not be read, and single endpoints."""
    unread = [
        Missed(None, "its endpoints could not be listed", account_of(source), source.region, source.word)
        for source in taken.unread
    ]
    told = ((view, unjudged(view)) for view in taken.endpoints)
    return [*unread, *(missed_of(view, why, taken) for view, why in told if why is not None)]


def missed_of(view: EndpointView, why: str, taken: FleetSnapshot) -> Missed:
    at, endpoint = whose(view, taken), view.endpoint
    place = endpoint.at.place if endpoint.at else ""
    return Missed(endpoint.name, why, at.account if at else None, at.region if at else None, place)


# JSON


def verdicts_json(taken: FleetSnapshot, found: Sequence[Verdict], unjudged: Sequence[Missed]) -> dict[str, Any]:
    """Schema 1 of `check --format json`, worst first."""
    return {
        "schema": SCHEMA,
        "generated_at": iso(taken.generated_at),
        "findings": [_verdict_json(verdict) for verdict in found],
        "unjudged": [
            {"account": one.account, "region": one.region, "endpoint": one.endpoint, "why": one.why} for one in unjudged
        ],
        "muted": [
            {
                **_place_json(whose(view, taken)),
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
    shared = {cause.finding: _of_several(cause, taken) for cause in taken.shared}
    views = {view.key: view for view in taken.endpoints}
    told = [_verdict(one.finding, views[one.endpoint], taken) if one.endpoint else shared[one.finding] for one in news]
    return {
        "schema": SCHEMA,
        "generated_at": iso(taken.generated_at),
        "findings": [_verdict_json(verdict) for verdict in told],
    }


def looks_json(looked: Iterable[Look]) -> list[dict[str, Any]]:
    """What `explain` looked at."""
    return [{"id": look.rule.id, "outcome": look.outcome.value, "why": look.why} for look in looked]


def _whole_finding_json(verdict: Verdict) -> dict[str, Any]:
    """What every finding says, whose ever it is."""
    finding = verdict.finding
    return {
        **finding_json(finding),
        "confidence": finding.confidence.value,
        "component": finding.component,
        "impact_per_minute": finding.impact_per_minute,
        "changes": [{"at": iso_epoch(change.at), "what": change.what} for change in finding.changes],
        "change": change_json(finding.change, verdict.command),
    }


def change_json(change: Change | None, command: str | None) -> dict[str, Any] | None:
    """A prepared change without what it leaves as it is, and the command that makes it."""
    if change is None:
        return None
    members = {name: value for name, value in as_document(change).items() if value is not None}
    return {**{name: value for name, value in members.items() if name != "deployment"}, "command": command}


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    told = {**_place_json(verdict.at), "endpoint": verdict.endpoint}
    names = [key.rpartition("/")[2] for key in verdict.endpoints]
    endpoints = {"endpoints": names} if verdict.endpoint is None else {}
    return {**told, **endpoints, **_whole_finding_json(verdict), "runbook": verdict.runbook}


def _place_json(at: Identity | None) -> dict[str, Any]:
    return {"account": at.account if at else None, "region": at.region if at else None}


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
    command = verdict.command
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
