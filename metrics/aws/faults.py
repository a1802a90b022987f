"""The one place that reads botocore's errors and turns them into what the operator can do about them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import ClientError as HttpError
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from smtop.metrics.errors import AwsError, FaultKind, SignIn

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN_CALLER = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "NotAuthorized", "OptInRequired", "UnauthorizedOperation"}
)
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_MISSING = frozenset(
    {
        "404",
        "ImageNotFoundException",
        "NoSuchResourceException",
        "ObjectNotFoundException",
        "RepositoryNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
_BUSY = frozenset({"ConflictException", "ConcurrentUpdateException", "ResourceInUse", "ResourceInUseException"})
_LIMIT = frozenset({"ResourceLimitExceeded"})
_TOO_LARGE = frozenset({"413", "RequestEntityTooLarge", "RequestEntityTooLargeException"})
_INVALID = frozenset(
    {
        "InvalidParameterCombination",
        "InvalidParameterCombinationException",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "MissingParameter",
        "MissingRequiredParameterException",
        "ValidationError",
    }
)


_LASTING = "If it lasts, look at the AWS Health Dashboard."
_STILL_EXPIRED = "refreshed credentials are still expired"
"""botocore's words, in an exception of no class of its own."""
_ASSUME = "sts:AssumeRole"
_CHECK = "Check them with: aws sts get-caller-identity"


@contextmanager
def translated(operation: str, profile: str | None = None) -> Iterator[None]:
    """Turns whatever botocore raises inside the block into an AwsError about `operation`."""
    try:
        yield
    except AwsError:
        raise
    except (boto.BotoCoreError, boto.ClientError, ResponseParserError, HttpError, OSError) as error:
        raise as_aws_error(error, operation, profile) from error
    except RuntimeError as error:
        if _STILL_EXPIRED not in str(error):
            raise
        unread = boto.CredentialRetrievalError(provider="their source", error_msg=str(error))
        raise as_aws_error(unread, operation, profile) from error


@contextmanager
def understood() -> Iterator[None]:
    """Whatever stumbles over an answer's shape inside the block raises ResponseParserError; `translated` knows it."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ResponseParserError(f"{type(error).__name__}: {error}") from error


def as_aws_error(error: Exception, operation: str, profile: str | None = None) -> AwsError:
    """The error as one or two sentences that say what failed and what to do."""
    option = f" --profile {profile}" if profile else ""
    if isinstance(error, boto.ClientError) and error.operation_name == "AssumeRole":
        return _no_role(error)
    if isinstance(error, boto.RefreshWithMFAUnsupportedError):
        sentence = "The session that an MFA code has opened is over. smtop signs in again."
        return AwsError(FaultKind.CREDENTIALS, _ASSUME, sentence)
    kind, sentence = _explain(error, operation, option)
    signed_out = isinstance(error, boto.SSOError | boto.TokenRetrievalError)
    return AwsError(kind, operation, sentence, SignIn(command=f"aws sso login{option}") if signed_out else None)


def _no_role(error: boto.ClientError) -> AwsError:
    """The profile's own role, which is assumed on the way to every other call, cannot be."""
    said = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
    if "MultiFactorAuthentication" in said:
        sentence = "AWS did not accept the MFA code. Press i to type the next one."
        return AwsError(FaultKind.CREDENTIALS, _ASSUME, sentence, SignIn(refused=True))
    code = str(error.response.get("Error", {}).get("Code", ""))
    kind = _kind_of_code(code, said, 0)
    kind = FaultKind.CREDENTIALS if kind is FaultKind.PERMISSION else kind
    return AwsError(kind, _ASSUME, f"The profile's role cannot be assumed: {said or code}. {_CHECK}")


def _explain(error: Exception, operation: str, profile: str) -> tuple[FaultKind, str]:
    if isinstance(error, boto.ClientError):
        return _explain_answer(error, operation, profile)
    for types, kind, sentence in _FAILURES:
        if isinstance(error, types):
            return kind, sentence(error, operation, profile)
    return FaultKind.SERVICE, f"{operation} failed: {_first_line(error)}. {_LASTING}"


