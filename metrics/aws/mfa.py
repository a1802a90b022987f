"""How a profile signs in: codes of MFA devices on their way from the operator to botocore, and the roles they open."""

from itertools import count
from typing import Any

from smtop.metrics.errors import AwsError, FaultKind, SignIn

_ASKED = "Enter MFA code for "
"""How botocore asks; the serial number of the device stands behind it."""

_questions = count(1)


class MfaCodes:
    """Hands each code out once and keeps none.

    botocore would ask for it on the terminal, underneath the screen, and wait there for ever. `asked` is larger the
    later one was asked for; 0 where none was.
    """

    def __init__(self) -> None:
        self._code: str | None = None
        self.were_used = False
        self.asked = 0

    def give(self, code: str) -> None:
        """The operator has typed a code."""
        self._code = code

    def take(self, question: str) -> str:
        """The code; raises AwsError where none was given."""
        self.asked = next(_questions)
        code, self._code = self._code, None
        if code is None:
            raise AwsError(
                FaultKind.CREDENTIALS,
                "sts:AssumeRole",
                "This profile asks for an MFA code: press i on the screen to type it. "
                "In a script sign in first, for instance with: eval $(aws configure export-credentials --format env)",
                SignIn(device=question.removeprefix(_ASKED).rstrip(": ")),
            )
        self.were_used = True
        return code


class SignOn:
    """What the sessions of one profile share: a code opens its role once, for all regions in which it is used.

    `roles` is botocore's own cache of what STS answered; it holds nothing longer than the role itself lasts.
    """

    def __init__(self) -> None:
        self.codes = MfaCodes()
        self.roles: dict[str, Any] = {}

    def forget(self, access_key: str | None) -> None:
        """Credentials that a session no longer gets in with; those that another one has got since are kept."""
        for name, answer in list(self.roles.items()):
            if answer["Credentials"]["AccessKeyId"] == access_key:
                del self.roles[name]
