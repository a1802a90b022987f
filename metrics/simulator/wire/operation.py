"""One operation of a service: what its request looks like and what answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smtop.metrics.simulator.wire.shapes import Record

# (typed request, simulated now) -> members of the answer. Raises ServiceError.
Handler = Callable[[dict[str, Any], float], dict[str, Any]]


@dataclass(frozen=True)
class Operation:
    """`shape` types the request; `run` answers it."""

    shape: Record
    run: Handler
