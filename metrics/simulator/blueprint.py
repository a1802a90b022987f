"""An endpoint before it exists: what serves it, who calls it, and the requests that would have made it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from smtop.metrics.simulator.ailments import Ailment
from smtop.metrics.simulator.instances import spec_of
from smtop.metrics.simulator.resources import Deployment, EndpointSeed, Event, LiveComponent, LiveVariant
from smtop.metrics.simulator.workload import ServiceProfile, Workload

_ROLE: Final = "arn:aws:iam::123456789012:role/sagemaker-execution"
OWN_REGISTRY: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
_REGISTRY: Final = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
_BUCKET: Final = "s3://inference-artifacts-123456789012"
_GPU_TYPES_IMAGE: Final = "pytorch-inference:2.5.1-gpu-py311-cu124-ubuntu22.04-sagemaker"
_CPU_TYPES_IMAGE: Final = "pytorch-inference:2.5.1-cpu-py311-ubuntu22.04-sagemaker"
DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class ModelBlueprint:
    """A model: one container, several called in turn, or several called `direct`ly by host name."""

    name: str
    containers: tuple[str, ...] = ()
    direct: bool = False
    multi_model: bool = False
    on_gpu: bool = False
    image: str | None = None
    role: str = _ROLE
    environment: Mapping[str, str] = field(default_factory=dict)
    registry: str = _REGISTRY

    def request(self) -> dict[str, Any]:
        """The CreateModel request."""
        request: dict[str, Any] = {"ModelName": self.name, "ExecutionRoleArn": self.role}
        if not self.containers:
            return request | {"PrimaryContainer": self._container(None)}
        mode = {"Mode": "Direct" if self.direct else "Serial"}
        return request | {
            "Containers": [self._container(host) for host in self.containers],
            "InferenceExecutionConfig": mode,
        }

    def _container(self, host: str | None) -> dict[str, Any]:
        image = self.image or (_GPU_TYPES_IMAGE if self.on_gpu else _CPU_TYPES_IMAGE)
        source = f"{_BUCKET}/{self.name}/" if self.multi_model else f"{_BUCKET}/{self.name}/{host or 'model'}.tar.gz"
        named = {"ContainerHostname": host} if host else {}
        mode = "MultiModel" if self.multi_model else "SingleModel"
        environment = {"Environment": dict(self.environment)} if self.environment else {}
        return named | {"Image": f"{self.registry}/{image}", "Mode": mode, "ModelDataUrl": source} | environment


@dataclass(frozen=True)
class Revision:
    """What served from `ago_s` before the account opened; `in_place` ones changed capacity without a new config."""

    variants: tuple[LiveVariant, ...]
    ago_s: float
    in_place: bool = False


@dataclass(frozen=True)
class Remark:
    """What is true of an endpoint: a trouble's name, or why it only looks like one (`severity` ok or idle)."""

    cause: str
    severity: str
    note: str
    ago_s: float = 0.0
    variant: str | None = None


