"""Where a session of botocore is changed in ways that it does not document.

What one of these needs may be missing in another botocore. Then the session stays as it is, which is slower or knows
less and never wrong, and `smtop doctor` says so (`metrics.aws.detours`).
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from aiobotocore.session import AioSession
from botocore import exceptions as boto
from botocore.credentials import RefreshableCredentials

from smtop.metrics.aws.parsers import StrictParsers
from smtop.metrics.aws.protocol import CloudWatchModels
from smtop.metrics.aws.timestamps import parse_timestamp

_REFRESH_BEFORE_END_S = {"_advisory_refresh_timeout": 120, "_mandatory_refresh_timeout": 60}
"""When to fetch new credentials if that can be done without waiting, and when to wait for them."""


def parse_strictly(session: AioSession) -> bool:
    """Answers are read strictly, and times without dateutil. Whether that could be had."""
    with suppress(AttributeError, TypeError, ValueError):
        parsers = session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=parse_timestamp)
        session.register_component("response_parser_factory", StrictParsers(parsers))
        return True
    return False


def speak_json(session: AioSession) -> CloudWatchModels | None:
    """CloudWatch is spoken to in JSON. None where that could not be had: its model is then botocore's own."""
    with suppress(AttributeError, TypeError, ValueError):
        models = CloudWatchModels(session.get_component("data_loader"))
        session.register_component("data_loader", models)
        return models
    return None


def ask_for_codes(session: AioSession, prompter: Callable[[str], str]) -> bool:
    """Codes of MFA devices are asked of `prompter`, and not on the terminal. Whether that could be had."""
    return _give_to_roles(session, "_prompter", prompter)


def share_roles(session: AioSession, roles: dict[str, Any]) -> bool:
    """Roles that another session of the profile has assumed are taken over. Whether that could be had."""
    return _give_to_roles(session, "cache", roles)


def _give_to_roles(session: AioSession, name: str, value: object) -> bool:
    """Sets what the provider of assumed roles has by this name. Whether it has."""
    with suppress(AttributeError, ValueError, boto.UnknownCredentialError):
        provider = session.get_component("credential_provider").get_provider("assume-role")
        if hasattr(provider, name):
            setattr(provider, name, value)
            return True
    return False


def refresh_late(credentials: object) -> bool:
    """Role credentials may live for as little as 15 minutes, which is how long before their end botocore renews them:
    every single request would ask STS for new ones. Whether that could be had."""
    if not all(hasattr(RefreshableCredentials, name) for name in _REFRESH_BEFORE_END_S):
        return False
    if isinstance(credentials, RefreshableCredentials):
        for name, seconds in _REFRESH_BEFORE_END_S.items():
            setattr(credentials, name, seconds)
    return True


def give_credentials(credentials: object, session: AioSession, clients: Iterable[Any]) -> bool:
    """The session and its open clients sign with other credentials from now on. Whether that could be had."""
    holders = [session, *(getattr(client, "_request_signer", None) for client in clients)]
    if not all(hasattr(holder, "_credentials") for holder in holders):
        return False
    for holder in holders:
        holder._credentials = credentials
    return True
