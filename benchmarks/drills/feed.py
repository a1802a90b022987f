"""The simulated AWS of a drill, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from botocore.exceptions import ClientError

PROJECT = Path(__file__).resolve().parents[2]
Array = npt.NDArray[np.float64]


class Told(NamedTuple):
    """An answer, and the array that came with it."""

    members: dict[str, Any]
    array: Array | None


class Feed:
    """One world. What it refuses is raised as an SDK would; a request without sense is a ValueError."""

    def __init__(self) -> None:
        paths = os.pathsep.join([str(PROJECT / ".dev"), str(PROJECT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "smtop.metrics.simulator.feed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.close()
        self._process.wait()
        stdout.close()

    def ask(self, op: str, **members: Any) -> Told:
        """The answer to one request of `metrics.simulator.feed`."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"op": op, **members}).encode() + b"\n")
        stdin.flush()
        told = json.loads(stdout.readline())
        if not told.pop("ok"):
            raise _refusal(told, str(members.get("operation", op)))
        if "bytes" not in told:
            return Told(told, None)
        body = stdout.read(told["bytes"])
        return Told(told, np.frombuffer(body, dtype="<f8").reshape(told["shape"]))


def _refusal(told: dict[str, Any], operation: str) -> Exception:
    if "problem" in told:
        return ValueError(told["problem"])
    error = told["error"]
    answer = {
        "Error": {"Code": error["code"], "Message": error["message"]},
        "ResponseMetadata": {"HTTPStatusCode": error["status"]},
    }
    refusal: Exception = ClientError(answer, operation)
    return refusal
