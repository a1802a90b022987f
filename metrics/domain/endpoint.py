"""Endpoints as AWS describes them, and what kind each is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Kind(StrEnum):
    """How an endpoint hosts its models; the values are those of `snapshot --format json`."""

    REALTIME = "realtime"
    MULTI_MODEL = "multi-model"
    MULTI_CONTAINER = "multi-container"
    PIPELINE = "pipeline"
    ASYNC = "async"
    SERVERLESS = "serverless"
    SERVERLESS_PROVISIONED = "serverless-provisioned"
    INFERENCE_COMPONENT = "inference-component"
    UNKNOWN = "unknown"

    @property
    def code(self) -> str:
        """The two letters that stand for the kind on the screen."""
        return _CODES[self]

    @property
    def is_serverless(self) -> bool:
        return self in (Kind.SERVERLESS, Kind.SERVERLESS_PROVISIONED)


_CODES = {
    Kind.REALTIME: "RT",
    Kind.MULTI_MODEL: "MM",
    Kind.MULTI_CONTAINER: "MC",
    Kind.PIPELINE: "PL",
    Kind.ASYNC: "AS",
    Kind.SERVERLESS: "SL",
    Kind.SERVERLESS_PROVISIONED: "SP",
    Kind.INFERENCE_COMPONENT: "IC",
    Kind.UNKNOWN: "??",
}

IN_SERVICE = "InService"
TRANSITIONAL = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
BROKEN = frozenset({"Failed", "OutOfService", "UpdateRollbackFailed"})


ACCOUNT_COLORS = ("red", "yellow", "green", "blue", "magenta", "grey")


class Account(NamedTuple):
    """What the operator says of an account: a name, what it is for (`prod`), and one of ACCOUNT_COLORS.

    `may_write` is whether anything may ever be changed in it.
    """

    label: str | None = None
    kind: str | None = None
    color: str | None = None
    may_write: bool = True


class Identity(NamedTuple):
    """Who is asking, and where. `label`, `kind` and `color` are those of the Account."""

    account: str
    region: str
    arn: str
    profile: str | None = None
    label: str | None = None
    kind: str | None = None
    color: str | None = None

    @property
    def kind_word(self) -> str:
        """What the account is for, in capitals; empty where nobody said."""
        return (self.kind or "").upper()

    @property
    def is_production(self) -> bool:
        """Whether the account is configured as production: of a kind that begins with prod."""
        return self.kind_word.startswith("PROD")

    @property
    def name(self) -> str:
        """The account as its people call it: its label, or the profile that leads there, or its number."""
        return self.label or self.profile or self.account

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`."""
        return [*self.arn.split(":", 2), ""][1]

    @property
    def place(self) -> str:
        """`payments us-east-1`."""
        return f"{self.name} {self.region}"


class Moving(NamedTuple, Generic[T]):
    """A value that AWS moves from `current` to `desired`; either is None where AWS does not say."""

    current: T | None
    desired: T | None


class Instances(NamedTuple):
    """Instances behind a variant; `type` comes from the config, and `type_why` says why it is missing."""

    count: Moving[int]  # type: ignore[assignment]  # tuples have a method of this name
    type: str | None
    type_why: str | None = None


class Serverless(NamedTuple):
    """Serverless settings of a variant; memory in MB, concurrency in requests."""

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None


class Variant(NamedTuple):
    """One production or shadow variant. `containers` are the host names of a model of several containers."""

    name: str
    shadow: bool = False
    weight: Moving[float] | None = None
    instances: Instances | None = None
    serverless: Serverless | None = None
    model: str | None = None
    containers: tuple[str, ...] = ()


class Component(NamedTuple):
    """An inference component: a model with its own number of copies on a variant's instances.

    `reason` is what AWS says of a failure.
    """

    name: str
    variant: str | None
    status: str
    copies: Moving[int]
    reason: str | None = None


def address(account: str, region: str, name: str) -> str:
    """`account/region/name` of an endpoint; none of the three can hold a slash."""
    return f"{account}/{region}/{name}"


class EndpointSummary(NamedTuple):
    """What the list of endpoints says: enough to paint a row, not enough to know the kind."""

    name: str
    arn: str
    status: str
    created_at: datetime
    modified_at: datetime

    @property
    def region(self) -> str:
        """The region in its ARN; empty where the ARN has none."""
        return (self.arn.split(":", 4) + [""] * 4)[3]

    @property
    def account(self) -> str:
        """The account in its ARN; empty where the ARN has none."""
        return (self.arn.split(":", 5) + [""] * 5)[4]

    @property
    def address(self) -> str:
        """What no other endpoint has, in whichever account and region."""
        return address(self.account, self.region, self.name)


class Endpoint(NamedTuple):
    """An endpoint, as far as it could be described.

    `described` is False while only the list has spoken; `kind` is then UNKNOWN and there are no variants. `at` is whose
    it is, where several accounts or regions are watched, and None where it is the only one.
    """

    summary: EndpointSummary
    kind: Kind = Kind.UNKNOWN
    described: bool = False
    status_reason: str | None = None
    config: str | None = None
    variants: tuple[Variant, ...] = ()
    components: tuple[Component, ...] = ()
    tags: Mapping[str, str] = MappingProxyType({})
    at: Identity | None = None

    @property
    def name(self) -> str:
        return self.summary.name

    @property
    def key(self) -> str:
        """What no other endpoint in the same table has: its name, or its address among several accounts or regions."""
        return self.name if self.at is None else self.summary.address

    @property
    def title(self) -> str:
        """Its name, and whose it is among several accounts or regions: `fraud (payments us-east-1)`."""
        return self.name if self.at is None else f"{self.name} ({self.at.place})"

    @property
    def status(self) -> str:
        return self.summary.status

    @property
    def runbook(self) -> str | None:
        """The web address in the tag `runbook` (or `smtop:runbook`); anything else in it is none."""
        url = self.tags.get("smtop:runbook") or self.tags.get("runbook") or ""
        return url if url.startswith(("https://", "http://")) and url.isprintable() and " " not in url else None

    @property
    def is_changing(self) -> bool:
        return self.status in TRANSITIONAL

    @property
    def is_broken(self) -> bool:
        return self.status in BROKEN

    @property
    def production(self) -> tuple[Variant, ...]:
        """The variants that answer callers; a shadow's answers are thrown away."""
        return tuple(variant for variant in self.variants if not variant.shadow)


class Model(NamedTuple):
    """What a model's description says about its containers."""

    name: str
    containers: tuple[str, ...] = ()
    multi_model: bool = False
    direct: bool = False


def classify(
    *,
    asynchronous: bool,
    serverless: Sequence[Serverless],
    component_based: bool,
    models: Sequence[Model],
) -> Kind:
    """The kind of an endpoint; the first property that holds decides, in the order in which AWS excludes them.

    `models` are those that could be described; with none of them an instance-backed endpoint counts as real-time.
    """
    if asynchronous:
        return Kind.ASYNC
    if serverless:
        provisioned = any(settings.provisioned_concurrency for settings in serverless)
        return Kind.SERVERLESS_PROVISIONED if provisioned else Kind.SERVERLESS
    if component_based:
        return Kind.INFERENCE_COMPONENT
    if any(model.multi_model for model in models):
        return Kind.MULTI_MODEL
    several = [model for model in models if len(model.containers) > 1]
    if several:
        return Kind.MULTI_CONTAINER if any(model.direct for model in several) else Kind.PIPELINE
    return Kind.REALTIME
