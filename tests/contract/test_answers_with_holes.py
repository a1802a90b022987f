"""Recorded answers in which a member is missing or an entry of a list is null: read, or refused as unreadable.

AWS promises most members, and an SDK passes on whatever comes.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import botocore.loaders
import pytest

from smtop.metrics.aws.alarms import CloudWatchAlarms
from smtop.metrics.aws.configs import SageMakerConfigs
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.quotas import ServiceQuotas
from smtop.metrics.aws.scaling import ApplicationAutoScaling
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.endpoint import EndpointSummary
from smtop.metrics.domain.scaling import Scalable, ScalableTarget
from smtop.metrics.errors import AwsError, FaultKind
from tests.contract.sessions import point_at
from tests.contract.test_recorded_traffic import NAMED, RECORDED
from tests.support.canned import Canned, answer_by
from tests.support.fleet import endpoint

ANSWERS: Mapping[str, Any] = {
    one.operation: {name: value for name, value in json.loads(one.answer.body).items() if name != "NextToken"}
    for one in RECORDED
    if one.answer.status == 200 and one.answer.body[:1] == b"{"
}
OF_COMPONENTS = frozenset({"ListInferenceComponents", "DescribeInferenceComponent"})
CONFIG_OF_COMPONENTS = {
    **ANSWERS["DescribeEndpointConfig"],
    "ProductionVariants": [
        {name: value for name, value in variant.items() if name != "ModelName"}
        for variant in ANSWERS["DescribeEndpointConfig"]["ProductionVariants"]
    ],
}
LISTED: EndpointSummary = endpoint("fraud").endpoint.summary
TARGET = ScalableTarget(Scalable("endpoint/fraud/variant/main", "sagemaker:variant:DesiredInstanceCount"), 1, 2)

Path = tuple[str | int, ...]
Read = Callable[[AwsSession], Awaitable[object]]


async def _all(pages: Any) -> list[Any]:
    return [page async for page in pages]


async def _described_and_configured(session: AwsSession) -> None:
    await SageMakerInventory(session, {}).describe(LISTED)
    await SageMakerConfigs(session).deployed(LISTED.name)
    await SageMakerConfigs(session).config("fraud")


READERS: Mapping[str, Read] = {
    "ListEndpoints": lambda session: _all(SageMakerInventory(session, {}).summaries()),
    "ListTags": lambda session: SageMakerInventory(session, {}).tags(LISTED.arn),
    "ListEndpointConfigs": lambda session: SageMakerConfigs(session).configs_named("fraud", 10),
    "DescribeScalableTargets": lambda session: ApplicationAutoScaling(session).all_targets(),
    "DescribeScalingPolicies": lambda session: ApplicationAutoScaling(session).all_policies(),
    "DescribeScheduledActions": lambda session: ApplicationAutoScaling(session).schedules(TARGET),
    "DescribeScalingActivities": lambda session: ApplicationAutoScaling(session).activities_since(0.0),
    "ListServiceQuotas": lambda session: ServiceQuotas(session).quotas(),
    "DescribeAlarms": lambda session: CloudWatchAlarms(session).alarms(),
    **dict.fromkeys(
        ("DescribeEndpoint", "DescribeModel", "ListInferenceComponents", "DescribeInferenceComponent"),
        lambda session: SageMakerInventory(session, {}).describe(LISTED),
    ),
    "DescribeEndpointConfig": _described_and_configured,
}


class Answering:
    """Every operation as it was recorded, but for one."""

    def __init__(self) -> None:
        self.operation = ""
        self.body: Any = None

    def __call__(self, request: Any) -> Canned:
        target = request.headers.get("X-Amz-Target", b"")
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        if operation == self.operation:
            return Canned(json.dumps(self.body).encode())
        has_components = operation == "DescribeEndpointConfig" and self.operation in OF_COMPONENTS
        return Canned(json.dumps(CONFIG_OF_COMPONENTS if has_components else ANSWERS[operation]).encode())


@pytest.fixture(scope="module")
def on_wire(
    tmp_path_factory: pytest.TempPathFactory, parsed_models: botocore.loaders.Loader
) -> Iterator[tuple[asyncio.Runner, AwsSession, Answering]]:
    folder, answering = tmp_path_factory.mktemp("holes"), Answering()
    with pytest.MonkeyPatch.context() as monkeypatch, asyncio.Runner() as runner:
        monkeypatch.setattr("botocore.session.create_loader", lambda _: parsed_models)
        point_at(NAMED, monkeypatch)
        answer_by(answering, monkeypatch)
        session = AwsSession(Settings(Directories(folder, folder, folder, folder)), Meter())
        runner.run(session.__aenter__())
        yield runner, session, answering
        runner.run(session.__aexit__(None, None, None))


def holes(document: Any, path: Path = ()) -> Iterator[Path]:
    """Where something is that can be missing."""
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in inner:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from holes(value, (*path, name))


def without(document: Any, path: Path) -> Any:
    torn = deepcopy(document)
    *way, last = path
    place = torn
    for step in way:
        place = place[step]
    place[last] = None
    return torn


@pytest.mark.parametrize("operation", READERS)
def test_an_answer_with_a_hole_is_read_or_refused(
    operation: str, on_wire: tuple[asyncio.Runner, AwsSession, Answering]
) -> None:
    runner, session, answering = on_wire
    whole = ANSWERS[operation]
    answering.operation, answering.body = operation, whole
    runner.run(_read(operation, session))
    refused = 0
    for path in holes(whole):
        answering.body = without(whole, path)
        try:
            runner.run(_read(operation, session))
        except AwsError as error:
            assert (error.kind, error.operation.rpartition(":")[2]) == (FaultKind.SERVICE, operation), path
            assert "cannot be read" in str(error)
            refused += 1
    assert refused < len(list(holes(whole))), "an answer needs not have everything"


async def _read(operation: str, session: AwsSession) -> object:
    return await READERS[operation](session)
