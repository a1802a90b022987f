"""Addresses on the screen: they are shown, and copied whole by keys; smtop itself opens none."""

import re
from pathlib import Path

import pytest

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.app import SmtopApp
from smtop.tui.clipboard import Clipboard
from smtop.tui.terminal import Terminal
from tests.support.federated import PAYMENTS, SEARCH, fleet_of, there
from tests.support.fleet import endpoint, snapshot
from tests.support.stage import Stage, stage

RUNBOOK = "https://wiki.example/runbooks/inference/fraud?severity=critical&region=eu-west-1#first-steps-of-all"
FAILING = Finding("errors-5xx", Severity.CRITICAL, "34% of requests fail", ("340 of 1,000",))


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was opened in a browser."""
    addresses: list[str] = []
    monkeypatch.setattr(SmtopApp, "open_url", lambda _app, url, **_: addresses.append(url))
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


def ill(name: str, runbook: str = RUNBOOK) -> EndpointView:
    return endpoint(name, Severity.CRITICAL, findings=[FAILING], tags={"runbook": runbook})


def in_partition(name: str, partition: str, region: str) -> EndpointView:
    view = endpoint(name)
    arn = f"arn:{partition}:sagemaker:{region}:123456789012:endpoint/{name}"
    summary = view.endpoint.summary._replace(arn=arn)
    return EndpointView(view.endpoint._replace(summary=summary), view.severity, view.vitals)


def unwrapped(it: Stage) -> str:
    """What is on the screen, without the places where lines were broken."""
    return re.sub(r"\s+", "", "".join(it.text))


def taken(file: Path) -> str:
    """What is on the clipboard, which is empty then."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.unlink(missing_ok=True)
    return text


async def copied(it: Stage, file: Path, key: str) -> str:
    """What a key puts on the clipboard."""
    taken(file)
    await it.press(key)
    await it.until(lambda: file.exists() and file.stat().st_size > 0)
    return taken(file)


async def test_a_runbook_stands_in_the_verdict_and_in_the_copied_summary(tmp_path: Path, opened: list[str]) -> None:
    file = tmp_path / "copied.txt"
    terminal = Terminal(clipboard=Clipboard({}, file))
    fleet = snapshot(ill("fraud"), ill("geo", "javascript:alert(1)"), endpoint("well", tags={"runbook": RUNBOOK}))
    async with stage(fleet, size=(99, 40), terminal=terminal) as it:
        assert f"runbook{RUNBOOK}" in unwrapped(it)
        [line] = [number for number, text in enumerate(it.text) if "runbook https" in text]
        await it.pilot.click(offset=(it.text[line].index("https") + 2, line))
        assert f"\nRunbook: <{RUNBOOK}>\n" in await copied(it, file, "M")
        await it.press("j")
        assert "javascript" not in unwrapped(it), "a tag that is no web address is no link"
        assert "Runbook" not in await copied(it, file, "M")
        await it.press("j")
        assert "wiki" not in unwrapped(it), "nothing is wrong with it"
    assert opened == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_overview_has_both_addresses(size: tuple[int, int], opened: list[str]) -> None:
    async with stage(snapshot(ill("fraud")), size=size) as it:
        await it.press("enter", "1")
        shown = unwrapped(it)
        await it.press("G")
        shown += unwrapped(it)
        assert f"runbook{RUNBOOK}" in shown
        assert "https://console.aws.amazon.com/sagemaker/home?region=eu-west-1#/endpoints/fraud" in shown
    assert opened == []


async def test_the_console_is_that_of_the_endpoint_s_own_partition(tmp_path: Path) -> None:
    file = tmp_path / "copied.txt"
    fleet = snapshot(
        in_partition("a", "aws-cn", "cn-north-1"),
        in_partition("b", "aws-us-gov", "us-gov-west-1"),
        in_partition("c", "aws-iso", "us-iso-east-1"),
    )
    async with stage(fleet, terminal=Terminal(clipboard=Clipboard({}, file))) as it:
        for host in ("console.amazonaws.cn", "console.amazonaws-us-gov.com"):
            assert (await copied(it, file, "w")).startswith(f"https://{host}/sagemaker/home?region=")
            await it.press("j")
        await it.press("w")
        await it.until(lambda: "smtop knows no console of the partition aws-iso." in it.text[-1])
        assert taken(file) == "", "better none than a wrong one"


async def test_of_two_places_the_link_is_that_of_the_row(tmp_path: Path) -> None:
    file = tmp_path / "copied.txt"
    rows = [there(endpoint("fraud"), at) for at in (PAYMENTS, SEARCH)]
    async with stage(fleet_of(PAYMENTS, *rows[:1]), terminal=Terminal(clipboard=Clipboard({}, file))) as it:
        assert "region=us-east-1#" in await copied(it, file, "w")
        await it.push(snapshot(rows[1], identity=SEARCH))
        await it.press("enter")
        assert "region=eu-west-1#" in await copied(it, file, "w")
