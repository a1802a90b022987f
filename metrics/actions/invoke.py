"""A test invocation: one payload to an endpoint, by variant, model, container or component, and what came back when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlparse

from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import variants_in
from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.clock import Clock
from smtop.metrics.errors import AwsError, FaultKind, RefusedError

LONGEST_PAYLOAD = 6_291_456
"""Bytes that InvokeEndpoint takes; an asynchronous endpoint takes 1 GB through S3."""

LOOK_S = 2.0


@dataclass(frozen=True)
class Invocation:
    """What is sent. At most one of `target_model`, `container` and `component` suits an endpoint.

    `upload_to` is the S3 folder for the payload of an asynchronous one (`s3://bucket/path/`); by default it lies beside
    the answers.
    """

    endpoint: str
    payload: bytes
    content_type: str = "application/json"
    variant: str | None = None
    target_model: str | None = None
    container: str | None = None
    component: str | None = None
    upload_to: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back after `seconds`, from which variant.

    `body` is None where an asynchronous answer is not there yet; `where` is where it lies, or will lie.
    """

    seconds: float
    body: bytes | None
    content_type: str | None = None
    variant: str | None = None
    where: str | None = None


class Runtime(Protocol):
    """SageMaker's runtime, and S3 beside it. Raises AwsError; sends only within a passage of the write gate."""

    async def invoke(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """InvokeEndpoint; `Body` is read."""

    async def invoke_later(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """InvokeEndpointAsync."""

    async def put(self, url: str, body: bytes, content_type: str) -> None:
        """Writes an object; `url` as `s3://bucket/key`."""

    async def get(self, url: str) -> bytes:
        """Reads an object. Raises AwsError, NOT_FOUND while it is not there."""


@dataclass(frozen=True)
class Bench:
    """What a test invocation needs."""

    runtime: Runtime
    gate: WriteGate
    clock: Clock
    new_id: Callable[[], str]


async def invoke(wanted: Invocation, ground: Ground, bench: Bench, wait_s: float) -> Answer:
    """Sends it and waits for the answer. Raises RefusedError while smtop is read-only or where the target is none."""
    complaint = _complaint(wanted, ground)
    if complaint is not None:
        raise RefusedError(complaint)
    with bench.gate.passage():
        began_at = bench.clock.monotonic()
        if ground.is_async:
            return await _through_s3(wanted, ground, bench, began_at, wait_s)
        answer = await bench.runtime.invoke(_parameters(wanted))
        seconds = bench.clock.monotonic() - began_at
        return Answer(seconds, answer["Body"], answer.get("ContentType"), answer.get("InvokedProductionVariant"))


def _parameters(wanted: Invocation) -> dict[str, Any]:
    targets = {
        "TargetVariant": wanted.variant,
        "TargetModel": wanted.target_model,
        "TargetContainerHostname": wanted.container,
        "InferenceComponentName": wanted.component,
    }
    named = {name: value for name, value in targets.items() if value is not None}
    return {"EndpointName": wanted.endpoint, "Body": wanted.payload, "ContentType": wanted.content_type, **named}


async def _through_s3(wanted: Invocation, ground: Ground, bench: Bench, began_at: float, wait_s: float) -> Answer:
    folder = wanted.upload_to or _output_folder(ground)
    source = f"{folder.rstrip('/')}/smtop-{bench.new_id()}"
    await bench.runtime.put(source, wanted.payload, wanted.content_type)
    parameters = {"EndpointName": wanted.endpoint, "InputLocation": source, "ContentType": wanted.content_type}
    accepted = await bench.runtime.invoke_later(parameters)
    success, failure = str(accepted["OutputLocation"]), accepted.get("FailureLocation")
    while bench.clock.monotonic() - began_at < wait_s:
        for url in filter(None, (success, failure)):
            body = await _found(bench.runtime, url)
            if body is not None:
                return Answer(bench.clock.monotonic() - began_at, body, where=url)
        await bench.clock.sleep(LOOK_S)
    return Answer(bench.clock.monotonic() - began_at, None, where=success)


async def _found(runtime: Runtime, url: str) -> bytes | None:
    try:
        return await runtime.get(url)
    except AwsError as error:
        if error.kind is not FaultKind.NOT_FOUND:
            raise
        return None


def _output_folder(ground: Ground) -> str:
    output = (ground.config.document if ground.config else {}).get("AsyncInferenceConfig", {}).get("OutputConfig", {})
    path = output.get("S3OutputPath")
    if not path or not urlparse(path).netloc:
        raise RefusedError(f"{ground.name} does not say where its answers go. Name a folder with --upload-to.")
    return f"{str(path).rstrip('/')}/smtop-input"


def _complaint(wanted: Invocation, ground: Ground) -> str | None:
    if not ground.is_async and len(wanted.payload) > LONGEST_PAYLOAD:
        return f"The payload has {len(wanted.payload):,} bytes; AWS takes {LONGEST_PAYLOAD:,}."
    if wanted.variant is not None and wanted.variant not in ground.production:
        return f"{ground.name} has no production variant {wanted.variant}; it has {', '.join(ground.production)}."
    names = [one["InferenceComponentName"] for one in ground.components]
    if ground.is_component_based and wanted.component is None:
        return f"{ground.name} hosts components. Name one with --component: {', '.join(names)}."
    if wanted.component is not None and wanted.component not in names:
        return f"{ground.name} has no component {wanted.component}; it has {', '.join(names) or 'none'}."
    return None


async def direct_containers(control: ControlPlane, ground: Ground) -> Sequence[str]:
    """The host names of containers that can be invoked one by one; none where the model is one, or a pipeline."""
    config = ground.config.document if ground.config else {}
    names = dict.fromkeys(spec["ModelName"] for spec in variants_in(config) if spec.get("ModelName"))
    models = [(await control.read("sagemaker", "DescribeModel", ModelName=name)).document for name in names]
    direct = [one for one in models if (one.get("InferenceExecutionConfig") or {}).get("Mode") == "Direct"]
    return [
        str(container.get("ContainerHostname") or f"container-{number}")
        for model in direct
        for number, container in enumerate(model.get("Containers") or (), start=1)
    ]
