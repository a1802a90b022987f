"""`smtop` on a pseudo-terminal of its own, as a login shell would start it."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.cli.command import SMTOP, group_lives
from tests.support.terminal_screen import TerminalScreen

PATIENCE_S = 60.0


@dataclass
class Terminal:
    """The other side of the pseudo-terminal: what was written to it, and what is typed on it."""

    process: "subprocess.Popen[bytes]"
    side: int
    seen: bytearray = field(default_factory=bytearray)

    def type(self, keys: bytes) -> None:
        os.write(self.side, keys)

    def until(self, words: bytes, after: int = 0) -> int:
        """Reads until the words were written after that many bytes; returns how many bytes there are by now."""
        deadline = time.monotonic() + PATIENCE_S
        while words not in self.seen[after:]:
            assert time.monotonic() < deadline, f"{words!r} never came after {bytes(self.seen[after:])[-2000:]!r}"
            self._read()
        return len(self.seen)

    def until_shown(self, *words: str) -> None:
        """Reads until all of these stand on the screen, whichever way they were written; it was never resized."""
        deadline = time.monotonic() + PATIENCE_S
        lines, columns, *_ = struct.unpack("HHHH", fcntl.ioctl(self.side, termios.TIOCGWINSZ, bytes(8)))
        while True:
            screen = TerminalScreen(columns, lines)
            known = len(self.seen)
            screen.feed(self.seen.decode(errors="ignore").encode())
            if all(any(word in line for line in screen.lines) for word in words):
                return
            assert time.monotonic() < deadline, f"{words!r} never stood on\n" + "\n".join(screen.lines)
            while len(self.seen) == known and time.monotonic() < deadline:
                self._read()

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def hang_up(self) -> None:
        """Pulls the plug."""
        os.close(self.side)
        self.side = -1

    def stopped(self) -> bool:
        """Waits until the process has stopped, as a shell does for a job; False if it has ended instead."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                return found.si_code == os.CLD_STOPPED
            self._read()
        raise AssertionError("it did not stop")

    def ended(self) -> int:
        """Waits for the end; the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it goes on"
            self._read()
        while self._read():
            pass
        return self.process.returncode

    def _read(self) -> bool:
        if self.side < 0:
            time.sleep(0.02)
            return False
        ready, _, _ = select.select([self.side], [], [], 0.02)
        with suppress(OSError):  # the other side is closed
            read = os.read(self.side, 65_536) if ready else b""
            self.seen += read
            return bool(read)
        return False


@contextmanager
def on_terminal(
    *arguments: str,
    variables: Mapping[str, str],
    columns: int = 100,
    lines: int = 30,
    nohup: bool = False,
    program: Sequence[str] = (str(SMTOP),),
) -> Iterator[Terminal]:
    """`smtop`, or another program, with these arguments and variables.

    Whatever is left of its process group at the end is killed.
    """
    side, theirs = pty.openpty()

    def take_over() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        if nohup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with subprocess.Popen(
        [*program, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=dict(variables),
        start_new_session=True,
        preexec_fn=take_over,  # noqa: PLW1509 - only this makes it the controlling terminal
    ) as process:
        os.close(theirs)
        terminal = Terminal(process, side)
        try:
            yield terminal
        finally:
            if group_lives(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
            if terminal.side >= 0:
                os.close(terminal.side)
