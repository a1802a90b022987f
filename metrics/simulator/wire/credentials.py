"""Who calls, from the Authorization header.

Signatures are not verified: the simulator is on loopback and holds nothing.
"""

import os
import re
from dataclasses import dataclass

from smtop.metrics.simulator.wire.errors import ServiceError

ACCESS_KEY_ID = "SMTOPSIMULATEDACCESS"
SECRET_ACCESS_KEY = "simulated-accounts-have-no-secrets"  # noqa: S105 - it opens nothing
ACCOUNT_ID = os.environ.get("SMTOP_SIMULATED_ACCOUNT", "123456789012")
"""A process is one account."""

CALLER_ARN = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/oncall-readonly/smtop-demo"

_SCOPE = re.compile(r"Credential=([^/,\s]+)/[0-9]{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True)
class Scope:
    """The region and signing name that a request is addressed to."""

    region: str
    service: str


def authenticate(authorization: str | None) -> Scope:
    """The scope of a signed request. Raises the refusals of AWS's front door."""
    if not authorization:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    found = _SCOPE.search(authorization)
    if not found:
        raise ServiceError("IncompleteSignatureException", "Authorization header requires 'Credential' parameter.", 403)
    key, region, service = found.groups()
    if key != ACCESS_KEY_ID:
        raise ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.", 403)
    return Scope(region, service)


def signed_for(authorization: str | None) -> str:
    """The signing name of a request; empty where it is not signed."""
    found = _SCOPE.search(authorization or "")
    return found[3] if found else ""


def expired() -> ServiceError:
    """The refusal of a session whose token ran out."""
    return ServiceError("ExpiredTokenException", "The security token included in the request is expired", 403)
