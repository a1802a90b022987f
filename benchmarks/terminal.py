"""A terminal to run programs in: what they write, byte by byte, and how soon after a key."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

PATIENCE_S = 60.0
_SYNC_QUERY, _SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_PROJECT = Path(__file__).resolve().parent.parent


def mark(name: str) -> str:
    """What a program writes to say where it is; a terminal shows nothing of it."""
    return f"\x1b]7777;{name}\x07"


_USED, _WAITED = 0, 1
"""What a thread has used of a processor, and how long it waited for one that others had."""

_HARDLY_S = 0.0003


class Answer(NamedTuple):
    """What follows a key: seconds to the first byte, how much of that anybody waited for a processor, all bytes."""

    first_s: float
    waited_s: float
    written: bytes

    @property
    def found_it_free(self) -> bool:
        """Whether no other program stood in the way."""
        return self.waited_s < _HARDLY_S


class Terminal:
    """The other end of a program's terminal, which synchronises its output as modern ones do."""

    def __init__(self, descriptor: int, pid: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self._unread = b""

    def until(self, text: bytes) -> bytes:
        """What is written up to `text`, which is not part of it.

        Raises TimeoutError after a minute without, and EOFError if the program ends before.
        """
        give_up_at = time.monotonic() + PATIENCE_S
        while text not in self._unread:
            if not self._receive(give_up_at - time.monotonic()):
                raise TimeoutError(f"{text!r} was not written; the last was {self._unread[-2000:]!r}")
        before, _, self._unread = self._unread.partition(text)
        return before

    def until_mark(self, name: str) -> bytes:
        return self.until(mark(name).encode())

    def press(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)

    def answer_to(self, keys: bytes, quiet_s: float) -> Answer:
        """Presses keys, and reads until nothing comes for `quiet_s`."""
        self._unread = b""
        waited_s, pressed_at = self._waited_s, time.perf_counter()
        self.press(keys)
        self._receive(PATIENCE_S)
        first_s = time.perf_counter() - pressed_at
        waited_s = self._waited_s - waited_s
        while self._receive(quiet_s):
            pass
        answer, self._unread = Answer(first_s, waited_s, self._unread), b""
        return answer

    def watch(self, seconds: float) -> int:
        """Reads along for so long; gives the number of bytes."""
        self._unread, count, end_at = b"", 0, time.monotonic() + seconds
        while (left_s := end_at - time.monotonic()) > 0:
            self._receive(left_s)
            count, self._unread = count + len(self._unread), b""
        return count

    @property
    def cpu_s(self) -> float:
        """What all threads of the program have used so far."""
        return _of_threads_s(str(self.pid), _USED)

    @property
    def _waited_s(self) -> float:
        """What the program has waited for a processor, and we, who read what it writes."""
        return _of_threads_s(str(self.pid), _WAITED) + _of_threads_s("self", _WAITED)

    def _receive(self, timeout_s: float) -> bool:
        readable, _, _ = select.select([self._descriptor], [], [], max(timeout_s, 0))
        if not readable:
            return False
        try:
            read = os.read(self._descriptor, 1 << 16)
        except OSError:  # nobody has the other end any longer
            raise EOFError(self._unread[-2000:].decode(errors="replace")) from None
        if _SYNC_QUERY in read:
            self.press(_SYNC_ANSWER)
        self._unread += read
        return bool(read)


def _of_threads_s(process: str, column: int) -> float:
    """What Linux tells of a process's threads, to the nanosecond."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[column]) for thread in threads) / 1e9


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """A terminal of true colours, our code, and what is named."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    paths = {"PYTHONPATH": f"{_PROJECT / '.dev'}{os.pathsep}{_PROJECT}"}
    looks = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return kept | paths | looks | dict(variables)


@contextmanager
def terminal(
    arguments: Sequence[str], columns: int = 120, lines: int = 40, variables: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Terminal]:
    """Runs a program of this Python in a terminal, in an environment that says nothing else."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(variables),
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(ours, process.pid)
        finally:
            process.kill()
            os.close(ours)
