"""Which region a session is for: the option, AWS_REGION, AWS_DEFAULT_REGION, the profile's, in this order."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.config import Settings
from smtop.metrics.errors import ConfigError
from tests.contract.sessions import point_at

PROFILES = "[default]\nregion = r-default\n[profile prod]\nregion = r-prod\n[profile bare]\n"
BOTH = {"AWS_REGION": "r-first", "AWS_DEFAULT_REGION": "r-second"}


@pytest.fixture
def aws_config(tmp_path: Path) -> dict[str, str]:
    """An AWS config file with three profiles."""
    file = tmp_path / "aws-config"
    file.write_text(PROFILES)
    return {"AWS_CONFIG_FILE": str(file)}


@pytest.mark.parametrize(
    ("option", "profile", "variables", "region"),
    [
        ("r-option", "prod", BOTH, "r-option"),
        (None, "prod", BOTH, "r-first"),
        (None, "prod", {"AWS_DEFAULT_REGION": "r-second"}, "r-second"),
        (None, "prod", {}, "r-prod"),
        (None, None, {"AWS_PROFILE": "prod"}, "r-prod"),
        (None, None, {}, "r-default"),
        (None, "prod", {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "r-prod"),
    ],
)
def test_the_first_region_that_is_set_counts(
    settings: Settings,
    aws_config: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    option: str | None,
    profile: str | None,
    variables: Mapping[str, str],
    region: str,
) -> None:
    point_at(aws_config | dict(variables), monkeypatch)
    assert AwsSession(settings._replace(region=option, profile=profile), Meter()).region == region


def test_no_region_anywhere_is_a_configuration_error(
    settings: Settings, aws_config: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(aws_config, monkeypatch)
    with pytest.raises(ConfigError, match="--region"):
        AwsSession(settings._replace(profile="bare"), Meter())
