"""A ControlPlane in memory: documents by name, faults by operation, and all that was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.actions.ground import Ground, survey
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.ports import Document, Reading, Receipt
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.plan import Call, Place
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.journal import Journal
from tests.support.fleet import HandClock

ACCOUNT, REGION = "123456789012", "us-east-1"
PLACE = Place(ACCOUNT, REGION)
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


@dataclass
class FakeControl:
    """`documents` by operation and name, `lists` by operation, filtered by every parameter that an entry has too.

    `unknown` are paths that the SDK does not know, by name. `faults` are raised by operation, `sent` is what was sent.
    """

    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    lists: dict[str, list[Document]] = field(default_factory=dict)
    unknown: dict[str, frozenset[str]] = field(default_factory=dict)
    faults: dict[str, AwsError] = field(default_factory=dict)
    sent: list[Call] = field(default_factory=list)

    async def identity(self) -> Identity:
        return Identity(ACCOUNT, REGION, f"arn:aws:sts::{ACCOUNT}:assumed-role/oncall/ana")

    async def read(self, service: str, operation: str, **parameters: object) -> Reading:
        self._fail(operation)
        name = str(next(iter(parameters.values())))
        document = self.documents.get((operation, name))
        if document is None:
            raise AwsError(FaultKind.NOT_FOUND, f"{service}:{operation}", f"There is no {name}.")
        return Reading(document, self.unknown.get(name, frozenset()))

    async def entries(self, service: str, operation: str, member: str, **parameters: object) -> Sequence[Document]:
        self._fail(operation)
        found = self.lists.get(operation, [])
        return [entry for entry in found if all(_suits(entry, name, value) for name, value in parameters.items())]

    async def send(self, call: Call) -> Receipt:
        self._fail(call.operation)
        self.sent.append(call)
        return Receipt(f"request-{len(self.sent)}", {})

    def _fail(self, operation: str) -> None:
        if operation in self.faults:
            raise self.faults[operation]


def _suits(entry: Document, name: str, value: object) -> bool:
    """`ResourceIds` and `AlarmNames` name several; `EndpointNameEquals` and the like one."""
    if isinstance(value, list | tuple):
        return entry.get(name.removesuffix("s"), value[0] if value else None) in value
    return bool(entry.get(name.removesuffix("Equals"), value) == value)


def hosted(
    control: FakeControl, name: str, *variants: Mapping[str, Any], status: str = "InService", **members: Any
) -> None:
    """Puts an endpoint there with its config `NAME-cfg`; each variant is that of a config, live as it is configured.

    `members` belong to the config. Variants without a weight get 1, without a ServerlessConfig one instance.
    """
    specs = [_spec(variant) for variant in variants]
    config = {
        "EndpointConfigName": f"{name}-cfg",
        "EndpointConfigArn": f"{ARN}:endpoint-config/{name}-cfg",
        "CreationTime": 1_700_000_000.0,
        "ProductionVariants": specs,
        **members,
    }
    endpoint = {
        "EndpointName": name,
        "EndpointArn": f"{ARN}:endpoint/{name}",
        "EndpointConfigName": f"{name}-cfg",
        "EndpointStatus": status,
        "ProductionVariants": [_live(spec) for spec in specs],
        **({"AsyncInferenceConfig": members["AsyncInferenceConfig"]} if "AsyncInferenceConfig" in members else {}),
    }
    control.documents["DescribeEndpointConfig", f"{name}-cfg"] = config
    control.documents["DescribeEndpoint", name] = endpoint


def _spec(variant: Mapping[str, Any]) -> dict[str, Any]:
    named = {"VariantName": "AllTraffic", "ModelName": "model", "InitialVariantWeight": 1.0}
    capacity = {"InitialInstanceCount": 1, "InstanceType": "ml.m5.xlarge"}
    return {**named, **({} if "ServerlessConfig" in variant else capacity), **variant}


def _live(spec: Mapping[str, Any]) -> dict[str, Any]:
    weight = spec["InitialVariantWeight"]
    live = {"VariantName": spec["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    if "ServerlessConfig" in spec:
        settings = spec["ServerlessConfig"]
        return {**live, "CurrentServerlessConfig": settings, "DesiredServerlessConfig": settings}
    count = spec["InitialInstanceCount"]
    return {**live, "CurrentInstanceCount": count, "DesiredInstanceCount": count}


async def ground_of(control: FakeControl, name: str) -> Ground:
    return await survey(control, name)


def means(control: FakeControl, journal: Journal, place: Place = PLACE, busy: float | None = 120.0) -> Means:
    """Ids are `change-1`, `change-2` and so on."""
    made: list[str] = []

    def new_id() -> str:
        made.append(f"change-{len(made) + 1}")
        return made[-1]

    async def requests_per_minute(_: Ground) -> float | None:
        return busy

    return Means(control, journal, HandClock(), place, new_id, requests_per_minute, requests_per_minute)
