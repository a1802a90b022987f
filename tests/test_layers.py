"""The layers that pyproject.toml declares hold, and imports against them are reported one by one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.simulated_aws import PROJECT

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Plant:
    """An import that does not belong, and the contract that must say so."""

    module: str
    imports: str
    contract: str

    @property
    def file(self) -> str:
        return f"{self.module.removeprefix('smtop.').replace('.', '/')}.py"

    @property
    def complaint(self) -> re.Pattern[str]:
        return re.compile(rf"{re.escape(self.module)} -> {re.escape(self.imports)}\b")


PLANTS = (
    Plant("smtop.metrics.collect.planted", "smtop.metrics.aws.session", "Only the composition root wires AWS"),
    Plant("smtop.metrics.collect.uphill", "smtop.metrics.monitor", "Layers of the engine"),
    Plant("smtop.metrics.analysis.planted", "textual", "The engine and the view models know no terminal"),
    Plant("smtop.metrics.analysis.sideways", "smtop.metrics.store", "Layers of the engine"),
    Plant("smtop.metrics.domain.planted", "numpy", "What the first paint needs stays light"),
    Plant("smtop.metrics.aws.planted", "smtop.tui.messages", "The screen knows the engine"),
    Plant("smtop.metrics.simulator.planted", "smtop.metrics.clock", "Layers of the engine"),
    Plant("smtop.tui.view_models.planted", "rich", "The engine and the view models know no terminal"),
    Plant("smtop.tui.view_models.uphill", "smtop.tui.widgets.lines", "Layers of the screen"),
    Plant("smtop.tui.screens.planted", "botocore", "Only metrics.aws speaks to the AWS SDK"),
    Plant("smtop.tui.screens.blocking", "boto3", "Nothing calls the SDK that blocks"),
    Plant("smtop.tui.cli.planted", "smtop.metrics.simulator.server", "The simulated AWS is a process of its own"),
)
UNPLACED = ("smtop.metrics.unplaced", "smtop.tui.unplaced")


@dataclass(frozen=True)
class Report:
    """What import-linter said: its exit code, KEPT or BROKEN by contract, and every word."""

    code: int
    verdicts: Mapping[str, str]
    words: str


def lint(project: Path) -> Report:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / ".dev"), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    words = COLOURS.sub("", done.stdout + done.stderr)
    return Report(done.returncode, dict(re.findall(r"^(.+) (KEPT|BROKEN)$", words, re.MULTILINE)), words)


def copy_of_the_project(to: Path) -> Path:
    for folder in ("tui", "metrics", ".dev"):
        shutil.copytree(PROJECT / folder, to / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", to)
    return to


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on a copy of the project with every plant in it."""
    project = copy_of_the_project(tmp_path_factory.mktemp("planted"))
    for plant in PLANTS:
        (project / plant.file).write_text(f"import {plant.imports}\n")
    for module in UNPLACED:
        (project / f"{module.removeprefix('smtop.').replace('.', '/')}.py").write_text("")
    return lint(project)


def test_the_project_keeps_its_layers() -> None:
    report = lint(PROJECT)
    assert report.code == 0, report.words
    assert set(report.verdicts.values()) == {"KEPT"}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.module)
def test_an_import_against_the_layers_is_reported(planted: Report, plant: Plant) -> None:
    broken = [name for name, verdict in planted.verdicts.items() if verdict == "BROKEN"]
    assert planted.code != 0
    assert any(name.startswith(plant.contract) for name in broken), planted.words
    assert plant.complaint.search(planted.words), planted.words


@pytest.mark.parametrize("module", UNPLACED)
def test_a_module_in_no_layer_is_reported(planted: Report, module: str) -> None:
    assert re.search(rf"^- {re.escape(module)}$", planted.words, re.MULTILINE), planted.words


def test_a_cycle_between_siblings_is_reported(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    (project / "tui/widgets/one.py").write_text("import smtop.tui.widgets.two\n")
    (project / "tui/widgets/two.py").write_text("import smtop.tui.widgets.one\n")
    report = lint(project)
    assert report.verdicts["No cycles between siblings"] == "BROKEN", report.words
