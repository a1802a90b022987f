"""Times on the wire."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
    r"|[0-9]{8}T[0-9]{6}Z"
)
_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?"
    r"[0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "
    r"[0-9]{2}:[0-9]{2}:[0-9]{2} (?:GMT|UTC|[+-][0-9]{4})"
)


def parse_timestamp(value: object) -> datetime:
    """botocore's timestamp parser without dateutil, which costs ten times the rest of a CloudWatch answer.

    Takes the forms that AWS uses: epoch seconds (number or text), ISO 8601, which is UTC where it names no offset (the
    machine's own time zone is never AWS's), and RFC 5322 as in headers. Returns an aware UTC datetime; raises
    ValueError.
    """
    try:
        return _moment(value).astimezone(UTC)
    except (ArithmeticError, OSError) as error:  # a time that no datetime can hold
        raise ValueError(f"{value!r} is no time: {error}") from error


def _moment(value: object) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    text = str(value)
    if _ISO.fullmatch(text):
        moment = datetime.fromisoformat(text)
    elif _MAIL.fullmatch(text):
        moment = parsedate_to_datetime(text)
    else:
        return datetime.fromtimestamp(float(text), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
