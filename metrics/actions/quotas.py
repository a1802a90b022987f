"""Whether the account's quotas have room for more: Service Quotas' limits against what the fleet uses."""

from collections.abc import Iterator
from dataclasses import dataclass

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.in_use import listed_usage
from smtop.metrics.actions.means import Means
from smtop.metrics.domain.plan import Fields
from smtop.metrics.domain.quotas import SERVERLESS, Usage, bounded_by
from smtop.metrics.errors import AwsError


@dataclass(frozen=True)
class Need:
    """How much more of one thing a change takes: instances of a type, or serverless concurrency."""

    what: str
    more: int

    @property
    def words(self) -> str:
        return "serverless concurrency" if self.what == SERVERLESS else self.what


@dataclass(frozen=True)
class Room:
    """What stands against a change, and what is not known of it."""

    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


async def room_for(variant: str, after: Fields, ground: Ground, means: Means) -> Room:
    """AWS is only asked where a variant grows."""
    if f"{variant}.count" in after and f"{variant}.type" not in {**ground.fields, **after}:
        return Room(warnings=(f"The instance type of {variant} is not known, and so not whether a quota has room.",))
    need = _need(variant, after, ground)
    if need is None:
        return Room()
    try:
        quotas = await means.control.entries("service-quotas", "ListServiceQuotas", "Quotas", ServiceCode="sagemaker")
    except AwsError as error:
        return Room(warnings=(f"Whether the account's quota has room for {need.more} more is not known: {error}",))
    limit = next((int(one["Value"]) for one in quotas if bounded_by(one["QuotaName"]) == need.what), None)
    if limit is None:
        return Room(warnings=(f"Service Quotas names no quota for {need.words}; AWS may still refuse.",))
    return await _compared(need, limit, means)


def _need(variant: str, after: Fields, ground: Ground) -> Need | None:
    """None where nothing grows, or where a variant's type is not known."""
    now = {**ground.fields, **after}
    concurrency = now.get(f"{variant}.max_concurrency")
    if concurrency is not None:
        return _grown(SERVERLESS, concurrency, ground.fields.get(f"{variant}.max_concurrency"))
    kind, count = now.get(f"{variant}.type"), now.get(f"{variant}.count")
    if kind is None or count is None:
        return None
    same = kind == ground.fields.get(f"{variant}.type")
    return _grown(kind, count, ground.fields.get(f"{variant}.count") if same else 0)


def _grown(what: str, wanted: int, had: int | None) -> Need | None:
    more = wanted - (had or 0)
    return Need(what, more) if more > 0 else None


async def _compared(need: Need, limit: int, means: Means) -> Room:
    if need.more > limit:
        return Room(blockers=(_refusal(need, limit, None),))
    used = await _usage(means)
    if used is None:
        return Room(warnings=tuple(_unknown(need, limit)))
    taken = used.get(need.what, 0)
    return Room(blockers=(_refusal(need, limit, taken),)) if taken + need.more > limit else Room()


async def _usage(means: Means) -> Usage | None:
    known = await means.fleet_usage() if means.fleet_usage is not None else None
    return known if known is not None else await listed_usage(means.control)


def _refusal(need: Need, limit: int, taken: int | None) -> str:
    in_use = "" if taken is None else f", {taken} are in use,"
    return (
        f"The account's quota for {need.words} is {limit}{in_use} and this takes {need.more} more. "
        "Ask for less, or ask Service Quotas to raise it."
    )


def _unknown(need: Need, limit: int) -> Iterator[str]:
    yield (
        f"The account's quota for {need.words} is {limit}, and this takes {need.more} more; how much of it is in use "
        "is not known here, so AWS may refuse."
    )
