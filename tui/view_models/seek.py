"""A time as somebody types it: 14:02, -2h, 2026-11-19 14:00, with Z for UTC."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from smtop.metrics.errors import SmtopError
from smtop.tui.view_models.axes import local

_BACK = re.compile(r"-(?:(\d{1,4})d)? ?(?:(\d{1,4})h)? ?(?:(\d{1,5})m)?")
_CLOCK = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2})")
_IN_UTC = re.compile(r"\s*(?:z|utc)$", re.IGNORECASE)
_DAY = timedelta(days=1)


class SeekError(SmtopError):
    """What was typed is no time that charts can show; its text says why."""


def seek(text: str, now: float, zone: tzinfo | None) -> int:
    """The time that is meant, in epoch seconds. A time without a date is the last one that has been.

    `zone` is that of times without Z; None is the machine's own. Raises SeekError.
    """
    words = text.strip()
    at = _back(words, now) if words.startswith("-") else _clock(words, now, zone)
    if at is None:
        raise SeekError("a time is 14:02, -2h, -1d, or 2026-11-19 14:00, with Z for UTC")
    if at > now:
        raise SeekError("that is still to come")
    return at


def _back(text: str, now: float) -> int | None:
    """`-1d`, `-2h`, `-1h30m`: so long ago."""
    found = _BACK.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return int(now) - days * 86_400 - hours * 3600 - minutes * 60


def _clock(text: str, now: float, zone: tzinfo | None) -> int | None:
    """`14:02`, or with its date."""
    own = UTC if _IN_UTC.search(text) else zone
    found = _CLOCK.fullmatch(_IN_UTC.sub("", text))
    if found is None:
        return None
    date, clock = found.groups()
    try:
        moment = datetime.fromisoformat(f"{date or local(now, own).date()}T{clock:0>5}")
    except ValueError:
        return None
    at = int(_placed(moment, own).timestamp())
    return int(_placed(moment - _DAY, own).timestamp()) if date is None and at > now else at


def _placed(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
