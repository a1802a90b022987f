"""Signing in again: the clients stay, and no failure of what was under way stays unheard."""

import asyncio
import gc
from typing import Any

import pytest

from smtop.metrics.aws.inventory import Memo, SageMakerInventory
from smtop.metrics.errors import AwsError, FaultKind
from tests.contract.sessions import Connect
from tests.support.simulated_aws import SimulatedAws


async def test_the_same_clients_go_on_with_the_new_credentials(
    simulated: SimulatedAws, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(simulated.environment | {"AWS_ACCESS_KEY_ID": "NOBODY"}) as session:
        before = session.client("sagemaker"), await session.opened("s3")
        inventory = SageMakerInventory(session, {})
        with pytest.raises(AwsError) as refused:
            await inventory.identity()
        assert refused.value.kind is FaultKind.CREDENTIALS
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", simulated.environment["AWS_ACCESS_KEY_ID"])
        await session.renew()
        assert (await inventory.identity()).account
        assert (session.client("sagemaker"), await session.opened("s3")) == before
        assert await (await session.opened("application-autoscaling")).describe_scalable_targets(
            ServiceNamespace="sagemaker"
        )


async def test_what_still_waits_at_the_end_goes_out_no_more(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        client = session.client("sagemaker")
    calls = simulated.calls()["calls"].get("sagemaker:ListEndpoints", 0)
    with pytest.raises(Exception, match="about to end"):
        await client.list_endpoints()
    assert simulated.calls()["calls"].get("sagemaker:ListEndpoints", 0) == calls


async def test_a_reading_that_nobody_waits_for_fails_unseen_and_is_read_again() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    may_fail, read = asyncio.Event(), []

    async def reading(name: str) -> str:
        read.append(name)
        if len(read) > 1:
            return name
        await may_fail.wait()
        raise AwsError(FaultKind.CREDENTIALS, "sagemaker:DescribeModel", "expired")

    memo: Memo[str] = Memo(reading)
    waiting = asyncio.ensure_future(memo.get("m"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    may_fail.set()
    await asyncio.sleep(0.01)
    assert await memo.get("m") == "m"
    del waiting
    gc.collect()
    assert complaints == []
