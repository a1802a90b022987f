"""Times as they are typed."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from smtop.tui.view_models.seek import SeekError, seek

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 14, 11, 30, tzinfo=UTC).timestamp()


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("14:02", UTC, "2026-11-20 14:02"),
        ("15:02", BERLIN, "2026-11-20 14:02"),
        ("14:02", BERLIN, "2026-11-20 13:02"),
        ("14:02Z", BERLIN, "2026-11-20 14:02"),
        ("14:02 utc", BERLIN, "2026-11-20 14:02"),
        ("9:05", UTC, "2026-11-20 09:05"),
        ("23:00", UTC, "2026-11-19 23:00"),
        ("2026-11-19 14:00", BERLIN, "2026-11-19 13:00"),
        ("2026-11-19T14:00Z", BERLIN, "2026-11-19 14:00"),
        (" -2h ", BERLIN, "2026-11-20 12:11:30"),
        ("-1d", BERLIN, "2026-11-19 14:11:30"),
        ("-1h30m", UTC, "2026-11-20 12:41:30"),
        ("-90m", UTC, "2026-11-20 12:41:30"),
    ],
)
def test_times_that_are_understood(text: str, zone: tzinfo, meant: str) -> None:
    assert seek(text, NOW, zone) == utc(meant)


@pytest.mark.parametrize("text", ["foo", "-", "-h", "25:00", "14:61", "2026-02-30 14:00", "14", "--2h", "-2h!", "1e9"])
def test_what_is_no_time_says_what_one_is(text: str) -> None:
    with pytest.raises(SeekError, match="a time is 14:02, -2h"):
        seek(text, NOW, UTC)


@pytest.mark.parametrize("text", ["2026-11-21 10:00", "2027-01-01 00:00Z"])
def test_the_future_has_no_values(text: str) -> None:
    with pytest.raises(SeekError, match="still to come"):
        seek(text, NOW, UTC)


def test_an_hour_that_comes_twice_is_its_first_and_one_that_never_came_is_near() -> None:
    autumn = utc("2026-10-25 12:00")
    assert seek("02:30", autumn, BERLIN) == utc("2026-10-25 00:30")
    spring = utc("2026-03-29 12:00")
    assert abs(seek("02:30", spring, BERLIN) - utc("2026-03-29 01:00")) <= 3600


def test_the_machines_own_zone_is_used_where_none_is_given() -> None:
    own = datetime.fromtimestamp(NOW - 3600).astimezone()
    assert seek(own.strftime("%Y-%m-%d %H:%M"), NOW, None) == int(NOW - 3600) // 60 * 60
