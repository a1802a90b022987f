"""What can go wrong, classified by what the operator can do about it.

SmtopError                 one or two sentences: what failed, what to do
├── ConfigError            the command line, the environment or the configuration file must be mended
├── RefusedError           smtop itself will not change something, and says what would have to be otherwise
└── AwsError               AWS refused, failed or could not be asked; `kind` says which
"""

from enum import StrEnum
from typing import NamedTuple


class FaultKind(StrEnum):
    """Why a call to AWS gave no answer."""

    CREDENTIALS = "credentials"
    """Missing, expired or unknown to AWS: sign in."""
    PERMISSION = "permission"
    """Denied: ask for the permission."""
    THROTTLED = "throttled"
    """Too many requests: wait."""
    UNREACHABLE = "unreachable"
    """No connection, or no answer in time: look at the network."""
    NOT_FOUND = "not-found"
    """What was asked for does not exist (any more)."""
    INVALID = "invalid"
    """AWS rejects the request itself."""
    TOO_LARGE = "too-large"
    """The request has too many bytes."""
    BUSY = "busy"
    """Somebody else is changing the same thing: wait for it."""
    LIMIT = "limit"
    """A quota of the account does not allow it."""
    SERVICE = "service"
    """AWS failed, or answered what cannot be read."""


class SignIn(NamedTuple):
    """What the operator can do about credentials at once: type a code of the MFA device, or run `command` elsewhere.

    `refused` says that AWS did not accept the code that was given last.
    """

    device: str | None = None
    command: str | None = None
    refused: bool = False

    @property
    def wants_code(self) -> bool:
        return self.command is None


class SmtopError(Exception):
    """Base of all errors that an operator may see; the text is complete as it stands."""


class ConfigError(SmtopError):
    """The command line, the environment or the configuration file asks for something impossible."""


class RefusedError(SmtopError):
    """smtop does not do this: it is read-only, the ground has moved, or there is no way back."""


OPEN_ENDED = frozenset({FaultKind.UNREACHABLE, FaultKind.SERVICE})


class AwsError(SmtopError):
    """A call to AWS that gave no answer.

    `operation` is written as IAM writes the action: `cloudwatch:GetMetricData`. `sign_in` is the way out, if signing in
    is one.
    """

    def __init__(self, kind: FaultKind, operation: str, message: str, sign_in: SignIn | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.operation = operation
        self.sign_in = sign_in

    @property
    def is_open(self) -> bool:
        """Whether AWS may have carried the call out all the same."""
        return self.kind in OPEN_ENDED
