"""What an ML instance type has inside, to turn CloudWatch's summed percentages into shares of the whole.

Derived from the type's name: AWS gives 4 vCPUs to an xlarge of every family listed for SageMaker hosting, with the
exceptions in the table. Source: the EC2 instance type pages.
"""

import re

_SIZED = re.compile(r"ml\.(?P<family>[a-z][a-z0-9-]*)\.(?P<multiple>\d*)(?P<size>medium|large|xlarge)$")
_IRREGULAR_VCPUS = {"ml.c4.8xlarge": 36, "ml.c6g.medium": 1, "ml.c7g.medium": 1, "ml.m6g.medium": 1}

_GPU_FAMILY = re.compile(r"ml\.(p|g|gr)\d[a-z0-9-]*\.")
_SINGLE_GPU = re.compile(r"ml\.(g4dn|g5|g6|g6e|gr6)\.(|2|4|8|16)xlarge$")
_GPUS = {
    "ml.p2.xlarge": 1,
    "ml.p2.8xlarge": 8,
    "ml.p2.16xlarge": 16,
    "ml.p3.2xlarge": 1,
    "ml.p3.8xlarge": 4,
    "ml.p3.16xlarge": 8,
    "ml.p3dn.24xlarge": 8,
    "ml.p4d.24xlarge": 8,
    "ml.p4de.24xlarge": 8,
    "ml.p5.4xlarge": 1,
    "ml.p5.48xlarge": 8,
    "ml.p5e.48xlarge": 8,
    "ml.p5en.48xlarge": 8,
    "ml.p6-b200.48xlarge": 8,
    "ml.g4dn.12xlarge": 4,
    "ml.g5.12xlarge": 4,
    "ml.g5.24xlarge": 4,
    "ml.g5.48xlarge": 8,
    "ml.g6.12xlarge": 4,
    "ml.g6.24xlarge": 4,
    "ml.g6.48xlarge": 8,
    "ml.g6e.12xlarge": 4,
    "ml.g6e.24xlarge": 4,
    "ml.g6e.48xlarge": 8,
}


def vcpus(instance_type: str) -> int | None:
    """vCPUs of one instance, None for a type whose name says nothing."""
    if instance_type in _IRREGULAR_VCPUS:
        return _IRREGULAR_VCPUS[instance_type]
    match = _SIZED.match(instance_type)
    if match is None:
        return None
    if match["size"] != "xlarge":
        return 2
    return 4 * int(match["multiple"] or 1)


def gpus(instance_type: str) -> int | None:
    """GPUs of one instance: 0 for a type without, None for a GPU type that is not known."""
    if _GPU_FAMILY.match(instance_type) is None:
        return 0
    if _SINGLE_GPU.match(instance_type):
        return 1
    return _GPUS.get(instance_type)
