"""`smtop baseline`: what was usual for a series, and how strange each of its values was when it came."""

import csv
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from smtop.metrics.errors import ConfigError

_EXAMPLE = """\b
Example: what is worth a look
  smtop baseline latency.csv | awk -F, '$4 >= 0.95'

\b
The last rows of a week in latency.csv, and what comes out for them:
  2026-11-20T10:00:00Z,43.3       2026-11-20T10:00:00Z,43.3,40.95,0.000000
  2026-11-20T10:05:00Z,390        2026-11-20T10:05:00Z,390,40.95,0.999996"""

_MISSING = frozenset({"", "nan", "null", "none", "na"})


class _Row(NamedTuple):
    """A row as it was written, its epoch seconds, and its value; None is a gap."""

    timestamp: str
    text: str
    at: int
    value: float | None


@click.command(epilog=_EXAMPLE)
@click.argument("series", metavar="SERIES.csv", type=click.Path(path_type=Path, allow_dash=True))
def baseline(series: Path) -> None:
    """Prints timestamp,value,expected,score for a CSV with timestamp,value; - reads standard input.

    The score is 0 for what is usual at this hour, 0.9 for what one value in a thousand is like, and near 1 for what
    never was. A row depends on itself and on earlier rows only. Until there are a day and 100 values more it is 0:
    there is no baseline yet. It falls again while the same goes on.

    Timestamps are ISO 8601, without an offset in UTC, or epoch seconds. A row without a value is a gap: nothing is
    expected and nothing scored. A timestamp that is not later than the one before counts as that one.
    """
    from smtop.metrics.analysis.baseline import Baseline

    rows = _rows(_lines(series), "standard input" if str(series) == "-" else str(series))
    learned = Baseline()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("timestamp", "value", "expected", "score"))
    for row in rows:
        if row.value is None:
            out.writerow((row.timestamp, row.text, "", ""))
            continue
        verdict = learned.update(row.at, row.value)
        expected = "" if verdict.expected is None else f"{verdict.expected:.6g}"
        out.writerow((row.timestamp, row.text, expected, f"{verdict.score:.6f}"))


def _lines(series: Path) -> Sequence[str]:
    try:
        text = sys.stdin.read() if str(series) == "-" else series.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{series} is no text in UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{series} cannot be read: {error.strerror}.") from error
    return text.splitlines()


def _rows(lines: Iterable[str], name: str) -> Sequence[_Row]:
    """All rows, so that nothing is printed of a file with a mistake."""
    reader = csv.reader(lines)
    numbered = [(reader.line_num, cells) for cells in reader if cells]
    if not numbered:
        raise ConfigError(f"{name} is empty: it should have rows like timestamp,value.")
    titles = [title.strip().lower() for title in numbered[0][1]]
    has_titles = {"timestamp", "value"} <= set(titles)
    columns = (titles.index("timestamp"), titles.index("value")) if has_titles else (0, 1)
    return list(_read(numbered[has_titles:], columns, name))


def _read(numbered: Iterable[tuple[int, Sequence[str]]], columns: tuple[int, int], name: str) -> Iterator[_Row]:
    for line, cells in numbered:
        try:
            timestamp, text = (cells[column].strip() for column in columns)
            yield _Row(timestamp, text, _epoch_s(timestamp), _value(text))
        except (ValueError, IndexError, OverflowError) as error:
            raise ConfigError(f"Line {line} of {name} is not timestamp,value: {','.join(cells)[:80]}.") from error


def _epoch_s(text: str) -> int:
    try:
        return int(float(text))
    except ValueError:
        found = datetime.fromisoformat(text)
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _value(text: str) -> float | None:
    """None where there is none. Raises ValueError for what is no finite number."""
    if text.lower() in _MISSING:
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
