"""PutMetricAlarm and DeleteAlarms."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.cloudwatch.alarms import COMPARISONS, Alarms
from smtop.metrics.simulator.wire.errors import ServiceError

_NEEDED = ("AlarmName", "MetricName", "Namespace", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator")


def put_metric_alarm(alarms: Alarms, request: Mapping[str, Any], _now: float) -> dict[str, Any]:
    """Makes an alarm on one metric, or replaces the one of its name. Metric math is not simulated."""
    missing = [name for name in _NEEDED if name not in request]
    if missing:
        raise ServiceError("MissingParameter", f"The parameter {missing[0]} is required.")
    if request["ComparisonOperator"] not in COMPARISONS:
        raise ServiceError("ValidationError", f"{request['ComparisonOperator']} is no comparison of a metric alarm.")
    if ("Statistic" in request) == ("ExtendedStatistic" in request):
        raise ServiceError("InvalidParameterCombination", "Either Statistic or ExtendedStatistic must be given.")
    _forget(alarms, {request["AlarmName"]})
    alarms.known.append({"Dimensions": [], **{name: value for name, value in request.items() if name != "Tags"}})
    return {}


def delete_alarms(alarms: Alarms, request: Mapping[str, Any], _now: float) -> dict[str, Any]:
    """Takes alarms away; those that are not there are no error where others are."""
    names = set(request.get("AlarmNames", ()))
    if names and not names & {alarm["AlarmName"] for alarm in alarms.known}:
        raise ServiceError("ResourceNotFound", "None of these alarms exists.", query_status=404)
    _forget(alarms, names)
    return {}


def _forget(alarms: Alarms, names: set[str]) -> None:
    alarms.known[:] = [alarm for alarm in alarms.known if alarm["AlarmName"] not in names]
