"""How much of a trouble must be seen before it can be told: what the help of each rule says, in settled minutes."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from smtop.metrics.domain.series import PERIOD_S

TWO: Final = 2
"""Two of the three newest settled minutes, which is what rules ask for that say nothing else."""


class Deciding(NamedTuple):
    """`minutes` of points at full strength; with none of them the moment itself decides, some minutes later."""

    minutes: int = TWO
    later_minutes: int = 0


_AT_ONCE = Deciding(0)
DECIDING: Mapping[str, Deciding] = {
    "hot-instance": Deciding(4),
    "backlog-growing": Deciding(8),
    "backlog-never-drains": Deciding(15),
    "metrics-missing": Deciding(10),
    "weights-drift": Deciding(15, later_minutes=5),
    "pc-stuck-warm": Deciding(60),
    "pc-wasted": Deciding(60),
    # What AWS says, without any metric.
    "alarm-firing": Deciding(3),
    "endpoint-failed": _AT_ONCE,
    "update-rolled-back": _AT_ONCE,
    "update-stuck": _AT_ONCE,
    "scaling-stuck": _AT_ONCE,
    "scaling-fight": _AT_ONCE,
    "quota-near": _AT_ONCE,
    "single-instance": _AT_ONCE,
    "serverless-workers": _AT_ONCE,
}
"""By cause."""

MILD: Mapping[str, Deciding] = {"errors-5xx": Deciding(4), "errors-4xx": Deciding(3), "cache-thrash": Deciding(4)}
"""Of what is mild it takes more minutes until the newest five together are at the threshold."""


def last_minute(entry: Mapping[str, Any]) -> int | None:
    """The start of the last minute that decides about an entry of the answer key; None where no points decide.

    The first one begins when the trouble is at its full strength.
    """
    mild = MILD.get(entry["cause"]) if entry["severity"] == "mild" else None
    deciding = mild or DECIDING.get(entry["cause"], Deciding())
    if not deciding.minutes:
        return None
    first = -int(-entry["full_at"] // PERIOD_S) * PERIOD_S
    return first + (deciding.minutes + deciding.later_minutes - 1) * PERIOD_S
