"""What of a live endpoint a change can touch, as fields by path: plans compare them, and tell when the ground moved.

`endpoint` · `config` · `async_concurrency` · VARIANT`.weight`, `.count`, `.type`, `.model`, `.memory_mb`,
`.max_concurrency`, `.provisioned_concurrency` · COMPONENT`.copies` · and, of a variant or component that scales,
`.scaling.least`, `.scaling.most`, `.scaling.suspended`, `.scaling.policy.NAME`, `.scaling.schedule.NAME`. They say what
is wanted, not what is there at the moment: a field moves when somebody changes it, or when Application Auto Scaling
does (see scaled_fields), and at no other time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smtop.metrics.actions.ports import Document
from smtop.metrics.domain.plan import Fields, fingerprint
from smtop.metrics.domain.scaling import COPIES, INSTANCES, PROVISIONED

Pair = tuple[str, Any]

_CAPACITY = {"DesiredWeight": "weight", "DesiredInstanceCount": "count"}
_SERVERLESS = {
    "MemorySizeInMB": "memory_mb",
    "MaxConcurrency": "max_concurrency",
    "ProvisionedConcurrency": "provisioned_concurrency",
}
_CONFIGURED = {"InstanceType": "type", "ModelName": "model"}
ROLES = ("ProductionVariants", "ShadowProductionVariants")


def live_fields(
    endpoint: Document,
    config: Document | None,
    components: Sequence[Document] = (),
    scaling: Mapping[str, Sequence[Document]] | None = None,
) -> Fields:
    """The fields of one endpoint from AWS's own documents; `scaling` as in Ground."""
    return dict(
        [
            ("endpoint", endpoint.get("EndpointName")),
            ("config", wanted_config(endpoint)),
            *_of_config(config or {}),
            *_of_variants(endpoint, config or {}),
            *((f"{one['InferenceComponentName']}.copies", _copies(one)) for one in components),
            *_of_scaling(scaling or {}),
        ]
    )


def wanted_config(endpoint: Document) -> str | None:
    """The config that it is on its way to, else the live one."""
    coming = endpoint.get("PendingDeploymentSummary") or {}
    return coming.get("EndpointConfigName") or endpoint.get("EndpointConfigName")


def variants_in(document: Document) -> list[Document]:
    """Production variants, then shadows, of an endpoint or a config."""
    return [variant for role in ROLES for variant in document.get(role) or ()]


def _wanted_variants(endpoint: Document) -> list[Document]:
    """The variants as they will be once a deployment under way has ended, which says so apart from the live ones."""
    coming = {one["VariantName"]: one for one in variants_in(endpoint.get("PendingDeploymentSummary") or {})}
    return [{**variant, **_desired(coming.get(variant["VariantName"], {}))} for variant in variants_in(endpoint)]


def _desired(coming: Document) -> Document:
    settings = coming.get("DesiredServerlessConfig") or coming.get("CurrentServerlessConfig")
    capacity = {member: coming[member] for member in _CAPACITY if coming.get(member) is not None}
    return {**capacity, **({"DesiredServerlessConfig": settings} if settings else {})}


def _of_config(config: Document) -> Iterator[Pair]:
    if "AsyncInferenceConfig" in config:
        client = config["AsyncInferenceConfig"].get("ClientConfig") or {}
        yield "async_concurrency", client.get("MaxConcurrentInvocationsPerInstance")


def _of_variants(endpoint: Document, config: Document) -> Iterator[Pair]:
    specs = {spec["VariantName"]: spec for spec in variants_in(config)}
    for variant in _wanted_variants(endpoint):
        name = variant["VariantName"]
        spec = specs.get(name, {})
        settings = variant.get("DesiredServerlessConfig") or variant.get("CurrentServerlessConfig")
        yield from _named(name, _CAPACITY, variant)
        yield from _named(name, _CONFIGURED, spec)
        if settings:
            # No provisioned concurrency is a value too: what is not there can be put there.
            yield from ((f"{name}.{field}", settings.get(member)) for member, field in _SERVERLESS.items())


def _named(part: str, names: Mapping[str, str], document: Document) -> Iterator[Pair]:
    for member, field in names.items():
        if document.get(member) is not None:
            yield f"{part}.{field}", document[member]


def _copies(component: Document) -> Any:
    runtime = component.get("RuntimeConfig") or {}
    return runtime.get("DesiredCopyCount", component.get("CopyCount"))


def _of_scaling(scaling: Mapping[str, Sequence[Document]]) -> Iterator[Pair]:
    for target in scaling.get("targets", ()):
        part = f"{part_of(target['ResourceId'])}.scaling"
        yield f"{part}.least", target["MinCapacity"]
        yield f"{part}.most", target["MaxCapacity"]
        suspended = target.get("SuspendedState") or {}
        yield f"{part}.suspended", sorted(name for name, on in suspended.items() if on)
    for policy in scaling.get("policies", ()):
        yield f"{part_of(policy['ResourceId'])}.scaling.policy.{policy['PolicyName']}", digest(policy)
    for action in scaling.get("schedules", ()):
        yield f"{part_of(action['ResourceId'])}.scaling.schedule.{action['ScheduledActionName']}", digest(action)


SCALED = {INSTANCES: "count", PROVISIONED: "provisioned_concurrency", COPIES: "copies"}
"""The field that Application Auto Scaling sets, by its scalable dimension."""


def scaled_fields(targets: Sequence[Document]) -> frozenset[str]:
    """The fields that Application Auto Scaling sets by itself, at any moment."""
    fields = ((part_of(one["ResourceId"]), SCALED.get(one.get("ScalableDimension", ""))) for one in targets)
    return frozenset(f"{part}.{field}" for part, field in fields if field)


def part_of(resource: str) -> str:
    """The variant or component that a scalable resource is: `endpoint/E/variant/V`, `inference-component/C`."""
    return resource.rpartition("/")[2]


def is_adapter(component: Document) -> bool:
    """Whether it stands on another component, which therefore comes before it and goes after it."""
    return bool((component.get("Specification") or {}).get("BaseInferenceComponentName"))


_INCIDENTAL = frozenset({"CreationTime", "PolicyARN", "ScheduledActionARN", "Alarms"})


def digest(document: Document) -> str:
    """What makes a policy or a scheduled action what it is, in a word: AWS's own stamps on it do not count."""
    lasting = {name: value for name, value in document.items() if name not in _INCIDENTAL}
    return fingerprint(json.loads(json.dumps(lasting, default=str), parse_int=float))  # AWS writes 60 as 60.0
