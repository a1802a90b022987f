"""What an ML instance type has inside: to turn CloudWatch's summed percentages into shares, and to compare types.

The table is `metrics/data/instance_types.json`, which says where it is from. A type that is newer than the table has
the vCPUs that its name tells: 4 for an xlarge of every family that SageMaker hosts on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from smtop.metrics.domain.shipped import shipped

_SIZED = re.compile(r"ml\.(?P<family>[a-z][a-z0-9-]*)\.(?P<multiple>\d*)(?P<size>medium|large|xlarge)$")
_GPU_FAMILY = re.compile(r"ml\.(p|g|gr)\d[a-z0-9-]*\.")


@dataclass(frozen=True)
class Hardware:
    """One instance. `gpu_memory_gib` is that of all its GPUs."""

    vcpus: int
    memory_gib: float
    gpus: int
    gpu_memory_gib: float


@cache
def hardware_by_type() -> Mapping[str, Hardware]:
    """Every type of the table."""
    table = shipped("instance_types")
    return {name: Hardware(**dict(zip(table["columns"], row, strict=True))) for name, row in table["types"].items()}


def hardware(instance_type: str) -> Hardware | None:
    """What one instance has, None for a type that is not in the table."""
    return hardware_by_type().get(instance_type)


def vcpus(instance_type: str) -> int | None:
    """vCPUs of one instance, None for a type that is not in the table and whose name says nothing."""
    known = hardware(instance_type)
    return known.vcpus if known else _vcpus_by_size(instance_type)


def gpus(instance_type: str) -> int | None:
    """GPUs of one instance: 0 for a type without, None for a GPU type that is not in the table."""
    known = hardware(instance_type)
    if known:
        return known.gpus
    return None if _GPU_FAMILY.match(instance_type) else 0


def _vcpus_by_size(instance_type: str) -> int | None:
    match = _SIZED.match(instance_type)
    if match is None:
        return None
    if match["size"] == "xlarge":
        return 4 * int(match["multiple"] or 1)
    return 1 if match["size"] == "medium" and not match["family"].startswith("t") else 2
