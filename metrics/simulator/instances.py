"""What an instance type can do: the few numbers that decide how a model runs on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class InstanceSpec:
    """One instance; `speed` is relative to an m5 core or a T4 GPU, whichever the model runs on."""

    vcpus: int
    memory_gib: float
    gpus: int = 0
    gpu_memory_gib: float = 0.0
    speed: float = 1.0


_VCPUS_BY_SIZE: Final = MappingProxyType(
    {"medium": 1, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "9xlarge": 36, "12xlarge": 48}
    | {"16xlarge": 64, "18xlarge": 72, "24xlarge": 96, "48xlarge": 192}
)
_GIB_PER_VCPU: Final = MappingProxyType({"c": 2.0, "m": 4.0, "r": 8.0, "t": 4.0, "i": 4.0})

_SPECS: Final[Mapping[str, InstanceSpec]] = MappingProxyType(
    {
        "ml.t2.medium": InstanceSpec(2, 4, speed=0.8),
        "ml.g4dn.xlarge": InstanceSpec(4, 16, 1, 16, 1.0),
        "ml.g4dn.2xlarge": InstanceSpec(8, 32, 1, 16, 1.0),
        "ml.g4dn.12xlarge": InstanceSpec(48, 192, 4, 16, 1.0),
        "ml.g5.xlarge": InstanceSpec(4, 16, 1, 24, 2.2),
        "ml.g5.2xlarge": InstanceSpec(8, 32, 1, 24, 2.2),
        "ml.g5.4xlarge": InstanceSpec(16, 64, 1, 24, 2.2),
        "ml.g5.12xlarge": InstanceSpec(48, 192, 4, 24, 2.2),
        "ml.g5.48xlarge": InstanceSpec(192, 768, 8, 24, 2.2),
        "ml.g6.xlarge": InstanceSpec(4, 16, 1, 24, 1.9),
        "ml.g6.2xlarge": InstanceSpec(8, 32, 1, 24, 1.9),
        "ml.p3.2xlarge": InstanceSpec(8, 61, 1, 16, 2.4),
        "ml.p4d.24xlarge": InstanceSpec(96, 1152, 8, 40, 6.0),
        "ml.p5.48xlarge": InstanceSpec(192, 2048, 8, 80, 12.0),
    }
)
_NEWER_CORE_SPEED: Final = MappingProxyType({"4": 0.9, "5": 1.0, "6": 1.12, "7": 1.25, "8": 1.4})


def spec_of(instance_type: str) -> InstanceSpec:
    """The numbers of an instance type; a type outside the table is read from its family and size."""
    return _SPECS.get(instance_type) or _general_purpose(instance_type)


def _general_purpose(instance_type: str) -> InstanceSpec:
    family, _, size = instance_type.removeprefix("ml.").partition(".")
    vcpus = _VCPUS_BY_SIZE.get(size, 4)
    speed = next((_NEWER_CORE_SPEED[digit] for digit in family if digit in _NEWER_CORE_SPEED), 1.0)
    return InstanceSpec(vcpus, vcpus * _GIB_PER_VCPU.get(family[:1], 4.0), speed=speed)
