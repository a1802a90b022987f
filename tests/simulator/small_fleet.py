"""A fleet of one endpoint a kind with metrics that can be calculated in the head, served inside the test's process."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.resources import Deployments, EndpointSeed, MetricId, MetricReader
from smtop.metrics.simulator.server import Fleet, build_app, serve
from smtop.metrics.simulator.wire.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY

EPOCH = 1_763_640_000.0  # a whole hour
ROLE = "arn:aws:iam::123456789012:role/hosting"
CALLS = "AWS/SageMaker"
_SAGEMAKER = ("sagemaker", "SageMaker")
_SCALING = ("application-autoscaling", "AnyScaleFrontendService")


def model(name: str, image: str = "registry/app:1", **members: Any) -> dict[str, Any]:
    """A CreateModel request."""
    return {"ModelName": name, "PrimaryContainer": {"Image": image}, "ExecutionRoleArn": ROLE} | members


def instances(name: str, model_name: str | None, count: int = 1, **members: Any) -> dict[str, Any]:
    """A production variant on instances."""
    named = {} if model_name is None else {"ModelName": model_name}
    return {"VariantName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": count} | named | members


def serverless(
    model_name: str, memory_mb: int = 2048, most: int = 10, provisioned: int | None = None
) -> dict[str, Any]:
    """A serverless production variant."""
    config = {"MemorySizeInMB": memory_mb, "MaxConcurrency": most}
    config |= {} if provisioned is None else {"ProvisionedConcurrency": provisioned}
    return {"VariantName": "AllTraffic", "ModelName": model_name, "ServerlessConfig": config}


def config(name: str, *variants: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """A CreateEndpointConfig request."""
    return {"EndpointConfigName": name, "ProductionVariants": list(variants), **members}


def component(name: str, endpoint: str, model_name: str, copies: int = 1) -> dict[str, Any]:
    """A CreateInferenceComponent request."""
    return {
        "InferenceComponentName": name,
        "EndpointName": endpoint,
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": model_name, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
        "RuntimeConfig": {"CopyCount": copies},
    }


ASYNC = {
    "OutputConfig": {"S3OutputPath": "s3://bucket/out"},
    "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
}
SEEDS = (
    EndpointSeed(
        "Fraud-Scorer",
        [model("fraud-a"), model("fraud-b")],
        [config("fraud-1", instances("A", "fraud-a", 2), instances("B", "fraud-b", 1, InitialVariantWeight=0.25))],
        tags={"team": "risk"},
    ),
    EndpointSeed("search", [model("search")], [config("search-1", serverless("search", provisioned=4))]),
    EndpointSeed(
        "batch", [model("batch")], [config("batch-1", instances("Main", "batch"), AsyncInferenceConfig=ASYNC)]
    ),
    EndpointSeed(
        "chat",
        [model("llama"), model("qwen")],
        [config("chat-1", instances("AllTraffic", None, 2), ExecutionRoleArn=ROLE)],
        components=[component("chat-llama", "chat", "llama", 2)],
    ),
    EndpointSeed(
        "broken",
        [model("broken", "registry/crash:1")],
        [config("broken-1", instances("AllTraffic", "broken"))],
        status="Failed",
        failure_reason="The primary container did not pass the ping health check.",
    ),
)


@dataclass
class MinuteTelemetry:
    """Every variant has Invocations and ModelLatency. The value of a minute is its number within the hour."""

    deployments: Deployments

    def metrics(self, now: float) -> Sequence[MetricId]:
        """Two metrics a variant that serves."""
        return [
            MetricId(CALLS, name, (("EndpointName", endpoint), ("VariantName", variant.name)))
            for endpoint in self.deployments.endpoint_names()
            for deployment in self.deployments.history(endpoint)[-1:]
            for variant in deployment.variants
            for name in ("Invocations", "ModelLatency")
        ]

    def last_published(self, metric: MetricId, now: float) -> float | None:
        """Whole minutes are there at once; ModelLatency went silent."""
        return now // 60 * 60 - 60 if metric.name == "Invocations" else None

    def read(
        self, metric: MetricId, stat: str, start: int, end: int, period: int, now: float
    ) -> tuple[list[int], list[float]]:
        """Average is the mean minute number, Sum the sum, SampleCount the number of minutes."""
        if metric not in self.metrics(now):
            return [], []
        times = [at for at in range(start, end, period) if at + 60 <= now]
        return times, [_minutes(stat, at, period, now) for at in times]

    def units(self, metric: MetricId) -> str:
        """Two units."""
        return "Microseconds" if metric.name == "ModelLatency" else "None"


def _minutes(stat: str, start: int, period: int, now: float) -> float:
    numbers = [at // 60 % 60 for at in range(start, start + period, 60) if at + 60 <= now]
    return {"Sum": float(sum(numbers)), "SampleCount": float(len(numbers))}.get(stat, sum(numbers) / len(numbers))


@dataclass(frozen=True)
class SmallFleet:
    """The seeds above, or others."""

    seeds: Sequence[EndpointSeed] = SEEDS
    plumbing: Sequence[str] = ()
    alarms: Sequence[Mapping[str, Any]] = ()
    granted: Mapping[str, int] = field(default_factory=dict)

    def telemetry(self, deployments: Deployments) -> MetricReader:
        """Metrics of whatever serves."""
        return MinuteTelemetry(deployments)

    def truth(self) -> list[dict[str, Any]]:
        """One trouble."""
        return [{"endpoint": "broken", "cause": "failed-update", "severity": "critical"}]


@dataclass
class LocalAws:
    """A simulated AWS whose time stands still until a test moves it."""

    url: str
    offset_s: list[float] = field(default_factory=lambda: [0.0])

    def pass_time(self, seconds: float) -> None:
        """Let simulated time go on."""
        self.offset_s[0] += seconds

    @property
    def now(self) -> float:
        """Simulated time."""
        return EPOCH + self.offset_s[0]

    @property
    def environment(self) -> dict[str, str]:
        """The AWS variables that a client needs."""
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY}
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1", **keys}

    def control(self, path: str, body: Any = None) -> Any:
        """A call of the control path."""
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.url}/_simulator/{path}", data), timeout=10) as answer:
            return json.load(answer)

    def read(self, operation: str, **members: Any) -> Any:
        """The answer to a call of SageMaker, or of its scaling where the operation is one of that.

        Unsigned by any SDK, and for a fifth of the time that one takes: for tests that look again and again.
        """
        service, prefix = _SCALING if "Scal" in operation else _SAGEMAKER
        headers = {
            "Authorization": f"Credential={ACCESS_KEY_ID}/20261120/us-east-1/{service}/aws4_request, Signature=none",
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{prefix}.{operation}",
        }
        with urlopen(Request(self.url, json.dumps(members).encode(), headers), timeout=10) as answer:
            return json.load(answer)

    def client(
        self, service: str, key: str = ACCESS_KEY_ID, region: str = "us-east-1", attempts: int = 1, **config: Any
    ) -> Any:
        """An unmodified boto3 client; it does not retry unless it is given more attempts."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            config=Config(retries={"total_max_attempts": attempts}, **config),
        )


@contextmanager
def serve_locally(fleet: Fleet, links: Mapping[str, str] = MappingProxyType({})) -> Iterator[LocalAws]:
    """Serve a fleet from a thread of this process; `links` are URLs of source accounts."""
    aws = LocalAws("")
    app = build_app(fleet, SimulatedClock(EPOCH, real=lambda: aws.now), links=links)
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    def announce(port: int) -> None:
        aws.url = f"http://127.0.0.1:{port}"
        ready.set()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(app, 0, stop, announce)))
    thread.start()
    try:
        assert ready.wait(10), "the simulated AWS did not come up"
        yield aws
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
