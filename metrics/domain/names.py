"""Names as SageMaker takes them."""

import re

LONGEST = 63
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


def name_complaint(what: str, name: str) -> str | None:
    """Why `name` cannot be that of an endpoint, a variant or a component; None where it can."""
    if len(name) <= LONGEST and _NAME.fullmatch(name):
        return None
    return (
        f"{name!r} is no name of {what}: those have letters, digits and hyphens, no hyphen at either end, "
        f"and {LONGEST} characters at most."
    )
