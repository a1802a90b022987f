"""Which endpoints are in trouble: findings by rules, severity by findings and state, worst first."""

from collections.abc import Iterator, Sequence

from smtop.metrics.analysis.causes import CONSEQUENCES, explained, weighed
from smtop.metrics.analysis.happenings import before
from smtop.metrics.analysis.rulebook import STANDARD_TERMS, Terms
from smtop.metrics.analysis.rules import RULES
from smtop.metrics.analysis.subject import Place, Subject
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import first_at

_HINTING = tuple(rule for rule in RULES if rule.severity is Severity.CRITICAL)


def findings(subject: Subject, terms: Terms = STANDARD_TERMS, was: Sequence[Finding] = ()) -> tuple[Finding, ...]:
    """What the rules find, worst first; `was` is what they found before, which may have begun earlier than is read."""
    known = {finding.place: finding for finding in was}
    found = [finding for rule in RULES if rule.id not in terms.off for finding in rule.check(subject, terms.limits)]
    dated = [_dated(finding, known.get(finding.place), subject) for finding in weighed(explained(found))]
    return tuple(sorted(dated, key=_urgency))


def hints(subject: Subject, found: Sequence[Finding], terms: Terms = STANDARD_TERMS) -> tuple[Finding, ...]:
    """What the graver rules would find, were points that may still grow as they are now."""
    places: set[Place] = {finding.place for finding in found}
    return tuple(finding for finding in weighed(explained(list(_hasty(subject, terms)))) if finding.place not in places)


def _hasty(subject: Subject, terms: Terms) -> Iterator[Finding]:
    hasty = subject.hasty()
    for rule in _HINTING:
        if rule.id not in terms.off:
            yield from rule.check(hasty, terms.limits)


def _dated(finding: Finding, was: Finding | None, subject: Subject) -> Finding:
    """With the earliest onset that is known of it, and what was done shortly before."""
    if was is not None and was.since is not None and (finding.since is None or was.since <= finding.since):
        return finding._replace(since=was.since, or_earlier=was.or_earlier, changes=before(was.since, subject))
    began_earlier = finding.since is not None and finding.since == _first_read(subject)
    return finding._replace(changes=before(finding.since, subject), or_earlier=began_earlier)


def _first_read(subject: Subject) -> int | None:
    """The first minute of all series: a part that is younger than that began with its own first one."""
    tracks = (points for own in subject.points.values() for points in own.values())
    firsts = (first_at(points) for points in tracks)
    return min((at for at in firsts if at is not None), default=None)


def _urgency(finding: Finding) -> tuple[int, float, bool]:
    """Of what weighs the same, a cause stands above what comes of it."""
    return finding.severity.rank, -(finding.impact_per_minute or 0.0), finding.id not in CONSEQUENCES


def severity(subject: Subject, found: Sequence[Finding]) -> Severity:
    """The worst finding that nobody has muted, or what the endpoint's state says in the absence of any."""
    told = [finding.severity for finding in found if finding.muted is None and finding.severity is not Severity.OK]
    if told and told[0] is not Severity.IDLE:
        return told[0]
    if subject.endpoint.is_changing:
        return Severity.CHANGING
    if not subject.endpoint.described or _nothing_known(subject):
        return Severity.UNKNOWN
    return Severity.IDLE if told else Severity.OK


def _nothing_known(subject: Subject) -> bool:
    return not any(sample.value is not None for samples in subject.samples.values() for sample in samples.values())
