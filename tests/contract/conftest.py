"""AWS sessions for contract tests: this process's environment points at one simulated AWS and nothing else."""

import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest

from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.config import Directories, Settings
from smtop.metrics.operator import operating
from smtop.metrics.ports import Gate
from tests.contract.leaping import LeapingClock, Local
from tests.contract.sessions import Connect, point_at
from tests.simulator.small_fleet import LocalAws, SmallFleet, serve_locally
from tests.support.moto_server import Hosted, MotoAws, fleet_of, start_moto
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws


@pytest.fixture(scope="session")
def parsed_models() -> botocore.loaders.Loader:
    """The SDK's service models, parsed once: a hundred sessions would do it a hundred times."""
    return botocore.loaders.create_loader()


@pytest.fixture(autouse=True)
def quick_sessions(parsed_models: botocore.loaders.Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of these tests share the parsed models."""
    monkeypatch.setattr("botocore.session.create_loader", lambda _: parsed_models)


@pytest.fixture(scope="session")
def whole_aws() -> Iterator[SimulatedAws]:
    """The default fleet: every kind of endpoint."""
    with start_simulated_aws() as aws:
        yield aws


@pytest.fixture
def simulated(whole_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """The default fleet; faults are gone afterwards."""
    yield whole_aws
    whole_aws.faults()


@pytest.fixture(scope="session")
def moto_fleet() -> list[Hosted]:
    """One endpoint of each kind that moto knows; the first has metrics."""
    return fleet_of(5)


@pytest.fixture(scope="session")
def moto(moto_fleet: list[Hosted]) -> Iterator[MotoAws]:
    with start_moto() as aws:
        aws.put(moto_fleet)
        yield aws


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(Directories(*(tmp_path / name for name in ("config", "state", "cache", "data"))))


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Connect:
    """Makes a session, not yet open, on the AWS that these variables name."""

    def connected(
        environment: Mapping[str, str],
        meter: Meter | None = None,
        gate: Gate | None = None,
        heard_date: Callable[[str], None] = lambda _: None,
    ) -> AwsSession:
        point_at(environment, monkeypatch)
        return AwsSession(settings, meter or Meter(), gate, heard_date)

    return connected


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    """A small fleet to change, inside this process."""
    with serve_locally(SmallFleet()) as local:
        yield local


@pytest.fixture(scope="module")
def local_clients(local_aws: LocalAws) -> Iterator[Sequence[Any]]:
    """Unmodified clients of SageMaker and of its scaling."""
    clients = [local_aws.client(service) for service in ("sagemaker", "application-autoscaling")]
    with closing(clients[0]), closing(clients[1]):
        yield clients


@pytest.fixture
async def local(
    local_aws: LocalAws, local_clients: Sequence[Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Local]:
    """An operator on the small fleet whose gate is open; mishaps and faults are gone afterwards."""
    point_at(local_aws.environment, monkeypatch)
    async with operating(settings, LeapingClock(local_aws), random.Random(2)) as operator:
        operator.gate.open()
        yield Local(local_aws, operator, *local_clients)
    for path, nothing in (("mishaps", []), ("faults", {}), ("rollouts", {})):
        local_aws.control(path, nothing)
