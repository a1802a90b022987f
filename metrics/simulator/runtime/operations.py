"""InvokeEndpoint and InvokeEndpointAsync."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.runtime.endpoints import Endpoints, dimensions_of
from smtop.metrics.simulator.runtime.errors import model_error, refused
from smtop.metrics.simulator.runtime.model import CONTENT_TYPE, answer_to
from smtop.metrics.simulator.runtime.queue import Queue
from smtop.metrics.simulator.sagemaker.resources import Endpoint, Variant
from smtop.metrics.simulator.storage.store import Storage
from smtop.metrics.simulator.wire.operation import Later, Operation
from smtop.metrics.simulator.wire.shapes import Record

MOST_BYTES = 6_291_456
Request = Mapping[str, Any]


def runtime_operations(endpoints: Endpoints, storage: Storage) -> Mapping[str, Operation]:
    """The operations on one region's endpoints, which keep what is asynchronous in its S3."""
    queue = Queue(endpoints, storage)
    return {
        "InvokeEndpoint": Operation(Record(), lambda request, now: invoke(endpoints, request, now)),
        "InvokeEndpointAsync": Operation(Record(), lambda request, now: enqueue(endpoints, queue, request, now)),
    }


def invoke(endpoints: Endpoints, request: Request, now: float) -> Later:
    """The model's answer, after as long as it takes."""
    _check_body(request["Body"])
    endpoint = endpoints.find(request["EndpointName"])
    if "AsyncInferenceConfig" in endpoint.config:
        raise refused(f"Endpoint {endpoint.name} is asynchronous; invoke it with InvokeEndpointAsync.")
    component = endpoints.component(endpoint, request)
    variant = endpoints.choose(endpoint, request.get("TargetVariant", component.variant if component else None))
    if component is None:
        _check_target(endpoints, endpoint, variant, request)
    where = {"InferenceComponentName": component.name} if component else dimensions_of(endpoint, variant)
    lasts_s = endpoints.latency_s(where, now)
    endpoints.enter(endpoint, variant, lasts_s, now)
    if endpoints.fails(where, now):
        raise model_error(500, "Internal Server Error")
    told = {"InvokedProductionVariant": variant.name} | _echo(request)
    return Later({"Body": answer_to(request["Body"]), "ContentType": CONTENT_TYPE, **told}, lasts_s)


def enqueue(endpoints: Endpoints, queue: Queue, request: Request, now: float) -> dict[str, Any]:
    """Where the answer will be. Whether the input is there is found out when it is fetched, as on AWS."""
    endpoint = endpoints.find(request["EndpointName"])
    if "AsyncInferenceConfig" not in endpoint.config:
        raise refused(f"Endpoint {endpoint.name} is not asynchronous; invoke it with InvokeEndpoint.")
    location = request.get("InputLocation", "")
    if not location.startswith("s3://"):
        raise refused(f"Value '{location}' at 'inputLocation' failed to satisfy constraint: it must be an S3 URI.")
    name = request.get("InferenceId", endpoints.new_id())
    return {"InferenceId": name, **queue.add(endpoint, request, now), **_echo(request)}


def _echo(request: Request) -> dict[str, str]:
    return {name: request[name] for name in ("CustomAttributes",) if name in request}


def _check_body(body: bytes) -> None:
    if len(body) > MOST_BYTES:
        raise refused(
            "1 validation error detected: Value at 'body' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_BYTES}"
        )


def _check_target(endpoints: Endpoints, endpoint: Endpoint, variant: Variant, request: Request) -> None:
    """The headers that a multi-model or multi-container variant needs, and that no other one takes."""
    account, model = endpoints.account, str(variant.settings["ModelName"])
    needs = {"TargetModel": account.multi_model(model), "TargetContainerHostname": account.direct(model)}
    for header, needed in needs.items():
        if needed and header not in request:
            raise refused(f"{header} is required to invoke endpoint {endpoint.name}.")
        if not needed and header in request:
            raise refused(f"{header} is not supported by endpoint {endpoint.name}.")
    host = request.get("TargetContainerHostname")
    if host is not None and host not in account.containers(model):
        raise refused(f"Container {host} not found in endpoint {endpoint.name}.")
