"""STS: who the printed credentials belong to, and roles to assume, with a code where an MFA device is named."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.wire.credentials import ACCESS_KEY_ID, ACCOUNT_ID, CALLER_ARN, SECRET_ACCESS_KEY
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.query_protocol import Timestamp
from smtop.metrics.simulator.wire.shapes import Record

MFA_CODE = "424242"
"""What every simulated MFA device shows."""

_SESSION_S = 3600.0


def sts_operations() -> Mapping[str, Operation]:
    """GetCallerIdentity, which needs no permission, and AssumeRole, which everybody may."""
    identity = {"Arn": CALLER_ARN, "UserId": "AROASIMULATED:smtop-demo", "Account": ACCOUNT_ID}
    return {
        "GetCallerIdentity": Operation(Record(), lambda request, now: dict(identity)),
        "AssumeRole": Operation(Record(), assume_role),
    }


def assume_role(request: dict[str, Any], now: float) -> dict[str, Any]:
    """Credentials for the role: the simulated account knows one key, whoever uses it."""
    if "SerialNumber" in request and request.get("TokenCode") != MFA_CODE:
        text = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        raise ServiceError("AccessDeniedException", text, query_status=403)
    session = f"{request.get('RoleArn', '')}/{request.get('RoleSessionName', '')}"
    credentials = {
        "AccessKeyId": ACCESS_KEY_ID,
        "SecretAccessKey": SECRET_ACCESS_KEY,
        "SessionToken": "simulated-session",
        "Expiration": Timestamp(now + _SESSION_S),
    }
    return {"Credentials": credentials, "AssumedRoleUser": {"AssumedRoleId": "AROASIMULATED", "Arn": session}}
