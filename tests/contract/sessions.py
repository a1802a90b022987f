"""What sessions on one chosen AWS are made with."""

import os
from collections.abc import Callable, Mapping
from typing import TypeAlias

import pytest

from smtop.metrics.aws.session import AwsSession
from tests.support.trust import QUICK_TRUST

Connect: TypeAlias = Callable[..., AwsSession]
"""Environment, and optionally a meter and a gate, to a session that is not yet open."""


def point_at(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes these the only AWS variables of this process."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    for name, value in (nowhere | QUICK_TRUST | {"AWS_EC2_METADATA_DISABLED": "true"} | dict(environment)).items():
        monkeypatch.setenv(name, value)


class CountingGate:
    """Lets everything through, with two retries of each call, and remembers what it was."""

    ATTEMPTS = 3

    def __init__(self) -> None:
        self.admitted: list[str] = []
        self.datapoints: list[int] = []
        self.throttles: list[str] = []
        self.retries: list[tuple[int, float]] = []

    def throttled(self, operation: str) -> None:
        self.throttles.append(operation)

    async def admit(self, operation: str, datapoints: int = 0) -> None:
        self.admitted.append(operation)
        self.datapoints.append(datapoints)

    async def may_retry(self, attempts: int, retry_after_s: float = 0.0) -> bool:
        self.retries.append((attempts, retry_after_s))
        return attempts < self.ATTEMPTS
