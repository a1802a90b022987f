"""CloudWatch's alarms on what SageMaker publishes, read from DescribeAlarms."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from smtop.metrics.aws.descriptions import Raw
from smtop.metrics.aws.faults import translated, understood
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.catalogue import NAMESPACES
from smtop.metrics.domain.surroundings import Alarm, AlarmState
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import PlacedAlarm

_DESCRIBE = "cloudwatch:DescribeAlarms"
PAGE_SIZE = 100
"""The most that AWS answers at once; its default is 50."""

MOST_PAGES = 100
_OF_TRACKING = "TargetTracking-"
"""How the names of the alarms begin that AWS makes for target tracking."""


class CloudWatchAlarms:
    """The AlarmSource port over one session."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def alarms(self) -> Sequence[PlacedAlarm]:
        request: dict[str, Any] = {"AlarmTypes": ["MetricAlarm"], "MaxRecords": PAGE_SIZE}
        found: list[PlacedAlarm] = []
        for _ in range(MOST_PAGES):
            with translated(_DESCRIBE, self._session.profile):
                page = await self._session.cloudwatch(lambda client: client.describe_alarms(**request))
                found += _placed(page)
            token = page.get("NextToken")
            if not token:
                return found
            if token == request.get("NextToken"):
                raise AwsError(FaultKind.SERVICE, _DESCRIBE, f"{_DESCRIBE} repeats a page; its answer is left out.")
            request["NextToken"] = token
        most = MOST_PAGES * PAGE_SIZE
        raise AwsError(FaultKind.TOO_LARGE, _DESCRIBE, f"There are more than {most:,} alarms; they are left out.")


@understood()
def _placed(page: Raw) -> list[PlacedAlarm]:
    return [one for entry in page.get("MetricAlarms", ()) for one in placed(entry)]


def placed(entry: Raw) -> Iterator[PlacedAlarm]:
    """One entry of DescribeAlarms, once for each endpoint or component whose metrics it goes by."""
    metrics: dict[tuple[str | None, str | None, str | None], list[str]] = {}
    for metric in _metrics(entry):
        named = {str(one["Name"]): str(one["Value"]) for one in metric.get("Dimensions", ())}
        place = named.get("EndpointName"), named.get("VariantName"), named.get("InferenceComponentName")
        if metric.get("Namespace") in NAMESPACES and (place[0] or place[2]):
            metrics.setdefault(place, []).append(str(metric.get("MetricName", "")))
    for (endpoint, variant, component), names in metrics.items():
        alarm = _alarm(entry, ", ".join(dict.fromkeys(names)))
        yield PlacedAlarm(endpoint, alarm._replace(variant=variant, component=component))


def _metrics(entry: Raw) -> Iterator[Mapping[str, Any]]:
    """What an alarm reads: one metric, or those that its metric math goes by."""
    if "MetricName" in entry:
        yield entry
    for query in entry.get("Metrics", ()):
        if "MetricStat" in query:
            yield query["MetricStat"]["Metric"]


def _alarm(entry: Raw, metric: str) -> Alarm:
    name = str(entry["AlarmName"])
    since: datetime | None = entry.get("StateTransitionedTimestamp") or entry.get("StateUpdatedTimestamp")
    return Alarm(
        name,
        AlarmState(entry.get("StateValue", AlarmState.INSUFFICIENT_DATA)),
        since.timestamp() if since else 0.0,
        str(entry.get("StateReason") or ""),
        metric,
        scales=name.startswith(_OF_TRACKING),
    )
