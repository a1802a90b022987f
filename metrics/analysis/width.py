"""At which hours of the day a series strays more than at others."""

from collections.abc import Mapping
from typing import Any

_HOURS = 24
_RATE = 0.12
_MEAN_RATE = 0.01
_FEWEST_POINTS, _FEWEST_HOURS = 3, 6
_MOST_DEVIATION = 6.0
_NARROWEST, _WIDEST = 0.25, 4.0


class Width:
    """The mean deviation in each hour of the day as a multiple of that of all hours; 1 at first.

    Requests stray by more where there are more of them, and a nightly job strays where it runs. With one spread for
    all hours noise would be told at noon and an incident missed by night. It is the seasonal variance of periodic
    models (Bollerslev and Ghysels, "Periodic Autoregressive Conditional Heteroscedasticity", 1996), with means of
    clipped deviations, which an outlier hardly moves. Learned slowly: an hour's mean of some points is a rough one.
    """

    def __init__(self) -> None:
        self._hour: int | None = None
        self._factors = [1.0] * _HOURS
        self._sum, self._points = 0.0, 0
        self._mean, self._hours = 0.0, 0

    @property
    def factor(self) -> float:
        """Of the hour that was begun last."""
        return 1.0 if self._hour is None else self._factors[self._hour % _HOURS]

    def begin(self, hour: int) -> None:
        """Learns from the hour before; `hour` in hours since the epoch."""
        if self._hour is not None and self._points >= _FEWEST_POINTS:
            self._close(self._hour % _HOURS, self._sum / self._points)
        self._hour, self._sum, self._points = hour, 0.0, 0

    def learn(self, deviation: float) -> None:
        """In spreads that do not know of the hour, with or without sign."""
        self._sum += min(abs(deviation), _MOST_DEVIATION)
        self._points += 1

    def to_document(self) -> dict[str, Any]:
        return {
            "hour": self._hour,
            "factors": list(self._factors),
            "now": [self._sum, self._points],
            "mean": [self._mean, self._hours],
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Width":
        width = cls()
        width._hour, width._factors = document["hour"], list(document["factors"])
        width._sum, width._points = document["now"]
        width._mean, width._hours = document["mean"]
        return width

    def _close(self, place: int, newest: float) -> None:
        self._hours += 1
        self._mean += max(1 / self._hours, _MEAN_RATE) * (newest - self._mean)
        if self._hours > _FEWEST_HOURS and self._mean > 0:
            ratio = max(_NARROWEST, min(_WIDEST, newest / self._mean))
            self._factors[place] += _RATE * (ratio - self._factors[place])
