"""What opening a session costs once, and what it spares afterwards."""

import gc

import pytest
from aiobotocore.session import AioSession

from smtop.metrics.aws import session as module
from smtop.metrics.aws.meter import Meter
from smtop.metrics.config import Settings
from tests.contract.sessions import Connect, point_at
from tests.support.simulated_aws import SimulatedAws


async def test_what_the_sdk_has_loaded_is_left_out_of_every_later_collection(
    simulated: SimulatedAws, connect: Connect
) -> None:
    gc.unfreeze()
    async with connect(simulated.environment):
        assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


async def test_the_configuration_is_read_once_to_open_and_once_to_sign_in_again(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(simulated.environment, monkeypatch)
    made: list[object] = []

    class Counting(AioSession):  # type: ignore[misc]
        def __init__(self, **options: object) -> None:
            made.append(self)
            super().__init__(**options)

    monkeypatch.setattr(module, "AioSession", Counting)
    async with module.AwsSession(settings, Meter()) as session:
        assert len(made) == 1
        await session.renew()
        assert len(made) == 2
