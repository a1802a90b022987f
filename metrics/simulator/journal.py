"""The journal of changes: every call that writes, whether it was carried out, and whether its caller was told."""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from smtop.metrics.simulator.wire.messages import Call, WireRequest

_WRITES = re.compile("Add|Create|Delete|Deregister|Invoke|Put|Register|Set|Update")
_LONGEST = 10_000


@dataclass
class Write:
    """A call that arrived. `refusal` is the code of a refused one; one that was cut before has neither that nor an act.

    `invocation` is the client's own id, the same in each of its retries; `at` is simulated time in epoch seconds.
    """

    operation: str
    request: Mapping[str, Any]
    request_id: str
    invocation: str
    at: float
    carried_out: bool = False
    refusal: str | None = None
    delivered: bool = False


@dataclass
class Journal:
    """The newest writes, oldest first."""

    writes: deque[Write] = field(default_factory=lambda: deque(maxlen=_LONGEST))

    @staticmethod
    def keeps(operation: str) -> bool:
        """Whether it is an operation that changes something."""
        return _WRITES.match(operation) is not None

    def open(self, request: WireRequest, call: Call, request_id: str, at: float) -> Write:
        """An entry for a call; of one that only reads nothing is kept."""
        shown = {name: value for name, value in call.members.items() if not isinstance(value, bytes)}
        write = Write(call.action, shown, request_id, request.invocation, at)
        if self.keeps(call.operation):
            self.writes.append(write)
        return write

    def shown(self) -> list[dict[str, Any]]:
        """Every write as JSON takes it."""
        return [asdict(write) for write in self.writes]
