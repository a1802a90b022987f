"""What is loaded when: the screen paints before anything heavy is imported, and the engine needs no terminal."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.simulated_aws import PROJECT
from tests.support.terminal import on_terminal

SDK = ("aioboto3", "aiobotocore", "boto3", "botocore", "aiohttp")
HEAVY = ("numpy", "orjson", "pandas", "pydantic", "plotext", *SDK)
SCREEN = ("textual", "rich", "pandas", "plotext", "pydantic")

OURS_AT_FIRST = {
    *("smtop", "smtop.metrics", "smtop.metrics.analysis", "smtop.metrics.domain"),
    *("smtop.tui", "smtop.tui.cli", "smtop.tui.screens", "smtop.tui.view_models", "smtop.tui.widgets"),
    # the way to the screen, and what was remembered
    *(
        "smtop.tui.__main__",
        "smtop.tui.cli.main",
        "smtop.tui.cli.exits",
        "smtop.tui.cli.common",
        "smtop.tui.cli.screen",
    ),
    *("smtop.metrics.config", "smtop.metrics.errors", "smtop.metrics.files", "smtop.metrics.clock"),
    *("smtop.metrics.courtesy", "smtop.metrics.cache", "smtop.metrics.analysis.remembered"),
    *("smtop.tui.state_file", "smtop.tui.preferences", "smtop.tui.command_history", "smtop.tui.clipboard"),
    # the fleet
    *("smtop.metrics.domain.endpoint", "smtop.metrics.domain.finding", "smtop.metrics.domain.series"),
    "smtop.metrics.domain.snapshot",
    # what is drawn
    *("smtop.tui.view_models.cells", "smtop.tui.view_models.columns", "smtop.tui.view_models.fleet"),
    *("smtop.tui.view_models.fmt", "smtop.tui.view_models.grid", "smtop.tui.view_models.header"),
    *("smtop.tui.view_models.inspector", "smtop.tui.view_models.keys", "smtop.tui.view_models.kind_columns"),
    *("smtop.tui.view_models.layout", "smtop.tui.view_models.view_bar"),
    *("smtop.tui.view_models.palette", "smtop.tui.view_models.problems", "smtop.tui.view_models.saturation"),
    *("smtop.tui.view_models.views", "smtop.tui.view_models.why", "smtop.tui.view_state"),
    *("smtop.tui.view_models.speaking", "smtop.tui.view_models.blame", "smtop.tui.view_models.finding"),
    "smtop.tui.view_models.parts",
    # who draws it
    *("smtop.tui.app", "smtop.tui.changing_app", "smtop.tui.driver", "smtop.tui.garbage", "smtop.tui.messages"),
    *("smtop.tui.follower", "smtop.tui.keeper", "smtop.tui.page_reader", "smtop.tui.teller"),
    *(
        "smtop.tui.keymap",
        "smtop.tui.keymap.acting",
        "smtop.tui.keymap.action",
        "smtop.tui.keymap.anywhere",
        "smtop.tui.keymap.endpoint",
    ),
    *("smtop.tui.keymap.fleet", "smtop.tui.keymap.text", "smtop.tui.keymap.verdict"),
    "smtop.tui.keymap.words",
    *("smtop.tui.terminal", "smtop.tui.terminal_app"),
    *(
        "smtop.tui.screens.acting",
        "smtop.tui.screens.bindings",
        "smtop.tui.screens.fleet",
        "smtop.tui.screens.fleet_actions",
    ),
    *("smtop.tui.screens.inspector", "smtop.tui.screens.surroundings"),
    *("smtop.tui.widgets.canvas", "smtop.tui.widgets.fleet_table", "smtop.tui.widgets.frame"),
    *("smtop.tui.widgets.lines", "smtop.tui.widgets.shift", "smtop.tui.widgets.style", "smtop.tui.widgets.theme"),
    "smtop.tui.widgets.whole_lines",
}
"""All that may be loaded before the first picture. Each module costs it half a millisecond or more."""

OF_KEYS = (
    *("copying", "desk", "dossiers", "exporter", "guide", "muter", "porter", "text_pages"),
    *("screens.columns", "screens.endpoint", "view_models.exports", "view_models.filter", "widgets.filter_bar"),
)
"""What keys import where they need it, below `smtop.tui`."""

FIRST_PICTURE = """
import json, os, sys, time

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "smtop.tui.later":
            with open(os.environ["LOADED"], "w") as file:
                json.dump(sorted(sys.modules), file)
            os.write(1, b"what comes later")
            time.sleep(60)

