"""A fleet in memory to resize."""

from typing import Any

from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.plan import Plan
from tests.support.control import FakeControl, hosted

SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 5}}
ASYNC: dict[str, Any] = {
    "OutputConfig": {"S3OutputPath": "s3://out"},
    "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
}
TWO = (
    {"VariantName": "A", "InitialInstanceCount": 2, "InitialVariantWeight": 0.9},
    {"VariantName": "B", "InitialInstanceCount": 3, "InitialVariantWeight": 0.1},
)


def sized_fleet(control: FakeControl) -> FakeControl:
    """Puts one endpoint of each kind there, and quotas with room."""
    hosted(control, "fraud", {"InitialInstanceCount": 3})
    hosted(control, "pair", *TWO)
    hosted(control, "sls", SERVERLESS)
    hosted(control, "queue", {"InitialInstanceCount": 2}, AsyncInferenceConfig=ASYNC)
    control.lists["ListServiceQuotas"] = [
        {"QuotaName": "ml.m5.xlarge for endpoint usage", "Value": 20.0},
        {"QuotaName": "ml.m5.2xlarge for endpoint usage", "Value": 20.0},
        {"QuotaName": "ml.g5.xlarge for endpoint usage", "Value": 4.0},
        {"QuotaName": "Total concurrency across all serverless endpoints", "Value": 100.0},
    ]
    return control


async def resized(by: Means, endpoint: str = "fraud", **sizes: Any) -> Plan:
    """The plan of a Resize."""
    return await plan(Resize(endpoint, **sizes), by)
