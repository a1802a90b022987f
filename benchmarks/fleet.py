"""The fleet that is measured: which series there are, and the minutes that are asked."""

from smtop.metrics.collect.plan import MAX_QUERIES
from smtop.metrics.domain.series import PERIOD_S, MetricId, SeriesKey
from smtop.metrics.ports import Batch, Window

NEWEST_S = 1_795_176_000
"""The newest minute that the canned CloudWatch has (epoch seconds)."""

METRICS = (
    *("Invocations", "ModelLatency", "OverheadLatency", "Invocation4XXErrors", "Invocation5XXErrors"),
    *("ConcurrentRequestsPerModel", "InvocationsPerInstance", "ModelSetupTime", "CPUUtilization", "MemoryUtilization"),
)


def series(count: int) -> list[SeriesKey]:
    """Ten metrics of as many endpoints as it takes."""
    keys = []
    for index in range(-(-count // len(METRICS))):
        dimensions = (("EndpointName", f"endpoint-{index:05d}-prod"), ("VariantName", "AllTraffic"))
        keys += [SeriesKey(MetricId("AWS/SageMaker", name, dimensions), "Average") for name in METRICS]
    return keys[:count]


def minutes(points: int) -> Window:
    """The newest `points` minutes."""
    end = NEWEST_S + PERIOD_S
    return Window(end - points * PERIOD_S, end)


def batches(keys: list[SeriesKey], points: int) -> list[Batch]:
    """Full requests for the newest `points` minutes."""
    window = minutes(points)
    return [Batch(tuple(keys[at : at + MAX_QUERIES]), window) for at in range(0, len(keys), MAX_QUERIES)]


def queries(batch: Batch) -> list[dict[str, object]]:
    """The batch as any SDK takes it."""
    return [
        {
            "Id": f"q{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": key.metric.namespace,
                    "MetricName": key.metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in key.metric.dimensions],
                },
                "Period": PERIOD_S,
                "Stat": key.stat,
            },
        }
        for index, key in enumerate(batch.series)
    ]
