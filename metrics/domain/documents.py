"""What AWS answers about an endpoint and what it is made from, as it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Described(StrEnum):
    """Things that are described, by the operation that describes them."""

    ENDPOINT = "DescribeEndpoint"
    CONFIG = "DescribeEndpointConfig"
    MODEL = "DescribeModel"
    COMPONENT = "DescribeInferenceComponent"


Body = Mapping[str, Any]
"""An answer with all its members, those that no SDK knows yet included; times are epoch seconds."""


@dataclass(frozen=True, eq=False)
class Document:
    """The answer about the one thing that is called `name`; `why` says why there is none."""

    described: Described
    name: str
    body: Body | None = None
    why: str | None = None
