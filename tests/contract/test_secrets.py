"""Credentials stay in memory: no file of smtop's, and no argument of a process that it starts, ever has them."""

import subprocess
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from smtop.metrics import errand
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws

TOKEN = "FwoGZXIvYXdzEJr-a-session-token"


async def test_no_file_has_them(simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(simulated.environment, monkeypatch)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    async with Monitor(settings, SystemClock()) as monitor, aclosing(monitor.snapshots()) as snapshots:
        async for one in snapshots:
            if one.next_poll_at is not None:
                break
        await monitor.mute("ad-click-ctr-prod", None, "known", 60, until_over=False)
        secrets = (TOKEN, simulated.environment["AWS_SECRET_ACCESS_KEY"], simulated.environment["AWS_ACCESS_KEY_ID"])
        written = files(settings)
        assert {"mutes.json"} < {file.name for file in written}
        assert [file for file in written for secret in secrets if secret in file.read_text(errors="replace")] == []


def files(settings: Settings) -> list[Path]:
    return [file for folder in settings.directories for file in folder.rglob("*") if file.is_file()]


def test_a_process_is_handed_them_by_a_pipe(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[list[str], dict[str, Any]]] = []

    def run(words: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
        started.append((words, more))
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(subprocess, "run", run)
    errand.send("change-1", settings, SystemClock(), {"AWS_SESSION_TOKEN": TOKEN})
    [(words, more)] = started
    assert TOKEN not in " ".join(words)
    assert TOKEN in more.pop("input")
    assert "env" not in more
