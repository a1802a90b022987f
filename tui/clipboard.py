"""Copying over SSH: the terminal itself is asked (OSC 52), through tmux or screen; a file is there for the others.

No terminal says whether it has obeyed, so the file is always written, and the operator is told of both.
"""

import asyncio
import base64
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from smtop.metrics.files import replace_file

LONGEST_BYTES = 74_994
"""100,000 bytes in base64 are the most that common terminals take."""

_SCREEN_CHUNK = 240
"""GNU screen cuts longer strings off."""

_WITHOUT = ("dumb", "linux", "vt")
_TMUX_PATIENCE_S = 2.0


def way(environment: Mapping[str, str]) -> str:
    """What stands between us and the terminal: `tmux`, `screen`, `direct`, or `none` where OSC 52 is not understood.

    Over SSH only TERM tells of a tmux or screen on the other side.
    """
    term = environment.get("TERM", "")
    if environment.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    if environment.get("STY") or term.startswith("screen"):
        return "screen"
    return "none" if not term or term.startswith(_WITHOUT) else "direct"


def osc52(text: str, environment: Mapping[str, str]) -> str:
    """What makes the terminal take the text into its clipboard; empty where it would not."""
    raw = text.encode()
    if len(raw) > LONGEST_BYTES:
        return ""
    bare = f"\x1b]52;c;{base64.b64encode(raw).decode()}\a"
    return _WRAPPED[way(environment)](bare)


def _through_tmux(bare: str) -> str:
    """Once for a tmux that listens itself (set-clipboard on), once for one that passes on (allow-passthrough on)."""
    doubled = bare.replace("\x1b", "\x1b\x1b")
    return f"{bare}\x1bPtmux;{doubled}\x1b\\"


def _through_screen(bare: str) -> str:
    chunks = (bare[first : first + _SCREEN_CHUNK] for first in range(0, len(bare), _SCREEN_CHUNK))
    return "".join(f"\x1bP{chunk}\x1b\\" for chunk in chunks)


_WRAPPED: Mapping[str, Callable[[str], str]] = {
    "direct": lambda bare: bare,
    "tmux": _through_tmux,
    "screen": _through_screen,
    "none": lambda _: "",
}
_WORDS = {"direct": "OSC 52", "tmux": "OSC 52 through tmux", "screen": "OSC 52 through screen"}


class Clipboard:
    """Copies by every way there is. `file` is where the newest copy is kept, None for nowhere."""

    def __init__(self, environment: Mapping[str, str], file: Path | None = None) -> None:
        self._environment = environment
        self._file = file

    def notification(self, text: str) -> str:
        """What has the terminal tell its user something, by OSC 9; empty where it would not be understood."""
        return _WRAPPED[way(self._environment)](f"\x1b]9;{text}\a")

    def sequence(self, text: str) -> str:
        """What is to be written to the terminal."""
        return osc52(text, self._environment)

    async def copy(self, what: str, text: str, write: Callable[[str], None]) -> str:
        """Copies `text`, which is `what`; returns the sentence that says which way it went."""
        sequence = self.sequence(text)
        if sequence:
            write(sequence)
        ways = [_WORDS[way(self._environment)]] if sequence else []
        if self._environment.get("TMUX") and await _into_tmux(text):
            ways = ["the buffer of tmux"]
        return self._told(what, ways, kept=await asyncio.to_thread(self._keep, text))

    def _keep(self, text: str) -> bool:
        if self._file is None:
            return False
        try:
            replace_file(self._file, text)
        except OSError:
            return False
        return True

    def _told(self, what: str, ways: list[str], *, kept: bool) -> str:
        if not ways and not kept:
            place = f" and {self._file} cannot be written" if self._file else ""
            return f"{what} is not copied: this terminal takes no OSC 52{place}."
        places = [f"to the clipboard by {one}" for one in ways] + ([f"to {self._file}"] if kept else [])
        return f"Copied {what} {' and '.join(places)}."


async def _into_tmux(text: str) -> bool:
    """Gives the text to tmux, which by default ignores OSC 52 from inside and yet sends its own to the terminal."""
    with suppress(OSError, TimeoutError):
        tmux = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await asyncio.wait_for(tmux.communicate(text.encode()), _TMUX_PATIENCE_S)
        return tmux.returncode == 0
    return False
