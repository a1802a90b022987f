"""The few numbers that an endpoint's row shows, merged over its production variants."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from smtop.metrics.analysis.subject import RECENT_MINUTES, Subject
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.instance_types import gpus, vcpus
from smtop.metrics.domain.series import NO_DATA, PERIOD_S, Owner, Points, Sample, SampleState, merged
from smtop.metrics.domain.snapshot import Saturation, SaturationKind, Vitals

_US_PER_MS = 1000.0


def requests_label(kind: Kind) -> str:
    """What counts as a request: asynchronous endpoints publish no Invocations."""
    return "InvocationsProcessed.Sum" if kind is Kind.ASYNC else "Invocations.Sum"


def vitals(subject: Subject, trend: Points) -> Vitals:
    """Vitals of one endpoint; `trend` are its requests of the last hour, a minute each."""
    owners = _reporting(subject)
    return Vitals(
        requests_per_minute=requests_per_minute(subject),
        server_error_ratio=_ratio(subject, owners, "Invocation5XXErrors.Sum"),
        client_error_ratio=_ratio(subject, owners, "Invocation4XXErrors.Sum"),
        p50_ms=_milliseconds(_merged(subject, owners, "ModelLatency.p50", max)),
        p99_ms=_milliseconds(_merged(subject, owners, "ModelLatency.p99", max)),
        saturation=_saturation(subject),
        trend=trend,
    )


def requests_per_minute(subject: Subject) -> Sample:
    """The newest requests of all variants, or of all components."""
    return _merged(subject, _reporting(subject), requests_label(subject.endpoint.kind), sum)


def parts(subject: Subject) -> dict[Owner, Vitals]:
    """Vitals of every variant, shadows too, and every component; empty where the endpoint has one part only.

    A backlog belongs to the whole endpoint, so that it shows for all of its variants.
    """
    endpoint = subject.endpoint
    alone = {
        Owner(endpoint.name, one.name): endpoint._replace(variants=(one._replace(shadow=False),), components=())
        for one in endpoint.variants
    }
    alone |= {
        Owner(endpoint.name, one.variant, component=one.name): endpoint._replace(variants=(), components=(one,))
        for one in endpoint.components
    }
    if len(alone) < 2:
        return {}
    return {owner: vitals(replace(subject, endpoint=part), ()) for owner, part in alone.items()}


def _reporting(subject: Subject) -> list[Owner]:
    """Variants, or the components where only those report invocations: never both, that would count twice."""
    variants = subject.variant_owners()
    label = requests_label(subject.endpoint.kind)
    if any(subject.sample(owner, label).value for owner in variants):
        return variants
    return subject.component_owners() or variants


def _merged(subject: Subject, owners: Sequence[Owner], label: str, merge: Callable[[Iterable[float]], float]) -> Sample:
    return merged([_present(subject, owner, label) for owner in owners], merge)


def _present(subject: Subject, owner: Owner, label: str) -> Sample:
    """A value from before the recent minutes says nothing about now."""
    sample = subject.sample(owner, label)
    if sample.state is SampleState.STALE or sample.at is None:
        return sample
    is_past = sample.at <= subject.reach(owner, label) - RECENT_MINUTES * PERIOD_S
    return NO_DATA._replace(why="nothing in the last minutes") if is_past else sample


def _milliseconds(sample: Sample) -> Sample:
    return sample if sample.value is None else sample._replace(value=sample.value / _US_PER_MS)


def _ratio(subject: Subject, owners: Sequence[Owner], errors: str) -> Sample:
    """Errors per request over the recent settled minutes; undefined, not zero, without requests."""
    requests = requests_label(subject.endpoint.kind)
    state = _merged(subject, owners, errors, sum)
    if state.state is SampleState.NOT_COLLECTED:
        return state
    asked = sum(subject.readable_total(owner, requests, beside=errors) for owner in owners)
    if not asked or state.value is None:
        return NO_DATA._replace(why="no requests")
    failed = sum(subject.readable_total(owner, errors) for owner in owners)
    return state._replace(value=min(failed / asked, 1.0), filled=False)


def _saturation(subject: Subject) -> Saturation | None:
    return _SATURATIONS.get(subject.endpoint.kind, _hosts)(subject)


def _provisioned(subject: Subject) -> Saturation:
    label = "ServerlessProvisionedConcurrencyUtilization.Maximum"
    spilled = _merged(
        subject, subject.variant_owners(), "ServerlessProvisionedConcurrencySpilloverInvocations.Sum", sum
    )
    return Saturation(SaturationKind.PROVISIONED, _merged(subject, subject.variant_owners(), label, max), spilled.value)


def _concurrency(subject: Subject) -> Saturation:
    label = "ServerlessConcurrentExecutionsUtilization.Maximum"
    return Saturation(SaturationKind.CONCURRENCY, _merged(subject, subject.variant_owners(), label, max))


def _cache(subject: Subject) -> Saturation:
    return Saturation(SaturationKind.CACHE, _merged(subject, subject.variant_owners(), "ModelCacheHit.Average", min))


def _backlog(subject: Subject) -> Saturation:
    return Saturation(SaturationKind.BACKLOG, subject.sample(subject.owner, "ApproximateBacklogSize.Maximum"))


def _components(subject: Subject) -> Saturation | None:
    owners = [*subject.component_owners(), *subject.variant_owners()]
    return _fullest(
        (SaturationKind.GPU, [_share(subject, owner, "GPUUtilizationNormalized.Average", 1) for owner in owners]),
        (SaturationKind.CPU, [_share(subject, owner, "CPUUtilizationNormalized.Average", 1) for owner in owners]),
    )


def _hosts(subject: Subject) -> Saturation | None:
    if not subject.endpoint.production:
        return None
    return _fullest(
        (SaturationKind.GPU, host_shares(subject, "GPUUtilization.Average", gpus)),
        (SaturationKind.CPU, host_shares(subject, "CPUUtilization.Average", vcpus)),
    )


def host_shares(subject: Subject, label: str, devices: Callable[[str], int | None]) -> list[Sample]:
    """A summed percentage of every production variant as a share 0..1 of its instances' devices."""
    shares = []
    for variant, owner in zip(subject.endpoint.production, subject.variant_owners(), strict=True):
        instance_type = variant.instances.type if variant.instances else None
        shares.append(_share(subject, owner, label, devices(instance_type) if instance_type else None))
    return shares


def _share(subject: Subject, owner: Owner, label: str, devices: int | None) -> Sample:
    sample = subject.sample(owner, label)
    if sample.value is None:
        return sample
    if not devices:
        return NO_DATA._replace(why="the instance type is not known")
    return sample._replace(value=sample.value / devices / 100)


def _fullest(*candidates: tuple[SaturationKind, Sequence[Sample]]) -> Saturation | None:
    measured = [Saturation(kind, merged(shares, max)) for kind, shares in candidates]
    valued = [saturation for saturation in measured if saturation.sample.value is not None]
    if not valued:
        return measured[-1]
    return max(valued, key=lambda saturation: saturation.sample.value or 0.0)


_SATURATIONS: dict[Kind, Callable[[Subject], Saturation | None]] = {
    Kind.SERVERLESS_PROVISIONED: _provisioned,
    Kind.SERVERLESS: _concurrency,
    Kind.MULTI_MODEL: _cache,
    Kind.ASYNC: _backlog,
    Kind.INFERENCE_COMPONENT: _components,
}
