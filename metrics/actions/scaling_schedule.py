"""Plans a scheduled action: bounds from set times on, with the next of them in UTC and in local time."""

from collections.abc import Iterator
from datetime import UTC, datetime

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import SCALING, Ground
from smtop.metrics.actions.live import digest
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.scaling import bound_complaints, bounds_of, meant_part, registered_first, restored
from smtop.metrics.domain.change import Schedule
from smtop.metrics.domain.plan import Call
from smtop.metrics.domain.schedules import ANY_TIME, next_firing


async def plan_schedule(change: Schedule, ground: Ground, means: Means) -> Draft:
    meant = meant_part(change, ground)
    if isinstance(meant, str):
        return blocked(meant)
    now = means.clock.wall()
    complaints = tuple(_complaints(change, now))
    least, most = bounds_of(meant, change.least, change.most)
    complaints = (*complaints, *bound_complaints(meant, ground, least, most))
    if complaints:
        return blocked(*complaints)
    params = {
        **meant.place,
        "ScheduledActionName": change.name,
        "Schedule": change.schedule,
        "Timezone": change.timezone or "UTC",
        "ScalableTargetAction": _bounds(change),
    }
    first, registered = registered_first(meant)
    after = {**registered, meant.field(f"schedule.{change.name}"): digest(params)}
    return Draft(
        after,
        (*first, Call(SCALING, "PutScheduledAction", params)),
        warnings=(_next(change, now),),
        undo=restored(ground, meant, after),
        variant=meant.name,
    )


def _bounds(change: Schedule) -> dict[str, int]:
    bounds = {"MinCapacity": change.least, "MaxCapacity": change.most}
    return {name: value for name, value in bounds.items() if value is not None}


def _complaints(change: Schedule, now: float) -> Iterator[str]:
    if not _bounds(change):
        yield "Name --min or --max: bounds are what a scheduled action sets."
    try:
        next_firing(change.schedule, change.timezone or "UTC", now, ANY_TIME)
    except ValueError as error:
        yield f"That is no schedule: {error}. Write at(2026-11-20T18:00:00), rate(1 day) or cron(0 18 * * ? *)."


def _next(change: Schedule, now: float) -> str:
    """A rate counts from when the action is made, which is now."""
    fires_at = next_firing(change.schedule, change.timezone or "UTC", now, ANY_TIME._replace(created_at=now))
    return f"It happens next {told_twice(fires_at)}." if fires_at is not None else "It will never happen."


def told_twice(at: float) -> str:
    """A time in UTC and in the machine's own zone."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%a %Y-%m-%d %H:%M} UTC, {moment.astimezone():%a %H:%M %Z} here"
