"""Copying by OSC 52, by tmux and by a file, and the sentence that says which way it went."""

import base64
import re
import stat
from pathlib import Path

import pytest

from smtop.tui.clipboard import LONGEST_BYTES, Clipboard, osc52

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/fraud-ü"
BARE = f"\x1b]52;c;{base64.b64encode(ARN.encode()).decode()}\a"
XTERM = {"TERM": "xterm-256color"}


@pytest.mark.parametrize("environment", [{"TERM": "tmux-256color"}, XTERM | {"TMUX": "/tmp/tmux-0/default,1,0"}])
def test_tmux_gets_it_bare_and_wrapped_to_be_passed_on(environment: dict[str, str]) -> None:
    escaped = BARE.replace("\x1b", "\x1b\x1b")
    assert osc52(ARN, environment) == f"{BARE}\x1bPtmux;{escaped}\x1b\\"


@pytest.mark.parametrize("environment", [{"TERM": "screen-256color"}, XTERM | {"STY": "1.pts-0.host"}])
def test_screen_gets_it_in_pieces_that_it_takes(environment: dict[str, str]) -> None:
    sequence = osc52("x" * 2000, environment)
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
    assert max(map(len, pieces)) <= 240
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sequence
    assert "".join(pieces) == osc52("x" * 2000, XTERM)


@pytest.mark.parametrize("term", ["xterm", "xterm-256color", "alacritty", "xterm-kitty", "foot"])
def test_a_terminal_gets_it_as_it_is(term: str) -> None:
    assert osc52(ARN, {"TERM": term}) == BARE


@pytest.mark.parametrize("term", ["linux", "vt220", "dumb", ""])
def test_a_terminal_that_would_print_it_gets_nothing(term: str) -> None:
    assert osc52(ARN, {"TERM": term}) == ""


def test_what_is_too_long_for_a_terminal_is_not_sent() -> None:
    assert osc52("x" * LONGEST_BYTES, XTERM)
    assert osc52("x" * (LONGEST_BYTES + 1), XTERM) == ""
    assert osc52("ü" * LONGEST_BYTES, XTERM) == ""


async def test_it_is_kept_in_a_file_of_the_owner_alone(tmp_path: Path) -> None:
    written: list[str] = []
    file = tmp_path / "state" / "copied.txt"
    said = await Clipboard(XTERM, file).copy("the ARN", ARN, written.append)
    assert said == f"Copied the ARN to the clipboard by OSC 52 and to {file}."
    assert written == [BARE]
    assert file.read_text() == ARN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_without_osc_52_there_is_the_file(tmp_path: Path) -> None:
    written: list[str] = []
    said = await Clipboard({"TERM": "linux"}, tmp_path / "copied.txt").copy("the row", "x", written.append)
    assert said == f"Copied the row to {tmp_path / 'copied.txt'}."
    assert written == []


async def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    file = tmp_path / "file" / "copied.txt"
    written: list[str] = []
    assert await Clipboard(XTERM, file).copy("it", "x", written.append) == "Copied it to the clipboard by OSC 52."
    said = await Clipboard({"TERM": "linux"}, file).copy("it", "x", written.append)
    assert said == f"it is not copied: this terminal takes no OSC 52 and {file} cannot be written."


async def test_tmux_is_given_the_text_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default tmux ignores OSC 52 from inside; its own command is heeded always."""
    tmux = tmp_path / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked; cat > {tmp_path}/given\n')
    tmux.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    said = await Clipboard(XTERM | {"TMUX": "here"}).copy("the ARN", ARN, lambda _: None)
    assert said == "Copied the ARN to the clipboard by the buffer of tmux."
    assert (tmp_path / "given").read_text() == ARN
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    tmux.write_text("#!/bin/sh\nexit 1\n")
    said = await Clipboard(XTERM | {"TMUX": "here"}).copy("the ARN", ARN, lambda _: None)
    assert said == "Copied the ARN to the clipboard by OSC 52 through tmux."
