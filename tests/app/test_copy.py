"""Keys that copy, and what the last line says of it."""

import asyncio
import base64
from pathlib import Path

import pytest

from smtop.metrics.domain.finding import Severity
from smtop.tui.clipboard import Clipboard
from smtop.tui.messages import Said
from smtop.tui.teller import SAY_S
from smtop.tui.terminal import Terminal
from tests.support.fleet import endpoint, snapshot
from tests.support.stage import Stage, stage

PATIENCE_S = 30.0
FLEET = snapshot(endpoint("fraud", Severity.CRITICAL), endpoint("geo"))


async def told(one: Stage, words: str) -> str:
    """What the last lines say, once they say that."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while words not in (said := " ".join(line.strip() for line in one.text[-3:])):
        assert asyncio.get_running_loop().time() < deadline, said
        await one.pilot.pause(0.01)
    return said


async def test_each_key_copies_its_text_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "copied.txt"
    async with stage(FLEET, size=(160, 30), terminal=Terminal(clipboard=Clipboard({"TERM": "linux"}, file))) as one:
        for key, words, begins in (
            ("c", "the name", "fraud"),
            ("Y", "the ARN", "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/fraud"),
            ("w", "the console's address https://console.aws.amazon.com/", "https://console.aws.amazon.com/sagemaker"),
            ("m", "the row", "| ENDPOINT |"),
            ("M", "the summary", "### fraud: critical"),
        ):
            await one.press(key)
            said = await told(one, f"Copied {words}")
            assert file.read_text().startswith(begins)
            assert str(file) in said


async def test_the_page_of_an_endpoint_copies_its_own(tmp_path: Path) -> None:
    file = tmp_path / "copied.txt"
    async with stage(FLEET, size=(120, 30), terminal=Terminal(clipboard=Clipboard({}, file))) as one:
        await one.press("j", "enter", "c")
        await told(one, "Copied the name")
        assert file.read_text() == "geo"


async def test_what_was_said_gives_way_to_the_keys() -> None:
    async with stage(FLEET) as one:
        one.app.post_message(Said("Copied."))
        await one.settle()
        assert one.text[-1] == " Copied."
        one.app.post_message(Said(""))
        await one.settle()
        assert "filter" in one.text[-1]
        assert SAY_S > 0


async def test_textuals_own_copying_takes_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(FLEET, terminal=Terminal(clipboard=Clipboard({"TERM": "screen"}))) as one:
        written: list[str] = []
        monkeypatch.setattr(one.app._driver, "write", written.append)
        one.app.copy_to_clipboard("geo")
        assert written == [f"\x1bP\x1b]52;c;{base64.b64encode(b'geo').decode()}\a\x1b\\"]
