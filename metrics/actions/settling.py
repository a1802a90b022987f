"""Waiting for AWS: until an endpoint serves again, a component is placed, or something is gone."""

from collections.abc import Callable
from typing import Any

from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.actions.probes import described, was_made
from smtop.metrics.clock import Clock
from smtop.metrics.domain.endpoint import BROKEN, IN_SERVICE, TRANSITIONAL
from smtop.metrics.domain.plan import Call, Until
from smtop.metrics.errors import AwsError, FaultKind

LOOK_S = 5.0
GRACE_S = 30.0
"""How long AWS may take to tell what it has just been told; its reads are eventually consistent."""

_RESIZED_COMPONENT = "UpdateInferenceComponentRuntimeConfig"
_PASSING = frozenset({FaultKind.THROTTLED, FaultKind.UNREACHABLE, FaultKind.SERVICE})


class OverdueError(Exception):
    """AWS is not done by the time that the operator wanted to wait for."""


class CameToNothingError(Exception):
    """AWS has given the change up; the text is its own reason."""


class Settling:
    """Looks every few seconds. `told` hears each status that is new. `ends_at` is monotonic; None waits for ever."""

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
        while not await self._is_reached(until, endpoint, call, self._clock.monotonic() - began_at):
            if self._ends_at is not None and self._clock.monotonic() >= self._ends_at:
                raise OverdueError(self._status)
            await self._clock.sleep(LOOK_S)

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
        self._hear(status, document)
        if until is Until.GONE:
            return _unless_failed(status, reason)
        if status in TRANSITIONAL:
            return False
        if status in BROKEN:
            raise CameToNothingError(reason or f"The endpoint is {status}; AWS gives no reason.")
        if status != IN_SERVICE or call is None or await was_made(self._control, call):
            return status == IN_SERVICE
        if waited_s < GRACE_S and not reason:
            return False
        raise CameToNothingError(reason or "AWS went back to what was there before, and gives no reason.")

    async def _component(self, call: Call, waited_s: float) -> bool:
        """Only the one that was resized counts: another may have been broken before."""
        name = call.params["InferenceComponentName"]
        document = await described(self._control, "DescribeInferenceComponent", InferenceComponentName=name)
        if document is None:
            raise CameToNothingError(f"There is no inference component {name} any more.")
        status, reason = str(document["InferenceComponentStatus"]), str(document.get("FailureReason") or "")
        self._hear(status, {})
        if status == "Failed":
            raise CameToNothingError(reason or f"The inference component {name} has failed; AWS gives no reason.")
        if status != IN_SERVICE or await was_made(self._control, call):
            return status == IN_SERVICE
        if waited_s < GRACE_S and not reason:
            return False
        raise CameToNothingError(reason or "AWS went back to the copies of before, and gives no reason.")

    async def _components(self, until: Until, endpoint: str) -> bool:
        listed = await self._control.entries(
            "sagemaker", "ListInferenceComponents", "InferenceComponents", EndpointNameEquals=endpoint
        )
        statuses = [str(one["InferenceComponentStatus"]) for one in listed]
        self._hear(", ".join(statuses), {})
        if until is Until.COMPONENTS_SETTLED:
            return not TRANSITIONAL & set(statuses)
        if "Failed" in statuses:
            name = listed[statuses.index("Failed")]["InferenceComponentName"]
            raise CameToNothingError(f"The inference component {name} has failed.")
        return not statuses if until is Until.COMPONENTS_GONE else all(status == IN_SERVICE for status in statuses)

    def _hear(self, status: str, document: Any) -> None:
        pending = document.get("PendingDeploymentSummary") or {}
        to = pending.get("EndpointConfigName")
        said = f"{status} to {to}" if to else status
        if said != self._status:
            self._status = said
            self._told(said)


def _unless_failed(status: str, reason: str) -> bool:
    if status == "Failed":
        raise CameToNothingError(reason or "The deletion has failed; AWS gives no reason.")
    return False
