"""One endpoint to which one thing happens, seen as its operators would see it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from smtop.metrics.simulator.causes import CAUSES
from smtop.metrics.simulator.feed.world import World, open_world
from smtop.metrics.simulator.instances import spec_of

OPENED = 1_795_000_020.0
BEGAN = OPENED + 3600.0
SETTLED_S = 600.0
HOSTS = "/aws/sagemaker/Endpoints"
MODELS = "AWS/SageMaker"


class Drilled:
    """A world with one cause at work; `then` is when it has been at full strength for a while."""

    def __init__(self, cause: str, severity: str = "severe", *, began: float = BEGAN, until: float = math.inf) -> None:
        strike = {"cause": cause, "severity": severity, "began": began, "until": until}
        self.world: World = open_world({"seed": 3, "opened": OPENED, "drills": [{"strikes": [strike]}]})
        self.blueprint = self.world.drills.blueprints[0]
        self.name = self.blueprint.name
        self.then = BEGAN + CAUSES[cause].full_s + 1500.0

    def call(self, action: str, at: float, **request: Any) -> dict[str, Any]:
        """The answer to an operation, as `service:Operation`."""
        service, _, operation = action.partition(":")
        wish = {"now": at, "service": service, "operation": operation, "request": request}
        answer: dict[str, Any] = self.world.call(wish).members["answer"]
        return answer

    def described(self, at: float) -> dict[str, Any]:
        """DescribeEndpoint."""
        return self.call("sagemaker:DescribeEndpoint", at, EndpointName=self.name)

    @property
    def vcpus(self) -> int:
        """Cores of an instance."""
        return spec_of(self.blueprint.live[0].instance_type or "").vcpus

    def all_quotas(self, at: float) -> dict[str, float]:
        """Every quota of SageMaker by name."""
        found: dict[str, float] = {}
        wish: dict[str, str] = {}
        while True:
            page = self.call("servicequotas:ListServiceQuotas", at, ServiceCode="sagemaker", **wish)
            found |= {quota["QuotaName"]: quota["Value"] for quota in page["Quotas"]}
            if "NextToken" not in page:
                return found
            wish = {"NextToken": page["NextToken"]}

    def points(
        self,
        name: str,
        stat: str,
        at: float,
        *,
        namespace: str = MODELS,
        minutes: int = 15,
        dimensions: Mapping[str, str] | None = None,
    ) -> Sequence[float]:
        """Settled values of the minutes before `at`, those that there are."""
        found = dimensions or {"EndpointName": self.name, "VariantName": self.blueprint.live[0].name}
        end = int(at // 60) * 60
        wish = {"now": at + SETTLED_S, "start": end - minutes * 60, "end": end, "period": 60}
        series = [[namespace, name, list(found.items()), stat]]
        array = self.world.read({**wish, "series": series}).array
        assert array is not None
        return [float(value) for value in array[0] if not np.isnan(value)]

    def level(self, name: str, stat: str, at: float, **where: Any) -> float:
        """The mean of the points; 0 where there are none."""
        values = self.points(name, stat, at, **where)
        return sum(values) / len(values) if values else 0.0
