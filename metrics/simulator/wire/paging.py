"""Opaque page tokens: they carry the place to go on from, and refuse to serve a changed question."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any


class BadTokenError(ValueError):
    """The token was not issued for this question."""


def fingerprint(question: Mapping[str, Any]) -> str:
    """What must stay equal from page to page: every parameter but the token."""
    kept = {name: value for name, value in question.items() if name != "NextToken"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()[:16]


def issue(place: list[Any], question: Mapping[str, Any]) -> str:
    """A token for the next page."""
    return base64.urlsafe_b64encode(json.dumps([fingerprint(question), *place]).encode()).decode()


def redeem(token: str, question: Mapping[str, Any]) -> list[Any]:
    """The place that `issue` put into the token. Raises BadTokenError."""
    try:
        mark, *place = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise BadTokenError(token) from None
    if mark != fingerprint(question):
        raise BadTokenError(token)
    return list(place)
