"""Tells a chat or a pager by HTTP: one POST of JSON, once, to the address that the operator has configured."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

TIMEOUT_S = 10.0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was written for one address is not sent to another."""

    def redirect_request(self, *_arguments: object, **_more: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def post(url: str, document: Mapping[str, Any]) -> str | None:
    """Sends it, in the calling thread; a sentence where that failed. The address is a secret and never told."""
    body = json.dumps(document).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - config allows https
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        return f"The webhook answered {error.code}; nobody was told."
    except (OSError, ValueError) as error:
        return f"The webhook could not be reached ({type(error).__name__}); nobody was told."
