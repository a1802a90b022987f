"""The FleetFeed port: what every implementation owes the screen, on the real engine and in memory."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from smtop.metrics.background import BackgroundFeed
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.configs import KnownConfig, Standing
from smtop.metrics.domain.details import EndpointDetails, Topic
from smtop.metrics.domain.documents import Described, Document
from smtop.metrics.domain.history import EndpointHistory, Quote, SeriesHistory, chart_period_s
from smtop.metrics.domain.plan import Place
from smtop.metrics.domain.scaling import ScaledPart
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import AwsError, FaultKind, RefusedError
from smtop.metrics.monitor import Monitor
from smtop.metrics.ports import FleetFeed
from tests.contract.sessions import point_at
from tests.support.changes import weights_plan
from tests.support.details import target
from tests.support.federated import PAYMENTS, SEARCH, fleet_of, key, opening, source, together
from tests.support.fleet import FakeFeed, endpoint, snapshot
from tests.support.simulated_aws import SimulatedAws

PAY = Place("111122223333", "us-east-1")
HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400
RANGES = (900, 3 * HOUR, 24 * HOUR, WEEK)


@dataclass(frozen=True)
class World:
    """A feed that knows `endpoint` and does not know `stranger`, by key, and what it has been billed for so far."""

    feed: FleetFeed
    endpoint: str
    stranger: str
    billed: Callable[[], int]

    @property
    def name(self) -> str:
        """The endpoint as AWS calls it."""
        return self.endpoint.rpartition("/")[2]


@asynccontextmanager
async def _engine(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    aws: SimulatedAws = request.getfixturevalue("simulated")
    point_at(aws.environment, monkeypatch)
    async with Monitor(settings, SystemClock()) as monitor:
        await monitor.take()
        yield World(monitor, "ad-click-ctr-prod", "no-such-endpoint", lambda: monitor._meter.spend().metrics_billed)


@asynccontextmanager
async def _memory(
    _request: pytest.FixtureRequest, _settings: Settings, _monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    yield World(_by_hand(), "fraud", "ghost", lambda: 0)


@asynccontextmanager
async def _background(
    _request: pytest.FixtureRequest, _settings: Settings, _monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    async def opened() -> FleetFeed:
        return _by_hand()

    feed = await BackgroundFeed.opened(opened)
    try:
        yield World(feed, "fraud", "ghost", lambda: 0)
    finally:
        await feed.close()


@asynccontextmanager
async def _federation(
    _request: pytest.FixtureRequest, _settings: Settings, _monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    here, there = _by_hand(fleet_of(PAYMENTS, endpoint("fraud"))), FakeFeed(fleet_of(SEARCH, endpoint("fraud")))
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        await it.until(lambda taken: len(taken.endpoints) == 2)
        yield World(it.federation, key(PAYMENTS, "fraud"), key(PAYMENTS, "ghost"), lambda: 0)


def _by_hand(*pictures: FleetSnapshot) -> FakeFeed:
    feed = FakeFeed(*(pictures or (snapshot(endpoint("fraud")),)))
    for range_s in RANGES:
        feed.tell_history(_told("fraud", range_s), range_s)
    feed.tell_history(_told("fraud", 3 * HOUR, DAY), 3 * HOUR, DAY)
    gone = EndpointHistory("ghost", 0, HOUR, 60, notes=("There is no endpoint ghost any more.",))
    feed.tell_history(gone, HOUR)
    live = KnownConfig("fraud-v1", Standing.LIVE, "DescribeEndpoint names it")
    feed.changes.plans = {
        "fraud": weights_plan(place=PAY),
        "ghost": AwsError(FaultKind.NOT_FOUND, "", "There is none."),
    }
    feed.known_details["fraud"] = EndpointDetails("fraud", 1.0, configs=(live,), scaled=(ScaledPart(target("fraud")),))
    feed.known_documents["fraud"] = [Document(Described.ENDPOINT, "fraud", {"EndpointName": "fraud"})]
    return feed


def _told(name: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
    period_s = chart_period_s(range_s)
    end = (1_795_000_000 - ago_s) // period_s * period_s
    times = range(end - range_s, end, period_s)
    series = SeriesHistory(Owner(name, "AllTraffic"), "Invocations.Sum", tuple(times), (1.0,) * len(times))
    return EndpointHistory(name, end - range_s, end, period_s, (series,), float(end))


_WORLDS = {"engine": _engine, "background": _background, "memory": _memory, "federation": _federation}


@pytest.fixture(params=list(_WORLDS))
async def world(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    async with _WORLDS[request.param](request, settings, monkeypatch) as made:
        yield made


async def test_snapshots_come_without_being_asked_for(world: World) -> None:
    async with aclosing(world.feed.snapshots()) as snapshots:
        assert (await anext(snapshots)).generated_at is not None


async def test_a_history_covers_its_range_in_whole_periods(world: World) -> None:
    for range_s in RANGES:
        history = await world.feed.history(world.endpoint, range_s)
        assert (history.endpoint, history.period_s, history.notes) == (world.endpoint, chart_period_s(range_s), ())
        assert history.end - history.start >= range_s
        assert history.end % history.period_s == history.start % history.period_s == 0
        [requests] = history.labelled("Invocations.Sum")
        assert requests.times
        for series in history.series:
            assert len(series.times) == len(series.values)
            assert list(series.times) == sorted(set(series.times))
            assert all(history.start <= at < history.end and at % history.period_s == 0 for at in series.times)


async def test_a_history_is_billed_as_quoted_and_only_once(world: World) -> None:
    quote, before = await world.feed.quote(world.endpoint, WEEK), world.billed()
    first = await world.feed.history(world.endpoint, WEEK)
    assert world.billed() - before == quote.metrics
    assert await world.feed.quote(world.endpoint, WEEK) == Quote()
    assert await world.feed.history(world.endpoint, WEEK) == first
    assert world.billed() - before == quote.metrics


async def test_yesterday_is_billed_as_quoted_and_only_once(world: World) -> None:
    quote, before = await world.feed.quote(world.endpoint, 3 * HOUR, DAY), world.billed()
    present = await world.feed.history(world.endpoint, 3 * HOUR)
    billed = world.billed()
    past = await world.feed.history(world.endpoint, 3 * HOUR, DAY)
    assert world.billed() - billed == quote.metrics
    assert await world.feed.quote(world.endpoint, 3 * HOUR, DAY) == Quote()
    assert (past.period_s, past.notes) == (present.period_s, ())
    assert 0 <= past.end + DAY - present.start <= 3 * HOUR + past.period_s * 2
    [requests] = past.labelled("Invocations.Sum")
    assert requests.times
    assert all(past.start <= at < past.end for at in requests.times)
    assert before <= billed


async def test_looking_up_what_is_known_costs_nothing(world: World) -> None:
    before = world.billed()
    known = await world.feed.known(world.endpoint, HOUR)
    assert (known.endpoint, known.period_s) == (world.endpoint, 60)
    assert world.billed() == before
    assert (await world.feed.known(world.stranger, HOUR)).series == ()


async def test_an_unknown_endpoint_has_no_history_and_is_no_error(world: World) -> None:
    assert await world.feed.quote(world.stranger, HOUR) == Quote()
    history = await world.feed.history(world.stranger, HOUR)
    [note] = history.notes
    assert (history.endpoint, history.series, note.startswith("There is no endpoint")) == (world.stranger, (), True)


async def test_details_are_kept_until_they_are_wanted_anew(world: World) -> None:
    first = await world.feed.details(world.endpoint)
    assert (first.endpoint, first.notes) == (world.name, ())
    assert first.configs and first.scaled
    assert await world.feed.details(world.endpoint) is first
    assert (await world.feed.details(world.endpoint, anew=True)).read_at >= first.read_at


async def test_documents_begin_with_the_endpoint_itself(world: World) -> None:
    first, *_ = await world.feed.documents(world.endpoint)
    assert (first.described, first.name) == (Described.ENDPOINT, world.name)
    assert first.body is not None and first.body["EndpointName"] == world.name
    assert await world.feed.documents(world.stranger) == ()


async def test_an_unknown_endpoint_has_no_details_and_is_no_error(world: World) -> None:
    details = await world.feed.details(world.stranger)
    [note] = details.about(*Topic)
    assert note.startswith("There is no endpoint")
    assert (details.configs, details.scaled) == ((), None)


async def test_what_the_screen_tells_is_taken_at_once(world: World) -> None:
    world.feed.look(world.endpoint, [world.endpoint])
    world.feed.touched()
    world.feed.refresh()


async def test_nothing_is_changed_while_the_gate_is_shut(world: World) -> None:
    changes = world.feed.changes
    assert (await changes.leave()).why_not is not None
    plan = await changes.plan(Resize(world.endpoint, count=5))
    assert (plan.endpoint, plan.requests_per_minute is None) == (world.name, False)
    with pytest.raises(RefusedError, match="read-only"):
        async for _ in changes.apply(plan):
            pass
    assert (await changes.past()).entries == ()


async def test_the_gate_opens_for_a_time_and_shuts(world: World) -> None:
    opened = await world.feed.changes.open(900)
    assert (opened.why_not, 890 < opened.left_s <= 900) == (None, True)
    assert (await world.feed.changes.leave()).left_s > 890
    assert (await world.feed.changes.close()).left_s == 0
    assert (await world.feed.changes.leave()).why_not is not None


async def test_an_endpoint_that_is_not_there_has_no_plan(world: World) -> None:
    with pytest.raises(AwsError):
        await world.feed.changes.plan(Resize(world.stranger, count=2))
