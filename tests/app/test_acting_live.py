"""Changing weights from the screen on the real engine and the simulated AWS, and back."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Directories, Settings
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws
from tests.support.stage import screen_text

SPEED = 50
PATIENCE_S = 120.0
LOOK_S = 0.1
ENDPOINTS = 8
ENDPOINT = "price-elasticity-eu"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SimulatedAws, ScaledClock]]:
    epoch = time.time()
    with start_simulated_aws(f"--endpoints={ENDPOINTS}", f"--speed={SPEED}", f"--epoch={epoch}") as running:
        point_at(running.environment, monkeypatch)
        yield running, ScaledClock(epoch, SPEED)


async def until(app: SmtopApp, pilot: Pilot[None], holds: Callable[[str], bool]) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while not holds(text := "\n".join(screen_text(app))):
        if time.monotonic() > deadline:
            pytest.fail(f"never seen:\n{text}")
        await pilot.pause(LOOK_S)
    return text


async def type_line(pilot: Pilot[None], line: str) -> None:
    """Pasted: the pilot waits after each key until nobody works, and the engine hardly rests."""
    await pilot.press("colon")
    pilot.app.post_message(events.Paste(line))
    await pilot.press("enter")


async def test_weights_there_and_back(aws: tuple[SimulatedAws, ScaledClock], tmp_path: Path) -> None:
    running, clock = aws
    settings = Settings(Directories(*(tmp_path / name for name in ("config", "state", "cache", "data"))))
    app = SmtopApp(lambda: open_monitor(settings, clock), clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(app, pilot, lambda text: " LIVE " in text and ENDPOINT in app.fleet.choices("NAME"))
        await type_line(pilot, f"filter {ENDPOINT}")
        await until(app, pilot, lambda text: ENDPOINT in text)
        await type_line(pilot, "weights AllTraffic=0.6 canary=0.4")
        await until(app, pilot, lambda text: "Read-only" in text)
        assert running.writes() == []
        await type_line(pilot, "write 8h")
        await until(app, pilot, lambda text: "[ Do it ]" in text)
        await pilot.press("tab", "enter")
        await until(app, pilot, lambda text: "DONE" in text and "done" in text)
        (write,) = running.writes()
        assert write["operation"] == "sagemaker:UpdateEndpointWeightsAndCapacities"
        await pilot.press("u")
        await until(app, pilot, lambda text: "undo" in text and "[ Do it ]" in text)
        await pilot.press("tab", "enter")
        await until(app, pilot, lambda text: "DONE" in text and "undo" in text)
        assert len(running.writes()) == 2
        await pilot.press("escape")
        await type_line(pilot, "changes")
        text = await until(app, pilot, lambda text: "taken back" in text)
        assert text.count(ENDPOINT) == 2
