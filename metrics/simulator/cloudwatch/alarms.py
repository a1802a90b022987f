"""DescribeAlarms: alarms whose states follow from the metrics, for every moment of the last three hours.

A drill can hold an alarm in a state, whatever its metric says.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.simulator.cloudwatch.queries import metric_id
from smtop.metrics.simulator.resources import MetricReader
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem
from smtop.metrics.simulator.wire.query_protocol import Timestamp

LOOK_BACK_S = 3 * 3600
SPARE_PERIODS = 3
"""How far beyond its evaluation periods an alarm looks for datapoints. AWS says «more», and not how many."""
TRACKING_PERIODS = 15
"""The longest look of the alarms that target tracking makes."""
DEFAULT_PAGE = 50
COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
# What an alarm watches that a drill brings into being.
NEVER_PUBLISHED: Mapping[str, Any] = {
    "Namespace": "AWS/SageMaker",
    "MetricName": "Invocation5XXErrors",
    "Dimensions": [],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
HELD_REASON = "Set for a drill."


@dataclass(frozen=True)
class AlarmState:
    """A state, why, and since when (epoch seconds; the look-back's start where it is older)."""

    value: str
    reason: str
    since: int


@dataclass
class Alarms:
    """The metric alarms of a region, as PutMetricAlarm would take them, and the states that some are held in."""

    reader: MetricReader
    region: str
    known: list[Mapping[str, Any]]
    held: dict[str, AlarmState] = field(default_factory=dict)
    _read: tuple[object, dict[int, float]] | None = None

    def hold(self, states: Mapping[str, str | None], now: float) -> None:
        """Hold alarms in states from now on, and all others in none; an alarm that nobody knows comes into being.

        None takes an alarm away. Raises ValueError for a state that there is not.
        """
        for state in states.values():
            if state not in {"OK", "ALARM", "INSUFFICIENT_DATA", None}:
                raise ValueError(f"no such alarm state: {state}")
        self.known[:] = [alarm for alarm in self.known if states.get(alarm["AlarmName"], "") is not None]
        names = {alarm["AlarmName"] for alarm in self.known}
        wanted = {name: state for name, state in states.items() if state is not None}
        self.known += [{**NEVER_PUBLISHED, "AlarmName": name} for name in wanted if name not in names]
        self.held = {name: AlarmState(state, HELD_REASON, int(now)) for name, state in wanted.items()}

    def state(self, alarm: Mapping[str, Any], now: float) -> AlarmState:
        """How an alarm stands."""
        return self.held.get(alarm["AlarmName"]) or evaluate(self.reader, alarm, now)

    def at(self, name: str, now: float) -> tuple[str | None, float | None]:
        """The state of an alarm and the newest value that it sees; None where there is no such alarm, or no value.

        It does without the history that `state` looks through.
        """
        alarm = next((alarm for alarm in self.known if alarm["AlarmName"] == name), None)
        if alarm is None:
            return None, None
        period, needed = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
        close = int(now // period) * period
        window = _window(self._newest(alarm, close, now), close, period, needed)
        held = self.held.get(name)
        return held.value if held else _verdict(window, alarm), window[-1]

    def _newest(self, alarm: Mapping[str, Any], close: int, now: float) -> dict[int, float]:
        """Points before `close`; kept for the next alarm, as target tracking has two on every metric."""
        period, needed = int(alarm["Period"]), max(int(alarm["EvaluationPeriods"]), TRACKING_PERIODS)
        metric = metric_id(alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"])
        asked = (metric, alarm.get("Statistic") or alarm["ExtendedStatistic"], period, needed, now)
        if self._read is None or self._read[0] != asked:
            start = close - (needed + SPARE_PERIODS) * period
            self._read = (asked, _points(self.reader, alarm, start, close, now))
        return self._read[1]


def describe_alarms(alarms: Alarms, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """One page of metric alarms in the order of their names. There are no composite alarms."""
    most = request.get("MaxRecords", DEFAULT_PAGE)
    if not 1 <= most <= 100:
        raise ServiceError(
            "ValidationException", f"The value {most} for parameter MaxRecords must be between 1 and 100."
        )
    after = _after(request)
    left = [alarm for alarm in _selected(alarms.known, request) if alarm["AlarmName"] > after]
    if "StateValue" in request:
        left = [alarm for alarm in left if alarms.state(alarm, now).value == request["StateValue"]]
    shown = [_alarm(alarms, alarm, now) for alarm in left[:most]]
    answer: dict[str, Any] = {"MetricAlarms": shown, "CompositeAlarms": []}
    if len(left) > most:
        answer["NextToken"] = issue([left[most - 1]["AlarmName"]], request)
    return answer


def evaluate(reader: MetricReader, alarm: Mapping[str, Any], now: float) -> AlarmState:
    """The alarm's state at `now`, from the periods that are over."""
    period, needed = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    end = int(now // period) * period
    start = end - max(LOOK_BACK_S // period, needed) * period
    points = _points(reader, alarm, start, end, now)
    state, since = "", start
    window: list[float | None] = []
    for close in range(start + needed * period, end + period, period):
        window = _window(points, close, period, needed)
        verdict = _verdict(window, alarm)
        state, since = (state, since) if verdict == state else (verdict, close)
    return AlarmState(state, _reason(state, window, alarm), since)


def _points(reader: MetricReader, alarm: Mapping[str, Any], start: int, end: int, now: float) -> dict[int, float]:
    metric = metric_id(alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"])
    stat = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    return dict(zip(*reader.read(metric, stat, start, end, int(alarm["Period"]), now), strict=True))


def _window(points: Mapping[int, float], close: int, period: int, needed: int) -> list[float | None]:
    """The newest `needed` datapoints before `close`; where some are missing, CloudWatch reaches further back."""
    reach = [points.get(at) for at in range(close - (needed + SPARE_PERIODS) * period, close, period)]
    present = [value for value in reach if value is not None]
    return [None] * (needed - len(present)) + list(present[-needed:])


def _verdict(window: Sequence[float | None], alarm: Mapping[str, Any]) -> str:
    present = [value for value in window if value is not None]
    if not present:
        return "INSUFFICIENT_DATA"
    breaches, _ = COMPARISONS[alarm["ComparisonOperator"]]
    needed = int(alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]))
    return "ALARM" if sum(breaches(value, alarm["Threshold"]) for value in present) >= needed else "OK"


def _reason(state: str, window: Sequence[float | None], alarm: Mapping[str, Any]) -> str:
    points = [value for value in window if value is not None]
    if not points:
        return f"Insufficient Data: {len(window)} datapoints were unknown."
    crossed = "were" if state == "ALARM" else "were not"
    comparison = COMPARISONS[alarm["ComparisonOperator"]][1]
    listed = ", ".join(f"{value:g}" for value in points)
    threshold = alarm["Threshold"]
    return f"Threshold Crossed: {len(points)} datapoints [{listed}] {crossed} {comparison} the threshold ({threshold})."


def _alarm(alarms: Alarms, alarm: Mapping[str, Any], now: float) -> dict[str, Any]:
    state = alarms.state(alarm, now)
    since = Timestamp(state.since)
    return {
        "AlarmArn": f"arn:aws:cloudwatch:{alarms.region}:{ACCOUNT_ID}:alarm:{alarm['AlarmName']}",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "StateValue": state.value,
        "StateReason": state.reason,
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
        **alarm,
    }


def _selected(alarms: Iterable[Mapping[str, Any]], request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    names, prefix = request.get("AlarmNames"), request.get("AlarmNamePrefix", "")
    if names and prefix:
        text = "AlarmNamePrefix and AlarmNames cannot be specified together."
        raise ServiceError("InvalidParameterCombinationException", text)
    if "MetricAlarm" not in request.get("AlarmTypes", ["MetricAlarm"]):
        return []
    kept = [each for each in alarms if each["AlarmName"].startswith(prefix)]
    kept = [each for each in kept if not names or each["AlarmName"] in names]
    return sorted(kept, key=lambda each: str(each["AlarmName"]))


def _after(request: Mapping[str, Any]) -> str:
    if not request.get("NextToken"):
        return ""
    try:
        (name,) = redeem(request["NextToken"], request)
    except BadTokenError:
        raise ServiceError("InvalidNextToken", "The next token specified is invalid.") from None
    return str(name)
