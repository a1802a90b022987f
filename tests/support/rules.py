"""What tests of rules need: an endpoint with series, and what one rule says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import STANDARD
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Finding
from smtop.metrics.domain.series import Owner
from tests.support.engine import Values, on, subject

Labels = Mapping[str, Values]


def seen(endpoint: Endpoint, labels: Labels, owner: Owner | None = None, **more: Any) -> Subject:
    """An endpoint whose first variant has these settled minutes, the newest last; `more` are members of Subject."""
    return replace(subject(endpoint, {owner or on(endpoint): labels}), **more)


def open_before(subject: Subject, finding_id: str, owner: Owner | None = None) -> Subject:
    """The same, where the picture before had this finding."""
    place = owner or on(subject.endpoint)
    return replace(subject, open=frozenset({(finding_id, place.variant, place.component)}))


def said(rule: str, subject: Subject, **limits: Any) -> Sequence[Finding]:
    """What one rule finds, with changed thresholds."""
    return list(BY_ID[rule].check(subject, STANDARD._replace(**limits)))


def the(found: Sequence[Finding]) -> Finding:
    """The only finding; it must have what every finding has."""
    [finding] = found
    assert finding.title
    assert finding.next
    assert finding.evidence
    return finding
