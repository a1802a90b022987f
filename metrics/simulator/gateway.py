"""From a wire request to an answer: which protocol, which service, who asks, may they, what is the answer."""

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.cloudwatch import datapoints
from smtop.metrics.simulator.cloudwatch.metric_data import analysed_metrics
from smtop.metrics.simulator.cloudwatch.queries import billed_metrics, has_expression
from smtop.metrics.simulator.faults import INSIGHTS, CallLog, Faults
from smtop.metrics.simulator.region import Region, empty_region
from smtop.metrics.simulator.wire import json_protocol, query_protocol
from smtop.metrics.simulator.wire.credentials import CALLER_ARN, Scope, authenticate
from smtop.metrics.simulator.wire.errors import ServiceError, broken, denied, throttled, unknown_operation
from smtop.metrics.simulator.wire.throttle import Throttle

MOST_BODY_BYTES = 614_400
JSON_SERVICES = {
    "SageMaker": "sagemaker",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AnyScaleFrontendService": "application-autoscaling",
}
# The API version in a form tells the service as surely as the signing name does.
QUERY_SERVICES = {"2010-08-01": "cloudwatch", "2011-06-15": "sts"}
NAMESPACES = {
    "cloudwatch": "http://monitoring.amazonaws.com/doc/2010-08-01/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
# Member that names a resource -> its kind in an ARN, for the text of a denial.
NAMED_RESOURCES = {
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelName": "model",
    "InferenceComponentName": "inference-component",
}


@dataclass(frozen=True)
class WireRequest:
    """What arrived: `target` is X-Amz-Target, absent in the query protocol."""

    body: bytes
    target: str | None
    authorization: str | None
    content_type: str


@dataclass(frozen=True)
class WireAnswer:
    """What goes back."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Call:
    """A request whose protocol, service and operation are known; `members` is still untyped."""

    service: str
    operation: str
    members: dict[str, Any]
    textual: bool
    content_type: str

    @property
    def action(self) -> str:
        """The call as IAM names it."""
        return f"{self.service}:{self.operation}"


class Gateway:
    """The front door of every service. One event loop uses it; it never blocks on anything but its own work."""

    def __init__(self, clock: SimulatedClock, home: Region, faults: Faults, new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._regions = {home.account.region: home}
        self._new_id = new_id
        self._throttle = Throttle(faults.rates)
        self.faults = faults
        self.log = CallLog()

    def misbehave(self, faults: Faults) -> None:
        """Replace the faults."""
        self.faults = faults
        self._throttle.replace(faults.rates)

    def answer(self, request: WireRequest) -> WireAnswer:
        """The answer to any request; never raises."""
        request_id, call = self._new_id(), None
        try:
            call = identify(request)
            self.log.calls[call.action] += 1
            result = self._perform(call, authenticate(request.authorization))
        except ServiceError as error:
            return self._refusal(error, request, call, request_id)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return self._refusal(broken(500), request, call, request_id)
        return _success(call, result, request_id)

    def _perform(self, call: Call, scope: Scope) -> dict[str, Any]:
        now = self._clock.now()
        region = self._regions.get(scope.region) or self._open(scope.region, now)
        operation = region.services[call.service].get(call.operation)
        if operation is None:
            raise unknown_operation(f"The action {call.operation} is not valid for this web service." * call.textual)
        self._admit(call, region, now)
        region.account.settle(now)
        typed = operation.shape.read(call.members, call.textual)
        if has_expression(typed) and not self._throttle.admits(INSIGHTS, now):
            raise throttled()
        result = operation.run(typed, now)
        if call.operation == "GetMetricData":
            self._admit_datapoints(typed, now)
            self.log.billed_metrics += billed_metrics(typed)
            self.log.analysed_metrics += analysed_metrics(region.metrics, typed, now)
        return result

    def _open(self, name: str, now: float) -> Region:
        return self._regions.setdefault(name, empty_region(name, now))

    def _admit(self, call: Call, region: Region, now: float) -> None:
        outage = self.faults.outage(call.action)
        if outage is not None:
            raise outage
        if not self._throttle.admits(call.action, now):
            raise throttled()
        if self.faults.denies(call.action, call.members):
            raise denied(CALLER_ARN, call.action, _resource(region, call.members))

    def _admit_datapoints(self, request: Mapping[str, Any], now: float) -> None:
        """Of a request that is valid: what CloudWatch refuses for other reasons costs no datapoints."""
        if not self._throttle.admits(datapoints.quota(request, now), now, datapoints.estimated(request)):
            raise throttled()

    def _refusal(self, error: ServiceError, request: WireRequest, call: Call | None, request_id: str) -> WireAnswer:
        if call is not None:
            self.log.refused[call.action] += 1
        service = call.service if call is not None else ""
        headers = {"x-amzn-RequestId": request_id}
        if request.target is None:
            status, body = query_protocol.encode_error(error, NAMESPACES.get(service, ""), request_id)
            return WireAnswer(status, body, "text/xml", headers)
        status, extra, body = json_protocol.encode_error(error, query_compatible=service == "cloudwatch")
        return WireAnswer(status, body, request.content_type, headers | extra)


def identify(request: WireRequest) -> Call:
    """The call that a request is. Raises ServiceError for what no service here understands."""
    if len(request.body) > MOST_BODY_BYTES:
        raise ServiceError("RequestEntityTooLarge", "The request body is too large.", 413)
    if request.target is None:
        return _query_call(request)
    prefix, _, operation = request.target.partition(".")
    if prefix not in JSON_SERVICES:
        raise unknown_operation()
    members = json_protocol.decode(request.body)
    return Call(JSON_SERVICES[prefix], operation, members, False, request.content_type)


def _query_call(request: WireRequest) -> Call:
    members = query_protocol.decode(request.body)
    action, version = members.pop("Action", None), members.pop("Version", "")
    service = QUERY_SERVICES.get(version)
    if not isinstance(action, str) or not action:
        raise ServiceError("MissingAction", "The request must contain the parameter Action")
    if service is None:
        raise unknown_operation(f"Could not find operation {action} for version {version}")
    return Call(service, action, members, True, "text/xml")


def _success(call: Call, result: dict[str, Any], request_id: str) -> WireAnswer:
    headers = {"x-amzn-RequestId": request_id}
    if call.textual:
        body = query_protocol.encode(call.operation, NAMESPACES[call.service], result, request_id)
        return WireAnswer(200, body, call.content_type, headers)
    return WireAnswer(200, json_protocol.encode(result), call.content_type, headers)


def _resource(region: Region, members: Mapping[str, Any]) -> str:
    if "ResourceArn" in members:
        return str(members["ResourceArn"])
    for member, kind in NAMED_RESOURCES.items():
        if member in members:
            return region.account.arn(kind, str(members[member]))
    return "*"
