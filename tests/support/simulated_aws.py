"""The simulated AWS as a process of its own, for any test that needs an AWS on the wire."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.support.trust import QUICK_TRUST

PROJECT = Path(__file__).resolve().parents[2]
EXPORTS = 5


@dataclass(frozen=True)
class SimulatedAws:
    """A running simulator. `environment` holds the AWS variables that a client needs, and nothing else."""

    environment: dict[str, str]
    pid: int

    @property
    def url(self) -> str:
        """The endpoint URL of every service."""
        return self.environment["AWS_ENDPOINT_URL"]

    def client_arguments(self) -> dict[str, str]:
        """Keyword arguments that point a boto3 or aioboto3 client here, whatever the environment says."""
        return {
            "endpoint_url": self.url,
            "region_name": self.environment["AWS_REGION"],
            "aws_access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
        }

    def faults(self, **faults: Any) -> None:
        """Replace all faults; without arguments everything works."""
        self._ask("faults", faults)

    def mishaps(self, *mishaps: Mapping[str, Any]) -> None:
        """Replace what befalls the next calls of single operations, e.g. `{"operation": "sagemaker:UpdateEndpoint",
        "kind": "cut-after", "calls": 1}`; without arguments nothing does."""
        self._ask("mishaps", mishaps)

    def writes(self) -> list[dict[str, Any]]:
        """Every call that writes and arrived, with whether it was carried out and whether its caller was told."""
        return list(self._ask("writes"))

    def alarms(self, states: Mapping[str, str | None]) -> None:
        """Hold alarms, by name, in OK, ALARM or INSUFFICIENT_DATA; None takes one away."""
        self._ask("alarms", states)

    def rollouts(self, dooms: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace which endpoints' next rollout fails, e.g. `{"shop": {"fails": "capacity"}}`.

        Kinds are health-check, image-pull, s3-access, capacity and quota; any other text is the reason itself. With
        `"rollback_fails": True` the old fleet does not come back whole.
        """
        self._ask("rollouts", dooms)

    def calls(self) -> dict[str, Any]:
        """`calls` and `refused` by `service:Operation`, `billed_metrics` and `analysed_metrics`."""
        return dict(self._ask("calls"))

    def truth(self) -> list[dict[str, Any]]:
        """What is wrong with the fleet, by cause."""
        return list(self._ask("truth"))

    def epoch(self) -> float:
        """Simulated time when the simulator was started, epoch seconds."""
        return float(self._ask("clock")["epoch"])

    def now(self) -> float:
        """Simulated time, epoch seconds."""
        return float(self._ask("clock")["now"])

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.url}/_simulator/{path}", data), timeout=30) as answer:
            return json.load(answer)


@contextmanager
def start_simulated_aws(*arguments: str, account: str = "123456789012") -> Iterator[SimulatedAws]:
    """A simulator with these command-line arguments, ready to be called; it ends with the block, or with us."""
    with subprocess.Popen(
        [sys.executable, "-m", "smtop.metrics.simulator", "--parent-pipe", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | QUICK_TRUST | {"PYTHONPATH": str(PROJECT / ".dev"), "SMTOP_SIMULATED_ACCOUNT": account},
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        lines = [process.stdout.readline() for _ in range(EXPORTS)]
        if not lines[-1]:
            raise RuntimeError(f"the simulator did not start with {arguments}: exit code {process.wait(30)}")
        pairs = (line.removeprefix("export ").rstrip("\n").partition("=") for line in lines)
        try:
            yield SimulatedAws({name: value for name, _, value in pairs}, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)
