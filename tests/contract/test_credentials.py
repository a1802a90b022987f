"""Credentials that end while smtop runs: roles of a quarter of an hour, and a sign-in in another terminal."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiobotocore.credentials
import pytest
from botocore.credentials import RefreshableCredentials

from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.mfa import SignOn
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.monitor import Monitor
from smtop.metrics.simulator.identity.sts import MFA_CODE
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ROLE_S = 900
HOURS = 2
PROFILES = f"""
[default]
role_arn = arn:aws:iam::123456789012:role/oncall
source_profile = base
duration_seconds = {ROLE_S}

[profile base]
aws_access_key_id = a
aws_secret_access_key = b
"""


def without_keys(aws: SimulatedAws) -> dict[str, str]:
    return {name: value for name, value in aws.environment.items() if name not in KEYS}


def sign_in(path: Path, key: str, secret: str) -> None:
    path.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n", encoding="utf-8")


async def test_a_role_of_a_quarter_of_an_hour_costs_few_calls_of_sts(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = datetime(2020, 11, 20, 14, 0, tzinfo=UTC)  # the past: what botocore keeps by its own clock has ended
    assumed: list[datetime] = []

    async def assume(_: object) -> dict[str, Any]:
        assumed.append(now)
        key, secret = (simulated.environment[name] for name in KEYS)
        ends = (now + timedelta(seconds=ROLE_S)).isoformat()
        return {"Credentials": {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": "t", "Expiration": ends}}

    monkeypatch.setattr(aiobotocore.credentials.AioAssumeRoleCredentialFetcher, "_get_credentials", assume)

    def seconds_left(credentials: Any) -> float:
        return float((credentials._expiry_time - now).total_seconds())

    monkeypatch.setattr(RefreshableCredentials, "_seconds_remaining", seconds_left)
    point_at(without_keys(simulated), monkeypatch)
    config = tmp_path / "config"
    config.write_text(PROFILES, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    async with AwsSession(settings, Meter()) as session:
        for minute in range(HOURS * 60):
            await session.client("sagemaker").list_endpoints(MaxResults=1)
            if minute % 10 == 0:  # CloudWatch throttles whoever lists more often than 25 times a second
                await session.client("cloudwatch").list_metrics(MetricName="none")
            now += timedelta(minutes=1)
    assert HOURS * 3600 // ROLE_S <= len(assumed) <= 10
    longest = max(later - earlier for earlier, later in pairwise(assumed))
    assert longest < timedelta(seconds=ROLE_S)


async def test_polling_resumes_after_a_sign_in_elsewhere_without_a_restart(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    point_at(without_keys(simulated), monkeypatch)
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    sign_in(file, "ENDED", "yesterday")
    async with Monitor(settings, SystemClock()) as monitor:
        refused = await monitor.take()
        assert [problem.kind for problem in refused.problems] == [FaultKind.CREDENTIALS]
        assert refused.spend.metrics_billed == 0
        sign_in(file, *(simulated.environment[name] for name in KEYS))
        taken = await monitor.take()
        assert taken.problems == ()
        assert len(taken.endpoints) == 40


async def test_regions_of_one_profile_need_one_code_and_no_used_up_role(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    point_at(without_keys(simulated), monkeypatch)
    config = tmp_path / "config"
    guarded = PROFILES.replace(f"duration_seconds = {ROLE_S}", "mfa_serial = arn:aws:iam::123456789012:mfa/ana")
    for name, value in zip(("= a\n", "= b\n"), KEYS, strict=True):
        guarded = guarded.replace(name, f"= {simulated.environment[value]}\n")
    config.write_text(guarded, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    sign_on = SignOn()
    east, west = (
        AwsSession(settings._replace(region=region), Meter(), sign_on=sign_on) for region in ("us-east-1", "eu-west-1")
    )
    async with east, west:
        for session in (east, west):
            with pytest.raises(AwsError, match="asks for an MFA code"):
                await session.client("sts").get_caller_identity()
        east.codes.give(MFA_CODE)
        await east.renew()
        await east.client("sagemaker").list_endpoints(MaxResults=1)
        await west.renew()
        assert await west.client("sagemaker").list_endpoints(MaxResults=1)
        assert await west.given() == await east.given() != {}
        await west.renew()
        with pytest.raises(AwsError, match="asks for an MFA code"):  # what it got in with may be what AWS refuses
            await west.client("sts").get_caller_identity()
        assert await east.client("sagemaker").list_endpoints(MaxResults=1)
