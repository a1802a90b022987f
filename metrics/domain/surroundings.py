"""What stands around an endpoint and is no metric: what scales it, alarms, quotas, images, what was done to it.

None always means that it was not or could not be asked; `unknown` says why. All times are epoch seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from smtop.metrics.domain.scaling import ScaledPart


class Around(StrEnum):
    """What is asked apart from metrics."""

    SCALING = "scaling"
    ALARMS = "alarms"
    QUOTAS = "quotas"
    MODELS = "models"
    HISTORY = "history"


class AlarmState(StrEnum):
    """CloudWatch's own words."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Alarm(NamedTuple):
    """A CloudWatch alarm on a metric of the endpoint. `since` is when it came into its state, `reason` AWS's words.

    `scales` is True for one that a scaling policy made for itself: it is part of how scaling works, and bad news never.
    """

    name: str
    state: AlarmState
    since: float
    reason: str = ""
    metric: str = ""
    variant: str | None = None
    component: str | None = None
    scales: bool = False


class Quota(NamedTuple):
    """How many of one thing the account may have at most, and has; `used` is None where that was not counted."""

    name: str
    limit: float
    used: float | None = None


@dataclass(frozen=True)
class ModelFacts:
    """What a model is made from, all its containers together. `artifacts` is where S3 has what they load.

    `image_bytes` is compressed, as the registry has it; `artifact_bytes` as S3 has it.
    """

    name: str
    images: tuple[str, ...] = ()
    role: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    image_bytes: int | None = None
    artifact_bytes: int | None = None
    artifacts: tuple[str, ...] = ()


class Deploy(NamedTuple):
    """A config that became live, from `at` at the latest."""

    config: str
    at: float


@dataclass(frozen=True, eq=False)
class Surroundings:
    """All of it for one endpoint. A new one is made whenever something in it is new.

    `quotas` are those that bound a growth of the endpoint, by instance type, or by `serverless`. `deploys` are those
    that smtop saw, the newest first. `rolled_back_at` is when smtop last saw the endpoint roll back. `changing_since`
    is when its present change began: as smtop saw it begin, or as AWS dated it when smtop first saw it under way.

    `uneven_since` says since when smtop has seen a part with another number of instances or copies than is desired, by
    variant and component; parts that are as desired are not in it.
    """

    scaled: tuple[ScaledPart, ...] | None = None
    alarms: tuple[Alarm, ...] | None = None
    quotas: Mapping[str, Quota] | None = None
    models: Mapping[str, ModelFacts] | None = None
    deploys: tuple[Deploy, ...] = ()
    rolled_back_at: float | None = None
    changing_since: float | None = None
    uneven_since: Mapping[tuple[str | None, str | None], float] = field(default_factory=lambda: MappingProxyType({}))
    unknown: Mapping[Around, str] = field(default_factory=lambda: MappingProxyType({}))


NOTHING_AROUND = Surroundings()
