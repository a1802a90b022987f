"""Errors as values: what the operator reads is the text, what the engine decides by is the kind."""

import pytest

from smtop.metrics.errors import AwsError, ConfigError, FaultKind, SmtopError


def test_an_aws_error_reads_as_its_message_alone() -> None:
    error = AwsError(FaultKind.PERMISSION, "cloudwatch:ListMetrics", "Denied. Ask for it.")
    assert str(error) == "Denied. Ask for it."
    assert (error.kind, error.operation) == (FaultKind.PERMISSION, "cloudwatch:ListMetrics")


@pytest.mark.parametrize("error", [AwsError(FaultKind.SERVICE, "sagemaker:ListEndpoints", "x"), ConfigError("x")])
def test_whoever_shows_errors_catches_one_class(error: Exception) -> None:
    with pytest.raises(SmtopError):
        raise error


def test_kinds_are_written_as_the_json_output_promises() -> None:
    assert {kind.value for kind in FaultKind} >= {"permission", "credentials", "throttled", "unreachable"}
