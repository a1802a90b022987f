"""From a wire request to an answer: which protocol, which service, who asks, may they, what is the answer."""

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from smtop.metrics.simulator.churn import churn
from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.cloudwatch import datapoints
from smtop.metrics.simulator.cloudwatch.linked import ANALYSED
from smtop.metrics.simulator.cloudwatch.metric_data import analysed_metrics
from smtop.metrics.simulator.cloudwatch.queries import billed_metrics, has_expression
from smtop.metrics.simulator.faults import INSIGHTS, CallLog, Faults
from smtop.metrics.simulator.journal import Journal, Write
from smtop.metrics.simulator.mishaps import BODY_KINDS, DENIED, RESULT_KINDS, Mishap, Mishaps
from smtop.metrics.simulator.protocols import WireProtocol, protocol_of
from smtop.metrics.simulator.region import Region, empty_region
from smtop.metrics.simulator.sagemaker.resources import Doom
from smtop.metrics.simulator.spoilage import hold_back, spoil, spoil_body
from smtop.metrics.simulator.weather import Weather
from smtop.metrics.simulator.wire.credentials import CALLER_ARN, Scope, authenticate
from smtop.metrics.simulator.wire.errors import ServiceError, broken, denied, throttled, unknown_operation
from smtop.metrics.simulator.wire.messages import Call, WireAnswer, WireRequest
from smtop.metrics.simulator.wire.operation import Later
from smtop.metrics.simulator.wire.throttle import Throttle

# Member that names a resource -> its kind in an ARN, for the text of a denial.
NAMED_RESOURCES = {
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelName": "model",
    "InferenceComponentName": "inference-component",
}


@dataclass
class Delivery:
    """An answer on its way back: after how long, and what it tells about. No answer: the connection is cut."""

    answer: WireAnswer | None
    write: Write | None = None
    stall_s: float = 0.0


