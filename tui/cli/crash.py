"""What is kept of a fault of our own: where it happened. Values of variables are not: there are secrets among them."""

import os
import re
import traceback
from pathlib import Path

from smtop.metrics.files import replace_file

_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECURITY_TOKEN")
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b")


def redacted(text: str) -> str:
    """The text without the credentials of this shell, and without anything that looks like an access key."""
    for name in _SECRET_VARIABLES:
        if value := os.environ.get(name):
            text = text.replace(value, f"<{name}>")
    return _KEY_ID.sub("<access key>", text)


def write_report(error: BaseException, folder: Path) -> Path | None:
    """Where the traceback of the error now stands, readable by its owner only; None if it cannot be written."""
    path = folder / "crash.txt"
    try:
        replace_file(path, redacted("".join(traceback.format_exception(error))))
    except OSError:
        return None
    return path
