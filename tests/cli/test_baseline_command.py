"""`smtop baseline`: a CSV in, a CSV with as many rows out."""

import csv
import io
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import SMTOP, Done, Shell, count_sentences

DAY = 288


def rows_of(done: Done) -> list[dict[str, str]]:
    assert done.code == 0 and done.err == ""
    return list(csv.DictReader(io.StringIO(done.out)))


def written(folder: Path, text: str) -> str:
    file = folder / "series.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


def series(values: list[str], start: int = 1_700_006_400) -> str:
    return "timestamp,value\n" + "".join(f"{start + 300 * place},{value}\n" for place, value in enumerate(values))


def test_a_row_for_every_row_with_a_spike_that_stands_out(nowhere: Shell, tmp_path: Path) -> None:
    values = [str(100 + place % 7) for place in range(5 * DAY)]
    values[1400] = "5000.50"
    rows = rows_of(nowhere.smtop("baseline", written(tmp_path, series(values))))
    assert [row["value"] for row in rows] == values
    scores = [float(row["score"]) for row in rows]
    assert max(scores) == scores[1400] > 0.9
    assert not any(scores[: DAY + 100])
    assert float(rows[1400]["expected"]) == pytest.approx(103, abs=1)
    assert rows[0]["expected"] == ""


def test_a_row_depends_on_no_later_one(nowhere: Shell, tmp_path: Path) -> None:
    values = [str(place * 37 % 101) for place in range(400)]
    whole = nowhere.smtop("baseline", written(tmp_path, series(values))).out
    part = nowhere.smtop("baseline", written(tmp_path, series(values[:300]))).out
    assert whole.startswith(part)


def test_timestamps_come_out_as_they_went_in(nowhere: Shell, tmp_path: Path) -> None:
    stamps = ["2014-04-10 00:04:00", "2014-04-10T02:09:00+02:00", "2014-04-10T00:14:00Z", "1397089140", "1397089440.5"]
    text = "value,timestamp,host\n" + "".join(f"{place}.0,{stamp},a\n" for place, stamp in enumerate(stamps))
    assert [row["timestamp"] for row in rows_of(nowhere.smtop("baseline", written(tmp_path, text)))] == stamps


def test_rows_without_titles_are_timestamp_and_value(nowhere: Shell, tmp_path: Path) -> None:
    rows = rows_of(nowhere.smtop("baseline", written(tmp_path, "1700006400,1\n1700006700,2\n")))
    assert [row["value"] for row in rows] == ["1", "2"]


def test_a_row_without_a_value_is_a_gap(nowhere: Shell, tmp_path: Path) -> None:
    values = [str(place % 5) for place in range(300)]
    values[200:202] = ["", "NaN"]
    rows = rows_of(nowhere.smtop("baseline", written(tmp_path, series(values))))
    assert [(row["value"], row["expected"], row["score"]) for row in rows[200:202]] == [("", "", ""), ("NaN", "", "")]
    assert rows[202]["expected"] != ""


def test_time_may_stand_still_or_go_back(nowhere: Shell, tmp_path: Path) -> None:
    text = "timestamp,value\n1700006400,1\n1700006400,2\n1700002800,3\n1700006700,4\n"
    assert len(rows_of(nowhere.smtop("baseline", written(tmp_path, text)))) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("timestamp,value\n1700006400,1\nyesterday,2\n", "Line 3 of"),
        ("timestamp,value\n1700006400,much\n", "Line 2 of"),
        ("timestamp,value\n1700006400\n", "Line 2 of"),
        ("timestamp,value\n1700006400,inf\n", "Line 2 of"),
    ],
)
def test_what_cannot_be_read_exits_with_2_and_a_sentence(nowhere: Shell, tmp_path: Path, text: str, words: str) -> None:
    done = nowhere.smtop("baseline", written(tmp_path, text))
    assert (done.code, done.out) == (2, "")
    (sentence,) = done.sentences
    assert words in sentence and count_sentences(sentence) == 1


def test_a_file_that_is_not_there_exits_with_2(nowhere: Shell, tmp_path: Path) -> None:
    done = nowhere.smtop("baseline", str(tmp_path / "none.csv"))
    assert (done.code, done.out) == (2, "")
    assert "none.csv cannot be read: No such file" in done.sentences[0]


def test_standard_input_is_read_for_a_dash(nowhere: Shell) -> None:
    done = subprocess.run(
        [SMTOP, "baseline", "-"],
        input="timestamp,value\n2014-04-10 00:04:00,94.0\n",
        env=nowhere.variables({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "timestamp,value,expected,score\n2014-04-10 00:04:00,94.0,,0.000000\n"
