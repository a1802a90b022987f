"""Whatever botocore raises becomes a kind and one or two sentences that say what failed and what to do."""

import socket
from collections.abc import Callable

import aiohttp
import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from smtop.metrics.aws.faults import as_aws_error, translated
from smtop.metrics.errors import AwsError, FaultKind, SignIn
from tests.cli.command import count_sentences

OPERATION = "cloudwatch:GetMetricData"
DENIAL = "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: cloudwatch:GetMetricData"

CREDENTIALS, PERMISSION, THROTTLED = FaultKind.CREDENTIALS, FaultKind.PERMISSION, FaultKind.THROTTLED
UNREACHABLE, NOT_FOUND, INVALID = FaultKind.UNREACHABLE, FaultKind.NOT_FOUND, FaultKind.INVALID
TOO_LARGE, SERVICE = FaultKind.TOO_LARGE, FaultKind.SERVICE


def answered(code: str, message: str = "", status: int = 400) -> boto.ClientError:
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},
        "GetMetricData",
    )


def test_a_role_that_cannot_be_assumed_is_a_matter_of_credentials() -> None:
    """Whatever was asked, its caller has nothing to do with the permission that is missing."""

    def refused(message: str) -> AwsError:
        error = {"Error": {"Code": "AccessDenied", "Message": message}}
        return as_aws_error(boto.ClientError(error, "AssumeRole"), OPERATION)

    code = refused("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    assert (code.kind, code.operation, code.sign_in) == (CREDENTIALS, "sts:AssumeRole", SignIn(refused=True))
    assert "did not accept the MFA code" in str(code)
    denied = refused("User: ana is not authorized to perform: sts:AssumeRole.")
    assert (denied.kind, denied.operation, denied.sign_in) == (CREDENTIALS, "sts:AssumeRole", None)
    assert "role cannot be assumed: User: ana is not authorized" in str(denied)
    assert count_sentences(str(denied)) <= 2


def test_what_sso_needs_can_be_copied() -> None:
    error = as_aws_error(boto.SSOTokenLoadError(error_msg="gone"), OPERATION, "oncall")
    assert error.sign_in == SignIn(command="aws sso login --profile oncall")


def test_an_mfa_session_that_is_over_is_signed_in_anew() -> None:
    assert as_aws_error(boto.RefreshWithMFAUnsupportedError(), OPERATION).kind is CREDENTIALS


CODES = [
    ("ExpiredToken", 403, CREDENTIALS, "aws sso login"),
    ("ExpiredTokenException", 400, CREDENTIALS, "aws sso login"),
    ("RequestExpired", 400, CREDENTIALS, "aws sso login"),
    ("InvalidClientTokenId", 403, CREDENTIALS, "aws sts get-caller-identity"),
    ("UnrecognizedClientException", 400, CREDENTIALS, "aws sts get-caller-identity"),
    ("SignatureDoesNotMatch", 403, CREDENTIALS, "aws sts get-caller-identity"),
    ("InvalidSignatureException", 400, CREDENTIALS, "aws sts get-caller-identity"),
    ("IncompleteSignature", 400, CREDENTIALS, "aws sts get-caller-identity"),
    ("MissingAuthenticationToken", 403, CREDENTIALS, "aws sts get-caller-identity"),
    ("AuthFailure", 401, CREDENTIALS, "aws sts get-caller-identity"),
    ("AccessDenied", 403, PERMISSION, "ask for this permission"),
    ("AccessDeniedException", 400, PERMISSION, "ask for this permission"),
    ("UnauthorizedOperation", 403, PERMISSION, "ask for this permission"),
    ("OptInRequired", 403, PERMISSION, "ask for this permission"),
    ("SomethingNew", 403, PERMISSION, "ask for this permission"),
    ("Throttling", 400, THROTTLED, "quota"),
    ("ThrottlingException", 400, THROTTLED, "quota"),
    ("RequestLimitExceeded", 503, THROTTLED, "quota"),
    ("TooManyRequestsException", 429, THROTTLED, "quota"),
    ("SomethingNew", 429, THROTTLED, "quota"),
    ("LimitExceededException", 400, THROTTLED, "quota"),
    ("ResourceNotFound", 400, NOT_FOUND, OPERATION),
    ("InvalidParameterValue", 400, INVALID, OPERATION),
    ("InvalidParameterCombination", 400, INVALID, OPERATION),
    ("ValidationError", 400, INVALID, OPERATION),
    ("ValidationException", 400, INVALID, OPERATION),
    ("RequestEntityTooLarge", 413, TOO_LARGE, "too large"),
    ("413", 413, TOO_LARGE, "too large"),
    ("InternalFailure", 500, SERVICE, "Health Dashboard"),
    ("ServiceUnavailable", 503, SERVICE, "Health Dashboard"),
    ("500", 500, SERVICE, "Health Dashboard"),
    ("SomethingNew", 418, SERVICE, "Health Dashboard"),
    ("", 0, SERVICE, "Health Dashboard"),
]


@pytest.mark.parametrize(("code", "status", "kind", "remedy"), CODES)
@pytest.mark.parametrize("message", ["", "It was not to be", "It was not to be.", DENIAL])
def test_an_answer_of_aws_is_told_by_its_code(
    code: str, status: int, kind: FaultKind, remedy: str, message: str
) -> None:
    error = as_aws_error(answered(code, message, status), OPERATION)
    assert (error.kind, error.operation) == (kind, OPERATION)
    assert remedy in str(error)
    assert_well_said(str(error))
    if kind not in (CREDENTIALS, TOO_LARGE):
        assert message in str(error)
        assert OPERATION in str(error)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_missing_resource_is_known_by_its_words(quote: str) -> None:
    """SageMaker has one code for a missing resource and for every invalid request."""
    text = f"Could not find endpoint {quote}arn:aws:sagemaker:us-east-1:1:endpoint/x{quote}"
    assert as_aws_error(answered("ValidationException", text), OPERATION).kind is NOT_FOUND


FAILURES: list[tuple[str, Callable[[], Exception], FaultKind, str]] = [
    ("none", boto.NoCredentialsError, CREDENTIALS, "aws sso login"),
    (
        "half",
        lambda: boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        CREDENTIALS,
        "aws sts",
    ),
    (
        "process",
        lambda: boto.CredentialRetrievalError(provider="custom-process", error_msg="exit 1\nmore\nlines"),
        CREDENTIALS,
        "aws sts get-caller-identity",
    ),
    ("sso", boto.UnauthorizedSSOTokenError, CREDENTIALS, "aws sso login"),
    ("sso load", lambda: boto.SSOTokenLoadError(error_msg="no file"), CREDENTIALS, "aws sso login"),
    ("token", lambda: boto.TokenRetrievalError(provider="sso", error_msg="expired"), CREDENTIALS, "aws sso login"),
    ("connect", lambda: boto.EndpointConnectionError(endpoint_url="https://x"), UNREACHABLE, "AWS_ENDPOINT_URL"),
    ("connect slowly", lambda: boto.ConnectTimeoutError(endpoint_url="https://x"), UNREACHABLE, "network"),
    ("hung up", lambda: boto.ConnectionClosedError(endpoint_url="https://x"), UNREACHABLE, "network"),
    ("proxy", lambda: boto.ProxyConnectionError(proxy_url="http://p"), UNREACHABLE, "proxy"),
    ("tls", lambda: boto.SSLError(endpoint_url="https://x", error="self signed"), UNREACHABLE, "proxy"),
    ("aiohttp", lambda: aiohttp.ClientPayloadError("not all of it"), UNREACHABLE, "network"),
    ("name", lambda: socket.gaierror(-2, "Name or service not known"), UNREACHABLE, "region"),
    ("reset", lambda: ConnectionResetError("reset by peer"), UNREACHABLE, "network"),
    ("slow", lambda: boto.ReadTimeoutError(endpoint_url="https://x"), SERVICE, "Health Dashboard"),
    ("garbage", lambda: ResponseParserError("Unable to parse response\n<html>"), SERVICE, "Health Dashboard"),
    ("parameters", lambda: boto.ParamValidationError(report="Missing EndpointName"), INVALID, OPERATION),
    ("another", lambda: boto.DataNotFoundError(data_path="x"), SERVICE, "Health Dashboard"),
]


@pytest.mark.parametrize(("make", "kind", "remedy"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_a_call_without_an_answer_is_told_by_its_exception(
    make: Callable[[], Exception], kind: FaultKind, remedy: str
) -> None:
    error = as_aws_error(make(), OPERATION)
    assert (error.kind, error.operation) == (kind, OPERATION)
    assert remedy in str(error)
    assert_well_said(str(error))


def assert_well_said(text: str) -> None:
    """One or two sentences on one line, closed, without leftovers of what they were put together from."""
    assert 1 <= count_sentences(text) <= 2, text
    assert "\n" not in text
    assert ".." not in text and " ." not in text and "  " not in text and ": ." not in text, text
    assert text[-1] == "." or text.rpartition(": ")[2].startswith("aws "), text
    assert "Traceback" not in text and "None" not in text, text


@pytest.mark.parametrize(
    ("error", "command"),
    [
        (answered("ExpiredToken", status=403), "aws sso login --profile prod"),
        (answered("InvalidClientTokenId", status=403), "aws sts get-caller-identity --profile prod"),
        (boto.UnauthorizedSSOTokenError(), "aws sso login --profile prod"),
        (
            boto.CredentialRetrievalError(provider="p", error_msg="no"),
            "aws sts get-caller-identity --profile prod",
        ),
    ],
)
def test_the_command_to_run_names_the_profile(error: Exception, command: str) -> None:
    assert command in str(as_aws_error(error, OPERATION, "prod"))


def test_translation_keeps_our_own_errors_and_the_cause() -> None:
    own = AwsError(PERMISSION, OPERATION, "No.")
    with pytest.raises(AwsError) as caught, translated("sagemaker:ListEndpoints"):
        raise own
    assert caught.value is own
    cause = boto.NoCredentialsError()
    with pytest.raises(AwsError) as caught, translated(OPERATION):
        raise cause
    assert caught.value.__cause__ is cause


def test_a_fault_of_our_own_is_not_dressed_up() -> None:
    with pytest.raises(KeyError), translated(OPERATION):
        raise KeyError("EndpointName")


def test_credentials_that_are_fetched_when_they_have_already_ended_are_told() -> None:
    with pytest.raises(AwsError, match="still expired") as caught, translated(OPERATION):
        raise RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired.")
    assert caught.value.kind is CREDENTIALS
    with pytest.raises(RuntimeError, match="closed"), translated(OPERATION):
        raise RuntimeError("Session is closed")
