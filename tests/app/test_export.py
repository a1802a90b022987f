"""Writing what is in front into a file."""

import csv
import io
import json
import stat
from pathlib import Path

from smtop.metrics.domain.finding import Severity
from smtop.tui.preferences import Preferences
from tests.support.charting import HOURS_3, history, until_drawn
from tests.support.charting import fleet as charted_fleet
from tests.support.fleet import endpoint, snapshot, vitals
from tests.support.stage import Stage, stage

FLEET = snapshot(endpoint("fire", Severity.CRITICAL), endpoint("calm", numbers=vitals(p99=12.0)), endpoint("rest"))


def files(folder: Path) -> set[Path]:
    return set(folder.glob("*"))


async def exported(it: Stage, form: str, folder: Path) -> Path:
    """The file that was written, which is named on the screen."""
    before = files(folder)
    await it.press("x", *form, "enter")
    await it.until(lambda: files(folder) > before)
    [path] = files(folder) - before
    await it.until(lambda: any(path.name in line for line in it.text[-3:]))
    return path


async def test_the_view_in_front_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    async with stage(FLEET, size=(160, 30), preferences=Preferences(exports=tmp_path)) as it:
        await it.press("/", *"!rest", "enter")
        path = await exported(it, "csv", tmp_path)
        assert path.name == "triage-20261120T141130Z.csv"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [row["endpoint"] for row in csv.DictReader(io.StringIO(path.read_text()))] == ["fire", "calm"]
        again = await exported(it, "csv", tmp_path)
        assert again.name == "triage-20261120T141130Z-2.csv"
        told = json.loads((await exported(it, "json", tmp_path)).read_text())
        assert [one["name"] for one in told["endpoints"]] == ["fire", "calm"]
        assert "| critical | fire |" in (await exported(it, "markdown", tmp_path)).read_text()


async def test_a_picture_is_of_the_view_and_not_of_the_line_that_ordered_it(tmp_path: Path) -> None:
    async with stage(FLEET, preferences=Preferences(exports=tmp_path)) as it:
        svg = (await exported(it, "svg", tmp_path)).read_text()
        assert svg.startswith("<svg")
        assert "fire" in svg
        assert ":export" not in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


async def test_the_page_of_an_endpoint_has_its_curves_and_its_texts(tmp_path: Path) -> None:
    own = Preferences(exports=tmp_path)
    async with stage(charted_fleet(), size=(120, 40), preferences=own) as it:
        it.feed.tell_history(history(), HOURS_3)
        await it.press("enter")
        await until_drawn(it)
        curves = await exported(it, "csv", tmp_path)
        assert curves.name.startswith("fraud-metrics-")
        rows = list(csv.DictReader(io.StringIO(curves.read_text())))
        assert {row["curve"] for row in rows} >= {"p99", "p50"}
        await it.press("1")
        overview = (await exported(it, "markdown", tmp_path)).read_text()
        assert overview.startswith("### fraud: Overview\n\n    ")
        assert "arn:aws:sagemaker" in overview
        await it.press("x", *"csv", "enter")
        assert any("This tab is text" in line for line in it.text)


async def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with stage(FLEET, preferences=Preferences(exports=tmp_path / "file")) as it:
        await it.press(":", *"export csv", "enter")
        await it.until(lambda: "Nothing is exported" in it.text[-1])
    async with stage(FLEET) as it:
        await it.press(":", *"export csv", "enter")
        await it.until(lambda: "there is no folder for state" in it.text[-1])
