"""The shapes that leave smtop for scripts: `snapshot --format json` (schema 1) and its CSV."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from smtop.metrics.domain.catalogue import METRICS
from smtop.metrics.domain.endpoint import Component, Endpoint, Identity, Moving, Variant
from smtop.metrics.domain.finding import Finding
from smtop.metrics.domain.series import PERIOD_S, Owner, Sample
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Problem, Source, Watched

SCHEMA = 1

Samples = Mapping[Owner, Mapping[str, Sample]]

_UNITS = {spec.name: spec.unit for spec in METRICS}


def snapshot_json(snapshot: FleetSnapshot) -> dict[str, Any]:
    """The whole snapshot; values keep CloudWatch's own units."""
    return {
        "schema": SCHEMA,
        "generated_at": iso(snapshot.generated_at),
        "complete": snapshot.complete,
        "identities": [_identity(identity) for identity in snapshot.identities],
        "problems": [problem_json(problem, snapshot.identity) for problem in snapshot.problems],
        "spend": {
            "metrics_billed": snapshot.spend.metrics_billed,
            "api_calls": dict(snapshot.spend.api_calls),
            "usd": snapshot.spend.usd,
            "usd_per_hour": snapshot.spend.usd_per_hour,
            "usd_per_day": round(snapshot.spend.usd_per_day, 6),
            "usd_by_tier": dict(snapshot.spend.usd_by_tier),
            "usd_spent_by_tier": dict(snapshot.spend.usd_spent_by_tier),
            "asked_through": snapshot.spend.asked_through,
            "by_place": [_spent_there(one) for one in snapshot.watched],
        },
        "endpoints": [_endpoint(view, whose(view, snapshot), snapshot.generated_at) for view in snapshot.endpoints],
    }


CSV_COLUMNS = (
    "account",
    "region",
    "endpoint",
    "variant",
    "shadow",
    "kind",
    "status",
    "severity",
    "findings",
    "requests_per_minute",
    "client_error_ratio",
    "server_error_ratio",
    "p50_ms",
    "p99_ms",
    "saturation",
    "saturation_value",
    "instance_type",
    "instances",
    "memory_mb",
    "max_concurrency",
    "provisioned_concurrency",
)
"""Rates, latencies and saturation are the endpoint's, repeated on each of its variants."""


def snapshot_csv(snapshot: FleetSnapshot) -> Iterator[dict[str, object]]:
    """One row a variant; an endpoint without variants has one row all the same."""
    for view in snapshot.endpoints:
        for variant in view.endpoint.variants or (None,):
            yield _csv_row(view, variant, whose(view, snapshot))


def iso(moment: datetime) -> str:
    """UTC to the second, as `2026-11-20T14:11:32Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_epoch(seconds: int | None) -> str | None:
    return None if seconds is None else iso(datetime.fromtimestamp(seconds, UTC))


def _spent_there(one: Watched) -> dict[str, Any]:
    """What one of several accounts and regions costs; `asked_through` is the profile of a monitoring account."""
    return {
        "account": account_of(one.source),
        "region": one.source.region,
        "profile": one.source.profile,
        "metrics_billed": one.spend.metrics_billed,
        "usd": one.spend.usd,
        "usd_per_hour": one.spend.usd_per_hour,
        "asked_through": one.spend.asked_through,
    }


def _identity(identity: Identity) -> dict[str, Any]:
    return {
        "account": identity.account,
        "region": identity.region,
        "arn": identity.arn,
        "profile": identity.profile,
        "label": identity.label,
    }


def whose(view: EndpointView, snapshot: FleetSnapshot) -> Identity | None:
    """Who asks where the endpoint is."""
    return view.endpoint.at or snapshot.identity


def account_of(source: Source) -> str | None:
    """Its number, once AWS has told it."""
    return source.identity.account if source.identity else None


def problem_json(problem: Problem, identity: Identity | None) -> dict[str, Any]:
    """`identity` is that of the only account; a problem of one of several has its own source."""
    source = problem.source or Source(identity.region if identity else "", identity=identity)
    return {
        "account": account_of(source),
        "region": source.region or None,
        "endpoint": problem.endpoint,
        "kind": problem.kind.value,
        "operation": problem.operation,
        "message": problem.message,
    }


def _endpoint(view: EndpointView, identity: Identity | None, now: datetime) -> dict[str, Any]:
    endpoint = view.endpoint
    return {
        "name": endpoint.name,
        "account": identity.account if identity else None,
        "region": identity.region if identity else None,
        "arn": endpoint.summary.arn,
        "kind": endpoint.kind.value,
        "status": endpoint.status,
        "status_reason": endpoint.status_reason,
        "config": endpoint.config,
        "created_at": iso(endpoint.summary.created_at),
        "modified_at": iso(endpoint.summary.modified_at),
        "tags": dict(endpoint.tags),
        "severity": view.severity.value,
        "findings": [finding_json(finding) for finding in view.findings],
        "metrics": _metrics(view.metrics, Owner(endpoint.name), now),
        "components": [_component(component, endpoint, view.metrics, now) for component in endpoint.components],
        "variants": [_variant(variant, endpoint, view.metrics, now) for variant in endpoint.variants],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """What a snapshot tells of a finding; `check` and `explain` tell more."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "variant": finding.variant,
        "title": finding.title,
        "evidence": list(finding.evidence),
        "since": iso_epoch(finding.since),
        "next": finding.next,
    }


