"""Times on the wire."""

from datetime import UTC, datetime


def parse_timestamp(value: object) -> datetime:
    """botocore's timestamp parser without dateutil, which costs ten times the rest of a CloudWatch answer.

    Takes epoch seconds (number or text) or ISO 8601, which is UTC where it names no offset: the machine's own time zone
    is never AWS's. Returns an aware UTC datetime; raises ValueError.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    text = str(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(float(text), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
