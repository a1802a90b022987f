"""What a plan stands on: one endpoint with all that belongs to it, described just now."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from smtop.metrics.actions.live import live_fields, part_of, scaled_fields, variants_in, wanted_config
from smtop.metrics.actions.ports import ControlPlane, Document, Reading
from smtop.metrics.domain.plan import Fields, fingerprint
from smtop.metrics.errors import AwsError, FaultKind

T = TypeVar("T")

SCALING = "application-autoscaling"
_NAMESPACE = {"ServiceNamespace": "sagemaker"}
_LISTS = {
    "targets": ("DescribeScalableTargets", "ScalableTargets"),
    "policies": ("DescribeScalingPolicies", "ScalingPolicies"),
    "schedules": ("DescribeScheduledActions", "ScheduledActions"),
}


@dataclass(frozen=True, eq=False)
class Ground:
    """One endpoint as AWS describes it. `config` is the one that it has or is on its way to, None where that is gone or
    may not be read.

    `scaling` holds what Application Auto Scaling has of its parts, under `targets`, `policies` and `schedules`; None
    where that could not be asked. `notes` say what could not be asked, each in a sentence; `unread` are the parts that
    are unknown for that, among them `tags` and `components`.
    """

    name: str
    endpoint: Document
    config: Reading | None
    tags: Mapping[str, str] = field(default_factory=dict)
    components: Sequence[Document] = ()
    scaling: Mapping[str, Sequence[Document]] | None = None
    notes: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()

    @cached_property
    def fields(self) -> Fields:
        """What changes can touch; see smtop.metrics.actions.live."""
        config = self.config.document if self.config else None
        return live_fields(self.endpoint, config, self.components, self.scaling)

    def fingerprint(self, touched: Fields) -> str:
        """Of what a plan that touches these fields relies on: not of what scaling moves, unless the plan touches it."""
        moving = scaled_fields((self.scaling or {}).get("targets", ())) - touched.keys()
        return fingerprint({path: value for path, value in self.fields.items() if path not in moving})

    @property
    def status(self) -> str:
        return str(self.endpoint.get("EndpointStatus", ""))

    @property
    def arn(self) -> str:
        return str(self.endpoint["EndpointArn"])

    @property
    def production(self) -> tuple[str, ...]:
        """The names of the variants that answer callers."""
        return tuple(variant["VariantName"] for variant in self.endpoint.get("ProductionVariants") or ())

    @property
    def is_serverless(self) -> bool:
        return any(f"{name}.max_concurrency" in self.fields for name in self.production)

    @property
    def is_async(self) -> bool:
        return bool(self.endpoint.get("AsyncInferenceConfig")) or "async_concurrency" in self.fields

    @property
    def is_component_based(self) -> bool:
        specs = variants_in(self.config.document) if self.config else []
        return bool(self.components) or any("ModelName" not in spec for spec in specs)

    def scaled(self, part: str, kind: str = "targets") -> list[Document]:
        """What Application Auto Scaling has of a variant or component."""
        entries = (self.scaling or {}).get(kind, ())
        return [entry for entry in entries if part_of(entry["ResourceId"]) == part]


async def survey(control: ControlPlane, name: str) -> Ground:
    """Describes an endpoint. Raises AwsError where the endpoint itself cannot be described."""
    endpoint = (await control.read("sagemaker", "DescribeEndpoint", EndpointName=name)).document
    reader = _Surveyor(control)
    config, tags, components = await asyncio.gather(
        reader.config(wanted_config(endpoint) or ""),
        reader.tags(str(endpoint["EndpointArn"])),
        reader.components(name),
    )
    resources = [f"endpoint/{name}/variant/{variant['VariantName']}" for variant in variants_in(endpoint)]
    resources += [f"inference-component/{one['InferenceComponentName']}" for one in components]
    scaling = await reader.scaling(resources)
    notes = tuple(dict.fromkeys(reader.notes))
    return Ground(name, endpoint, config, tags, components, scaling, notes, frozenset(reader.unread))


async def activities(control: ControlPlane, ground: Ground) -> list[Document]:
    """What was done to the targets of an endpoint, the newest first. Raises AwsError."""
    found: list[Document] = []
    for target in (ground.scaling or {}).get("targets", ()):
        of = {**_NAMESPACE, "ResourceId": target["ResourceId"]}
        found += await control.entries(SCALING, "DescribeScalingActivities", "ScalingActivities", **of)
    return found


class _Surveyor:
    """Reads what surrounds an endpoint; what may not be read becomes a note."""

    def __init__(self, control: ControlPlane) -> None:
        self._control = control
        self.notes: list[str] = []
        self.unread: set[str] = set()

    async def config(self, name: str) -> Reading | None:
        if not name:
            return None
        reading = self._control.read("sagemaker", "DescribeEndpointConfig", EndpointConfigName=name)
        return await self._tried("config", reading, None)

    async def tags(self, arn: str) -> Mapping[str, str]:
        reading = self._control.entries("sagemaker", "ListTags", "Tags", ResourceArn=arn)
        found = await self._tried("tags", reading, ())
        return {tag["Key"]: tag["Value"] for tag in found}

    async def components(self, endpoint: str) -> Sequence[Document]:
        reading = self._control.entries(
            "sagemaker", "ListInferenceComponents", "InferenceComponents", EndpointNameEquals=endpoint
        )
        listed = await self._tried("components", reading, ())
        names = [one["InferenceComponentName"] for one in listed]
        readings = await asyncio.gather(*(self._component(name) for name in names))
        return [one.document for one in readings if one is not None]

    async def _component(self, name: str) -> Reading | None:
        reading = self._control.read("sagemaker", "DescribeInferenceComponent", InferenceComponentName=name)
        return await self._tried("components", reading, None)

    async def scaling(self, resources: Sequence[str]) -> Mapping[str, Sequence[Document]] | None:
        reading = self._scalable("targets", ResourceIds=list(resources)) if resources else None
        targets = await self._tried("scaling", reading, None) if reading is not None else ()
        if targets is None:
            return None
        found: dict[str, list[Document]] = {"targets": list(targets), "policies": [], "schedules": []}
        for kind in ("policies", "schedules"):
            for resource in dict.fromkeys(target["ResourceId"] for target in targets):
                entries = await self._tried("scaling", self._scalable(kind, ResourceId=resource), None)
                if entries is None:
                    return None
                found[kind] += entries
        return found

    def _scalable(self, kind: str, **of: Any) -> Awaitable[Sequence[Document]]:
        operation, member = _LISTS[kind]
        return self._control.entries(SCALING, operation, member, **_NAMESPACE, **of)

    async def _tried(self, part: str, reading: Awaitable[T], otherwise: T) -> T:
        try:
            return await reading
        except AwsError as error:
            if error.kind is FaultKind.CREDENTIALS:
                raise
            self.notes.append(str(error))
            self.unread.add(part)
            return otherwise
