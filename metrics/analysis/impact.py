"""How many requests a minute an endpoint lets down: what a fleet in trouble is sorted by, below severity."""

from collections.abc import Sequence

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding
from smtop.metrics.domain.series import Sample, SampleState, merged
from smtop.metrics.domain.snapshot import SaturationKind, Vitals


def impact(subject: Subject, vitals: Vitals, found: Sequence[Finding]) -> Sample:
    """Failed or slowed requests a minute, of those that the present vitals and findings show.

    failed = requests x share of 5XX + requests x share of 4XX while concurrency is used up (they are refusals);
             for asynchronous endpoints, which fail after the caller has gone, InvocationFailures + ExpiredRequests
    slowed = spillover + requests x share of models that are not loaded, while that is a finding
             + requests that wait in a backlog without capacity

    As trustworthy as the least trustworthy part with a value. High latency and busy processors slow requests too, but
    nothing says how many, so they count for nothing.
    """
    findings = {finding.id for finding in found}
    return merged([*_failed(subject, vitals, findings), *_slowed(vitals, findings)], sum)


def _failed(subject: Subject, vitals: Vitals, findings: set[str]) -> list[Sample]:
    if subject.endpoint.kind is Kind.ASYNC:
        labels = ("InvocationFailures.Sum", "ExpiredRequests.Sum")
        return [subject.sample(owner, label) for label in labels for owner in subject.variant_owners()]
    parts = [_share(vitals, vitals.server_error_ratio)]
    if "concurrency-limit" in findings:
        parts.append(_share(vitals, vitals.client_error_ratio))
    return parts


def _slowed(vitals: Vitals, findings: set[str]) -> list[Sample]:
    saturation = vitals.saturation
    if saturation is None:
        return []
    sample = saturation.sample
    if saturation.spillover_per_minute:
        known = sample if sample.value is not None else Sample(SampleState.PROVISIONAL)
        return [known._replace(value=saturation.spillover_per_minute)]
    if saturation.kind is SaturationKind.CACHE and "cache-thrash" in findings and sample.value is not None:
        return [_share(vitals, sample._replace(value=1 - sample.value))]
    waits = saturation.kind is SaturationKind.BACKLOG and "backlog-without-capacity" in findings
    return [sample] if waits else []


def _share(vitals: Vitals, ratio: Sample) -> Sample:
    """A share of the requests; without requests there is none."""
    requests = vitals.requests_per_minute
    if ratio.value is None or requests.value is None:
        return ratio if ratio.value is None else requests
    return ratio._replace(value=ratio.value * requests.value)
