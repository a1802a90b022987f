"""What is read of one endpoint when somebody opens its page, beyond what the fleet shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from smtop.metrics.domain.configs import KnownConfig
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.scaling import ManagedScaling, ScaledPart


@dataclass(frozen=True)
class DeployedVariant:
    """A variant as it is deployed: its images as they were asked for, what it is passing through, managed scaling.

    `wanted` are the serverless settings that it is on its way to, or has.
    """

    name: str
    images: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    managed: ManagedScaling | None = None
    wanted: Serverless | None = None


@dataclass(frozen=True)
class Deployed:
    """An endpoint as DescribeEndpoint tells it. `pending` is the config of a rollout under way, since `pending_since`.

    `settings` are the parts that smtop shows as they are, by AWS's member: asynchronous inference, data capture and
    the like.
    """

    config: str
    pending: str | None = None
    pending_since: float | None = None
    variants: tuple[DeployedVariant, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Topic(StrEnum):
    """What a note is about."""

    ENDPOINT = "endpoint"
    CONFIGS = "configs"
    SCALING = "scaling"


@dataclass(frozen=True)
class Note:
    """Something that could not be asked, in a sentence that says what to do."""

    topic: Topic
    text: str


@dataclass(frozen=True, eq=False)
class EndpointDetails:
    """All of it, read at `read_at` (epoch seconds). `scaled` is None where it could not be asked what is registered.

    `search` says how configs that AWS does not name were looked for.
    """

    endpoint: str
    read_at: float
    deployed: Deployed | None = None
    configs: tuple[KnownConfig, ...] = ()
    search: str = ""
    scaled: tuple[ScaledPart, ...] | None = None
    notes: tuple[Note, ...] = ()

    def deployed_variant(self, name: str) -> DeployedVariant:
        """What is known of a variant as it is deployed; a blank one where nothing is."""
        variants = self.deployed.variants if self.deployed else ()
        return next((variant for variant in variants if variant.name == name), DeployedVariant(name))

    def about(self, *topics: Topic) -> tuple[str, ...]:
        """The notes about some topics, each once."""
        return tuple(dict.fromkeys(note.text for note in self.notes if note.topic in topics))
