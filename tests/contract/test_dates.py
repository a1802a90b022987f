"""What AWS says the time is, as the session tells it on."""

from email.utils import parsedate_to_datetime

import pytest
from botocore.exceptions import ClientError

from tests.contract.sessions import Connect
from tests.support.simulated_aws import SimulatedAws


async def test_the_date_of_every_answer_is_told_refusals_included(simulated: SimulatedAws, connect: Connect) -> None:
    dates: list[str] = []
    simulated.faults(deny=["cloudwatch:ListMetrics"])
    async with connect(simulated.environment, heard_date=dates.append) as session:
        await session.client("sagemaker").list_endpoints()
        assert len(dates) == 1
        with pytest.raises(ClientError):
            await session.client("cloudwatch").list_metrics()
        assert len(dates) == 2
    assert [parsedate_to_datetime(date).utcoffset() is not None for date in dates] == [True, True]
