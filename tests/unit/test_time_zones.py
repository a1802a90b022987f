"""Nothing that is asked, kept or shown depends on the machine's time zone, whatever its clocks do that night."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from smtop.metrics.aws.timestamps import parse_timestamp
from smtop.metrics.cache import InventoryCache
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.series import PERIOD_S, Point
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.header import Shown, as_text, header
from smtop.tui.view_models.schema import snapshot_json
from smtop.tui.view_state import FeedState, ViewState
from tests.support.engine import FakeInventory, HastyClock, Rig, hosted, key_of, row
from tests.support.fleet import IDENTITY

FRAUD = hosted("fraud")
CALLS = key_of(FRAUD, "Invocations.Sum")
ERRORS = key_of(FRAUD, "Invocation5XXErrors.Sum")

MOMENTS = {
    "clocks go forward in Berlin": datetime(2027, 3, 28, 1, 30, 20, tzinfo=UTC),
    "clocks go back in Berlin": datetime(2027, 10, 31, 1, 30, 20, tzinfo=UTC),
    "clocks go back in New York": datetime(2027, 11, 7, 6, 30, 20, tzinfo=UTC),
    "leap day": datetime(2028, 2, 29, 0, 10, 20, tzinfo=UTC),
    "the day after a leap day": datetime(2028, 3, 1, 0, 10, 20, tzinfo=UTC),
}
ZONES = ("Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's time zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


async def watched(now: datetime) -> tuple[set[tuple[int, int]], list[int], str, list[str]]:
    """Ten minutes of polling up to `now`: windows, minutes of the trend, the JSON, and the header."""
    clock = HastyClock(now.timestamp() - 10 * PERIOD_S)
    made = Rig(FakeInventory(FRAUD), clock=clock)
    last = int(now.timestamp()) // PERIOD_S * PERIOD_S
    made.source.tell(CALLS, *(Point(last - minute * PERIOD_S, 50.0) for minute in range(180)))
    made.source.tell(ERRORS, *(Point(last - minute * PERIOD_S, 10.0) for minute in range(15)))
    for _ in range(11):
        snapshot = await made.cycle()
        clock.move(PERIOD_S)
    windows = {(batch.window.start, batch.window.end) for batch in made.source.requests}
    trend = [point.at for point in row(snapshot, "fraud").vitals.trend]
    told = header(
        snapshot, FeedState(), ViewState(), Shown(1, 1), place="", width=120, paint=Paint(now.timestamp(), fmt.BLOCKS)
    )
    return windows, trend, json.dumps(snapshot_json(snapshot)), as_text(told)


@pytest.mark.parametrize("zone", ZONES, indirect=True)
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
async def test_windows_minutes_and_texts_are_those_of_utc(zone: None, now: datetime) -> None:
    windows, trend, told, lines = await watched(now)
    last = int(now.timestamp()) // PERIOD_S * PERIOD_S
    assert max(end for _, end in windows) == last + PERIOD_S
    assert all(start % PERIOD_S == end % PERIOD_S == 0 for start, end in windows)
    assert trend == [last - minute * PERIOD_S for minute in range(61, 1, -1)]
    assert f'"generated_at": "{now:%Y-%m-%dT%H:%M:%SZ}"' in told
    assert lines[0].endswith("data 80s")


@pytest.mark.parametrize("zone", ZONES, indirect=True)
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
def test_moments_are_shown_in_utc_and_say_so(zone: None, now: datetime) -> None:
    at = now.timestamp()
    assert fmt.moment(at, at) == f"{now:%H:%MZ}"
    assert fmt.moment(at - 86_400, at) == f"{datetime.fromtimestamp(at - 86_400, UTC):%Y-%m-%d %H:%MZ}"


@pytest.mark.parametrize("zone", ZONES, indirect=True)
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
def test_what_aws_says_without_an_offset_is_utc(zone: None, now: datetime) -> None:
    for text in (f"{now:%Y-%m-%dT%H:%M:%S}", f"{now:%Y-%m-%dT%H:%M:%SZ}", str(now.timestamp())):
        assert parse_timestamp(text) == now
        assert parse_timestamp(text).utcoffset() is not None


@pytest.mark.parametrize("zone", ZONES, indirect=True)
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_remembered_inventory_keeps_its_moments(
    zone: None, now: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    made_then = FRAUD._replace(summary=FRAUD.summary._replace(created_at=now, modified_at=now))
    cache = InventoryCache(Settings(Directories(folder, folder, folder, folder)))
    assert cache.save(IDENTITY, [made_then], now.timestamp())
    loaded = cache.load()
    assert loaded is not None
    assert loaded.endpoints == (made_then,)
