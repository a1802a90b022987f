"""Nothing leaves this process but the listed reads, and inside a passage of the write gate the listed changes."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from smtop.metrics.actions import probes
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.aws.edge import refuse_writes
from smtop.metrics.aws.models import ITS_OWN
from smtop.metrics.aws.operations import (
    ALLOWED,
    ALONGSIDE,
    CHANGING,
    INVOCATIONS,
    PLANNING,
    READS,
    TRIED,
    UNGATED,
    WRITES,
    iam_prefix,
    invoke_policy,
    operator_policy,
    read_only_policy,
)
from smtop.metrics.aws.session import LATER, SERVICES
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import Connect, point_at
from tests.support.simulated_aws import SimulatedAws

RELATED = ("logs", "ec2", "ce", "sagemaker-featurestore-runtime", "sagemaker-a2i-runtime")
"""Services that smtop has nothing to do with, or not yet."""

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
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::123456789012:role/admin", "RoleSessionName": "somebody"}),
)


def operations() -> Iterator[str]:
    """Every operation of every service that smtop has to do with, as the edge calls it, from botocore's own models."""
    session = botocore.session.get_session()
    for service in (*SERVICES, *LATER, *RELATED):
        model = session.get_service_model(service)
        prefix = iam_prefix(model.service_id.hyphenize())
        yield from (f"{prefix}:{name}" for name in model.operation_names)


@pytest.fixture(scope="module")
def known() -> list[str]:
    return list(operations())


def is_let_out(operation: str) -> bool:
    """Whether the edge lets an operation pass; a refusal has to say what it is about."""
    try:
        refuse_writes(operation)
    except AwsError as error:
        assert (error.kind, error.operation) == (FaultKind.PERMISSION, operation)
        assert "refused by smtop itself" in str(error)
        return False
    return True


def test_only_the_listed_reads_pass_a_closed_gate(known: list[str]) -> None:
    assert len(known) > 1500
    assert {name for name in known if is_let_out(name)} == ALLOWED


def test_inside_a_passage_the_listed_changes_pass_too_and_no_others(known: list[str]) -> None:
    gate = WriteGate(SystemClock())
    gate.open()
    with gate.passage():
        assert {name for name in known if is_let_out(name)} == ALLOWED | CHANGING
    assert {operation.iam_action for operation in (*WRITES, *INVOCATIONS)} == CHANGING
    assert not ALLOWED & CHANGING


def test_who_is_refused_is_told_how_to_open_the_gate() -> None:
    with pytest.raises(AwsError, match=r"read-only\. Open it with :write 15m on the screen, or with --write"):
        refuse_writes("sagemaker:UpdateEndpoint")
    with pytest.raises(AwsError, match="not on its list of operations"):
        refuse_writes("sagemaker:StopTrainingJob")


def test_every_listed_operation_exists_and_is_what_it_is_listed_as(known: list[str]) -> None:
    listed = {operation.iam_action for operation in (*READS, *PLANNING, *TRIED, *UNGATED)}
    changing = {operation.iam_action for operation in (*WRITES, *INVOCATIONS, *ALONGSIDE)}
    assert set(known) >= listed | changing
    reading = ("List", "Describe", "Get", "Head", "Simulate")
    assert [action for action in listed if not action.partition(":")[2].startswith(reading)] == []
    assert [action for action in changing if action.partition(":")[2].startswith(reading)] == ["s3:GetObject"]


def test_of_every_change_it_can_be_asked_whether_it_was_made() -> None:
    assert {operation.name for operation in WRITES} == probes.OPERATIONS


@pytest.mark.parametrize(("service", "method", "parameters"), CHANGES, ids=[change[1] for change in CHANGES])
async def test_a_change_is_refused_before_it_reaches_the_wire(
    simulated: SimulatedAws, connect: Connect, service: str, method: str, parameters: dict[str, Any]
) -> None:
    before = simulated.calls()
    async with connect(simulated.environment) as session:
        with pytest.raises(AwsError, match="refused by smtop itself"):
            await getattr(session.client(service), method)(**parameters)
    assert simulated.calls() == before


async def test_a_client_can_make_the_listed_operations_and_has_nothing_left_out(
    simulated: SimulatedAws, connect: Connect
) -> None:
    async with connect(simulated.environment) as session:
        clients = [session.client(name) for name in ("sagemaker", "cloudwatch")]
        clients += [await session.opened(name) for name in LATER if name not in ITS_OWN]
        made = {f"{iam_prefix(one.meta.service_model.service_name)}:{name}" for one in clients for name in names(one)}
    assert made == {action for action in ALLOWED | CHANGING if action.partition(":")[0] not in ITS_OWN}


def names(client: Any) -> list[str]:
    """The operations of a client, each with all that its requests, answers and errors refer to."""
    model = client.meta.service_model
    for name in model.operation_names:
        operation = model.operation_model(name)
        for shape in (operation.input_shape, operation.output_shape, *operation.error_shapes):
            walk(shape, set())
    return list(model.operation_names)


def walk(shape: Any, seen: set[str]) -> None:
    """Raises NoShapeFoundError where one is missing."""
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    parts = getattr(shape, "members", {}).values() if shape.type_name == "structure" else ()
    inner = [
        getattr(shape, name)
        for name in ("member", "key", "value")
        if shape.type_name in ("list", "map") and hasattr(shape, name)
    ]
    for part in (*parts, *inner):
        walk(part, seen)


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
    reads = {operation.iam_action for operation in (*READS, *TRIED, *UNGATED)}
    assert {name for name in after if after[name] > before.get(name, 0)} == reads


def test_the_policy_allows_the_reads_and_nothing_else() -> None:
    policy: dict[str, Any] = read_only_policy()
    assert policy["Version"] == "2012-10-17"
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}
    allowed = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert sorted(allowed) == sorted(operation.iam_action for operation in READS)
    assert not set(allowed) & {operation.iam_action for operation in (*TRIED, *UNGATED)}
    assert not [action for action in allowed if "*" in action]


def test_the_operators_policy_has_every_change_beside_every_read() -> None:
    policy: dict[str, Any] = operator_policy()
    statements = policy["Statement"]
    assert len({statement["Sid"] for statement in statements}) == len(statements)
    allowed = {action for one in statements if "Condition" not in one for action in one["Action"]}
    assert allowed == {operation.iam_action for operation in (*READS, *PLANNING, *WRITES, *ALONGSIDE)}
    passed_on = [one["Action"] for one in statements if "Condition" in one]
    assert passed_on == ["iam:PassRole", "iam:CreateServiceLinkedRole"]


def test_the_policy_of_test_invocations_is_for_one_endpoint() -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"
    (statement,) = statements_of(invoke_policy(arn))
    assert statement["Resource"] == arn
    assert statement["Action"] == ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync"]
    assert "Condition" not in statement
    (statement,) = statements_of(invoke_policy(arn, ["first"]))
    assert statement["Condition"] == {"StringEquals": {"sagemaker:TargetContainerHostname": ["first"]}}


def statements_of(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return list(policy["Statement"])


def test_every_operation_says_what_is_lost_without_it() -> None:
    assert all(operation.why for operation in (*READS, *PLANNING, *TRIED, *UNGATED, *WRITES, *INVOCATIONS, *ALONGSIDE))
    assert {operation.name for operation in READS if operation.essential} == {
        *("ListEndpoints", "DescribeEndpoint", "DescribeEndpointConfig", "GetMetricData")
    }
