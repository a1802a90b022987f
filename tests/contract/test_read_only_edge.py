"""Nothing but the listed reads leaves this process, and every listed read is one that smtop makes."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from smtop.metrics.aws.edge import refuse_writes
from smtop.metrics.aws.operations import ALLOWED, READS, UNGATED, read_only_policy
from smtop.metrics.aws.session import SERVICES
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import Connect, point_at
from tests.support.simulated_aws import SimulatedAws

RELATED = ("application-autoscaling", "sagemaker-runtime", "logs", "iam")

CHANGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sagemaker", "delete_endpoint", {"EndpointName": "fraud-scorer-prod"}),
    ("sagemaker", "delete_endpoint_config", {"EndpointConfigName": "fraud-v1"}),
    ("sagemaker", "create_endpoint", {"EndpointName": "new", "EndpointConfigName": "fraud-v1"}),
    ("sagemaker", "update_endpoint", {"EndpointName": "fraud-scorer-prod", "EndpointConfigName": "fraud-v2"}),
    (
        "sagemaker",
        "update_endpoint_weights_and_capacities",
        {
            "EndpointName": "fraud-scorer-prod",
            "DesiredWeightsAndCapacities": [{"VariantName": "A", "DesiredWeight": 0}],
        },
    ),
    ("sagemaker", "list_models", {}),
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}),
    ("cloudwatch", "put_metric_data", {"Namespace": "AWS/SageMaker", "MetricData": [{"MetricName": "Invocations"}]}),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::123456789012:role/admin", "RoleSessionName": "somebody"}),
)


def operations() -> Iterator[tuple[str, str]]:
    """Every operation of every service that smtop has to do with, from botocore's own models."""
    session = botocore.session.get_session()
    for service in (*SERVICES, *RELATED):
        for name in session.get_service_model(service).operation_names:
            yield service, name


def test_everything_that_is_no_listed_read_is_refused() -> None:
    known = list(operations())
    assert len(known) > 500
    for service, name in known:
        if f"{service}:{name}" in ALLOWED:
            refuse_writes(f"{service}:{name}")
            continue
        with pytest.raises(AwsError, match="not on its list of reads") as caught:
            refuse_writes(f"{service}:{name}")
        assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, f"{service}:{name}")


def test_every_listed_read_exists_and_reads() -> None:
    known = {f"{service}:{name}" for service, name in operations()}
    assert known >= ALLOWED
    assert all(action.partition(":")[2].startswith(("List", "Describe", "Get")) for action in ALLOWED)


@pytest.mark.parametrize(("service", "method", "parameters"), CHANGES, ids=[change[1] for change in CHANGES])
async def test_a_change_is_refused_before_it_reaches_the_wire(
    simulated: SimulatedAws, connect: Connect, service: str, method: str, parameters: dict[str, Any]
) -> None:
    before = simulated.calls()
    async with connect(simulated.environment) as session:
        with pytest.raises(AwsError, match="refused by smtop itself"):
            await getattr(session.client(service), method)(**parameters)
    assert simulated.calls() == before


async def test_the_edge_is_still_there_after_signing_in_again(simulated: SimulatedAws, connect: Connect) -> None:
    before = simulated.calls()["calls"]
    async with connect(simulated.environment) as session:
        await session.renew()
        with pytest.raises(AwsError, match="refused by smtop itself"):
            await session.client("sagemaker").delete_endpoint(EndpointName="fraud-scorer-prod")
        await session.client("sts").get_caller_identity()
    after = simulated.calls()["calls"]
    assert {name for name in after if after[name] != before.get(name)} == {"sts:GetCallerIdentity"}


async def test_a_snapshot_and_a_page_make_every_listed_read_and_no_other(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(simulated.environment, monkeypatch)
    before = simulated.calls()["calls"]
    async with Monitor(settings, SystemClock()) as monitor:
        await monitor.take()
        await monitor.details("ad-click-ctr-prod")
    after = simulated.calls()["calls"]
    assert {name for name in after if after[name] > before.get(name, 0)} == ALLOWED


def test_the_policy_allows_the_reads_and_nothing_else() -> None:
    policy: dict[str, Any] = read_only_policy()
    assert policy["Version"] == "2012-10-17"
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}
    allowed = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert sorted(allowed) == sorted(operation.iam_action for operation in READS)
    assert not set(allowed) & {operation.iam_action for operation in UNGATED}
    assert not [action for action in allowed if "*" in action]


def test_every_read_says_what_is_lost_without_it() -> None:
    assert all(operation.why for operation in (*READS, *UNGATED))
    assert {operation.name for operation in READS if operation.essential} == {
        *("ListEndpoints", "DescribeEndpoint", "DescribeEndpointConfig", "GetMetricData")
    }
