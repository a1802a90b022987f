"""moto as a process of its own: a second AWS, not written by us, and a fleet to put into it.

moto answers percentiles with HTTP 500, lists a metric once for each datum, and knows no inference components. What it
needs for an answer grows with queries x minutes x datums, so the fleet has few datums.
"""

import logging
import os
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from moto.core.parse import PROTOCOL_PARSERS, QueryParser
from moto.core.utils import utcnow
from moto.sagemaker import models
from moto.server import ThreadedMotoServer

from smtop.metrics.domain.catalogue import HOSTS_NAMESPACE, INVOCATIONS_NAMESPACE
from smtop.metrics.domain.endpoint import Kind
from tests.support.simulated_aws import PROJECT

REGION = "us-east-1"
VARIANT = "AllTraffic"
ROLE = "arn:aws:iam::123456789012:role/service"
LONG_NAME = "n" * 63
AGO_S = 240
"""How old the newest minute of all metrics is when a fleet is put: settled, and still of the present."""

KINDS = (Kind.REALTIME, Kind.ASYNC, Kind.MULTI_MODEL, Kind.SERVERLESS, Kind.SERVERLESS_PROVISIONED)
_DATUMS_A_CALL = 100
_MODELS: Mapping[str, Any] = {"single": {"Image": "image"}, "many": {"Image": "image", "Mode": "MultiModel"}}


@dataclass(frozen=True)
class Measured:
    """One metric of one minute in which the two values v and 3v were seen, from which every statistic follows."""

    name: str
    value: float
    namespace: str = INVOCATIONS_NAMESPACE
    of_variant: bool = True

    @property
    def values(self) -> tuple[float, float]:
        return self.value, 3 * self.value

    def statistic(self, stat: str) -> float:
        """What CloudWatch makes of the two values."""
        return {
            "Sum": sum(self.values),
            "Average": sum(self.values) / 2,
            "Minimum": min(self.values),
            "Maximum": max(self.values),
            "SampleCount": 2.0,
        }[stat]


@dataclass(frozen=True)
class Hosted:
    """An endpoint to put into moto. `at` is the minute of its metrics (epoch seconds)."""

    name: str
    kind: Kind
    at: int
    measured: Sequence[Measured] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: {"team": "search"})


@dataclass(frozen=True)
class MotoAws:
    """A running moto. `environment` holds the AWS variables that a client needs."""

    environment: Mapping[str, str]

    def client(self, service: str) -> Any:
        """A boto3 client; close it."""
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def put(self, fleet: Sequence[Hosted]) -> None:
        """Creates models, configs and endpoints, and sends their metrics."""
        with closing(self.client("sagemaker")) as sagemaker, closing(self.client("cloudwatch")) as cloudwatch:
            for name, container in _MODELS.items():
                sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
            for hosted in fleet:
                _create(sagemaker, hosted)
            for namespace in (INVOCATIONS_NAMESPACE, HOSTS_NAMESPACE):
                datums = [datum for hosted in fleet for datum in _datums(hosted, namespace)]
                for first in range(0, len(datums), _DATUMS_A_CALL):
                    cloudwatch.put_metric_data(Namespace=namespace, MetricData=datums[first : first + _DATUMS_A_CALL])


