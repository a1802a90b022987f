"""Endpoints as they are described, their series, and errors."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.endpoint import (
    Component,
    Endpoint,
    EndpointSummary,
    Instances,
    Kind,
    Moving,
    Serverless,
    Variant,
)
from smtop.metrics.domain.series import MetricId, Owner, Points, Sample, SampleState, SeriesKey, Track
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.engine.moments import NEWEST_SETTLED, Values, at, minutes
from tests.support.fleet import NOW, NOW_S


def fault(kind: FaultKind, operation: str = "cloudwatch:GetMetricData", message: str | None = None) -> AwsError:
    """An error as the adapters raise it."""
    return AwsError(kind, operation, message or f"{operation}: {kind.value}.")


EXPIRED = fault(FaultKind.CREDENTIALS, "sagemaker:ListEndpoints", "The credentials have expired.")
OFFLINE = fault(FaultKind.UNREACHABLE, "sagemaker:ListEndpoints", "No network.")


def hosted(
    name: str = "fraud",
    kind: Kind = Kind.REALTIME,
    *,
    variants: Sequence[Variant] | None = None,
    components: Sequence[Component] = (),
    status: str = "InService",
    status_reason: str | None = None,
    age: timedelta = timedelta(days=30),
) -> Endpoint:
    """A described endpoint of that kind, with one variant unless told otherwise."""
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}"
    created = NOW - age
    return Endpoint(
        EndpointSummary(name, arn, status, created, created),
        kind=kind,
        described=True,
        status_reason=status_reason,
        config=f"{name}-v1",
        variants=(variant_of(kind),) if variants is None else tuple(variants),
        components=tuple(components),
    )


def variant_of(
    kind: Kind = Kind.REALTIME,
    name: str = "AllTraffic",
    *,
    instance_type: str | None = "ml.m5.xlarge",
    shadow: bool = False,
) -> Variant:
    """A variant as endpoints of that kind have it."""
    if kind.is_serverless:
        provisioned = 5 if kind is Kind.SERVERLESS_PROVISIONED else None
        return Variant(name, shadow=shadow, serverless=Serverless(2048, 20, provisioned))
    containers = ("first", "second") if kind in (Kind.MULTI_CONTAINER, Kind.PIPELINE) else ()
    why = None if instance_type else "the config is gone"
    instances = Instances(Moving(2, 2), instance_type, why)
    return Variant(name, shadow=shadow, weight=Moving(1.0, 1.0), instances=instances, containers=containers)


def component(name: str = "llm", variant: str = "AllTraffic") -> Component:
    return Component(name, variant, "InService", Moving(2, 2))


def with_status(endpoint: Endpoint, status: str) -> Endpoint:
    """The same endpoint in another state."""
    return endpoint._replace(summary=endpoint.summary._replace(status=status))


def on(endpoint: Endpoint, variant: str = "AllTraffic") -> Owner:
    """A variant as an owner of series."""
    return Owner(endpoint.name, variant)


def key_of(endpoint: Endpoint, label: str, owner: Owner | None = None) -> SeriesKey:
    """The series that the plan asks for this label."""
    wanted = owner or on(endpoint)
    return next(ask.key for ask in asks(endpoint) if ask.label == label and ask.owner == wanted)


def series(name: str, stat: str = "Average", endpoint: str = "fraud") -> SeriesKey:
    """A series of any name, for tests that only count and pack."""
    return SeriesKey(MetricId("AWS/SageMaker", name, (("EndpointName", endpoint), ("VariantName", "A"))), stat)


def agreed(points: Points) -> Track:
    """Points of which two readings agree."""
    return Track([point.at for point in points], [point.value for point in points], [1.0] * len(points))


def subject(endpoint: Endpoint, values: Mapping[Owner, Mapping[str, Values]]) -> Subject:
    """An endpoint at NOW with these settled minutes; its samples are their newest values."""
    points = {
        owner: {label: agreed(minutes(*own)) for label, own in labels.items()} for owner, labels in values.items()
    }
    samples = {
        owner: {label: Sample(SampleState.OK, own[-1].value, own[-1].at) for label, own in labels.items() if own}
        for owner, labels in points.items()
    }
    return Subject(endpoint, samples, points, NOW_S, at(NEWEST_SETTLED))
