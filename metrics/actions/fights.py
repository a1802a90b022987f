"""Who would move a capacity again after the operator: Application Auto Scaling, and SageMaker's own managed scaling."""

from collections.abc import Iterator, Mapping

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.sizes import managed_scaling
from smtop.metrics.domain.scaling import COPIES, INSTANCES


def fights(part: str, wanted: Mapping[str, int], ground: Ground) -> Iterator[str]:
    """A sentence for each target that scales what is set by hand; `wanted` are capacities by AWS's dimension."""
    for target in ground.scaled(part):
        capacity = wanted.get(target["ScalableDimension"])
        if capacity is not None and not _rests(target):
            yield _sentence(part, capacity, target, ground)
    if INSTANCES in wanted:
        yield from _managed(part, wanted[INSTANCES], ground)


def _rests(target: Document) -> bool:
    suspended = target.get("SuspendedState") or {}
    return bool(suspended) and all(suspended.values())


def _sentence(part: str, capacity: int, target: Document, ground: Ground) -> str:
    least, most = target["MinCapacity"], target["MaxCapacity"]
    where = "--component" if target["ScalableDimension"] == COPIES else "--variant"
    command, own = f"smtop scaling {ground.name}", f"{where} {part}"
    widened = f"{command} bounds {own} --min {min(least, capacity)} --max {max(most, capacity)}"
    outside = "" if least <= capacity <= most else f", which {capacity} is outside of"
    return (
        f"{part} is scaled by Application Auto Scaling between {least} and {most}{outside}: it will move the count "
        f"again. Widen the bounds with `{widened} --write`, or suspend it with `{command} suspend {own} --write`."
    )


def _managed(part: str, count: int, ground: Ground) -> Iterator[str]:
    managed = managed_scaling(part, ground)
    if managed:
        least, most = managed.get("MinInstanceCount", "?"), managed.get("MaxInstanceCount", "?")
        yield (
            f"SageMaker itself scales the instances of {part} between {least} and {most} (managed instance scaling), "
            f"and may not keep {count}."
        )
