"""A control plane in memory, and what planning needs around it."""

from pathlib import Path

import pytest

from smtop.metrics.actions.means import Means
from smtop.metrics.journal import Journal
from tests.support.control import FakeControl, means
from tests.support.fleet import HandClock
from tests.support.sizes import sized_fleet


@pytest.fixture
def control() -> FakeControl:
    return FakeControl()


@pytest.fixture
def fleet(control: FakeControl) -> FakeControl:
    """One endpoint of each kind, and quotas with room."""
    return sized_fleet(control)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, HandClock())


@pytest.fixture
def by(control: FakeControl, journal: Journal) -> Means:
    return means(control, journal)
