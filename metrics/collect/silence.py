"""Metrics that say nothing: after an hour of empty answers they are asked every half an hour only."""

from collections.abc import Iterable, Mapping

from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.ports import Answer, Completeness

LOOK_BACK_S = 3600
PENALTY_S = 1800


class Silence:
    """For how long each metric's answers have been empty."""

    def __init__(self) -> None:
        self._since: dict[MetricId, float] = {}
        self._spoken: set[MetricId] = set()

    def note(self, answers: Mapping[SeriesKey, Answer], now: float) -> None:
        """What came at `now`; only whole answers count as empty."""
        speaking = {key.metric for key, answer in answers.items() if len(answer.points)}
        self._spoken |= speaking
        self.forgive(speaking)
        for key, answer in answers.items():
            if answer.completeness is Completeness.COMPLETE and key.metric not in speaking:
                self._since.setdefault(key.metric, now)

    def forgive(self, metrics: Iterable[MetricId]) -> None:
        """Starts anew: something has happened that may make these metrics speak."""
        for metric in metrics:
            self._since.pop(metric, None)

    def has_spoken(self, metric: MetricId) -> bool:
        """Whether the metric ever had a point in this run."""
        return metric in self._spoken

    def is_long(self, metric: MetricId, now: float) -> bool:
        """Whether a metric has said nothing throughout the look-back."""
        since = self._since.get(metric)
        return since is not None and now - since >= LOOK_BACK_S
