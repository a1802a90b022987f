"""What Application Auto Scaling did, read from the sentences in which it tells so.

The sentences: DescribeScalingActivities ("Setting desired instance count to 3.", "monitor alarm A in state ALARM
triggered policy P"). One that reads otherwise says nothing here.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from smtop.metrics.domain.scaling import ScaledPart, ScalingActivity

UNDER_WAY = frozenset({"Pending", "InProgress"})
FAILED = frozenset({"Failed", "Unfulfilled"})
DONE = "Successful"

_WANTED = re.compile(r"Setting desired .+ to (\d+)")
_POLICY = re.compile(r"triggered policy (\S+?)[.,]?(?:\s|$)")
_NO_CAPACITY = re.compile(r"capacity|quota|limit", re.IGNORECASE)
_IN_PROGRESS = "in-progress"


class Move(NamedTuple):
    """An attempt to set a count to `to`. `policy` wanted it; None where bounds, a schedule or nobody known did."""

    activity: ScalingActivity
    to: int
    policy: str | None


def moves(part: ScaledPart) -> Sequence[Move]:
    """The attempts to set a count, the newest first; changes of bounds are none."""
    return [move for activity in part.activities or () if (move := _move(activity)) is not None]


def _move(activity: ScalingActivity) -> Move | None:
    wanted = _WANTED.match(activity.description)
    if wanted is None:
        return None
    policy = _POLICY.search(activity.cause)
    return Move(activity, int(wanted[1]), policy[1] if policy else None)


def is_for_want(activity: ScalingActivity) -> bool:
    """Whether AWS says that there was no capacity, or a quota in the way."""
    return bool(_NO_CAPACITY.search(activity.message))


def is_turned_away(activity: ScalingActivity, modified_at: float) -> bool:
    """Whether it failed because the endpoint was just being changed, which ended at `modified_at`: it is tried again.

    What AWS took on and could not fulfil is not.
    """
    if activity.status != "Failed" or is_for_want(activity):
        return False
    return _IN_PROGRESS in activity.message or activity.started_at <= modified_at
