"""How many datapoints a GetMetricData request is taken for. CloudWatch throttles those beside the calls.

It estimates them from range and period, so that sparse metrics count as much as full ones.
Source: "CloudWatch service quotas" in the CloudWatch user guide.
"""

from collections.abc import Mapping
from typing import Any

RECENT = "cloudwatch:GetMetricData datapoints"
"""The quota of requests that begin within the last three hours."""

OLDER = "cloudwatch:GetMetricData older datapoints"

_RECENT_S = 3 * 3600
_GRACE_S = 300
"""The start is rounded to the period, and three hours asked for a moment ago are three hours still."""


def quota(request: Mapping[str, Any], now: float) -> str:
    """Which of the two quotas a request counts for."""
    return RECENT if now - request["StartTime"] <= _RECENT_S + _GRACE_S else OLDER


def estimated(request: Mapping[str, Any]) -> int:
    """Datapoints of all queries of a valid request."""
    range_s = request["EndTime"] - request["StartTime"]
    periods = (query["MetricStat"]["Period"] for query in request["MetricDataQueries"] if "MetricStat" in query)
    return sum(int(-(-range_s // period)) for period in periods)
