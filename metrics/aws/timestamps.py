"""Times on the wire."""

from datetime import UTC, datetime


def parse_timestamp(value: object) -> datetime:
    """botocore's timestamp parser without dateutil, which costs ten times the rest of a CloudWatch answer.

    Takes epoch seconds (number or text) or ISO 8601; returns an aware UTC datetime; raises ValueError.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    text = str(value)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(float(text), UTC)
