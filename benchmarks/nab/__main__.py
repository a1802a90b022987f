"""`python -m benchmarks.nab DIR`: smtop's baseline on a folder of labelled series, by the benchmark's rules.

`windows.json` names the files, each with the first and the last timestamp of every labelled anomaly. One threshold
serves all files. Beside it each file at the threshold that is best on the others, which is what to expect of a new one.
"""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from benchmarks.nab.scoring import Outcome, Series, best_threshold, left_out_thresholds, normalised, outcome
from smtop.metrics.analysis.baseline import Baseline

BAR = 64.0


def main(folder: Path) -> None:
    """Prints the table."""
    began = process_time()
    every = [_series(folder / name, windows) for name, windows in sorted(_windows(folder).items())]
    rows = sum(len(series.scores) for series in every)
    spent_us = (process_time() - began) / rows * 1e6
    last = f"{rows:,} points, {spent_us:.0f} us each with reading the files. The bar is {BAR:.0f}."
    sys.stdout.writelines(f"{line}\n" for line in (*report(every), last))


def report(every: Sequence[Series]) -> Iterator[str]:
    """One line a file and one for all, each at the common threshold and at that of the others."""
    common, others = best_threshold(every), left_out_thresholds(every)
    together = [outcome(series, common) for series in every]
    alone = [outcome(series, others[series.name]) for series in every]
    yield f"{'':44}{'one threshold for all':>29}    {'threshold of the others':>29}"
    yield f"{'file':36}{'windows':>8}{'found':>9}{'false':>10}{'score':>10}{'found':>13}{'false':>10}{'score':>10}"
    for series, first, second in zip(every, together, alone, strict=True):
        yield f"{series.name[:36]:36}{first.windows:8}{_cells(first)}    {_cells(second)}"
    total = f"{normalised(together):.1f} at {common:.4f}"
    yield f"{'normalised':36}{sum(each.windows for each in together):8}{total:>29}{normalised(alone):33.1f}"


def _cells(found: Outcome) -> str:
    return f"{found.detected:9}{found.false_detections:10}{found.raw:10.2f}"


def _windows(folder: Path) -> dict[str, list[tuple[str, str]]]:
    document: dict[str, list[tuple[str, str]]] = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    return document


def _series(path: Path, windows: Sequence[tuple[str, str]]) -> Series:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(_epoch_s(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    learned, places = Baseline(), [at for at, _ in rows]
    scores = [learned.update(at, value).score for at, value in rows]
    return Series(
        path.name, scores, [(places.index(_epoch_s(first)), places.index(_epoch_s(last))) for first, last in windows]
    )


def _epoch_s(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "windows.json").is_file():
        sys.exit("Name a folder with windows.json and the series in it: make nab NAB=DIR")
    main(Path(sys.argv[1]))
