"""A refused call. Protocols spell codes differently: ThrottlingException in JSON is Throttling in a query service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# AWS's query services publish shorter codes for the same refusals. Codes not listed are the same in both.
QUERY_CODES = {
    "AccessDeniedException": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "InvalidParameterCombinationException": "InvalidParameterCombination",
    "InvalidParameterValueException": "InvalidParameterValue",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "MissingRequiredParameterException": "MissingParameter",
    "ServiceUnavailableException": "ServiceUnavailable",
    "ThrottlingException": "Throttling",
    "UnknownOperationException": "InvalidAction",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ValidationException": "ValidationError",
}


@dataclass(eq=False)
class ServiceError(Exception):
    """An answer other than success. `code` is the JSON spelling; `query_status` differs from `status` for few.

    `details` are further members of the answer, where the service has some.
    """

    code: str
    message: str
    status: int = 400
    query_status: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def query_code(self) -> str:
        """The code as query services spell it."""
        return QUERY_CODES.get(self.code, self.code)


def invalid(message: str) -> ServiceError:
    """ValidationException: what SageMaker answers to nearly every refused request, not-found included."""
    return ServiceError("ValidationException", message)


def limit_exceeded(message: str) -> ServiceError:
    """ResourceLimitExceeded: a quota of the account."""
    return ServiceError("ResourceLimitExceeded", message)


def throttled() -> ServiceError:
    """The answer above an API's rate."""
    return ServiceError("ThrottlingException", "Rate exceeded")


def unknown_operation(message: str = "") -> ServiceError:
    """The service has no such operation (or the simulator does not offer it)."""
    return ServiceError("UnknownOperationException", message)


def denied(caller: str, action: str, resource: str) -> ServiceError:
    """IAM's refusal, in AWS's words."""
    text = f"User: {caller} is not authorized to perform: {action} on resource: {resource} "
    text += f"because no identity-based policy allows the {action} action"
    return ServiceError("AccessDeniedException", text, query_status=403)


def broken(status: int) -> ServiceError:
    """A fault on the service's side."""
    code = "ServiceUnavailableException" if status == 503 else "InternalFailure"
    return ServiceError(code, "The request processing has failed because of an unknown error.", status)
