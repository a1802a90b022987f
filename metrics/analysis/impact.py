"""How many requests a minute an endpoint lets down: what a fleet in trouble is sorted by, below severity."""

from collections.abc import Sequence

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Sample, SampleState, merged
from smtop.metrics.domain.snapshot import Vitals


def impact(subject: Subject, vitals: Vitals, found: Sequence[Finding]) -> Sample:
    """Failed or slowed requests a minute: what the findings tell, but never less than what fails at present.

    failed = requests x share of 5XX + requests x share of 4XX while concurrency is used up (they are refusals);
             for asynchronous endpoints, which fail after the caller has gone, InvocationFailures + ExpiredRequests
    told   = the largest impact of the findings on each variant, summed over variants, or that of the whole endpoint if
             it is larger; findings on one variant may speak of the same requests, so that they are not added up

    As trustworthy as the failures, where those are known. What is muted counts for nothing.
    """
    speaking = [finding for finding in found if finding.muted is None and finding.severity is not Severity.OK]
    failed = merged(_failed(subject, vitals, {finding.id for finding in speaking}), sum)
    told = _told(speaking)
    if told is None or (failed.value or 0.0) >= told:
        return failed
    return failed._replace(value=told, filled=False) if failed.value is not None else Sample(SampleState.OK, told)


def _failed(subject: Subject, vitals: Vitals, findings: set[str]) -> list[Sample]:
    if subject.endpoint.kind is Kind.ASYNC:
        labels = ("InvocationFailures.Sum", "ExpiredRequests.Sum")
        return [subject.sample(owner, label) for label in labels for owner in subject.variant_owners()]
    parts = [_share(vitals, vitals.server_error_ratio)]
    if "concurrency-limit" in findings:
        parts.append(_share(vitals, vitals.client_error_ratio))
    return parts


def _told(found: Sequence[Finding]) -> float | None:
    """None where no finding can tell its impact."""
    worst: dict[str | None, float] = {}
    for finding in found:
        if finding.impact_per_minute is not None:
            worst[finding.variant] = max(worst.get(finding.variant, 0.0), finding.impact_per_minute)
    if not worst:
        return None
    of_all = worst.pop(None, 0.0)
    return max(of_all, sum(worst.values()))


def _share(vitals: Vitals, ratio: Sample) -> Sample:
    """A share of the requests; without requests there is none."""
    requests = vitals.requests_per_minute
    if ratio.value is None or requests.value is None:
        return ratio if ratio.value is None else requests
    return ratio._replace(value=ratio.value * requests.value)
