"""What an invocation reaches: the endpoint, one of its variants, how long the model takes, how full it is.

Latencies are drawn from what the metrics say of the last minutes, which the queueing model made: a random percentile
of ModelLatency, and the mean of the platform's own part. An endpoint that nobody else calls has no metrics, and takes a
fixed time. Invocations by hand are not added to the metrics.
"""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.simulator.resources import MetricId, MetricReader
from smtop.metrics.simulator.runtime.errors import crowded, not_found, refused
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.resources import Component, Endpoint, Variant

CALLS = "AWS/SageMaker"
LOOK_BACK_MIN = 15
IDLE_LATENCY_S = 0.05
SERVING = {"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"}


@dataclass
class Endpoints:
    """The endpoints of one region as callers find them; `_ends` are when invocations by hand end, by variant."""

    account: Account
    reader: MetricReader
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    _ends: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def new_id(self) -> str:
        """An id of the form that AWS gives."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def find(self, name: str) -> Endpoint:
        """An endpoint that serves. Raises ValidationError."""
        endpoint = self.account.endpoints.get(name)
        if endpoint is None or not endpoint.variants:
            raise not_found(name)
        if endpoint.status not in SERVING:
            raise refused(f"Endpoint {name} cannot be invoked in status {endpoint.status}.")
        return endpoint

    def choose(self, endpoint: Endpoint, wanted: str | None) -> Variant:
        """The variant that is asked for, or one by the weights. Raises ValidationError."""
        variants = [variant for variant in endpoint.variants if not variant.shadow]
        if wanted is None:
            weights = [variant.weight for variant in variants]
            return self.chance.choices(variants, weights if any(weights) else None)[0]
        for variant in variants:
            if variant.name == wanted:
                return variant
        raise refused(f"Variant {wanted} not found in endpoint {endpoint.name}.")

    def latency_s(self, dimensions: Mapping[str, str], now: float) -> float:
        """How long an invocation takes, model and platform together; the model may take a minute at most."""
        drawn = self.newest("ModelLatency", f"p{self.chance.uniform(0.5, 99.5):.1f}", dimensions, now)
        if drawn is None:
            return IDLE_LATENCY_S
        return min(60.0, drawn / 1e6) + (self.newest("OverheadLatency", "Average", dimensions, now) or 0.0) / 1e6

    def fails(self, dimensions: Mapping[str, str], now: float) -> bool:
        """Whether the model answers with an error, as often as it does at the moment."""
        return self.chance.random() < (self.newest("Invocation5XXErrors", "Average", dimensions, now) or 0.0)

    def enter(self, endpoint: Endpoint, variant: Variant, lasts_s: float, now: float) -> None:
        """Take a place in a serverless variant for as long as a call lasts. Raises ThrottlingException."""
        if variant.serverless is None:
            return
        place, most = (endpoint.name, variant.name), variant.serverless["MaxConcurrency"]
        own = [end for end in self._ends.get(place, ()) if end > now]
        name = "ServerlessConcurrentExecutionsUtilization"
        others = (self.newest(name, "Average", dimensions_of(endpoint, variant), now) or 0.0) * most
        if len(own) + int(others) >= most:
            raise crowded()
        self._ends[place] = [*own, now + lasts_s]

    def newest(self, name: str, stat: str, dimensions: Mapping[str, str], now: float) -> float | None:
        """The newest value of a metric within the last minutes."""
        metric = MetricId(CALLS, name, tuple(sorted(dimensions.items())))
        end = int(now // 60) * 60
        _times, values = self.reader.read(metric, stat, end - LOOK_BACK_MIN * 60, end, 60, now)
        return values[-1] if values else None

    def component(self, endpoint: Endpoint, request: Mapping[str, Any]) -> Component | None:
        """The inference component that is asked for; None where the endpoint hosts models. Raises ValidationError."""
        hosts_components = all("ModelName" not in variant.settings for variant in endpoint.variants)
        name = request.get("InferenceComponentName")
        if not hosts_components:
            if name is not None:
                raise refused(f"Endpoint {endpoint.name} does not host inference components.")
            return None
        if name is None:
            raise refused(
                "Inference Component Name header is required for endpoints to which you plan to deploy inference "
                "components. Please include Inference Component Name header or consider using SageMaker models."
            )
        return self._placed(endpoint, name)

    def _placed(self, endpoint: Endpoint, name: str) -> Component:
        component = self.account.placed.get(endpoint.name, {}).get(name)
        if component is None or not component.serves:
            raise refused(f"Inference Component {name} not found in endpoint {endpoint.name}.")
        if component.copies == 0:
            raise refused(
                "Inference Component has no capacity to process this request. ApplicationAutoScaling may be "
                "in-progress (if configured) or try to increase the capacity by invoking "
                "UpdateInferenceComponentRuntimeConfig API."
            )
        return component


def dimensions_of(endpoint: Endpoint, variant: Variant) -> dict[str, str]:
    """What CloudWatch knows a variant by."""
    return {"EndpointName": endpoint.name, "VariantName": variant.name}
