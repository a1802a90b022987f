"""One operation of a service: what its request looks like and what answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smtop.metrics.simulator.wire.shapes import Record

# (typed request, simulated now) -> members of the answer. Raises ServiceError.
Handler = Callable[[dict[str, Any], float], dict[str, Any]]


class Later(dict[str, Any]):
    """Members of an answer that takes its time: `lasts_s`, in simulated seconds."""

    def __init__(self, members: Mapping[str, Any], lasts_s: float) -> None:
        super().__init__(members)
        self.lasts_s = lasts_s


@dataclass(frozen=True)
class Operation:
    """`shape` types the request; `run` answers it."""

    shape: Record
    run: Handler
