"""The page of an endpoint under test: a fleet, histories of its worst endpoint, and waiting until charts are drawn."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, timedelta

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.history import EndpointHistory, SeriesHistory, chart_period_s
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.screens.endpoint import EndpointScreen
from tests.support.fleet import NOW, NOW_S, endpoint, snapshot
from tests.support.stage import Stage, stage

HOURS_3, DAY, WEEK = 3 * 3600, 86_400, 7 * 86_400
OWNER = Owner("fraud", "AllTraffic")


def fleet(data_until_s: float = NOW_S - 60) -> FleetSnapshot:
    shown = [endpoint("fraud", Severity.CRITICAL, kind=Kind.SERVERLESS), endpoint("calm"), endpoint("other")]
    behind = timedelta(seconds=NOW_S - data_until_s)
    return replace(snapshot(*shown), data_until=NOW - behind)


def history(
    range_s: int = HOURS_3, *, level: float = 1.0, notes: Sequence[str] = (), ago_s: int = 0
) -> EndpointHistory:
    """Requests, errors, latency and concurrency without a gap but one in the middle."""
    period_s = chart_period_s(range_s)
    end = (int(NOW_S) - ago_s) // period_s * period_s
    times = [at for at in range(end - range_s, end, period_s) if not 0.4 < (end - at) / range_s < 0.5]
    heights = {
        "Invocations.Sum": 400.0,
        "Invocation5XXErrors.Sum": 3.0,
        "ModelLatency.p99": 80_000.0,
        "ModelLatency.p50": 30_000.0,
        "ServerlessConcurrentExecutionsUtilization.Maximum": 0.5,
    }
    told = [
        SeriesHistory(OWNER, label, times, [height * level] * len(times), end - period_s)
        for label, height in heights.items()
    ]
    return EndpointHistory("fraud", end - range_s, end, period_s, tuple(told), NOW_S - 40, tuple(notes))


@asynccontextmanager
async def opened(
    *histories: tuple[EndpointHistory, int],
    size: tuple[int, int] = (120, 40),
    ascii_only: bool = False,
    shown: FleetSnapshot | None = None,
) -> AsyncIterator[Stage]:
    """The page of the worst endpoint, with everything drawn that it can have."""
    async with stage(shown or fleet(), size=size, ascii_only=ascii_only, zone=UTC) as it:
        for one, range_s in histories:
            it.feed.tell_history(one, range_s)
        await it.press("enter")
        if histories:
            await until_drawn(it)
        yield it


def page(it: Stage) -> EndpointScreen:
    assert it.app.endpoint is not None
    return it.app.endpoint


async def until_drawn(it: Stage) -> None:
    """Drawing happens in a thread: waits for it, with a bound."""
    await it.until(lambda: page(it).metrics.is_drawn)
    await it.settle()


def text(it: Stage) -> str:
    return "\n".join(it.text)
