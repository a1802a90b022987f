"""What was learned of series, on disk, so that the next start need not pay for their history again.

One file for each way of reaching AWS, like the inventory's: compressed lines, each a series and what was learned of it.
Where two smtops write it, the later one wins.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from smtop.metrics.cache import way
from smtop.metrics.config import Settings
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.files import replace_file

SCHEMA = 2
MOST_SERIES = 1000
"""Some 6 kB each in the file, and 20 kB in memory."""
_QUICKLY = 1
MOST_BYTES = 100_000_000
"""A file that says more is not read."""


class Kept(NamedTuple):
    """One series of an endpoint that was created at `created_at`, learned up to the minute before `until` (both epoch
    seconds). `document` is a Baseline's, as JSON text until somebody needs it."""

    created_at: float
    until: int
    document: Mapping[str, Any] | str

    @property
    def learned(self) -> Mapping[str, Any]:
        """The document. Raises ValueError."""
        read: Mapping[str, Any] = json.loads(self.document) if isinstance(self.document, str) else self.document
        return read


class BaselineFile:
    """Not for two threads at the same time."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.directories.cache / f"baselines-{way(settings)}.z"

    def load(self) -> dict[SeriesKey, Kept]:
        """What was saved last; nothing where there is no file that can be read."""
        try:
            lines = _read(self._path).splitlines()
            if int(lines[0]) != SCHEMA:
                return {}
            return dict(_decoded(line) for line in lines[1 : MOST_SERIES + 1])
        except (OSError, ValueError, TypeError, IndexError, zlib.error):
            return {}

    def save(self, learned: Mapping[SeriesKey, Kept]) -> bool:
        """Replaces the file at once; False where nothing can be written."""
        try:
            replace_file(self._path, zlib.compress("\n".join(_lines(learned)).encode(), _QUICKLY))
        except OSError:
            return False
        return True


def _read(path: Path) -> str:
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(path.read_bytes(), MOST_BYTES)
    if not unpacking.eof:
        raise ValueError(f"{path} is longer than it may be, or cut off")
    return text.decode()


def _lines(learned: Mapping[SeriesKey, Kept]) -> Iterator[str]:
    yield str(SCHEMA)
    for key, kept in islice(learned.items(), MOST_SERIES):
        document = kept.document if isinstance(kept.document, str) else json.dumps(kept.document)
        yield f"{json.dumps([*key.metric, key.stat, kept.created_at, kept.until])}\t{document}"


def _decoded(line: str) -> tuple[SeriesKey, Kept]:
    head, _, document = line.partition("\t")
    namespace, name, dimensions, stat, created_at, until = json.loads(head)
    metric = MetricId(namespace, name, tuple((key, value) for key, value in dimensions))
    return SeriesKey(metric, stat), Kept(float(created_at), int(until), document)
