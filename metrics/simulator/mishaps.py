"""Single calls that go wrong: which operation, how, and how many more times. For tests of changes.

Beside the refusals, a connection can be cut before a call is carried out, or after it, when the client cannot know;
and an answer can be late, or never wanted any more; it can arrive cut short or as what no client can read, and of the
results for metrics some can be incomplete, fail, come before the newest points, be told twice, or out of order.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.simulator.runtime.errors import model_error, model_not_ready, unavailable
from smtop.metrics.simulator.wire.credentials import expired
from smtop.metrics.simulator.wire.errors import ServiceError, broken, throttled

REFUSALS: Mapping[str, Callable[[], ServiceError]] = {
    "expired": expired,
    "throttle": throttled,
    "fail": lambda: broken(500),
    "model-error": lambda: model_error(500, "the model threw an exception"),
    "model-not-ready": model_not_ready,
    "unavailable": unavailable,
}
DENIED = "deny"
BODY_KINDS = ("truncate", "malform")
RESULT_KINDS = ("partial", "internal", "late", "duplicate", "disorder")
KINDS = ("cut-before", "cut-after", "stall", DENIED, *BODY_KINDS, *RESULT_KINDS, *REFUSALS)
ANY = "*"


@dataclass
class Mishap:
    """What befalls the next `calls` calls of an operation (`service:Operation`, or * for any).

    `luck` decides what the kind leaves open.
    """

    operation: str
    kind: str
    calls: int = 1
    seconds: float = 0.0
    luck: random.Random = field(default_factory=lambda: random.Random(0))

    @property
    def refusal(self) -> ServiceError | None:
        """The refusal that it is, if it is one."""
        return REFUSALS[self.kind]() if self.kind in REFUSALS else None


@dataclass
class Mishaps:
    """Everything that is still to go wrong, in the order in which it was asked for."""

    waiting: list[Mishap] = field(default_factory=list)

    def befall(self, action: str) -> Mishap | None:
        """The mishap of a call that has arrived; it then has one call fewer left."""
        for mishap in self.waiting:
            if mishap.operation in (action, ANY):
                mishap.calls -= 1
                self.waiting = [one for one in self.waiting if one.calls > 0]
                return mishap
        return None


def read_mishaps(body: Sequence[Mapping[str, Any]]) -> Mishaps:
    """Mishaps from the control path's JSON. Raises ValueError naming what is wrong."""
    try:
        wanted = [Mishap(**one) for one in body]
    except TypeError as problem:
        raise ValueError(f"malformed mishaps: {problem}") from problem
    for mishap in wanted:
        if mishap.kind not in KINDS or mishap.calls < 1 or mishap.seconds < 0:
            raise ValueError(f"no such mishap: {mishap}; kinds are {', '.join(KINDS)}")
    return Mishaps(wanted)
