"""One soak: the screen, the engine and the network, all of them real, while the weather is bad."""

import asyncio
import random
import shutil
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from textual import on
from textual.worker import Worker, WorkerState

from benchmarks.drills.feed import PROJECT
from benchmarks.soak.accounts import Audit, audit
from benchmarks.soak.cloud import Cloud, only_this_aws, served
from benchmarks.soak.hands import Keys, Operator
from benchmarks.soak.points import Comparison, Reader, Stored, compared, held_points, stored
from benchmarks.soak.witness import Belongings, Memory, Witness, belongings, tasks_left
from smtop.metrics.background import BackgroundFeed
from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Directories, Settings
from smtop.metrics.errors import SmtopError
from smtop.metrics.journal import Journal
from smtop.metrics.monitor import Monitor
from smtop.metrics.ports import FleetFeed
from smtop.tui.app import SmtopApp

RATES: Final[Mapping[str, float]] = {
    "expired": 0.008,
    "deny": 0.012,
    "throttle": 0.015,
    "fail": 0.02,
    "stall": 0.012,
    "cut-before": 0.012,
    "cut-after": 0.012,
    "truncate": 0.012,
    "malform": 0.012,
    **dict.fromkeys(("partial", "internal", "duplicate", "disorder"), 0.13),
    "late": 0.25,  # most requests are for minutes that are no longer the newest
}
KINDS: Final = (*RATES, "overdue", "recreate")
_CHANGES_FACTOR: Final = 4.0
_OVERDUE: Final = 4.0
"""Of the minutes of all endpoints together, whose number divides it."""
_LONG_MIN: Final = 5.0
_SAMPLE_S: Final = 2.0
_SERIES_EACH: Final = 60
_HANDS_END_WITHIN_S: Final = 180.0
_LOOK_S: Final = 0.2
_ENDS_WITHIN_S: Final = 30.0


@dataclass(frozen=True)
class Options:
    """How long (real minutes), how fast, how large, and by which chance; how often a key and a change (seconds).

    Everything goes wrong `least` times at least, by default fifty times in ten minutes. `harshness` is a factor to all
    rates: of few calls more must go wrong.
    """

    minutes: float = 10.0
    speed: float = 60.0
    seed: int = 1
    endpoints: int = 400
    size: tuple[int, int] = (120, 40)
    key_s: float = 0.15
    change_s: float = 1.0
    harshness: float = 1.0
    least: int | None = None

    @property
    def bar(self) -> int:
        """How often each kind has to happen."""
        return round(5 * self.minutes) if self.least is None else self.least

    @property
    def most_minutes(self) -> float:
        """On a machine that does little it lasts longer, until everything has gone wrong often enough."""
        return self.minutes * (1.5 if self.minutes >= _LONG_MIN else 5.0)

    @property
    def weather(self) -> dict[str, Any]:
        """How bad it is. Endpoints are made anew so often that it happens some six times a minute."""
        rates = {kind: rate * self.harshness for kind, rate in RATES.items()}
        lasts = {"stall_s": 2.0, "recreate_s": 8.0 * self.speed, "overdue": _OVERDUE * self.harshness / self.endpoints}
        return {"seed": self.seed, "rates": rates, "changes": _CHANGES_FACTOR, **lasts}


@dataclass
class Result:
    """What was seen, for the table and the verdict."""

    options: Options
    weather: Mapping[str, Any] = field(default_factory=dict)
    comparison: Comparison = field(default_factory=Comparison)
    audit: Audit = field(default_factory=Audit)
    memory: Memory = field(default_factory=Memory)
    ring_mb: float = 0.0
    """What a minute of the fleet takes in the store."""
    keys: int = 0
    actions: int = 0
    opened: int = 0
    seen: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """Those that AWS has seen."""
        return sum(self.weather.get("calls", {}).values())

    @property
    def ring_growth_mb(self) -> float:
        """What the store's rings are to take in the second half: they fill up until they hold a day."""
        return self.ring_mb * self.memory.lasts_s / 60 * self.options.speed / 2

    @property
    def growth_mb(self) -> float:
        """What memory has grown by in the second half, beside the rings."""
        return self.memory.growth_mb - self.ring_growth_mb


class SoakedApp(SmtopApp):
    """The app as it is, with a witness of work that has failed for another reason than AWS. Nobody leaves it early."""

    CSS_PATH = str(PROJECT / "tui" / "styles" / "app.tcss")
    witness: Witness

    async def action_leave(self) -> None:
        """Chosen by chance from the palette."""

    async def action_quit(self) -> None:
        """The same."""

    def action_suspend_process(self) -> None:
        """The same."""

    @on(Worker.StateChanged)
    def _witnessed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if event.state is WorkerState.ERROR and not isinstance(error, SmtopError):
            self.witness.seen.append(f"worker {event.worker.name}: {error!r}")


