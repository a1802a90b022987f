"""`python -m smtop.metrics.simulator.feed`: one JSON object a line in, one out, until the input ends.

A request names its `op`: first `open`, then `truth`, `call`, `calls`, `metrics`, `keep`, `read`, `replay`,
`publication`, `misbehave` (see `world.World` for their members). An answer is `{"ok": true, ...}`; where it has
`bytes`, so many bytes follow its line: little-endian float64 in C order of the given `shape`, NaN where there is no
datapoint. A refusal of AWS's is `{"ok": false, "error": {"code", "message", "status"}}`, a request that makes no
sense `{"ok": false, "problem": text}`.
"""

import json
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from smtop.metrics.simulator.feed.world import Reply, Request, World, open_world, refusal
from smtop.metrics.simulator.wire.errors import ServiceError


class Feed:
    """Answers requests; the world is there once it has been opened."""

    def __init__(self) -> None:
        self._world: World | None = None

    def answer(self, request: Request) -> Reply:
        """The answer to one request. Raises ServiceError, and ValueError for what makes no sense."""
        op = request["op"]
        if op == "open":
            self._world = open_world(request)
            return Reply({"endpoints": [blueprint.name for blueprint in self._world.drills.blueprints]})
        if self._world is None:
            raise ValueError("nothing has been opened")
        ask = _asks(self._world).get(op)
        if ask is None:
            raise ValueError(f"unknown op {op!r}")
        return ask(request)


def _asks(world: World) -> dict[str, Callable[[Request], Reply]]:
    asks = (world.truth, world.call, world.calls, world.metrics, world.keep, world.read, world.replay)
    return {ask.__name__: ask for ask in (*asks, world.publication, world.misbehave)}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer line by line until the input ends."""
    feed = Feed()
    for line in requests:
        members, array = _told(feed, line)
        body = b"" if array is None else np.ascontiguousarray(array, dtype="<f8").tobytes()
        sized = members | {"bytes": len(body)} if array is not None else members
        answers.write(json.dumps(sized, separators=(",", ":")).encode() + b"\n" + body)
        answers.flush()


def _told(feed: Feed, line: bytes) -> Reply:
    try:
        reply = feed.answer(json.loads(line))
    except ServiceError as refused:
        return Reply({"ok": False, "error": refusal(refused)})
    except (ValueError, KeyError, TypeError) as problem:
        return Reply({"ok": False, "problem": f"{type(problem).__name__}: {problem}"})
    members: dict[str, Any] = {"ok": True, **reply.members}
    return Reply(members, reply.array)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
