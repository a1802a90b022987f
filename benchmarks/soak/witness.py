"""Whatever breaks or is left behind: exceptions nobody caught, tasks, threads, files, sockets, memory."""

import asyncio
import gc
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_MB: Final = 1e6
_DESCRIPTORS: Final = Path("/proc/self/fd")


class Witness(logging.Handler):
    """Keeps a sentence for everything that nobody should have seen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """What the SDK's libraries warn of is part of the weather; errors, and all of asyncio's words, are not."""
        if record.levelno >= logging.ERROR or record.name in ("asyncio", "py.warnings"):
            self.seen.append(f"log {record.name}: {record.getMessage()}")

    def of_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.seen.append(f"loop: {context.get('message')} {context.get('exception')!r}")

    def of_thread(self, arguments: Any) -> None:
        self.seen.append(f"thread {arguments.thread}: {arguments.exc_value!r}")

    def of_nobody(self, unraisable: Any) -> None:
        self.seen.append(f"unraisable: {unraisable.exc_value!r} in {unraisable.object!r}")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hears of threads, of what cannot be raised, of warnings and of the log until the block ends."""
        before = threading.excepthook, sys.unraisablehook
        threading.excepthook, sys.unraisablehook = self.of_thread, self.of_nobody
        logging.getLogger().addHandler(self)
        logging.captureWarnings(True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always", ResourceWarning)
                warnings.simplefilter("always", RuntimeWarning)
                yield
                gc.collect()
        finally:
            logging.captureWarnings(False)
            logging.getLogger().removeHandler(self)
            threading.excepthook, sys.unraisablehook = before


@dataclass(frozen=True)
class Belongings:
    """Threads and open descriptors of this process."""

    threads: frozenset[str] = frozenset()
    descriptors: tuple[str, ...] = ()

    def beyond(self, before: "Belongings") -> list[str]:
        """Sentences about what is there that was not there before."""
        left = list(self.descriptors)
        for one in before.descriptors:
            if one in left:
                left.remove(one)
        threads = [f"thread {name} is left" for name in sorted(self.threads - before.threads)]
        return [*threads, *(f"descriptor {one} is left" for one in left)]


def belongings() -> Belongings:
    """What this process has now. A descriptor is told by what it is open on; a socket or pipe by its kind alone."""
    gc.collect()
    names = []
    for path in _DESCRIPTORS.iterdir():
        try:
            target = str(path.readlink())
        except OSError:  # that of this very reading
            continue
        names.append(target.split(":[", maxsplit=1)[0])
    folder = [name for name in names if not name.startswith("/proc/")]
    return Belongings(frozenset(thread.name for thread in threading.enumerate()), tuple(sorted(folder)))


def tasks_left() -> list[str]:
    """The tasks of the running loop, but for the one that asks."""
    own = asyncio.current_task()
    return [f"task {task.get_coro()!r} is left" for task in asyncio.all_tasks() if task is not own]


@dataclass
class Memory:
    """Resident memory over time, in MB by real seconds."""

    at_s: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    def sample(self) -> None:
        self.at_s.append(time.monotonic())
        self.mb.append(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / _MB)

    @property
    def lasts_s(self) -> float:
        """From the first sample to the last."""
        return self.at_s[-1] - self.at_s[0] if self.at_s else 0.0

    @property
    def growth_mb(self) -> float:
        """How much was added in the second half, by a straight line through it."""
        return growth(self.at_s, self.mb)


def growth(at_s: Sequence[float], mb: Sequence[float]) -> float:
    """By the least squares over the second half of the samples."""
    later = [place for place, at in enumerate(at_s) if at >= (at_s[0] + at_s[-1]) / 2] if at_s else []
    if len(later) < 3:
        return 0.0
    times = np.array([at_s[place] for place in later])
    slope = np.polyfit(times - times[0], [mb[place] for place in later], 1)[0]
    return float(slope * (times[-1] - times[0]))
