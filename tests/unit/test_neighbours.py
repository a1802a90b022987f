"""Several smtops of one user on one host know of each other, and of nobody else."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from smtop.metrics.cache import InventoryCache
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.snapshot import Spend
from smtop.metrics.neighbours import SILENT_AFTER_S, Neighbours
from tests.support.engine import hosted
from tests.support.fleet import IDENTITY, NOW_S

AMAZON = "https://api.sagemaker.eu-west-1.amazonaws.com"
FLEET = (hosted("fraud"), hosted("churn"))
OWN = Spend(usd=0.1, usd_per_hour=0.25)

Opened = Callable[..., Neighbours]


@pytest.fixture
def as_pid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Makes the neighbours of a process; those of every later one are asked as that one."""

    def opened(
        pid: int, url: str = AMAZON, now: float | Callable[[], float] = NOW_S, profile: str = "prod"
    ) -> Neighbours:
        folders = Directories(*(tmp_path / name for name in ("config", "state", "cache", "data")))
        monkeypatch.setattr(os, "getpid", lambda: pid)
        wall = now if callable(now) else lambda: now
        return Neighbours(InventoryCache(Settings(folders, profile=profile)), wall, lambda: url)

    return opened


def gone_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    return child.pid


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "running").glob("*"))


def test_what_both_cost_is_told(as_pid: Opened) -> None:
    as_pid(os.getppid()).tell(IDENTITY, Spend(usd_per_hour=0.5))
    told = as_pid(1).together(IDENTITY, OWN)
    assert told == OWN._replace(others=1, others_usd_per_hour=0.5)


def test_others_are_looked_for_every_ten_seconds(as_pid: Opened) -> None:
    times = iter((NOW_S, NOW_S, NOW_S + 9, NOW_S + 10, NOW_S + 10, NOW_S + 10))
    asking = as_pid(1, now=lambda: next(times))
    other = as_pid(os.getppid())
    assert asking.together(IDENTITY, OWN).others == 0
    other.tell(IDENTITY, OWN)
    assert as_pid(1).together(IDENTITY, OWN).others == 1
    assert [asking.together(IDENTITY, OWN).others for _ in range(2)] == [0, 1]


def test_nobody_is_a_neighbour_of_himself(as_pid: Opened) -> None:
    alone = as_pid(os.getppid())
    alone.tell(IDENTITY, OWN)
    assert alone.together(IDENTITY, OWN) == OWN


@pytest.mark.parametrize(
    "other",
    [
        IDENTITY._replace(account="210987654321"),
        IDENTITY._replace(region="us-west-2"),
        IDENTITY._replace(arn="arn:aws:sts::123456789012:assumed-role/admin/ana"),
    ],
)
def test_another_identity_is_none(other: Identity, as_pid: Opened) -> None:
    as_pid(os.getppid()).tell(other, OWN)
    assert as_pid(1).together(IDENTITY, OWN).others == 0


def test_the_same_account_of_another_aws_is_none(as_pid: Opened) -> None:
    as_pid(os.getppid(), url="http://127.0.0.1:4566").tell(IDENTITY, OWN)
    assert as_pid(1).together(IDENTITY, OWN).others == 0


def test_who_has_left_counts_no_more(as_pid: Opened, tmp_path: Path) -> None:
    other = as_pid(os.getppid())
    other.tell(IDENTITY, OWN)
    other.leave()
    assert files(tmp_path) == []
    other.leave()


def test_a_process_that_was_killed_counts_no_more_and_its_file_goes(as_pid: Opened, tmp_path: Path) -> None:
    pid = gone_pid()
    as_pid(pid).tell(IDENTITY, OWN)
    assert as_pid(1).together(IDENTITY, OWN).others == 0
    assert files(tmp_path) == []


def test_one_that_was_stopped_counts_no_more_but_keeps_its_file(as_pid: Opened, tmp_path: Path) -> None:
    as_pid(os.getppid()).tell(IDENTITY, OWN)
    assert as_pid(1, now=NOW_S + SILENT_AFTER_S).together(IDENTITY, OWN).others == 1
    assert as_pid(1, now=NOW_S + SILENT_AFTER_S + 1).together(IDENTITY, OWN).others == 0
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "at": "x"}', "[" * 4000])
def test_a_file_that_makes_no_sense_says_nothing(content: str, as_pid: Opened, tmp_path: Path) -> None:
    as_pid(os.getppid()).tell(IDENTITY, OWN)
    files(tmp_path)[0].write_text(content)
    assert as_pid(1).together(IDENTITY, OWN).others == 0


def test_only_this_user_may_read_the_file(as_pid: Opened, tmp_path: Path) -> None:
    as_pid(os.getppid()).tell(IDENTITY, OWN)
    (file,) = files(tmp_path)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_a_folder_that_cannot_be_written_is_no_fault(as_pid: Opened, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    lonely = as_pid(1)
    lonely.tell(IDENTITY, OWN)
    assert lonely.together(IDENTITY, OWN) == OWN


def test_the_inventory_of_a_neighbour_is_shared_whatever_its_profile(as_pid: Opened) -> None:
    other = as_pid(os.getppid(), profile="oncall")
    other._cache.save(IDENTITY, FLEET, NOW_S - 30)
    other.tell(IDENTITY, OWN)
    shared = as_pid(1).inventory(IDENTITY)
    assert shared is not None
    assert (shared.saved_at, shared.endpoints) == (NOW_S - 30, FLEET)


def test_a_file_elsewhere_is_never_taken_for_an_inventory(as_pid: Opened, tmp_path: Path) -> None:
    other = as_pid(os.getppid())
    other._cache.save(IDENTITY, FLEET, NOW_S)
    (tmp_path / "cache").joinpath(other._cache.name).rename(tmp_path / "elsewhere.json")
    other.tell(IDENTITY, OWN)
    (file,) = files(tmp_path)
    file.write_text(file.read_text().replace(other._cache.name, "../elsewhere.json"))
    assert as_pid(1).inventory(IDENTITY) is None
