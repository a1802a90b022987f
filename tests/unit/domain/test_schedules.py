"""When a scheduled action happens next."""

from datetime import UTC, datetime

import pytest

from smtop.metrics.domain.schedules import Bounds, next_firing

NOW = datetime(2026, 11, 20, 14, 11, 32, tzinfo=UTC).timestamp()
"""A Friday."""


def when(schedule: str, timezone: str = "UTC", now: float = NOW, **bounds: str) -> str | None:
    at = next_firing(schedule, timezone, now, Bounds(**{name: moment(text) for name, text in bounds.items()}))
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cron(30 14 * * ? *)", "2026-11-20 14:30"),
        ("cron(11 14 * * ? *)", "2026-11-21 14:11"),
        ("cron(0/15 * * * ? *)", "2026-11-20 14:15"),
        ("cron(5,50 8-17 * * ? *)", "2026-11-20 14:50"),
        ("cron(0 22 ? * MON-FRI *)", "2026-11-20 22:00"),
        ("cron(0 8 ? * SAT,SUN *)", "2026-11-21 08:00"),
        ("cron(0 8 ? * 2 *)", "2026-11-23 08:00"),
        ("cron(0 10 ? * 6#3 *)", "2026-12-18 10:00"),
        ("cron(0 20 ? * 6L *)", "2026-11-27 20:00"),
        ("cron(0 9 L * ? *)", "2026-11-30 09:00"),
        ("cron(0 9 LW JAN ? *)", "2027-01-29 09:00"),
        ("cron(0 9 1W NOV ? 2026-2030)", "2027-11-01 09:00"),
        ("cron(0 9 15W * ? *)", "2026-12-15 09:00"),
        ("cron(0 0 29 FEB ? *)", "2028-02-29 00:00"),
        ("cron(0 0 1 1 ? 2026)", None),
        ("at(2026-11-20T14:12:00)", "2026-11-20 14:12"),
        ("at(2026-11-20T14:11:00)", None),
    ],
)
def test_the_next_moment_of_an_expression(schedule: str, expected: str | None) -> None:
    assert when(schedule) == expected


@pytest.mark.parametrize(
    ("schedule", "timezone", "now", "expected"),
    [
        ("cron(0 18 * * ? *)", "America/New_York", "2026-11-20T14:11", "2026-11-20 23:00"),
        ("cron(0 18 * * ? *)", "America/New_York", "2026-07-20T14:11", "2026-07-20 22:00"),
        ("at(2026-11-20T18:00:00)", "Asia/Kolkata", "2026-11-20T11:00", "2026-11-20 12:30"),
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29 01:30"),
        ("cron(0 1 * * ? *)", "Pacific/Auckland", "2026-11-20T12:30", "2026-11-21 12:00"),
    ],
)
def test_times_are_those_of_the_zone(schedule: str, timezone: str, now: str, expected: str) -> None:
    assert when(schedule, timezone, moment(now)) == expected


def test_a_rate_counts_from_its_start_or_from_its_creation() -> None:
    assert when("rate(1 hour)", starts_at="2026-11-20T10:20") == "2026-11-20 14:20"
    assert when("rate(2 days)", created_at="2026-11-19T08:00") == "2026-11-21 08:00"
    assert when("rate(1 hour)", starts_at="2026-11-21T10:20") == "2026-11-21 10:20"
    assert when("rate(1 hour)") is None


def test_nothing_happens_before_the_start_or_after_the_end() -> None:
    assert when("cron(0 12 * * ? *)", starts_at="2026-12-24T00:00") == "2026-12-24 12:00"
    assert when("cron(0 12 * * ? *)", ends_at="2026-11-21T12:00") == "2026-11-21 12:00"
    assert when("cron(0 12 * * ? *)", ends_at="2026-11-21T11:59") is None


@pytest.mark.parametrize(
    ("schedule", "timezone", "words"),
    [
        ("every day", "UTC", "is no at"),
        ("cron(0 12 * * ?)", "UTC", "5 fields instead of 6"),
        ("cron(0 25 * * ? *)", "UTC", "outside of 0 to 23"),
        ("cron(x 1 * * ? *)", "UTC", "invalid literal"),
        ("rate(often)", "UTC", "is no rate"),
        ("rate(0 hours)", "UTC", "is no rate"),
        ("cron(0 12 * * ? *)", "Mars/Olympus", "Mars/Olympus is not known"),
    ],
)
def test_what_cannot_be_read_is_said(schedule: str, timezone: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        next_firing(schedule, timezone, NOW)
