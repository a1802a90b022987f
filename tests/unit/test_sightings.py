"""What smtop remembers of configs that it saw live."""

import stat
from pathlib import Path

import pytest

from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.sightings import FORGOTTEN_AFTER_S, MOST_CONFIGS, Sighting, Sightings
from tests.support.fleet import IDENTITY, NOW_S, endpoint

HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture(autouse=True)
def at_amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SAGEMAKER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(Directories(*(tmp_path / name for name in ("config", "state", "cache", "data"))))


def serving(config: str | None, name: str = "fraud", age_days: int = 900) -> Endpoint:
    described = endpoint(name, age_days=age_days).endpoint
    return Endpoint(described.summary, described.kind, True, config=config)


def files(settings: Settings) -> list[Path]:
    return sorted(settings.directories.state.glob("*"))


def test_configs_are_remembered_over_runs_the_newest_first(settings: Settings) -> None:
    first = Sightings(settings)
    assert first.see(IDENTITY, [serving("v1")], NOW_S)
    assert first.see(IDENTITY, [serving("v1")], NOW_S + 2 * HOUR)
    assert first.see(IDENTITY, [serving("v2")], NOW_S + 3 * HOUR)
    second = Sightings(settings)
    second.see(IDENTITY, [serving("v3")], NOW_S + 4 * HOUR)
    assert list(second.of(serving("v3"))) == [
        Sighting("v3", NOW_S + 4 * HOUR, NOW_S + 4 * HOUR),
        Sighting("v2", NOW_S + 3 * HOUR, NOW_S + 3 * HOUR),
        Sighting("v1", NOW_S, NOW_S + 2 * HOUR),
    ]


def test_a_config_that_comes_back_is_seen_again_at_once(settings: Settings) -> None:
    seen = Sightings(settings)
    for minute, config in enumerate(("v1", "v2", "v1")):
        seen.see(IDENTITY, [serving(config)], NOW_S + minute * 60)
    assert [one.config for one in reopened(settings).of(serving("v1"))] == ["v1", "v2"]


def reopened(settings: Settings) -> Sightings:
    again = Sightings(settings)
    again.see(IDENTITY, [], NOW_S)
    return again


def test_only_this_user_may_read_the_file(settings: Settings) -> None:
    Sightings(settings).see(IDENTITY, [serving("v1")], NOW_S)
    (file,) = files(settings)
    assert file.name == "configs-123456789012-eu-west-1.json"
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_what_stays_the_same_is_not_written_again_within_the_hour(settings: Settings) -> None:
    seen = Sightings(settings)
    seen.see(IDENTITY, [serving("v1")], NOW_S)
    files(settings)[0].unlink()
    assert seen.see(IDENTITY, [serving("v1")], NOW_S + HOUR - 1)
    assert files(settings) == []
    seen.see(IDENTITY, [serving("v1")], NOW_S + HOUR)
    assert len(files(settings)) == 1


def test_two_processes_add_to_one_file(settings: Settings) -> None:
    one, other = Sightings(settings), Sightings(settings)
    one.see(IDENTITY, [serving("a1", "a")], NOW_S)
    other.see(IDENTITY, [serving("b1", "b")], NOW_S)
    one.see(IDENTITY, [serving("a2", "a"), serving("b1", "b")], NOW_S + 60)
    again = reopened(settings)
    assert [one.config for one in again.of(serving("a2", "a"))] == ["a2", "a1"]
    assert [one.config for one in again.of(serving("b1", "b"))] == ["b1"]


def test_a_namesake_that_was_deleted_is_another_endpoint(settings: Settings) -> None:
    seen = Sightings(settings)
    seen.see(IDENTITY, [serving("old")], NOW_S - 40 * DAY)
    seen.see(IDENTITY, [serving("new", age_days=30)], NOW_S)
    assert [one.config for one in seen.of(serving("new", age_days=30))] == ["new"]


def test_endpoints_that_are_long_gone_and_the_oldest_configs_are_forgotten(settings: Settings) -> None:
    seen = Sightings(settings)
    seen.see(IDENTITY, [serving("x", "gone")], NOW_S - FORGOTTEN_AFTER_S)
    for number in range(MOST_CONFIGS + 3):
        seen.see(IDENTITY, [serving(f"v{number}")], NOW_S + number)
    again = reopened(settings)
    assert len(again.of(serving("v0"))) == MOST_CONFIGS
    assert not again.of(serving("x", "gone"))


def test_an_endpoint_that_was_not_described_says_nothing(settings: Settings) -> None:
    assert Sightings(settings).see(IDENTITY, [serving(None)], NOW_S)
    assert files(settings) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 2, "endpoints": {}}', '{"schema": 1, "endpoints": {"a": 3}}']
)
def test_a_file_that_cannot_be_read_is_an_empty_one(settings: Settings, text: str) -> None:
    Sightings(settings).see(IDENTITY, [serving("v1")], NOW_S)
    files(settings)[0].write_text(text)
    seen = Sightings(settings)
    assert seen.see(IDENTITY, [serving("v2")], NOW_S)
    assert [one.config for one in seen.of(serving("v2"))] == ["v2"]


def test_another_aws_has_another_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    Sightings(settings).see(IDENTITY, [serving("v1")], NOW_S)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    elsewhere = Sightings(settings)
    elsewhere.see(IDENTITY, [serving("v2")], NOW_S)
    assert [one.config for one in elsewhere.of(serving("v2"))] == ["v2"]
    assert len(files(settings)) == 2


def test_where_nothing_can_be_written_it_says_so_and_still_remembers(settings: Settings) -> None:
    settings.directories.state.parent.mkdir(parents=True, exist_ok=True)
    settings.directories.state.write_text("a file where a folder should be")
    seen = Sightings(settings)
    assert not seen.see(IDENTITY, [serving("v1")], NOW_S)
    assert [one.config for one in seen.of(serving("v1"))] == ["v1"]
