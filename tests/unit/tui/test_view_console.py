"""Addresses in AWS's own console, by partition."""

import pytest

from smtop.tui.view_models.console import ConsoleError, console_url


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_a_console_of_its_own(partition: str, region: str, host: str) -> None:
    arn = f"arn:{partition}:sagemaker:{region}:123456789012:endpoint/fraud"
    assert console_url(arn) == f"https://{host}/sagemaker/home?region={region}#/endpoints/fraud"


def test_a_name_cannot_leave_its_place() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/a b/../\x1b[31m?x"
    assert console_url(arn).endswith("#/endpoints/a%20b/../%1B%5B31m%3Fx")


def test_a_partition_without_a_known_console_is_no_wrong_link() -> None:
    with pytest.raises(ConsoleError, match="no console of the partition aws-iso"):
        console_url("arn:aws-iso:sagemaker:us-iso-east-1:123456789012:endpoint/fraud")
