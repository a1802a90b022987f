"""What Application Auto Scaling did, read from the sentences in which it tells so.

The sentences: DescribeScalingActivities ("Setting desired instance count to 3.", "monitor alarm A in state ALARM
triggered policy P"). One that reads otherwise says nothing here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from smtop.metrics.domain.scaling import ScaledPart, ScalingActivity

UNDER_WAY = frozenset({"Pending", "InProgress"})
FAILED = frozenset({"Failed", "Unfulfilled"})
DONE = "Successful"

_SETTING = "Setting desired "
_POLICY = re.compile(r"triggered policy (\S+?)[.,]?(?:\s|$)")
_NO_CAPACITY = re.compile(r"capacity|quota|limit", re.IGNORECASE)
_IN_PROGRESS = "in-progress"


class Move(NamedTuple):
    """An attempt to set a count to `to`."""

    activity: ScalingActivity
    to: int

    @property
    def policy(self) -> str | None:
        """The policy that wanted it; None where bounds, a schedule or nobody known did."""
        found = _POLICY.search(self.activity.cause)
        return found[1] if found else None


def moves(part: ScaledPart, since: float = 0.0) -> Iterator[Move]:
    """The attempts to set a count, the newest first, back to `since`; changes of bounds are none."""
    for activity in part.activities or ():
        if activity.started_at < since:
            return
        if activity.description.startswith(_SETTING):
            number = activity.description.rpartition(" to ")[2].rstrip(".")
            if number.isdecimal():
                yield Move(activity, int(number))


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
