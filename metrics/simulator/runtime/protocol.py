"""rest-json as the runtime speaks it: the path names the endpoint, headers everything else, the body is the model's."""

import json
import re
from typing import Any

from smtop.metrics.simulator.wire.errors import ServiceError, unknown_operation
from smtop.metrics.simulator.wire.messages import Call, WireAnswer, WireRequest

_PATH = re.compile(r"/endpoints/([^/]+)/(async-)?invocations")
_PREFIX = "X-Amzn-SageMaker-"
_COMMON = {"CustomAttributes": f"{_PREFIX}Custom-Attributes", "InferenceId": f"{_PREFIX}Inference-Id"}
_SYNCHRONOUS = _COMMON | {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "TargetModel": f"{_PREFIX}Target-Model",
    "TargetVariant": f"{_PREFIX}Target-Variant",
    "TargetContainerHostname": f"{_PREFIX}Target-Container-Hostname",
    "InferenceComponentName": f"{_PREFIX}Inference-Component",
}
_ASYNCHRONOUS = _COMMON | {
    "ContentType": f"{_PREFIX}Content-Type",
    "Accept": f"{_PREFIX}Accept",
    "InputLocation": f"{_PREFIX}InputLocation",
    "RequestTTLSeconds": f"{_PREFIX}RequestTTLSeconds",
    "InvocationTimeoutSeconds": f"{_PREFIX}InvocationTimeoutSeconds",
}
_ANSWERED = {
    "InvokedProductionVariant": "x-Amzn-Invoked-Production-Variant",
    "CustomAttributes": f"{_PREFIX}Custom-Attributes",
    "OutputLocation": f"{_PREFIX}OutputLocation",
    "FailureLocation": f"{_PREFIX}FailureLocation",
}


class Runtime:
    """InvokeEndpoint and InvokeEndpointAsync."""

    def identify(self, request: WireRequest) -> Call:
        found = _PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            raise unknown_operation()
        endpoint, later = found.groups()
        named = _ASYNCHRONOUS if later else _SYNCHRONOUS
        members: dict[str, Any] = {
            member: request.headers[header] for member, header in named.items() if header in request.headers
        }
        members |= {"EndpointName": endpoint} | ({} if later else {"Body": request.body})
        return Call("sagemaker-runtime", "InvokeEndpointAsync" if later else "InvokeEndpoint", members)

    def success(self, request: WireRequest, call: Call, result: dict[str, Any], request_id: str) -> WireAnswer:
        headers = {"x-amzn-RequestId": request_id}
        headers |= {header: result[member] for member, header in _ANSWERED.items() if member in result}
        if "Body" in result:
            return WireAnswer(200, result["Body"], result["ContentType"], headers)
        body = json.dumps({"InferenceId": result["InferenceId"]}).encode()
        return WireAnswer(202, body, "application/json", headers)

    def refusal(self, request: WireRequest, call: Call | None, error: ServiceError, request_id: str) -> WireAnswer:
        status = 429 if error.code == "ThrottlingException" else error.query_status or error.status
        body = json.dumps({"Message": error.message, **error.details}).encode()
        headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": error.code}
        return WireAnswer(status, body, "application/json", headers)
