"""What exists: endpoints, their configs, models and components, read from SageMaker into domain values."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from smtop.metrics.aws.descriptions import (
    Raw,
    caller,
    component,
    component_names,
    config_variants,
    model,
    model_facts,
    newer,
    serverless_settings,
    summaries,
    tags,
    variants,
)
from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.endpoint import (
    Account,
    Component,
    Endpoint,
    EndpointSummary,
    Identity,
    Kind,
    Model,
    classify,
)
from smtop.metrics.domain.snapshot import Problem
from smtop.metrics.domain.surroundings import ModelFacts
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Description

PAGE_SIZE = 100
"""The most that AWS lists at once; its default is 10."""

V = TypeVar("V")


class _Config(NamedTuple):
    """What is kept of a DescribeEndpointConfig answer: the variants in it by name, and whether it is asynchronous."""

    variants: Mapping[str, Raw]
    asynchronous: bool


class SageMakerInventory:
    """The ports Inventory and ModelSource over one session. Configs and models never change, so each is read once."""

    def __init__(self, session: AwsSession, accounts: Mapping[str, Account]) -> None:
        self._session = session
        self._accounts = accounts
        self._configs: Memo[_Config] = Memo(self._read_config)
        self._models: Memo[tuple[Model, ModelFacts]] = Memo(self._read_model)

    async def identity(self) -> Identity:
        with self._translated("sts:GetCallerIdentity"):
            account, arn = caller(await self._session.client("sts").get_caller_identity())
        self._session.belongs_to(account)
        known = self._accounts.get(account, Account())
        where = (account, self._session.region, arn, self._session.profile)
        return Identity(*where, known.label, known.kind, known.color)

    async def summaries(self) -> AsyncIterator[Sequence[EndpointSummary]]:
        async for page in self._pages(summaries, "list_endpoints", "sagemaker:ListEndpoints"):
            yield page

    async def describe(self, listed: EndpointSummary) -> Description | None:
        with self._translated("sagemaker:DescribeEndpoint"):
            try:
                raw = await self._sagemaker.describe_endpoint(EndpointName=listed.name)
            except self._sagemaker.exceptions.ClientError as error:
                if _is_gone(error):
                    return None
                raise
            return await self._complete(newer(listed, raw), raw)

    async def tags(self, arn: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        async for page in self._pages(tags, "list_tags", "sagemaker:ListTags", ResourceArn=arn):
            found |= page
        return found

    async def facts(self, model: str) -> ModelFacts:
        return (await self._models.get(model))[1]

    def forget(self) -> None:
        self._configs.clear()
        self._models.clear()

    @property
    def _sagemaker(self) -> Any:
        return self._session.client("sagemaker")

    def _translated(self, operation: str) -> Any:
        return translated(operation, self._session.profile)

    async def _pages(
        self, read: Callable[[Raw], V], method: str, operation: str, **parameters: object
    ) -> AsyncIterator[V]:
        paginator = self._sagemaker.get_paginator(method)
        with self._translated(operation):
            async for page in paginator.paginate(PaginationConfig={"PageSize": PAGE_SIZE}, **parameters):
                yield read(page)

    async def _complete(self, listed: EndpointSummary, raw: Raw) -> Description:
        """Adds what only the config, the models and the components know; each may be gone or denied."""
        learner = _Learner(listed.name)
        name = str(raw.get("EndpointConfigName", ""))
        config = await learner.try_to(self._configs.get(name)) if name else None
        specs = config.variants if config else {}
        component_based = any("ModelName" not in spec for spec in specs.values())
        components = await learner.try_to(self._components(listed.name)) if component_based else ()
        models = await self._models_of(specs, learner)
        serverless = serverless_settings(raw, specs)
        kind = classify(
            asynchronous="AsyncInferenceConfig" in raw or (config is not None and config.asynchronous),
            serverless=serverless,
            component_based=component_based,
            models=list(models.values()),
        )
        denied = config is None and learner.reason is not None
        endpoint = Endpoint(
            listed,
            kind=Kind.UNKNOWN if denied and kind is Kind.REALTIME else kind,
            described=True,
            status_reason=raw.get("FailureReason"),
            config=name or None,
            variants=variants(raw, specs, models, learner.reason or f"the config {name} is gone"),
            components=tuple(components or ()),
        )
        return Description(endpoint, tuple(learner.problems))

    async def _models_of(self, specs: Mapping[str, Raw], learner: "_Learner") -> dict[str, Model]:
        """Models by name, only where their containers decide the kind."""
        plain = [spec for spec in specs.values() if "ServerlessConfig" not in spec]
        names = {str(spec["ModelName"]) for spec in plain if "ModelName" in spec}
        found = {name: await learner.try_to(self._models.get(name)) for name in sorted(names)}
        return {name: known[0] for name, known in found.items() if known is not None}

    async def _read_config(self, name: str) -> _Config:
        with self._translated("sagemaker:DescribeEndpointConfig"):
            config: Raw = await self._sagemaker.describe_endpoint_config(EndpointConfigName=name)
            return _Config(config_variants(config), "AsyncInferenceConfig" in config)

    async def _read_model(self, name: str) -> tuple[Model, ModelFacts]:
        with self._translated("sagemaker:DescribeModel"):
            raw = await self._sagemaker.describe_model(ModelName=name)
            return model(name, raw), model_facts(name, raw)

    async def _components(self, endpoint: str) -> tuple[Component, ...]:
        listed: list[str] = []
        where = "list_inference_components", "sagemaker:ListInferenceComponents"
        async for page in self._pages(component_names, *where, EndpointNameEquals=endpoint):
            listed += page
        found = await asyncio.gather(*(self._component(name) for name in sorted(listed)))
        return tuple(one for one in found if one is not None)

    async def _component(self, name: str) -> Component | None:
        with self._translated("sagemaker:DescribeInferenceComponent"):
            try:
                raw = await self._sagemaker.describe_inference_component(InferenceComponentName=name)
            except self._sagemaker.exceptions.ClientError as error:
                if _is_gone(error):
                    return None
                raise
            return component(name, raw)


class Memo(Generic[V]):
    """Remembers what was read by name; simultaneous readers of a name share one call. Errors are not kept."""

    def __init__(self, read: Callable[[str], Awaitable[V]]) -> None:
        self._read = read
        self._known: dict[str, V] = {}
        self._asked: dict[str, asyncio.Task[V]] = {}

    async def get(self, name: str) -> V:
        if name in self._known:
            return self._known[name]
        return await asyncio.shield(self._ask(name))

    def _ask(self, name: str) -> asyncio.Task[V]:
        task = self._asked.get(name)
        if task is None:
            task = self._asked[name] = asyncio.ensure_future(self._call(name))
            task.add_done_callback(partial(self._done, name))
        return task

    def _done(self, name: str, task: asyncio.Task[V]) -> None:
        """Forgets what failed, even where nobody waits for it any longer, and what was asked before a `clear`."""
        failed = task.cancelled() or task.exception() is not None
        if self._asked.get(name) is task:
            del self._asked[name]
            if not failed:
                self._known[name] = task.result()

    async def _call(self, name: str) -> V:
        return await self._read(name)

    def clear(self) -> None:
        self._known.clear()
        self._asked.clear()


class _Learner:
    """Collects what could not be learned about one endpoint, so that one refusal does not hide the rest."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.problems: list[Problem] = []
        self.reason: str | None = None

    async def try_to(self, call: Awaitable[V]) -> V | None:
        """The result, or None with a problem noted; what is simply gone is no problem."""
        try:
            return await call
        except AwsError as error:
            if error.kind in (FaultKind.CREDENTIALS, FaultKind.THROTTLED, FaultKind.UNREACHABLE):
                raise
            if error.kind is not FaultKind.NOT_FOUND:
                self.reason = f"{error.operation} failed: {error.kind.value}"
                self.problems.append(Problem.of(error, self._endpoint))
            return None


def _is_gone(error: Any) -> bool:
    return str(error.response.get("Error", {}).get("Message", "")).startswith("Could not find")
