"""The page of an endpoint in AWS's own console."""

from collections.abc import Mapping
from urllib.parse import quote

from smtop.metrics.errors import SmtopError

_HOSTS: Mapping[str, str] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


class ConsoleError(SmtopError):
    """There is no page to lead to."""


def console_url(arn: str) -> str:
    """The address of an endpoint's page. Raises ConsoleError in a partition whose console is not known."""
    _, partition, _, region, _, resource = arn.split(":", 5)
    if partition not in _HOSTS:
        raise ConsoleError(f"smtop knows no console of the partition {partition}.")
    name = resource.partition("/")[2]
    return f"https://{_HOSTS[partition]}/sagemaker/home?region={quote(region)}#/endpoints/{quote(name)}"
