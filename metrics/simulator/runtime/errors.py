"""What an invocation is refused with. The runtime says ValidationError where the control plane says -Exception."""

from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from smtop.metrics.simulator.wire.errors import ServiceError


def refused(message: str) -> ServiceError:
    """ValidationError."""
    return ServiceError("ValidationError", message)


def not_found(endpoint: str) -> ServiceError:
    """The answer for an endpoint that does not exist, in AWS's words."""
    return refused(f"Endpoint {endpoint} of account {ACCOUNT_ID} not found.")


def model_error(status: int, message: str) -> ServiceError:
    """ModelError: the container answered with an error of its own."""
    text = f'Received server error ({status}) from primary with message "{message}".'
    details = {"OriginalStatusCode": status, "OriginalMessage": message, "LogStreamArn": ""}
    return ServiceError("ModelError", text, 424, details=details)


def model_not_ready() -> ServiceError:
    """ModelNotReadyException: a serverless container is being started, or a model of many is being loaded."""
    return ServiceError("ModelNotReadyException", "The model is not ready yet. Wait and try your request again.", 429)


def unavailable() -> ServiceError:
    """ServiceUnavailable."""
    return ServiceError("ServiceUnavailable", "The service is unavailable. Try your call again.", 503)


def crowded() -> ServiceError:
    """Beyond a serverless variant's concurrency."""
    return ServiceError("ThrottlingException", "Rate exceeded", 429)
