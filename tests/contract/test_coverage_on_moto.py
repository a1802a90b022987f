"""What is listed beside what is expected, on an AWS that we did not write. moto lists a metric once for each datum."""

from collections import Counter

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.domain.catalogue import STANDARD
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.reports.coverage import Presence, compare, list_published
from tests.contract.sessions import Connect
from tests.support.moto_server import Hosted, MotoAws


async def test_for_every_kind_the_endpoints_that_have_a_metric_are_counted(
    moto: MotoAws, moto_fleet: list[Hosted], connect: Connect
) -> None:
    async with connect(moto.environment) as session:
        endpoints = await described(SageMakerInventory(session, {}))
        listed = await list_published(CloudWatchMetrics(session), STANDARD)
    later = max(endpoint.summary.modified_at.timestamp() for endpoint in endpoints) + 86_400
    coverage = compare(endpoints, listed, STANDARD, later)
    put = Counter((hosted.kind, one.namespace, one.name) for hosted in moto_fleet for one in hosted.measured)
    seen = {
        (kind.kind, one.spec.namespace, one.spec.name): one.seen
        for kind in coverage.kinds
        for one in kind.expected
        if one.presence in (Presence.PUBLISHED, Presence.PARTLY)
    }
    assert seen == put
    assert (coverage.endpoints, coverage.listed) == (len(moto_fleet), put.total())
    assert (coverage.unknown, coverage.young) == ((), 0)


async def described(inventory: SageMakerInventory) -> list[Endpoint]:
    summaries = [summary async for page in inventory.summaries() for summary in page]
    found = [await inventory.describe(summary) for summary in summaries]
    return [one.endpoint for one in found if one is not None]
