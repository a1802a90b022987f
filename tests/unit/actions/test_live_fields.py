"""The fields of a live endpoint while a deployment is under way."""

from typing import Any

from smtop.metrics.actions.live import live_fields


def serverless(memory_mb: int) -> dict[str, Any]:
    return {"MemorySizeInMB": memory_mb, "MaxConcurrency": 5}


def test_what_is_coming_counts_and_not_what_still_serves() -> None:
    endpoint = {
        "EndpointName": "e",
        "EndpointConfigName": "old",
        "ProductionVariants": [
            {"VariantName": "S", "CurrentServerlessConfig": serverless(2048)},
            {"VariantName": "R", "DesiredWeight": 1.0, "DesiredInstanceCount": 2},
        ],
        "PendingDeploymentSummary": {
            "EndpointConfigName": "new",
            "ProductionVariants": [
                {"VariantName": "S", "CurrentServerlessConfig": serverless(4096)},
                {"VariantName": "R", "CurrentInstanceCount": 0, "DesiredInstanceCount": 3},
            ],
        },
    }
    fields = live_fields(endpoint, None)
    assert (fields["config"], fields["S.memory_mb"], fields["R.count"], fields["R.weight"]) == ("new", 4096, 3, 1.0)
    del endpoint["PendingDeploymentSummary"]
    assert live_fields(endpoint, None)["S.memory_mb"] == 2048
