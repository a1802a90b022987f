"""What instance types have inside, by EC2's pages; and that the shipped table has every type that can host."""

import botocore.session
import pytest

from smtop.metrics.domain.instance_types import Hardware, gpus, hardware, hardware_by_type, vcpus


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
        ("ml.m8g.medium", 1),
        ("ml.r7gd.medium", 1),
        ("ml.m5d.24xlarge", 96),
        ("ml.g4dn.12xlarge", 48),
        ("ml.p4d.24xlarge", 96),
        ("ml.g5.48xlarge", 192),
        ("ml.inf2.xlarge", 4),
        ("ml.trn1.32xlarge", 128),
        ("ml.p6-b200.48xlarge", 192),
        ("ml.p6e-gb200.36xlarge", 144),
        ("ml.m9x.2xlarge", 8),
        ("ml.m9x.large", 2),
        ("ml.m9x.medium", 1),
        ("ml.t3.medium", 2),
        ("ml.m7i.metal", None),
        ("m5.xlarge", None),
        ("", None),
    ],
)
def test_vcpus_are_known_or_follow_the_size(instance_type: str, count: int | None) -> None:
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
        ("ml.p6e-gb200.36xlarge", 4),
        ("ml.p2.16xlarge", 16),
        ("ml.p99.48xlarge", None),
        ("ml.m9x.2xlarge", 0),
    ],
)
def test_gpus_are_counted_or_said_to_be_unknown(instance_type: str, count: int | None) -> None:
    assert gpus(instance_type) == count


@pytest.mark.parametrize(
    ("instance_type", "inside"),
    [
        ("ml.m4.10xlarge", Hardware(vcpus=40, memory_gib=160, gpus=0, gpu_memory_gib=0)),
        ("ml.c5.9xlarge", Hardware(vcpus=36, memory_gib=72, gpus=0, gpu_memory_gib=0)),
        ("ml.c4.large", Hardware(vcpus=2, memory_gib=3.75, gpus=0, gpu_memory_gib=0)),
        ("ml.t2.medium", Hardware(vcpus=2, memory_gib=4, gpus=0, gpu_memory_gib=0)),
        ("ml.inf2.xlarge", Hardware(vcpus=4, memory_gib=16, gpus=0, gpu_memory_gib=0)),
        ("ml.g4dn.12xlarge", Hardware(vcpus=48, memory_gib=192, gpus=4, gpu_memory_gib=64)),
        ("ml.p3.8xlarge", Hardware(vcpus=32, memory_gib=244, gpus=4, gpu_memory_gib=64)),
        ("ml.p4d.24xlarge", Hardware(vcpus=96, memory_gib=1152, gpus=8, gpu_memory_gib=320)),
        ("ml.p5.48xlarge", Hardware(vcpus=192, memory_gib=2048, gpus=8, gpu_memory_gib=640)),
        ("ml.m9x.2xlarge", None),
    ],
)
def test_what_is_inside_is_that_of_the_ec2_type(instance_type: str, inside: Hardware | None) -> None:
    assert hardware(instance_type) == inside


def test_the_table_has_every_type_that_the_api_hosts_on_and_no_other() -> None:
    sagemaker = botocore.session.get_session().get_service_model("sagemaker")
    assert set(hardware_by_type()) == set(sagemaker.shape_for("ProductionVariantInstanceType").enum)