def _explain_answer(error: boto.ClientError, operation: str, profile: str) -> tuple[FaultKind, str]:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", "")).strip()
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _kind_of_code(code, message, status)
    if message.startswith("<"):  # a proxy's page, or one of a server that knows no such operation
        message = ""
    said = (message or (code if not code.isdigit() else "") or "it gives no reason").rstrip(".")
    if code == "ModelError":
        return kind, f"The model itself answered with an error: {said}. Look at its logs."
    sentences = {
        FaultKind.CREDENTIALS: _rejected_credentials(code, profile),
        FaultKind.PERMISSION: f"{operation} is denied; ask for this permission. AWS says: {said}.",
        FaultKind.THROTTLED: f"AWS throttles {operation}: {said}. Wait, or have the account's quota raised.",
        FaultKind.BUSY: f"{operation} was refused, since a change is under way: {said}. Wait until it has ended.",
        FaultKind.LIMIT: f"{operation} was refused by a quota: {said}.",
        FaultKind.TOO_LARGE: f"{operation} was too large a request for AWS.",
        FaultKind.SERVICE: f"{operation} failed with {code or status}: {said}. {_LASTING}",
    }
    return kind, sentences.get(kind, f"{operation} was refused: {said}.")


def is_throttle(code: str, status: int) -> bool:
    """Whether an error code and an HTTP status mean that there were too many calls."""
    return _kind_of_code(code, "", status) is FaultKind.THROTTLED


def _kind_of_code(code: str, message: str, status: int) -> FaultKind:
    table = (
        (_EXPIRED | _UNKNOWN_CALLER, FaultKind.CREDENTIALS),
        (_DENIED, FaultKind.PERMISSION),
        (_THROTTLED, FaultKind.THROTTLED),
        (_MISSING, FaultKind.NOT_FOUND),
        (_BUSY, FaultKind.BUSY),
        (_LIMIT, FaultKind.LIMIT),
        (_TOO_LARGE, FaultKind.TOO_LARGE),
        (_INVALID, FaultKind.INVALID),
    )
    for codes, kind in table:
        if code in codes:
            return kind
    if code == "ValidationException":  # SageMaker's code for much else too; only the text tells them apart
        return next((kind for start, kind in _VALIDATIONS if message.startswith(start)), FaultKind.INVALID)
    if status in (403, 413, 429):
        return {403: FaultKind.PERMISSION, 413: FaultKind.TOO_LARGE, 429: FaultKind.THROTTLED}[status]
    return FaultKind.SERVICE


_VALIDATIONS = (("Could not find", FaultKind.NOT_FOUND), ("Cannot update in-progress", FaultKind.BUSY))


def _no_credentials(*_: object) -> str:
    return (
        "No AWS credentials were found. Sign in (aws sso login, aws configure), choose a profile with --profile, "
        "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    )


def _unreadable_credentials(error: Exception, _: str, profile: str) -> str:
    return f"The AWS credentials cannot be read: {_first_line(error)}. {_CHECK}{profile}"


def _signed_out(_error: Exception, _: str, profile: str) -> str:
    return f"The AWS sign-in has expired. Run: aws sso login{profile}"


def _too_slow(_error: Exception, operation: str, _: str) -> str:
    return f"{operation} took too long to answer. {_LASTING}"


def _unreadable(_error: Exception, operation: str, _: str) -> str:
    return f"{operation} failed: AWS answered what cannot be read. {_LASTING}"


def _impossible(error: Exception, operation: str, _: str) -> str:
    return f"{operation} cannot be asked this way: {_first_line(error)}."


def _rejected_credentials(code: str, profile: str) -> str:
    if code in _EXPIRED:
        return f"The AWS credentials have expired. Sign in again (aws sso login{profile}) or renew them."
    return f"AWS does not accept these credentials ({code}). {_CHECK}{profile}"


def _no_connection(error: Exception, operation: str, _: str) -> str:
    return (
        f"{operation} cannot be reached: {_first_line(error)}. "
        "Check the region, the network, the proxy and AWS_ENDPOINT_URL."
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")


_FAILURES: tuple[tuple[tuple[type[Exception], ...], FaultKind, Callable[[Exception, str, str], str]], ...] = (
    ((boto.SSOError, boto.TokenRetrievalError), FaultKind.CREDENTIALS, _signed_out),
    ((boto.NoCredentialsError,), FaultKind.CREDENTIALS, _no_credentials),
    ((boto.PartialCredentialsError, boto.CredentialRetrievalError), FaultKind.CREDENTIALS, _unreadable_credentials),
    ((boto.ReadTimeoutError,), FaultKind.SERVICE, _too_slow),
    ((boto.HTTPClientError, boto.ConnectionError, HttpError, OSError), FaultKind.UNREACHABLE, _no_connection),
    ((ResponseParserError,), FaultKind.SERVICE, _unreadable),
    ((boto.ParamValidationError,), FaultKind.INVALID, _impossible),
)
"""What went wrong before AWS gave an answer, the most particular first."""
