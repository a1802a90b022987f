"""Codes of MFA devices, on their way from the operator to botocore."""

from smtop.metrics.errors import AwsError, FaultKind, SignIn

_ASKED = "Enter MFA code for "
"""How botocore asks; the serial number of the device stands behind it."""


class MfaCodes:
    """Hands each code out once and keeps none.

    botocore would ask for it on the terminal, underneath the screen, and wait there for ever.
    """

    def __init__(self) -> None:
        self._code: str | None = None
        self.were_used = False

    def give(self, code: str) -> None:
        """The operator has typed a code."""
        self._code = code

    def take(self, question: str) -> str:
        """The code; raises AwsError where none was given."""
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