def _component(component: Component, endpoint: Endpoint, samples: Samples, now: datetime) -> dict[str, Any]:
    owner = Owner(endpoint.name, component.variant, component=component.name)
    return {
        "name": component.name,
        "variant": component.variant,
        "status": component.status,
        "copies": _moving(component.copies),
        "metrics": _metrics(samples, owner, now),
    }


def _variant(variant: Variant, endpoint: Endpoint, samples: Samples, now: datetime) -> dict[str, Any]:
    return {
        "name": variant.name,
        "shadow": variant.shadow,
        "weight": _moving(variant.weight),
        "instances": _instances(variant),
        "serverless": _serverless(variant),
        "containers": [
            {"name": name, "metrics": _metrics(samples, Owner(endpoint.name, variant.name, name), now)}
            for name in variant.containers
        ],
        "metrics": _metrics(samples, Owner(endpoint.name, variant.name), now),
    }


def _moving(value: Moving[Any] | None) -> dict[str, Any] | None:
    return None if value is None else {"current": value.current, "desired": value.desired}


def _instances(variant: Variant) -> dict[str, Any] | None:
    instances = variant.instances
    if instances is None:
        return None
    count = {"current": instances.count.current, "desired": instances.count.desired}
    return {**count, "type": instances.type, "type_why": instances.type_why}


def _serverless(variant: Variant) -> dict[str, Any] | None:
    settings = variant.serverless
    if settings is None:
        return None
    return {
        "memory_mb": settings.memory_mb,
        "max_concurrency": settings.max_concurrency,
        "provisioned_concurrency": settings.provisioned_concurrency,
    }


def _metrics(samples: Samples, owner: Owner, now: datetime) -> dict[str, Any]:
    return {label: _sample(label, sample, now) for label, sample in samples.get(owner, {}).items()}


def _sample(label: str, sample: Sample, now: datetime) -> dict[str, Any]:
    name, stat = label.rsplit(".", 1)
    return {
        "value": sample.value,
        "unit": _UNITS[name],
        "stat": stat,
        "period_s": PERIOD_S,
        "at": iso_epoch(sample.at),
        "age_s": None if sample.at is None else int(now.timestamp()) - sample.at,
        "state": sample.state.value,
        "why": sample.why,
        "filled": sample.filled,
    }


def _csv_row(view: EndpointView, variant: Variant | None, identity: Identity | None) -> dict[str, object]:
    endpoint, vitals = view.endpoint, view.vitals
    instances = variant.instances if variant else None
    serverless = variant.serverless if variant else None
    values: tuple[object, ...] = (
        identity.account if identity else None,
        identity.region if identity else None,
        endpoint.name,
        variant.name if variant else None,
        variant.shadow if variant else None,
        endpoint.kind.value,
        endpoint.status,
        view.severity.value,
        " ".join(finding.id for finding in view.findings),
        vitals.requests_per_minute.value,
        vitals.client_error_ratio.value,
        vitals.server_error_ratio.value,
        vitals.p50_ms.value,
        vitals.p99_ms.value,
        vitals.saturation.kind.value if vitals.saturation else None,
        vitals.saturation.sample.value if vitals.saturation else None,
        instances.type if instances else None,
        instances.count.current if instances else None,
        serverless.memory_mb if serverless else None,
        serverless.max_concurrency if serverless else None,
        serverless.provisioned_concurrency if serverless else None,
    )
    return dict(zip(CSV_COLUMNS, values, strict=True))
