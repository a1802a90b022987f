"""Settings: what wins, and errors that name the file and the key."""

from pathlib import Path

import pytest

from smtop.metrics.config import THEMES, Directories, load_settings, user_directories
from smtop.metrics.domain.catalogue import Scope
from smtop.metrics.domain.endpoint import Account
from smtop.metrics.errors import ConfigError
from smtop.tui.keymap import ACTIONS
from smtop.tui.view_models.palette import PALETTES


@pytest.fixture
def directories(tmp_path: Path) -> Directories:
    return Directories(*(tmp_path / name for name in ("config", "state", "cache", "data")))


def written(directories: Directories, text: str) -> Path:
    directories.config.mkdir()
    path = directories.config / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


FULL = """
profile = "oncall"
region = "eu-west-1"
max_usd_per_hour = 2
sweep = true
theme = "light-safe"
mouse = false

[accounts."123456789012"]
label = "eu"
kind = "prod"
color = "red"

[accounts."210987654321"]
"""


def test_without_a_file_nothing_is_decided(directories: Directories) -> None:
    settings = load_settings(directories=directories)
    assert (settings.profile, settings.region, settings.max_usd_per_hour) == (None, None, None)
    assert settings.accounts == {}
    assert (settings.theme, settings.mouse) == ("auto", True)
    assert not settings.sweep
    assert settings.directories is directories


def test_the_file_says_what_the_command_line_does_not(directories: Directories) -> None:
    written(directories, FULL)
    settings = load_settings(directories=directories, regions=["us-east-1"])
    assert (settings.profile, settings.region, settings.max_usd_per_hour) == ("oncall", "us-east-1", 2.0)
    assert settings.accounts == {"123456789012": Account("eu", "prod", "red"), "210987654321": Account()}
    assert (settings.theme, settings.mouse) == ("light-safe", False)
    assert settings.sweep


def test_the_mouse_is_off_where_either_says_so(directories: Directories) -> None:
    assert not load_settings(directories=directories, mouse=False).mouse
    written(directories, "mouse = true")
    assert load_settings(directories=directories).mouse
    assert not load_settings(directories=directories, mouse=False).mouse


def test_the_themes_are_those_that_the_screen_has() -> None:
    assert ("auto", *PALETTES) == THEMES
    (action,) = [action for action in ACTIONS if action.id == "theme"]
    assert action.values == THEMES


def test_the_command_line_wins(directories: Directories) -> None:
    written(directories, FULL)
    settings = load_settings(directories=directories, profiles=["admin"], max_usd_per_hour=0.5)
    assert (settings.profile, settings.max_usd_per_hour) == ("admin", 0.5)


def test_a_named_file_is_read_instead_and_must_exist(directories: Directories, tmp_path: Path) -> None:
    written(directories, FULL)
    other = tmp_path / "other.toml"
    with pytest.raises(ConfigError, match=r"other\.toml does not exist"):
        load_settings(other, directories=directories)
    other.write_text('profile = "other"', encoding="utf-8")
    assert load_settings(other, directories=directories).profile == "other"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('profil = "x"', "profil"),
        ("profile = 3", "profile"),
        ("region = ['us-east-1', 3]", "region"),
        ("max_usd_per_hour = 0", "max_usd_per_hour"),
        ("max_usd_per_hour = -1.5", "max_usd_per_hour"),
        ("max_usd_per_hour = true", "max_usd_per_hour"),
        ('max_usd_per_hour = "1"', "max_usd_per_hour"),
        ("sweep = 1", "sweep"),
        ("accounts = 3", "accounts"),
        ('accounts."123456789012" = "PROD"', "accounts.123456789012"),
        ('[accounts."123456789012"]\nlable = "PROD"', "accounts.123456789012.lable"),
        ('[accounts."123456789012"]\nlabel = 3', "label"),
        ('[accounts."123456789012"]\ncolor = "crimson"', "accounts.123456789012.color must be one of red"),
        ('[accounts."123456789012"]\nmax_usd_per_hour = 0', "accounts.123456789012.max_usd_per_hour"),
        ("[profiles.a]\nmetrics_from = 3", "profiles.a.metrics_from"),
        ('[profiles.a]\nmetrics_from = ""', "profiles.a.metrics_from"),
        ('[profiles.a]\nmetrics_from = "a"', "profiles.a.metrics_from must name another profile"),
        ("theme = 'solarized'", "theme must be one of auto, dark"),
        ("mouse = 'no'", "mouse"),
        ("region = ", "config.toml"),
        ("catalogue = 3", "catalogue"),
        ("[catalogue]\nInvocations = 'Calls'", "catalogue.Invocations"),
        ("[catalogue.Invocations]\nalias = 'Calls'", "catalogue.Invocations.alias"),
        ("[catalogue.Invocations]\nname = 3", "catalogue.Invocations.name"),
        ("[catalogue.Invocations]\nname = ''", "catalogue.Invocations.name"),
        ("[catalogue.Invocations]\nnamespace = []", "catalogue.Invocations.namespace"),
        ("[catalogue.Invocations]\ndimensions = 'VariantName'", "catalogue.Invocations.dimensions"),
        ("[catalogue.Invocations]\ndimensions = { VariantName = 1 }", "catalogue.Invocations.dimensions.VariantName"),
        ("[catalogue.Invocation]\nname = 'Calls'", "Near: Invocations"),
        ('[notify]\nwebhook = "http://chat.example.com/hook"', "notify.webhook"),
        ('[notify]\nwebhook = "file:///etc/passwd"', "notify.webhook"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(directories: Directories, text: str, key: str) -> None:
    path = written(directories, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(directories=directories)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)


def test_the_file_says_what_cloudwatch_calls_a_metric(directories: Directories) -> None:
    written(directories, '[catalogue.Invocations]\nname = "Calls"\ndimensions = { VariantName = "Variant" }')
    metrics = {spec.name: spec for spec in load_settings(directories=directories).catalogue.metrics}
    assert metrics["Invocations"].spellings == ("Calls",)
    assert metrics["Invocations"].shape(Scope.VARIANT) == ("EndpointName", "Variant")
    assert metrics["ModelLatency"].spellings == ("ModelLatency",)


def test_a_file_that_is_no_text_is_an_error_and_no_traceback(directories: Directories) -> None:
    written(directories, "").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(directories=directories)


def test_a_folder_in_place_of_the_file_is_an_error_and_no_traceback(directories: Directories) -> None:
    (directories.config / "config.toml").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(directories=directories)


def test_xdg_folders_are_used_where_they_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    found = user_directories()
    assert found.config == tmp_path / "c" / "smtop"
    assert found.cache.is_absolute()
    assert found.cache.name == "smtop"
