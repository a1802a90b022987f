"""Waiting for AWS: until an endpoint serves again, a component is placed, or something is gone."""

from collections.abc import Callable
from typing import Any

from smtop.metrics.actions.ports import ControlPlane, Document
from smtop.metrics.actions.probes import described, was_made
from smtop.metrics.actions.telling import given_up
from smtop.metrics.clock import Clock
from smtop.metrics.domain.endpoint import BROKEN, IN_SERVICE, TRANSITIONAL
from smtop.metrics.domain.plan import Call, Until
from smtop.metrics.errors import AwsError, FaultKind

LOOK_S = 5.0
_FIRST_LOOK_S = 1.0
GRACE_S = 30.0
"""How long AWS may take to tell what it has just been told; its reads are eventually consistent."""

_RESIZED_COMPONENT = "UpdateInferenceComponentRuntimeConfig"
_PASSING = frozenset({FaultKind.THROTTLED, FaultKind.UNREACHABLE, FaultKind.SERVICE})


class OverdueError(Exception):
    """AWS is not done by the time that the operator wanted to wait for."""


class CameToNothingError(Exception):
    """AWS has given the change up; the text says why, and what to do. `broken` where it could not go back either."""

    def __init__(self, text: str, *, broken: bool = False) -> None:
        super().__init__(text)
        self.broken = broken


class Settling:
    """Looks every second at first, later every five. `told` hears each status that is new.

    `ends_at` is monotonic; None waits for ever.
    """

    def __init__(
        self, control: ControlPlane, clock: Clock, told: Callable[[str], None], ends_at: float | None = None
    ) -> None:
        self._control = control
        self._clock = clock
        self._told = told
        self._ends_at = ends_at
        self._status = ""

    async def reached(self, until: Until, endpoint: str, call: Call | None = None) -> None:
        """Returns once it is so. `call` is what led there: an endpoint that serves without its effect has rolled back.

        Raises OverdueError, CameToNothingError, and AwsError where asking is denied.
        """
        began_at = self._clock.monotonic()
        while not await self._is_reached(until, endpoint, call, waited_s := self._clock.monotonic() - began_at):
            if self._ends_at is not None and self._clock.monotonic() >= self._ends_at:
                raise OverdueError(self._status)
            await self._clock.sleep(min(_FIRST_LOOK_S + waited_s / 4, LOOK_S))

    async def _is_reached(self, until: Until, endpoint: str, call: Call | None, waited_s: float) -> bool:
        try:
            if until in (Until.IN_SERVICE, Until.GONE):
                return await self._endpoint(until, endpoint, call, waited_s)
            if call is not None and call.operation == _RESIZED_COMPONENT:
                return await self._component(call, waited_s)
            return await self._components(until, endpoint)
        except AwsError as error:
            if error.kind not in _PASSING:
                raise
            return False

    async def _endpoint(self, until: Until, name: str, call: Call | None, waited_s: float) -> bool:
        document = await described(self._control, "DescribeEndpoint", EndpointName=name)
        if document is None:
            if until is Until.GONE:
                return True
            raise CameToNothingError(f"There is no endpoint {name} any more.")
        status, reason = str(document["EndpointStatus"]), str(document.get("FailureReason") or "")
        self._hear(status_of(document))
        if until is Until.GONE:
            return _unless_failed(name, status, reason)
        if status in TRANSITIONAL:
            return False
        if status in BROKEN:
            broken = status == "UpdateRollbackFailed"
            raise CameToNothingError(given_up(f"{name} is {status}", reason), broken=broken)
        if status != IN_SERVICE or call is None or await was_made(self._control, call):
            return status == IN_SERVICE
        if waited_s < GRACE_S and not reason:
            return False
        alarms = await self._gone_off(call)
        raise CameToNothingError(given_up(f"AWS took {name} back to {_before(call, document)}", reason, alarms))

    async def _gone_off(self, call: Call) -> list[str]:
        """The alarms of a deployment that are in ALARM now."""
        config = (call.params.get("DeploymentConfig") or {}).get("AutoRollbackConfiguration") or {}
        names = [str(alarm["AlarmName"]) for alarm in config.get("Alarms", ())]
        if not names:
            return []
        try:
            found = await self._control.entries("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNames=names)
        except AwsError:
            return []
        return [str(alarm["AlarmName"]) for alarm in found if alarm["StateValue"] == "ALARM"]

    async def _component(self, call: Call, waited_s: float) -> bool:
        """Only the one that was resized counts: another may have been broken before."""
        name = call.params["InferenceComponentName"]
        document = await described(self._control, "DescribeInferenceComponent", InferenceComponentName=name)
        if document is None:
            raise CameToNothingError(f"There is no inference component {name} any more.")
        status, reason = str(document["InferenceComponentStatus"]), str(document.get("FailureReason") or "")
        self._hear(status)
        if status == "Failed":
            raise CameToNothingError(given_up(f"The inference component {name} has failed", reason))
        if status != IN_SERVICE or await was_made(self._control, call):
            return status == IN_SERVICE
        if waited_s < GRACE_S and not reason:
            return False
        raise CameToNothingError(given_up(f"AWS took {name} back to the copies that it had", reason))

    async def _components(self, until: Until, endpoint: str) -> bool:
        listed = await self._control.entries(
            "sagemaker", "ListInferenceComponents", "InferenceComponents", EndpointNameEquals=endpoint
        )
        statuses = [str(one["InferenceComponentStatus"]) for one in listed]
        self._hear(", ".join(statuses))
        if until is Until.COMPONENTS_SETTLED:
            return not TRANSITIONAL & set(statuses)
        if "Failed" in statuses:
            name = str(listed[statuses.index("Failed")]["InferenceComponentName"])
            found = await described(self._control, "DescribeInferenceComponent", InferenceComponentName=name) or {}
            reason = str(found.get("FailureReason") or "")
            raise CameToNothingError(given_up(f"The inference component {name} has failed", reason))
        return not statuses if until is Until.COMPONENTS_GONE else all(status == IN_SERVICE for status in statuses)

    def _hear(self, said: str) -> None:
        if said != self._status:
            self._status = said
            self._told(said)


def status_of(document: Document) -> str:
    """`Updating to fraud-cfg-8` of an endpoint's description."""
    to = (document.get("PendingDeploymentSummary") or {}).get("EndpointConfigName")
    status = str(document.get("EndpointStatus", ""))
    return f"{status} to {to}" if to else status


def _unless_failed(name: str, status: str, reason: str) -> bool:
    if status == "Failed":
        raise CameToNothingError(given_up(f"AWS gave up deleting {name}", reason))
    return False


def _before(call: Call, document: Any) -> str:
    """What it went back to, in a word."""
    return str(document["EndpointConfigName"]) if call.operation == "UpdateEndpoint" else "what it was"
