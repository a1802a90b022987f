"""The protocols that AWS's services speak, each with its way to name an operation, to answer, and to refuse."""

from typing import Any, Protocol

from smtop.metrics.simulator.runtime.protocol import Runtime
from smtop.metrics.simulator.storage.protocol import S3
from smtop.metrics.simulator.wire import json_protocol, query_protocol
from smtop.metrics.simulator.wire.credentials import signed_for
from smtop.metrics.simulator.wire.errors import ServiceError, unknown_operation
from smtop.metrics.simulator.wire.messages import Call, WireAnswer, WireRequest

MOST_BODY_BYTES = 614_400
JSON_SERVICES = {
    "SageMaker": "sagemaker",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AnyScaleFrontendService": "application-autoscaling",
    "ServiceQuotasV20190624": "servicequotas",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
}
# The API version in a form tells the service as surely as the signing name does.
QUERY_SERVICES = {"2010-08-01": "cloudwatch", "2011-06-15": "sts", "2010-05-08": "iam"}
NAMESPACES = {
    "cloudwatch": "http://monitoring.amazonaws.com/doc/2010-08-01/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
}


class WireProtocol(Protocol):
    """How requests are read and answers written."""

    def identify(self, request: WireRequest) -> Call:
        """The call that a request is. Raises ServiceError for what no service here understands."""

    def success(self, request: WireRequest, call: Call, result: dict[str, Any], request_id: str) -> WireAnswer:
        """The answer to a call that was carried out."""

    def refusal(self, request: WireRequest, call: Call | None, error: ServiceError, request_id: str) -> WireAnswer:
        """The answer to a call that was not; `call` is None where nobody understood the request."""


def protocol_of(request: WireRequest) -> WireProtocol:
    """The protocol that a request speaks."""
    if request.target is not None:
        return Json()
    if signed_for(request.authorization) == "s3":
        return S3()
    return Runtime() if request.path.startswith("/endpoints/") else Query()


class Json:
    """AWS JSON 1.0 and 1.1."""

    def identify(self, request: WireRequest) -> Call:
        _check_size(request)
        prefix, _, operation = (request.target or "").partition(".")
        if prefix not in JSON_SERVICES:
            raise unknown_operation()
        return Call(JSON_SERVICES[prefix], operation, json_protocol.decode(request.body))

    def success(self, request: WireRequest, call: Call, result: dict[str, Any], request_id: str) -> WireAnswer:
        return WireAnswer(200, json_protocol.encode(result), request.content_type, _id(request_id))

    def refusal(self, request: WireRequest, call: Call | None, error: ServiceError, request_id: str) -> WireAnswer:
        compatible = call is not None and call.service == "cloudwatch"
        status, extra, body = json_protocol.encode_error(error, query_compatible=compatible)
        return WireAnswer(status, body, request.content_type, _id(request_id) | extra)


class Query:
    """AWS query: a form in, XML out."""

    def identify(self, request: WireRequest) -> Call:
        _check_size(request)
        members = query_protocol.decode(request.body)
        action, version = members.pop("Action", None), members.pop("Version", "")
        service = QUERY_SERVICES.get(version)
        if not isinstance(action, str) or not action:
            raise ServiceError("MissingAction", "The request must contain the parameter Action")
        if service is None:
            raise unknown_operation(f"Could not find operation {action} for version {version}")
        return Call(service, action, members, textual=True)

    def success(self, request: WireRequest, call: Call, result: dict[str, Any], request_id: str) -> WireAnswer:
        body = query_protocol.encode(call.operation, NAMESPACES[call.service], result, request_id)
        return WireAnswer(200, body, "text/xml", _id(request_id))

    def refusal(self, request: WireRequest, call: Call | None, error: ServiceError, request_id: str) -> WireAnswer:
        namespace = NAMESPACES[call.service] if call is not None else ""
        status, body = query_protocol.encode_error(error, namespace, request_id)
        return WireAnswer(status, body, "text/xml", _id(request_id))


def _check_size(request: WireRequest) -> None:
    if len(request.body) > MOST_BODY_BYTES:
        raise ServiceError("RequestEntityTooLarge", "The request body is too large.", 413)


def _id(request_id: str) -> dict[str, str]:
    return {"x-amzn-RequestId": request_id}