@contextmanager
def start_moto() -> Iterator[MotoAws]:
    """An empty moto; it ends with the block, or with us."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.moto_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(PROJECT / ".dev"), str(PROJECT)))},
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"moto did not start: exit code {process.wait(30)}")
        keys = {"AWS_ACCESS_KEY_ID": "moto", "AWS_SECRET_ACCESS_KEY": "moto"}
        try:
            yield MotoAws({"AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, **keys})
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def minute_to_put() -> int:
    """The minute of the metrics of a fleet that is put now (epoch seconds)."""
    return int(time.time() - AGO_S) // 60 * 60


def fleet_of(count: int) -> list[Hosted]:
    """That many endpoints: all kinds in turn, mixed case, one name of 63 characters, every eleventh with metrics."""
    at = minute_to_put()
    return [_hosted(index, at) for index in range(count)]


def _hosted(index: int, at: int) -> Hosted:
    kind = KINDS[index % len(KINDS)]
    name = LONG_NAME if index == 11 else f"Fraud-{index:03d}" if index % 2 else f"search-{index:03d}"
    return Hosted(name, kind, at, _measured(kind, index) if index % 11 == 0 else ())


def _measured(kind: Kind, index: int) -> Sequence[Measured]:
    calls, latency = Measured("Invocations", 10.0 + index), Measured("ModelLatency", 1000.0 + index)
    hosts = Measured("CPUUtilization", 5.0 + index / 10, HOSTS_NAMESPACE)
    by_kind: Mapping[Kind, Sequence[Measured]] = {
        Kind.ASYNC: (hosts, Measured("ApproximateBacklogSize", 1.0 + index, of_variant=False)),
        Kind.MULTI_MODEL: (calls, latency, Measured("ModelCacheHit", 0.25)),
        Kind.SERVERLESS: (calls, latency, Measured("MemoryUtilization", 7.0 + index / 10, HOSTS_NAMESPACE)),
        Kind.SERVERLESS_PROVISIONED: (calls, latency, Measured("ServerlessProvisionedConcurrencyUtilization", 0.125)),
    }
    return by_kind.get(kind, (calls, latency, hosts))


def _create(sagemaker: Any, hosted: Hosted) -> None:
    config = f"{hosted.name[:60]}-v1"
    output = {"OutputConfig": {"S3OutputPath": "s3://bucket/answers"}}
    extra = {"AsyncInferenceConfig": output} if hosted.kind is Kind.ASYNC else {}
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[_variant(hosted.kind)], **extra)
    tags = [{"Key": key, "Value": value} for key, value in hosted.tags.items()]
    sagemaker.create_endpoint(EndpointName=hosted.name, EndpointConfigName=config, Tags=tags)


def _variant(kind: Kind) -> dict[str, Any]:
    variant: dict[str, Any] = {"VariantName": VARIANT, "ModelName": "many" if kind is Kind.MULTI_MODEL else "single"}
    if not kind.is_serverless:
        return variant | {"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 2, "InitialVariantWeight": 1.0}
    provisioned = {"ProvisionedConcurrency": 5} if kind is Kind.SERVERLESS_PROVISIONED else {}
    return variant | {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20, **provisioned}}


def _datums(hosted: Hosted, namespace: str) -> Iterator[dict[str, Any]]:
    for measured in hosted.measured:
        if measured.namespace == namespace:
            variant = [{"Name": "VariantName", "Value": VARIANT}] if measured.of_variant else []
            yield {
                "MetricName": measured.name,
                "Dimensions": [{"Name": "EndpointName", "Value": hosted.name}, *variant],
                "Timestamp": datetime.fromtimestamp(hosted.at, UTC),
                "StatisticValues": {
                    "SampleCount": measured.statistic("SampleCount"),
                    "Sum": measured.statistic("Sum"),
                    "Minimum": measured.statistic("Minimum"),
                    "Maximum": measured.statistic("Maximum"),
                },
            }


class _SortedNames(dict[str, Any]):
    """The parameters of one request, with their names in order."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        super().__init__((name, parameters[name]) for name in parameters)
        self.ordered = sorted(self)

    def has_prefix(self, prefix: str) -> bool:
        following = bisect_left(self.ordered, prefix)
        return following < len(self.ordered) and self.ordered[following].startswith(prefix)


class _QuickParser(QueryParser):
    """moto's own looks through all parameters for each member: with 500 metrics in a request, seconds."""

    def _do_parse(self, request_dict: Mapping[str, Any], shape: Any) -> Any:
        named = {**request_dict, "values": _SortedNames(request_dict["values"])}
        return super()._do_parse(named, shape)  # type: ignore[no-untyped-call]

    def _gonna_recurse(self, query_params: _SortedNames, prefix: str) -> bool:
        return prefix != "" and not query_params.has_prefix(prefix)


def _serve() -> None:
    """Prints the URL, then serves until standard input ends. What is created is a day old: metrics come after that."""
    vars(models)["utcnow"] = lambda: utcnow() - timedelta(days=1)
    PROTOCOL_PARSERS["query"] = _QuickParser
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