class Gateway:
    """The front door of every service. One event loop uses it; it blocks on its own work, and on linked accounts."""

    def __init__(
        self,
        clock: SimulatedClock,
        home: Region,
        faults: Faults,
        new_id: Callable[[], str],
        links: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._clock = clock
        self._regions = {home.account.region: home}
        self._home = home
        self._new_id = new_id
        self._links = links
        self._throttle = Throttle(faults.rates)
        self.faults = faults
        self.log = CallLog()
        self.journal = Journal()
        self.weather = Weather()
        self._mishaps = Mishaps()

    def misbehave(self, faults: Faults) -> None:
        """Replace the faults."""
        self.faults = faults
        self._throttle.replace(faults.rates)

    def befall(self, mishaps: Mishaps) -> None:
        """Replace what is still to go wrong with single calls."""
        self._mishaps = mishaps

    def change_weather(self, weather: Weather) -> None:
        """Replace the weather, and forget what the last one did."""
        self.weather = weather
        churn(self._home, weather, self._clock.now(), is_over=lambda: self.weather is not weather)

    def hold_alarms(self, states: Mapping[str, str | None]) -> None:
        """Hold alarms of the home region in states. Raises ValueError for a state that there is not."""
        now = self._clock.now()
        self._home.account.settle(now)
        self._home.alarms.hold(states, now)

    def doom_rollouts(self, dooms: Mapping[str, Doom]) -> None:
        """Replace which endpoints' next rollouts fail, in the home region."""
        self._home.account.dooms = dict(dooms)

    def share(self, region: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """What a monitoring account is told of this one's metrics: no call of this account's. Raises ServiceError."""
        now = self._clock.now()
        there = self._regions.get(region) or self._open(region, now)
        there.account.settle(now)
        page = there.services["cloudwatch"][operation].run(request, now)
        return page | {ANALYSED: analysed_metrics(there.metrics, request, now)}

    def answer(self, request: WireRequest) -> Delivery:
        """What is to be sent back to any request; never raises."""
        protocol, request_id = protocol_of(request), self._new_id()
        try:
            call = protocol.identify(request)
        except Exception as problem:
            return Delivery(protocol.refusal(request, None, _refusal(problem), request_id))
        self.log.calls[call.action] += 1
        write = self.journal.open(request, call, request_id, self._clock.now())
        mishap = self._mishaps.befall(call.action) or self._weathered(call)
        if mishap is not None and mishap.kind == "cut-before":
            return Delivery(None, write)
        delivery = self._carry_out(protocol, request, call, write, mishap)
        if mishap is not None:
            delivery.stall_s += mishap.seconds
            delivery.answer = None if mishap.kind == "cut-after" else delivery.answer
        return delivery

    def _weathered(self, call: Call) -> Mishap | None:
        """What the weather does to a call; of results it is only known later whether there was anything to spoil."""
        if not self.weather.rates:
            return None
        has_results = call.operation == "GetMetricData" and not has_expression(call.members)
        is_change = self.journal.keeps(call.operation)
        mishap = self.weather.befall(call.action, is_change=is_change, has_results=has_results)
        if mishap is not None and mishap.kind not in RESULT_KINDS:
            self.weather.note(mishap.kind)
        return mishap

    def _carry_out(
        self, protocol: WireProtocol, request: WireRequest, call: Call, write: Write, mishap: Mishap | None
    ) -> Delivery:
        try:
            result = self._perform(call, authenticate(request.authorization), mishap)
        except Exception as problem:
            error = _refusal(problem)
            self.log.refused[call.action] += 1
            write.refusal = error.code
            return Delivery(protocol.refusal(request, call, error, write.request_id), write)
        write.carried_out = True
        lasts_s = result.lasts_s / self._clock.speed if isinstance(result, Later) else 0.0
        answer = protocol.success(request, call, result, write.request_id)
        if mishap is not None and mishap.kind in BODY_KINDS:
            answer = spoil_body(mishap.kind, answer, mishap.luck)
        return Delivery(answer, write, lasts_s)

    def _perform(self, call: Call, scope: Scope, mishap: Mishap | None) -> dict[str, Any]:
        now = self._clock.now()
        if mishap is not None and mishap.refusal is not None:
            raise mishap.refusal
        if mishap is not None and mishap.kind == DENIED:
            raise denied(CALLER_ARN, call.action, _resource(self._home, call.members))
        region = self._regions.get(scope.region) or self._open(scope.region, now)
        operation = region.services[call.service].get(call.operation)
        if operation is None:
            raise unknown_operation(f"The action {call.operation} is not valid for this web service." * call.textual)
        self._admit(call, region, now)
        region.account.denies = self.faults.forbids
        region.account.settle(now)
        typed = operation.shape.read(call.members, call.textual)
        if has_expression(typed) and not self._throttle.admits(INSIGHTS, now):
            raise throttled()
        result = operation.run(typed, now)
        if call.operation == "GetMetricData":
            self._admit_datapoints(typed, now)
            self.log.billed_metrics += billed_metrics(typed)
            self.log.analysed_metrics += result.pop(ANALYSED, 0) + analysed_metrics(region.metrics, typed, now)
            self._spoil(result, typed, now, mishap)
        return result

    def _spoil(self, page: dict[str, Any], request: Mapping[str, Any], now: float, mishap: Mishap | None) -> None:
        """What is overdue is left out of the results, and what befalls them happens."""
        results = page["MetricDataResults"]
        if self.weather.overdue:
            page["MetricDataResults"] = hold_back(self.weather, request["MetricDataQueries"], results, now)
            if page["MetricDataResults"] != results:
                self.weather.note("overdue")
        if mishap is not None and mishap.kind in RESULT_KINDS:
            before = page["MetricDataResults"]
            page["MetricDataResults"] = spoil(mishap.kind, before, now, mishap.luck)
            if page["MetricDataResults"] != before:
                self.weather.note(mishap.kind)

    def _open(self, name: str, now: float) -> Region:
        return self._regions.setdefault(name, empty_region(name, now, self._links))

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


def _refusal(problem: Exception) -> ServiceError:
    """A refusal as it is; any other exception is a fault of the simulator, which AWS would call an internal failure."""
    if isinstance(problem, ServiceError):
        return problem
    traceback.print_exception(problem, file=sys.stderr)
    return broken(500)


def _resource(region: Region, members: Mapping[str, Any]) -> str:
    if "ResourceArn" in members:
        return str(members["ResourceArn"])
    if "Bucket" in members:
        return f"arn:aws:s3:::{'/'.join(str(members[part]) for part in ('Bucket', 'Key') if part in members)}"
    for member, kind in NAMED_RESOURCES.items():
        if member in members:
            return region.account.arn(kind, str(members[member]))
    return "*"
