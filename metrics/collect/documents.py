"""Reads the answers about an endpoint, its configs, their models and its components."""

import asyncio
from collections.abc import Iterable, Sequence

from smtop.metrics.domain.documents import Body, Described, Document
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import DocumentSource


async def documents(source: DocumentSource, endpoint: Endpoint) -> Sequence[Document]:
    """One document a thing, the endpoint first; what is refused says so in its place."""
    top = await _read(source, Described.ENDPOINT, [endpoint.name])
    configs = await _read(source, Described.CONFIG, _configs(top[0].body, endpoint))
    models = dict.fromkeys(name for config in configs for name in _models(config.body))
    rest = await asyncio.gather(
        _read(source, Described.MODEL, models),
        _read(source, Described.COMPONENT, [component.name for component in endpoint.components]),
    )
    return [*top, *configs, *(document for some in rest for document in some)]


async def _read(source: DocumentSource, described: Described, names: Iterable[str]) -> Sequence[Document]:
    return await asyncio.gather(*(_document(source, described, name) for name in names))


async def _document(source: DocumentSource, described: Described, name: str) -> Document:
    try:
        return Document(described, name, await source.document(described, name))
    except AwsError as error:
        return Document(described, name, why=str(error))


def _configs(body: Body | None, endpoint: Endpoint) -> Iterable[str]:
    """The live one, and one that is being rolled out."""
    pending = (body or {}).get("PendingDeploymentSummary") or {}
    live = (body or {}).get("EndpointConfigName") or endpoint.config
    return dict.fromkeys(name for name in (live, pending.get("EndpointConfigName")) if name)


def _models(body: Body | None) -> Iterable[str]:
    variants = [*((body or {}).get("ProductionVariants") or ()), *((body or {}).get("ShadowProductionVariants") or ())]
    return [str(variant["ModelName"]) for variant in variants if variant.get("ModelName")]
