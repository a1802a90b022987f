"""vCPUs and GPUs of instance types, by EC2's pages."""

import pytest

from smtop.metrics.domain.instance_types import gpus, vcpus


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("ml.t2.medium", 2),
        ("ml.m5.large", 2),
        ("ml.m5.xlarge", 4),
        ("ml.c5.2xlarge", 8),
        ("ml.c5.18xlarge", 72),
        ("ml.c4.8xlarge", 36),
        ("ml.c6g.medium", 1),
        ("ml.m5d.24xlarge", 96),
        ("ml.g4dn.12xlarge", 48),
        ("ml.p4d.24xlarge", 96),
        ("ml.g5.48xlarge", 192),
        ("ml.inf2.xlarge", 4),
        ("ml.trn1.32xlarge", 128),
        ("ml.p6-b200.48xlarge", 192),
        ("ml.m7i.metal", None),
        ("m5.xlarge", None),
        ("", None),
    ],
)
def test_vcpus_follow_the_size(instance_type: str, count: int | None) -> None:
    assert vcpus(instance_type) == count


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("ml.m5.xlarge", 0),
        ("ml.inf2.xlarge", 0),
        ("ml.trn1.32xlarge", 0),
        ("ml.g4dn.xlarge", 1),
        ("ml.g4dn.12xlarge", 4),
        ("ml.g4dn.16xlarge", 1),
        ("ml.g5.16xlarge", 1),
        ("ml.g5.48xlarge", 8),
        ("ml.g6e.8xlarge", 1),
        ("ml.p3.2xlarge", 1),
        ("ml.p3.8xlarge", 4),
        ("ml.p4d.24xlarge", 8),
        ("ml.p5.48xlarge", 8),
        ("ml.p6-b200.48xlarge", 8),
        ("ml.p6e-gb200.36xlarge", None),
        ("ml.p99.48xlarge", None),
    ],
)
def test_gpus_are_counted_or_said_to_be_unknown(instance_type: str, count: int | None) -> None:
    assert gpus(instance_type) == count
