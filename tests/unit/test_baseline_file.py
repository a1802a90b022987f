"""What was learned, on disk: whole, private, and only for those who reach AWS the same way."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from smtop.metrics.baseline_file import MOST_SERIES, BaselineFile, Kept
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.series import MetricId, SeriesKey

KEPT = Kept(1_700_000_000.5, 1_750_000_020, {"usual": [1, None, "tab\there"]})


def key(number: int = 0) -> SeriesKey:
    dimensions = (("EndpointName", f"e{number}"), ("VariantName", "line\nbreak"))
    return SeriesKey(MetricId("AWS/SageMaker", "Invocations", dimensions), "Sum")


def settings(folder: Path, profile: str | None = None) -> Settings:
    return Settings(Directories(folder, folder, folder / "cache", folder), profile=profile)


def path_in(folder: Path) -> Path:
    [path] = (folder / "cache").iterdir()
    return path


def test_what_was_saved_is_there_for_the_next_run(tmp_path: Path) -> None:
    assert BaselineFile(settings(tmp_path)).save({key(): KEPT})
    [(found, kept)] = BaselineFile(settings(tmp_path)).load().items()
    assert found == key()
    assert (kept.created_at, kept.until, kept.learned) == (KEPT.created_at, KEPT.until, KEPT.document)
    assert path_in(tmp_path).stat().st_mode & 0o777 == 0o600


def test_what_was_not_looked_at_is_written_back_as_it_was(tmp_path: Path) -> None:
    file = BaselineFile(settings(tmp_path))
    file.save({key(): KEPT})
    file.save(file.load())
    assert file.load()[key()].learned == KEPT.document


def test_another_way_of_reaching_aws_has_another_file(tmp_path: Path) -> None:
    BaselineFile(settings(tmp_path)).save({key(): KEPT})
    assert BaselineFile(settings(tmp_path, profile="other")).load() == {}


@pytest.mark.parametrize("change", ["cut", "noise", "other", "empty"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, change: str) -> None:
    file = BaselineFile(settings(tmp_path))
    assert file.load() == {}
    file.save({key(): KEPT})
    path = path_in(tmp_path)
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:-8], "noise": b"\x00" * 50, "other": b"{}", "empty": b""}[change])
    assert file.load() == {}


def test_the_later_of_two_writers_wins_and_a_reader_never_meets_half_a_file(tmp_path: Path) -> None:
    mine, other = BaselineFile(settings(tmp_path)), BaselineFile(settings(tmp_path))
    mine.save({key(0): KEPT})
    with ThreadPoolExecutor(1) as pool:
        for number in range(1, 20):
            writing = pool.submit(mine.save, {key(number): KEPT})
            assert len(other.load()) == 1
            writing.result()
    other.save({key(99): KEPT})
    assert list(mine.load()) == [key(99)]


def test_its_size_is_bounded(tmp_path: Path) -> None:
    file = BaselineFile(settings(tmp_path))
    file.save({key(number): KEPT for number in range(MOST_SERIES + 5)})
    assert len(file.load()) == MOST_SERIES


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert not BaselineFile(settings(tmp_path)).save({key(): KEPT})
