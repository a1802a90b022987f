"""Which endpoints are in trouble: findings by rules, severity by findings and state, worst first."""

from collections.abc import Sequence
from datetime import timedelta

from smtop.metrics.analysis.rules import RULES
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import STARTER, Thresholds
from smtop.metrics.clock import utc
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView, SaturationKind, Vitals

IDLE_AFTER = timedelta(hours=1)
"""No request for this long makes an endpoint idle; a younger one is merely new."""


def findings(subject: Subject, limits: Thresholds = STARTER) -> tuple[Finding, ...]:
    """What the rules find, worst first."""
    found = [finding for rule in RULES for finding in rule(subject, limits)]
    return tuple(sorted(found, key=lambda finding: finding.severity.rank))


def severity(subject: Subject, vitals: Vitals, found: Sequence[Finding]) -> Severity:
    """The worst finding, or what the endpoint's state and traffic say in the absence of any."""
    if found:
        return found[0].severity
    if subject.endpoint.is_changing:
        return Severity.CHANGING
    if not subject.endpoint.described or _nothing_known(subject):
        return Severity.UNKNOWN
    return Severity.IDLE if _is_idle(subject, vitals) else Severity.OK


def worst_first(view: EndpointView) -> tuple[tuple[int, int], str]:
    """Sort key of a fleet: severity, then impact, then name."""
    return view.urgency, view.endpoint.name


def _nothing_known(subject: Subject) -> bool:
    return not any(sample.value is not None for samples in subject.samples.values() for sample in samples.values())


def _is_idle(subject: Subject, vitals: Vitals) -> bool:
    """No request in the hour that was read, nothing queued, and old enough to have had some."""
    requests = vitals.requests_per_minute
    if requests.value != 0 or any(point.value for point in vitals.trend):
        return False
    if vitals.saturation and vitals.saturation.kind is SaturationKind.BACKLOG and vitals.saturation.sample.value:
        return False
    return subject.endpoint.summary.created_at < utc(subject.now) - IDLE_AFTER
