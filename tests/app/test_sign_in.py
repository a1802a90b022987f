"""Signing in while the screen is open: MFA codes, SSO, what is said of both; nothing is ever asked underneath it."""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from botocore.credentials import SSOProvider

from smtop.metrics.domain.snapshot import FleetSnapshot, Problem
from smtop.metrics.errors import FaultKind, SignIn
from smtop.metrics.simulator.identity.sts import MFA_CODE
from smtop.tui.clipboard import Clipboard
from smtop.tui.screens.sign_in import SignInDialog
from smtop.tui.terminal import Terminal
from tests.app.test_live import KEYS, Cloud, Watch, cloud, watching
from tests.support.fleet import endpoint, snapshot
from tests.support.stage import Stage, stage

__all__ = ["cloud"]
PATIENCE_S = 30.0
CODE = MFA_CODE
COMMAND = "aws sso login --profile oncall"
MFA = Problem(FaultKind.CREDENTIALS, "sts:AssumeRole", "This profile asks for an MFA code.", sign_in=SignIn("mfa/ana"))
SSO = Problem(FaultKind.CREDENTIALS, "sts:GetCallerIdentity", "Signed out.", sign_in=SignIn(command=COMMAND))


def cut_off(problem: Problem) -> FleetSnapshot:
    return snapshot(problems=[problem], cached=True, identity=None)


def is_asking(one: Stage) -> bool:
    return isinstance(one.app.screen, SignInDialog)


async def test_the_dialog_opens_by_itself_and_gives_the_code_to_the_feed() -> None:
    async with stage(cut_off(MFA), size=(80, 24)) as one:
        assert is_asking(one)
        assert any("This profile asks for an MFA code." in line for line in one.text)
        await one.press(*CODE[:2], "x", CODE[2], "enter")
        assert one.feed.codes == []
        await one.press(*CODE[3:], "7", "enter")
        assert one.feed.codes == [CODE]
        assert not is_asking(one)
        assert CODE not in "".join(one.text)


async def test_who_closes_it_is_left_in_peace_and_can_open_it_again() -> None:
    async with stage(cut_off(MFA), size=(80, 24)) as one:
        await one.press("escape")
        await one.push(cut_off(MFA))
        assert not is_asking(one)
        await one.press("i")
        assert is_asking(one)
        await one.push(snapshot(endpoint("fraud")))
        assert not is_asking(one)
        assert one.names == ["fraud"]


async def test_a_refused_code_is_said_and_asked_for_anew() -> None:
    refused = Problem(FaultKind.CREDENTIALS, "sts:AssumeRole", "AWS did not accept it.", sign_in=SignIn(refused=True))
    async with stage(cut_off(MFA), size=(80, 24)) as one:
        await one.press(*CODE, "enter")
        await one.push(cut_off(refused))
        assert is_asking(one)
        assert any("AWS did not accept it." in line for line in one.text)


async def test_the_command_to_run_is_shown_and_copied(tmp_path: Path) -> None:
    file = tmp_path / "copied.txt"
    async with stage(cut_off(SSO), size=(80, 24), terminal=Terminal(clipboard=Clipboard({}, file))) as one:
        assert any(COMMAND in line for line in one.text)
        await one.press("c")
        deadline = time.monotonic() + PATIENCE_S
        while not file.exists():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        assert file.read_text() == COMMAND


async def test_what_expires_while_it_runs_is_a_banner_and_no_dialog() -> None:
    async with stage(snapshot(endpoint("fraud"))) as one:
        await one.push(snapshot(endpoint("fraud"), problems=[SSO]))
        assert not is_asking(one)
        assert "Signed out." in one.text[3]
        await one.press("i")
        assert is_asking(one)


async def test_who_is_asking_is_said_where_all_is_well() -> None:
    async with stage(snapshot(endpoint("fraud"))) as one:
        await one.press("i")
        assert one.text[-1] == " role/oncall-ro in 123456789012 eu-west-1."


# On the real engine


def profile(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell with this configuration of AWS and nothing else."""
    (folder / "aws").write_text(f"[profile oncall]\nregion = us-east-1\n{text}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws"))
    monkeypatch.setenv("AWS_PROFILE", "oncall")
    for name in KEYS:
        monkeypatch.delenv(name)


def whole(watch: Watch) -> bool:
    return "LIVE" in watch.lines[0] and bool(watch.rows)


async def test_a_code_that_aws_accepts_opens_the_fleet_and_stands_in_no_log(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    keys = cloud.aws.environment
    profile(
        tmp_path,
        "role_arn = arn:aws:iam::123456789012:role/oncall\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/ana\n"
        f"[profile base]\naws_access_key_id = {keys[KEYS[0]]}\naws_secret_access_key = {keys[KEYS[1]]}\n",
        monkeypatch,
    )
    async with watching(cloud, tmp_path) as watch:
        await watch.until(lambda: isinstance(watch.app.screen, SignInDialog), "the dialog")
        await watch.pilot.press(*"000000", "enter")
        await watch.until(lambda: any("did not accept the MFA code" in line for line in watch.lines), "a refusal")
        await watch.until(lambda: isinstance(watch.app.screen, SignInDialog), "the dialog again")
        await watch.pilot.press(*CODE, "enter")
        await watch.until(lambda: whole(watch), "the fleet")
        assert CODE not in caplog.text
        assert all(CODE not in line for line in watch.lines)


class Portal(BaseHTTPRequestHandler):
    """AWS's SSO portal, as far as it hands out credentials of a role."""

    credentials: dict[str, Any]

    def do_GET(self) -> None:
        body = json.dumps({"roleCredentials": self.credentials}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        pass


@contextmanager
def portal(keys: dict[str, str]) -> Iterator[str]:
    credentials = {"accessKeyId": keys[KEYS[0]], "secretAccessKey": keys[KEYS[1]], "sessionToken": "t"}
    expires = {"expiration": int((time.time() + 86_400) * 1000)}
    handler = type("Handler", (Portal,), {"credentials": credentials | expires})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_sso_that_was_renewed_elsewhere_is_found_without_a_restart(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = "https://example.awsapps.com/start"
    account = "sso_account_id = 123456789012\nsso_role_name = oncall\nsso_region = us-east-1\n"
    profile(tmp_path, f"{account}sso_start_url = {start}\n", monkeypatch)
    cache = tmp_path / "sso"
    monkeypatch.setattr(SSOProvider, "_SSO_TOKEN_CACHE_DIR", str(cache))
    with portal(cloud.aws.environment) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", url)
        async with watching(cloud, tmp_path) as watch:
            await watch.until(lambda: isinstance(watch.app.screen, SignInDialog), "the dialog")
            await watch.until(lambda: any(COMMAND in line for line in watch.lines), "the command")
            cache.mkdir()
            expires = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            token = {"startUrl": start, "region": "us-east-1", "accessToken": "secret-token", "expiresAt": expires}
            (cache / f"{hashlib.sha1(start.encode()).hexdigest()}.json").write_text(json.dumps(token))
            await watch.until(lambda: whole(watch), "the fleet")
            await watch.until(lambda: not isinstance(watch.app.screen, SignInDialog), "no dialog")