sys.meta_path.insert(0, Watch())
from smtop.tui.__main__ import main
main()
"""
"""`smtop` that stops when it begins to import what comes later."""

LOADED = b"what comes later"

REMEMBER = """
from smtop.metrics.cache import InventoryCache
from smtop.metrics.config import load_settings
from tests.support.fleet import IDENTITY, NOW_S, endpoint

InventoryCache(load_settings()).save(IDENTITY, [endpoint("fraud-scorer").endpoint], NOW_S)
"""


def modules_after(code: str) -> set[str]:
    """What a fresh interpreter has loaded after `code`, which prints sys.modules as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(PROJECT / ".dev")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def modules_after_import(module: str) -> set[str]:
    return modules_after(f"import {module}, json, sys; print(json.dumps(sorted(sys.modules)))")


@pytest.mark.parametrize("module", ["smtop.tui.__main__", "smtop.tui.cli.main", "smtop.tui.app"])
def test_the_way_to_the_screen_is_light(module: str) -> None:
    assert not modules_after_import(module) & set(HEAVY)


def test_the_command_line_waits_with_textual_until_the_screen_is_asked_for() -> None:
    assert "textual" not in modules_after_import("smtop.tui.__main__")


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What `smtop` has loaded when its first picture stands, which is one of the fleet that it remembers."""
    folder = tmp_path_factory.mktemp("home")
    homes = {f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
    own = homes | {"PYTHONPATH": str(PROJECT / ".dev"), "TERM": "xterm-256color", "AWS_REGION": "us-east-1"}
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | own
    subprocess.run([sys.executable, "-c", REMEMBER], env=variables, check=True)
    loaded = folder / "loaded.json"
    said = variables | {"LOADED": str(loaded)}
    with on_terminal(variables=said, program=(sys.executable, "-c", FIRST_PICTURE)) as terminal:
        terminal.until(LOADED)
        terminal.until(b"fraud-scorer")
    return set(json.loads(loaded.read_text()))


def test_before_the_first_picture_only_what_it_needs_is_loaded(painted: set[str]) -> None:
    assert {name for name in painted if name.partition(".")[0] == "smtop"} == OURS_AT_FIRST


def test_before_the_first_picture_nothing_else_is_loaded_than_a_bare_textual_app_does(painted: set[str]) -> None:
    bare = foreign(modules_after("import json, sys, textual.app, textual.widgets; print(json.dumps([*sys.modules]))"))
    assert foreign(painted) - {"smtop"} <= bare


def test_what_comes_later_is_all_there_when_it_was_imported() -> None:
    later = modules_after_import("smtop.tui.later")
    assert not later & set(HEAVY)
    assert {f"smtop.tui.{name}" for name in OF_KEYS} <= later


def foreign(modules: set[str]) -> set[str]:
    """The packages of which none belongs to Python itself."""
    tops = {name.partition(".")[0] for name in modules}
    return {top for top in tops if top not in sys.stdlib_module_names and not top.startswith("_")}


def test_the_engine_needs_no_terminal() -> None:
    loaded = modules_after_import("smtop.metrics.monitor")
    assert {"aioboto3", "numpy"} <= loaded
    assert not loaded & set(SCREEN)


def test_the_simulated_aws_loads_nothing_else_of_smtop() -> None:
    loaded = modules_after_import("smtop.metrics.simulator.__main__")
    ours = {name for name in loaded if name.startswith("smtop.")}
    assert {name for name in ours if not name.startswith("smtop.metrics.simulator")} == {"smtop.metrics"}


SIMULATOR = sorted((PROJECT / "metrics" / "simulator").rglob("*.py"))


@pytest.mark.parametrize("file", SIMULATOR, ids=lambda file: str(file.relative_to(PROJECT / "metrics" / "simulator")))
def test_no_module_of_the_simulated_aws_imports_anything_else_of_smtop(file: Path) -> None:
    ours = [name for name in imported(file) if name.partition(".")[0] == "smtop"]
    assert [name for name in ours if not name.startswith("smtop.metrics.simulator")] == []


def imported(file: Path) -> Iterator[str]:
    """Every module named in an import of a file, functions included; relative imports as they are written."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield node.module or ""
