"""What an operator wants changed, as values: they go to the engine, into the journal, and to a process of their own.

A change says what is wanted and nothing of how. Whatever is None, or not named, stays as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, TypeAlias, get_args

from smtop.metrics.errors import ConfigError

POLICIES = ("all-at-once", "canary", "linear", "rolling")


@dataclass(frozen=True)
class Deployment:
    """How an update is rolled out. `policy` is one of POLICIES; AWS's own choice without one is all at once.

    `alarms` roll it back: CloudWatch alarms, by name. `step_percent` is the size of the canary, of a linear step or of
    a rolling batch, `interval_s` the wait after each. `bake_s` is how long the old fleet is kept after the last.
    """

    policy: str | None = None
    alarms: tuple[str, ...] = ()
    step_percent: int | None = None
    interval_s: int | None = None
    bake_s: int | None = None


@dataclass(frozen=True)
class Weights:
    """The weights of production variants; a variant's share of the traffic is its weight among all of them."""

    word: ClassVar[str] = "weights"
    endpoint: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Resize:
    """Another capacity of one variant, or of one component. `variant` may be None where there is one.

    `provisioned_concurrency` 0 takes it away; it may be wanted from a time on, and up to one (epoch seconds).
    `async_concurrency` is requests at once for each instance. Where a new config is needed, `config` names an old one
    that is taken instead if it says the same.
    """

    word: ClassVar[str] = "resize"
    endpoint: str
    variant: str | None = None
    component: str | None = None
    count: int | None = None
    type: str | None = None
    memory_mb: int | None = None
    max_concurrency: int | None = None
    provisioned_concurrency: int | None = None
    async_concurrency: int | None = None
    copies: int | None = None
    begins_at: float | None = None
    ends_at: float | None = None
    config: str | None = None
    deployment: Deployment = field(default_factory=Deployment)


@dataclass(frozen=True)
class Update:
    """Another config, or the live config with another model. `retain` keeps live weights and counts."""

    word: ClassVar[str] = "update"
    endpoint: str
    config: str | None = None
    model: str | None = None
    retain: bool = True
    deployment: Deployment = field(default_factory=Deployment)


@dataclass(frozen=True)
class Rollback:
    """An earlier config, the one before the live one where none is named. `retain` keeps live weights and counts."""

    word: ClassVar[str] = "rollback"
    endpoint: str
    to: str | None = None
    retain: bool = True
    deployment: Deployment = field(default_factory=Deployment)


@dataclass(frozen=True)
class Delete:
    """The endpoint with its components and scaling; its config and models too, where nothing else uses them."""

    word: ClassVar[str] = "delete"
    endpoint: str
    with_config: bool = False
    with_models: bool = False


@dataclass(frozen=True)
class Recreate:
    """A deleted endpoint, from the recipe that its deletion wrote down."""

    word: ClassVar[str] = "recreate"
    endpoint: str
    recipe: Mapping[str, Any]


@dataclass(frozen=True)
class Bounds:
    """The scalable target of a variant or component: registered, or given other bounds."""

    word: ClassVar[str] = "scaling-bounds"
    endpoint: str
    variant: str | None = None
    component: str | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Policy:
    """A scaling policy, made or replaced. `metric` and `step` are told apart by the planner.

    `metric` is one of AWS's predefined metrics, a short name of smtop's (`cpu`), or `NAMESPACE:NAME:STAT`. With `step`
    it is the step policy that leaves zero instances on HasBacklogWithoutCapacity.
    """

    word: ClassVar[str] = "scaling-policy"
    endpoint: str
    variant: str | None = None
    component: str | None = None
    name: str | None = None
    metric: str | None = None
    target: float | None = None
    step: bool = False
    in_cooldown_s: int | None = None
    out_cooldown_s: int | None = None
    never_in: bool = False


@dataclass(frozen=True)
class Schedule:
    """A scheduled action, made or replaced: bounds from a time on. `schedule` is AWS's expression."""

    word: ClassVar[str] = "scaling-schedule"
    endpoint: str
    name: str
    schedule: str
    variant: str | None = None
    component: str | None = None
    timezone: str | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Suspend:
    """What of its scaling is suspended or goes on: `in`, `out`, `scheduled`. All of it where none is named."""

    word: ClassVar[str] = "scaling-suspend"
    endpoint: str
    variant: str | None = None
    component: str | None = None
    what: tuple[str, ...] = ()
    resume: bool = False


@dataclass(frozen=True)
class Unscale:
    """A policy or a scheduled action is taken away; without either name the whole target, with all that it has."""

    word: ClassVar[str] = "scaling-remove"
    endpoint: str
    variant: str | None = None
    component: str | None = None
    policy: str | None = None
    schedule: str | None = None


@dataclass(frozen=True)
class Restore:
    """The fields of `fields` as they were, of scaling or of an endpoint: the way back of a change that has no other.

    `fields` are those of `smtop.metrics.actions.live`, `documents` what AWS said of scalable targets, policies and
    scheduled actions before.
    """

    word: ClassVar[str] = "restore"
    endpoint: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Undo:
    """Back to where a journalled change began; without an id the newest that can be undone."""

    word: ClassVar[str] = "undo"
    change_id: str | None = None


Change: TypeAlias = (
    Weights
    | Resize
    | Update
    | Rollback
    | Delete
    | Recreate
    | Bounds
    | Policy
    | Schedule
    | Suspend
    | Unscale
    | Restore
    | Undo
)

_KINDS: Mapping[str, type] = {kind.word: kind for kind in get_args(Change)}


def aimed(change: Change, endpoint: str) -> Change:
    """The same for another endpoint; an undo names none."""
    return change if isinstance(change, Undo) else replace(change, endpoint=endpoint)


def as_document(change: Change) -> dict[str, Any]:
    """A change as JSON values."""
    return {"change": change.word, **asdict(change)}


def from_document(document: Mapping[str, Any]) -> Change:
    """The change that `as_document` wrote. Raises ConfigError for one of another version of smtop."""
    members = {name: value for name, value in document.items() if name != "change"}
    try:
        kind = _KINDS[document["change"]]
        if "deployment" in members:
            members["deployment"] = Deployment(**_tuples(members["deployment"]))
        change: Change = kind(**_tuples(members))
    except (KeyError, TypeError) as error:
        raise ConfigError(f"The journal holds a change that this smtop does not know: {error}.") from error
    return change


def _tuples(members: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows no tuples; the lists of a change are all of them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in members.items()}
