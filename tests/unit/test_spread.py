"""Several profiles and regions: which places they make, and what each may spend."""

from pathlib import Path

import pytest

from smtop.metrics.config import Directories, Settings, load_settings
from smtop.metrics.errors import ConfigError
from smtop.metrics.spread import places
from smtop.tui.cli.common import Common


@pytest.fixture
def directories(tmp_path: Path) -> Directories:
    return Directories(*(tmp_path / name for name in Directories._fields))


@pytest.fixture(autouse=True)
def no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def write(directories: Directories, text: str) -> None:
    directories.config.mkdir(exist_ok=True)
    (directories.config / "config.toml").write_text(text, encoding="utf-8")


def named(settings: Settings) -> list[tuple[str | None, str | None]]:
    return [(one.profile, one.region) for one in places(settings)]


def test_every_profile_is_looked_at_in_every_region(directories: Directories) -> None:
    settings = load_settings(directories=directories, profiles=["a", "b", "a"], regions=["us-east-1", "eu-west-1"])
    assert settings.is_spread
    assert named(settings) == [
        ("a", "us-east-1"),
        ("a", "eu-west-1"),
        ("b", "us-east-1"),
        ("b", "eu-west-1"),
    ]
    assert not any(one.is_spread for one in places(settings))


def test_profiles_without_a_region_keep_their_own(directories: Directories) -> None:
    assert named(load_settings(directories=directories, profiles=["a", "b"])) == [("a", None), ("b", None)]


def test_one_place_is_no_spread(directories: Directories) -> None:
    assert named(load_settings(directories=directories)) == [(None, None)]
    settings = load_settings(directories=directories, profiles=["a"], regions=["us-east-1", "us-east-1"])
    assert (settings.profile, settings.region, settings.is_spread) == ("a", "us-east-1", False)


def test_the_file_may_name_several_and_the_command_line_wins(directories: Directories) -> None:
    write(directories, 'profile = ["a", "b"]\nregion = "us-east-1"\n')
    assert named(load_settings(directories=directories)) == [("a", "us-east-1"), ("b", "us-east-1")]
    assert named(load_settings(directories=directories, profiles=["c"])) == [("c", "us-east-1")]


@pytest.mark.parametrize("text", ["profile = 3", "region = [1]", 'region = [""]', "profile = [[]]"])
def test_what_is_no_text_and_no_list_of_texts_is_refused(directories: Directories, text: str) -> None:
    write(directories, text)
    with pytest.raises(ConfigError, match="must be a text or a list of texts"):
        load_settings(directories=directories)


def test_a_budget_is_for_all_places_and_that_of_a_profile_for_its_regions(directories: Directories) -> None:
    write(
        directories,
        'profile = ["a", "b"]\nregion = ["us-east-1", "eu-west-1"]\n'
        "max_usd_per_hour = 0.4\n[profiles.b]\nmax_usd_per_hour = 0.1\n",
    )
    told = {(one.profile, one.max_usd_per_hour) for one in places(load_settings(directories=directories))}
    assert told == {("a", 0.2), ("b", 0.05)}
    capped = load_settings(directories=directories, max_usd_per_hour=0.8)
    assert {one.max_usd_per_hour for one in places(capped)} == {0.2}, "the command line bounds all of them"


def test_a_profile_s_budget_holds_where_it_is_the_only_one(
    directories: Directories, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(directories, "[profiles.b]\nmax_usd_per_hour = 0.1\n")
    assert [one.max_usd_per_hour for one in places(load_settings(directories=directories, profiles=["b"]))] == [0.1]
    monkeypatch.setenv("AWS_PROFILE", "b")
    assert [one.max_usd_per_hour for one in places(load_settings(directories=directories))] == [0.1]
    assert Common().settings(directories).max_usd_per_hour == 0.1, "as every command has it"


def test_the_bound_of_the_command_line_is_the_only_one(directories: Directories) -> None:
    write(directories, "[profiles.b]\nmax_usd_per_hour = 0.1\n[accounts.123456789012]\nmax_usd_per_hour = 0.1\n")
    capped = load_settings(directories=directories, profiles=["b"], max_usd_per_hour=0.8)
    assert (capped.profile_budgets, capped.account_budgets) == ({}, {})


def test_a_profile_s_metrics_can_be_asked_with_another_one(
    directories: Directories, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(directories, '[profiles.b]\nmetrics_from = "watch"\n[profiles.default]\nmetrics_from = "other"\n')
    settings = load_settings(directories=directories, profiles=["a", "b"], regions=["us-east-1"])
    assert [one.monitoring_profile for one in places(settings)] == [None, "watch"]
    shell = load_settings(directories=directories)
    assert shell.monitoring_profile == "other", "credentials of no profile are the default ones"
    monkeypatch.setenv("AWS_PROFILE", "b")
    assert shell.monitoring_profile == "watch"


def test_only_commands_that_span_take_several(directories: Directories) -> None:
    said = Common(regions=("us-east-1", "eu-west-1"))
    assert said.settings(directories, spanning=True).is_spread
    with pytest.raises(ConfigError, match="works in one account and region"):
        said.settings(directories)