def soak(options: Options, folder: Path) -> Result:
    """Runs it. What is left open in `folder` is the caller's."""
    result, witness = Result(options), Witness()
    epoch = time.time()
    arguments = (f"--endpoints={options.endpoints}", f"--seed={options.seed}", f"--speed={options.speed}")
    with served(*arguments, f"--epoch={epoch}") as cloud, only_this_aws(cloud.variables), witness.watching():
        before = belongings()
        run = _Run(options, result, witness, cloud, ScaledClock(epoch, options.speed), folder)
        with asyncio.Runner() as runner:
            runner.run(run.watched())
        result.left += _left(before)
        run.judge()
    result.seen = list(witness.seen)
    return result


def _left(before: Belongings) -> list[str]:
    return belongings().beyond(before)


def _still_held(journal: Journal) -> list[str]:
    """Waits for the processes that carry changes out, in weather that is fine by now; names those that do not end."""
    ends_at = time.monotonic() + _HANDS_END_WITHIN_S
    while held := [entry.id for entry in journal.entries() if entry.is_pending and journal.is_held(entry.id)]:
        if time.monotonic() > ends_at:
            return [f"change {change_id} is still being carried out" for change_id in held]
        time.sleep(_LOOK_S)
    return []


class _Run:
    """What a soak has while it lasts."""

    def __init__(
        self, options: Options, result: Result, witness: Witness, cloud: Cloud, clock: ScaledClock, folder: Path
    ) -> None:
        self._options = options
        self._result = result
        self._witness = witness
        self._cloud = cloud
        self._clock = clock
        self._settings = Settings(Directories(*(folder / name for name in ("config", "state", "cache", "data"))))
        minutes = int((options.most_minutes + 1) * options.speed)
        self._reader = Reader(clock.wall(), minutes, options.endpoints * _SERIES_EACH)
        self._monitor: Monitor | None = None
        self._feed: BackgroundFeed | None = None
        self._stored: Stored | None = None
        self._over = asyncio.Event()

    async def watched(self) -> None:
        """The life of the app, from its first picture to its last."""
        asyncio.get_running_loop().set_exception_handler(self._witness.of_loop)
        app = SoakedApp(self._connect, clock=self._clock)
        app.witness = self._witness
        self._cloud.change_weather(**self._options.weather)
        try:
            async with app.run_test(size=self._options.size) as pilot:
                await self._lived(app)
                await pilot.pause()
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._witness.seen.append(f"the screen: {error!r} in {where.filename} line {where.lineno}")
        self._result.left += tasks_left()

    async def _lived(self, app: SoakedApp) -> None:
        options = self._options
        keys = Keys(app, random.Random(f"{options.seed}/keys"))
        operator = Operator(app, random.Random(f"{options.seed}/changes"))
        await asyncio.gather(
            keys.press_until(self._over.is_set, options.key_s),
            operator.change_until(self._over.is_set, options.change_s),
            self._timed(app),
        )
        if not app.is_running or app._follower.feed is None:
            why = app.feed_state.fault or f"the app has ended: {app.crash!r}"
            self._witness.seen.append(f"no feed at the end: {why}")
            return
        assert self._feed is not None
        self._stored = await self._feed.there(self._copied())
        told = await asyncio.to_thread(self._cloud.weather)
        self._result.weather = told
        await asyncio.to_thread(self._cloud.change_weather)
        await operator.settle(_ENDS_WITHIN_S)
        self._result.keys, self._result.actions = keys.pressed, len(keys.actions)

    async def _timed(self, app: SoakedApp) -> None:
        """Samples memory until the time is over and the weather was bad enough, or has been fine for far too long."""
        began_at, options = time.monotonic(), self._options
        while (passed_s := time.monotonic() - began_at) < options.most_minutes * 60 and app.is_running:
            self._result.memory.sample()
            if passed_s >= options.minutes * 60 and await asyncio.to_thread(self._was_bad_enough):
                break
            await asyncio.sleep(_SAMPLE_S)
        self._over.set()

    def _was_bad_enough(self) -> bool:
        befallen = self._cloud.weather()["befallen"]
        return all(befallen.get(kind, 0) >= self._options.bar for kind in KINDS)

    async def _connect(self) -> FleetFeed:
        async def opened() -> FleetFeed:
            asyncio.get_running_loop().set_exception_handler(self._witness.of_loop)
            monitor = Monitor(self._settings, self._clock, random.Random(f"{self._options.seed}/engine"))
            await monitor.__aenter__()
            self._reader.listen(monitor._poller._store)
            self._monitor = monitor
            self._result.opened += 1
            return monitor

        self._feed = await BackgroundFeed.opened(opened)
        return self._feed

    async def _copied(self) -> Stored:
        assert self._monitor is not None
        return stored(self._monitor._poller._store, self._reader, self._clock.wall())

    def judge(self) -> None:
        """Holds what was stored and written down against what AWS knows."""
        journal = Journal(self._settings.directories.state, self._clock)
        self._result.left += _still_held(journal)
        self._result.audit = audit(journal.folder, self._cloud.writes())
        shutil.rmtree(journal.folder, ignore_errors=True)  # without it, processes that carry changes out end
        had = self._stored
        if had is not None:
            self._result.ring_mb = had.values.nbytes / had.values.shape[1] / 1e6
            truth = self._cloud.truth(had.series, had.start, had.end)
            self._result.comparison = compared(had, truth, held_points(self._result.weather["held"]))
