"""GetMetricStatistics: one metric, up to five statistics and ten percentiles, up to 1,440 datapoints."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smtop.metrics.simulator.cloudwatch.queries import metric_id
from smtop.metrics.simulator.cloudwatch.statistics import STANDARD, computed
from smtop.metrics.simulator.cloudwatch.windows import cut, valid_period
from smtop.metrics.simulator.resources import MetricReader
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.query_protocol import Pairs, Timestamp

MOST_DATAPOINTS = 1440


def get_metric_statistics(reader: MetricReader, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Datapoints in no promised order, as on AWS."""
    for refusal in _refusals(request):
        raise refusal
    label = request["MetricName"]
    metric = metric_id(request["Namespace"], label, request.get("Dimensions", ()))
    window = cut(request["StartTime"], request["EndTime"], request["Period"], now)
    unit = reader.units(metric)
    if window is None or request.get("Unit", unit) != unit:
        return {"Label": label, "Datapoints": []}
    datapoints: dict[int, dict[str, Any]] = {}
    for stat, extended in _asked(request):
        times, values = reader.read(metric, stat, window.start, window.end, window.period, now)
        for at, value in zip(times, values, strict=True):
            point = datapoints.setdefault(at, {"Timestamp": Timestamp(at), "Unit": unit})
            if extended:
                point.setdefault("ExtendedStatistics", Pairs())[stat] = float(value)
            else:
                point[stat] = float(value)
    return {"Label": label, "Datapoints": list(datapoints.values())}


def _asked(request: Mapping[str, Any]) -> Sequence[tuple[str, bool]]:
    standard = [(stat, False) for stat in request.get("Statistics", ())]
    return standard + [(stat, True) for stat in request.get("ExtendedStatistics", ())]


def _refusals(request: Mapping[str, Any]) -> Iterator[ServiceError]:
    for name in ("Namespace", "MetricName", "StartTime", "EndTime", "Period"):
        if name not in request:
            yield ServiceError("MissingRequiredParameterException", f"The parameter {name} is required.")
    if not _asked(request):
        text = "Must specify either Statistics or ExtendedStatistics"
        yield ServiceError("MissingRequiredParameterException", text)
    for stat, extended in _asked(request):
        valid = computed(stat) if extended else stat in STANDARD
        if not valid:
            yield _bad_value(f"The value {stat} for parameter Statistics is not valid.")
    if request["StartTime"] >= request["EndTime"]:
        yield _bad_value("The parameter StartTime must be less than the parameter EndTime.")
    if not valid_period(request["Period"]):
        yield _bad_value("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    points = int((request["EndTime"] - request["StartTime"]) // request["Period"])
    if points > MOST_DATAPOINTS:
        yield ServiceError(
            "InvalidParameterCombinationException",
            f"You have requested up to {points} datapoints, which exceeds the limit of {MOST_DATAPOINTS}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
        )


def _bad_value(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)
