"""How an endpoint is hosted, which decides the metrics it publishes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.instances import InstanceSpec, spec_of
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.resources import Deployment, Deployments, LiveVariant
from smtop.metrics.simulator.workload import ServiceProfile


class Kind(StrEnum):
    """The hosting options of SageMaker inference, as far as their metrics differ."""

    REAL_TIME = "real-time"
    MULTI_MODEL = "multi-model"
    PIPELINE = "pipeline"
    DIRECT = "direct"
    ASYNC = "async"
    SERVERLESS = "serverless"
    PROVISIONED = "serverless-provisioned"
    COMPONENTS = "components"


SERVERLESS_KINDS: Final = frozenset({Kind.SERVERLESS, Kind.PROVISIONED})
INSTANCE_KINDS: Final = frozenset(Kind) - SERVERLESS_KINDS


def kind_of(deployment: Deployment, variant: LiveVariant, deployments: Deployments) -> Kind:
    """The kind of a variant as it is deployed."""
    if deployment.asynchronous:
        return Kind.ASYNC
    if variant.serverless:
        return Kind.PROVISIONED if variant.serverless.provisioned_concurrency else Kind.SERVERLESS
    if variant.model is None:
        return Kind.COMPONENTS
    if deployments.multi_model(variant.model):
        return Kind.MULTI_MODEL
    if len(deployments.containers(variant.model)) < 2:
        return Kind.REAL_TIME
    return Kind.DIRECT if deployments.direct(variant.model) else Kind.PIPELINE


@dataclass(frozen=True, eq=False)
class Stretch:
    """What one variant, component or queue did over consecutive minutes of one deployment.

    `columns` hold one number a minute: `calls` (and of them `answered`, `errors_4xx`, `errors_5xx`, `failed`,
    `cold`, `spilled`, `misses`), the load per server `busy`, waits in seconds, and what else the kind needs. What ails
    the part has a column of its name (`Ail`); `skew` has one for each container, beside `demand`.
    """

    stream: int
    kind: Kind
    variant: LiveVariant
    profile: ServiceProfile
    began: int
    minutes: Minutes
    columns: dict[str, Array]
    copies: int = 0
    containers: tuple[str, ...] = ()
    demand: tuple[float, ...] = ()
    skew: tuple[Array, ...] = ()
    parts: tuple["Stretch", ...] = ()

    @property
    def spec(self) -> InstanceSpec:
        """The instance it runs on."""
        return spec_of(self.variant.instance_type or "ml.m5.xlarge")

    @property
    def speed(self) -> float:
        """Speed of the model on its instance; a serverless core is one of speed 1."""
        return 1.0 if self.variant.serverless else self.profile.speed_on(self.spec)


@dataclass(frozen=True, eq=False)
class View:
    """Some minutes of a stretch as far as they are out yet: `visible` is the share of every minute, 0..1.

    `rows` says which of its minutes, and in what order; one may be there several times, seen at several moments.
    """

    stretch: Stretch
    rows: slice | Minutes
    visible: Array
    container: str | None = None

    @property
    def minutes(self) -> Minutes:
        """The minutes seen (epoch minutes)."""
        return self.stretch.minutes[self.rows]

    def column(self, name: str) -> Array:
        """A column as it is in the end."""
        return self.stretch.columns[name][self.rows]

    def ailing(self, ail: Ail) -> Array | float:
        """How much of what ails it there is; 0 where it is well."""
        return self.column(ail.value) if ail.value in self.stretch.columns else 0.0

    def count(self, name: str) -> Array:
        """A count of things that happened, as far as reported."""
        return self.out(self.column(name))

    def out(self, counts: Array) -> Array:
        """As many of the counts as are out yet; whole numbers that only grow."""
        return np.asarray(np.floor(counts * self.visible), dtype=np.float64)

    def part(self, part: Stretch) -> "View":
        """The same minutes of a part."""
        return View(part, self.rows, self.visible)
