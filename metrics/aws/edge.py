"""The edge that every wire call passes, attempts and pages included, at botocore's own events.

It refuses calls that are not on the list of reads, and those that change something unless they pass the write gate.
It asks the gate of pace before each, tells it of throttles, asks it whether a call that failed in passing is sent
again, and counts what goes out and what comes back. What can be tried again is botocore's to say; how often and how
soon is the gate's, and botocore's own retries are switched off. Of what changes something only calls that were too many
are sent again: AWS may have carried out any other that failed.
"""

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from smtop.metrics.actions.gate import READ_ONLY, is_passing
from smtop.metrics.aws.faults import is_throttle
from smtop.metrics.aws.meter import Meter, datapoints_in_request, metrics_analysed, metrics_in_request
from smtop.metrics.aws.operations import ALLOWED, CHANGING, iam_prefix
from smtop.metrics.aws.repeats import Repeats
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import INSIGHTS, Gate


class Edge:
    """What stands between the clients of a session and the network. Without a gate nothing waits or is sent again.

    `heard_date` is told the Date header of every answer. `attempts` is how often the operator lets a call be sent at
    most (AWS_MAX_ATTEMPTS).
    """

    def __init__(
        self, meter: Meter, gate: Gate | None, heard_date: Callable[[str], None], attempts: int | None = None
    ) -> None:
        self._meter = meter
        self.gate = gate
        self._heard_date = heard_date
        self._attempts = attempts
        self._repeats = Repeats()

    def guard(self, events: Any) -> None:
        """Lets all calls of a client pass here."""
        events.register_first("before-call", _before_call)
        events.register_first("before-send", self._before_send)
        events.register_first("response-received", self._received)
        events.register_first("needs-retry", self._needs_retry)

    async def _before_send(self, event_name: str, **_: object) -> None:
        operation = _operation(event_name)
        if self.gate is not None:
            for quota in _quotas(operation):
                await self.gate.admit(quota, datapoints_in_request.get())
        self._meter.sent(operation.partition(":")[2])

    def _received(self, event_name: str, parsed_response: Any, **_: object) -> None:
        answer = parsed_response or {}
        about = answer.get("ResponseMetadata", {})
        status = about.get("HTTPStatusCode")
        if date := about.get("HTTPHeaders", {}).get("date"):
            self._heard_date(date)
        if status == 200:
            self._meter.answered(metrics_in_request.get(), metrics_analysed.get() or 0)
        elif self.gate is not None and is_throttle(str(answer.get("Error", {}).get("Code")), status):
            self.gate.throttled(_quotas(_operation(event_name))[-1])

    async def _needs_retry(self, event_name: str, attempts: int, response: Any, **context: Any) -> float | None:
        """How long botocore is to wait before it tries again: not at all, since the gate has waited already."""
        if self.gate is None or attempts == self._attempts:
            return None
        event = {"attempts": attempts, "response": response, **context}
        if not self._repeats.may_follow(_operation(event_name) in CHANGING, event):
            return None
        headers = response[0].headers if response is not None else {}
        return 0.0 if await self.gate.may_retry(attempts, retry_after_s(headers)) else None


def _quotas(operation: str) -> tuple[str, ...]:
    """What the gate knows a call by, the narrowest quota last."""
    return (operation,) if metrics_analysed.get() is None else (operation, INSIGHTS)


def refuse_writes(operation: str) -> None:
    """Raises AwsError for every operation that is not a known read, or a known write that passes the write gate."""
    if operation in ALLOWED or (operation in CHANGING and is_passing()):
        return
    why = READ_ONLY if operation in CHANGING else "It is not on its list of operations."
    raise AwsError(FaultKind.PERMISSION, operation, f"{operation} is refused by smtop itself. {why}")


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that an answer wants the next attempt to wait (RFC 9110, 10.2.3); 0 where it says nothing legible."""
    said = headers.get("retry-after", "")
    if said.strip().isdecimal():
        return float(said)
    try:
        until, sent = (parsedate_to_datetime(text) for text in (said, headers.get("date", "")))
        return max((until - sent).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _before_call(event_name: str, **_: object) -> None:
    refuse_writes(_operation(event_name))


def _operation(event_name: str) -> str:
    """`sagemaker:ListEndpoints` of `before-send.sagemaker.ListEndpoints`."""
    _, service, operation = event_name.split(".")
    return f"{iam_prefix(service)}:{operation}"