@dataclass(frozen=True)
class Blueprint:
    """An endpoint to seed. `rolling_out` is the config of a running update; nothing serves where `serving` is off.

    `updated_ago_s` is when an update that changed nothing of what serves began. `scaling` are operations of Application
    Auto Scaling with their requests, `alarms` those of PutMetricAlarm, `quotas` what the account was granted by name.
    An `absent` one has configs and models only; `events` are what happens to it at set times.
    """

    name: str
    workload: Workload
    revisions: tuple[Revision, ...]
    models: tuple[ModelBlueprint, ...]
    asynchronous: bool = False
    async_concurrency: int | None = None
    status: str = "InService"
    failure_reason: str | None = None
    created_ago_s: float = 30 * DAY_S
    updated_ago_s: float | None = None
    rolling_out: tuple[LiveVariant, ...] = ()
    serving: bool = True
    remarks: tuple[Remark, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    scaling: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    alarms: tuple[Mapping[str, Any], ...] = ()
    quotas: Mapping[str, int] = field(default_factory=dict)
    absent: bool = False
    events: tuple[Event, ...] = ()

    @property
    def live(self) -> tuple[LiveVariant, ...]:
        """The variants of the newest revision."""
        return self.revisions[-1].variants

    @property
    def every_tag(self) -> dict[str, str]:
        """Its own tags, beside those that a tidy account has."""
        return {**_usual_tags(self.name), **self.tags}

    def then(self, ago_s: float, *variants: LiveVariant, in_place: bool = False) -> "Blueprint":
        """The same endpoint with one more revision."""
        return replace(self, revisions=(*self.revisions, Revision(variants, ago_s, in_place)))

    def befallen(self, *events: Event) -> "Blueprint":
        """The same endpoint with more that happens to it."""
        return replace(self, events=(*self.events, *events))

    def ailing(self, *ailments: Ailment) -> "Blueprint":
        """The same endpoint with more that ails it."""
        return replace(self, workload=replace(self.workload, ailments=self.workload.ailments.plus(ailments)))

    def called(self, **changes: Any) -> "Blueprint":
        """The same endpoint with changes of its traffic."""
        return replace(self, workload=replace(self.workload, traffic=replace(self.workload.traffic, **changes)))

    def remarked(self, remark: Remark) -> "Blueprint":
        """The same endpoint with one more remark."""
        return replace(self, remarks=(*self.remarks, remark))

    def seed(self, now: float) -> EndpointSeed:
        """The endpoint as an account that opens at `now` finds it."""
        return EndpointSeed(
            name=self.name,
            models=[model.request() for model in self.models],
            configs=list(self._configs()),
            components=list(self._components()),
            tags=self.every_tag,
            status=self.status,
            failure_reason=self.failure_reason,
            created_ago_s=self.created_ago_s,
            modified_ago_s=self._modified_ago_s(),
            history=self._history(now),
            scaling=self.scaling,
            configs_ago_s=tuple(ago_s for _, ago_s in self._configured()),
            absent=self.absent,
            events=self.events,
        )

    def _modified_ago_s(self) -> float:
        if self.updated_ago_s is not None:
            return self.updated_ago_s
        return self.revisions[-1].ago_s if len(self.revisions) > 1 else self.created_ago_s

    def _history(self, now: float) -> tuple[Deployment, ...]:
        if self.absent:
            return ()
        if not self.serving:
            return (Deployment(now - self.created_ago_s, ()),)
        return tuple(
            Deployment(now - revision.ago_s, revision.variants, self.asynchronous, self.async_concurrency)
            for revision in self.revisions
        )

    def _configs(self) -> Iterator[dict[str, Any]]:
        for number, (variants, _) in enumerate(self._configured(), start=1):
            yield self.config(number, variants)

    def _configured(self) -> Iterator[tuple[tuple[LiveVariant, ...], float]]:
        """The variants of every config, and how long ago it was made."""
        first, *later = (revision for revision in self.revisions if not revision.in_place)
        yield first.variants, self.created_ago_s
        yield from ((revision.variants, revision.ago_s) for revision in later)
        if self.rolling_out:
            yield self.rolling_out, self._modified_ago_s()

    def config_name(self, number: int) -> str:
        """The name of its config of a number, from 1 on."""
        return f"{self.name[:55].rstrip('-')}-cfg-{number}"

    def config(self, number: int, variants: tuple[LiveVariant, ...]) -> dict[str, Any]:
        """The CreateEndpointConfig request of a number for variants."""
        config: dict[str, Any] = {
            "EndpointConfigName": self.config_name(number),
            "ProductionVariants": [_variant_request(variant) for variant in variants if not variant.shadow],
        }
        shadows = [_variant_request(variant) for variant in variants if variant.shadow]
        if shadows:
            config["ShadowProductionVariants"] = shadows
        if any(variant.model is None for variant in variants):
            config["ExecutionRoleArn"] = _ROLE
        if self.asynchronous:
            config["AsyncInferenceConfig"] = self._async_config()
        return config

    def _async_config(self) -> dict[str, Any]:
        output = {"S3OutputPath": f"{_BUCKET}/async/{self.name}/"}
        if self.async_concurrency is None:
            return {"OutputConfig": output}
        return {
            "OutputConfig": output,
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": self.async_concurrency},
        }

    def _components(self) -> Iterator[dict[str, Any]]:
        for variant in self.live:
            for component in variant.components:
                yield self._component_request(variant.name, component)

    def _component_request(self, variant: str, component: LiveComponent) -> dict[str, Any]:
        profile = self.workload.profile(component.model)
        needs: dict[str, Any] = {"MinMemoryRequiredInMb": int(profile.memory_mb * 1.25)}
        if profile.on_gpu:
            needs["NumberOfAcceleratorDevicesRequired"] = 1.0
        else:
            needs["NumberOfCpuCoresRequired"] = max(0.25, round(2 * profile.cores, 2))
        return {
            "InferenceComponentName": component.name,
            "EndpointName": self.name,
            "VariantName": variant,
            "Specification": {"ModelName": component.model, "ComputeResourceRequirements": needs},
            "RuntimeConfig": {"CopyCount": component.copies},
        }


def calls_for(profile: ServiceProfile, instance_type: str, instances: int, busy: float) -> float:
    """Calls a minute that keep a model busy to a given share on average."""
    spec = spec_of(instance_type)
    return busy * instances * profile.slots_on(spec) * 60.0 / profile.mean_s(profile.speed_on(spec))


def _variant_request(variant: LiveVariant) -> dict[str, Any]:
    request: dict[str, Any] = {"VariantName": variant.name}
    if variant.model:
        request["ModelName"] = variant.model
    if variant.serverless:
        limits = variant.serverless
        serverless = {"MemorySizeInMB": limits.memory_mb, "MaxConcurrency": limits.max_concurrency}
        if limits.provisioned_concurrency:
            serverless["ProvisionedConcurrency"] = limits.provisioned_concurrency
        return request | {"ServerlessConfig": serverless}
    request |= {"InstanceType": variant.instance_type, "InitialInstanceCount": max(1, variant.instances)}
    if variant.model is None:
        bounds = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": max(4, 2 * variant.instances)}
        return request | {
            "ManagedInstanceScaling": bounds,
            "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
        }
    return request | {"InitialVariantWeight": variant.weight}


_TEAMS = ("risk", "search", "growth", "vision", "language")
_TRIAL_WORDS = ("dev", "sandbox", "uat", "old")


def _usual_tags(name: str) -> dict[str, str]:
    """What a tidy account writes on its endpoints: who owns it, and how much it matters."""
    trial = any(word in name.lower().split("-") for word in _TRIAL_WORDS)
    return {"team": _TEAMS[sum(name.encode()) % len(_TEAMS)], "stage": "dev" if trial else "prod"}
