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

SDK = ("aioboto3", "aiobotocore", "boto3", "botocore", "aiohttp")
HEAVY = ("numpy", "orjson", "pandas", "pydantic", "plotext", *SDK)
LATER = (
    *("smtop.metrics.background", "smtop.metrics.ports", "smtop.metrics.monitor"),
    *("smtop.tui.screens.endpoint", "tomllib"),
)
"""Ours, and light, but the first paint can do without."""
SCREEN = ("textual", "rich", "pandas", "plotext", "pydantic")

FIRST_PAINT = """
import asyncio, json, sys
import smtop.tui.__main__
from smtop.tui.cli import screen
from smtop.tui.app import SmtopApp

async def never():
    await asyncio.Event().wait()

async def paint():
    async with SmtopApp(never).run_test(size=(80, 24)) as pilot:
        await pilot.pause()

asyncio.run(paint())
print(json.dumps(sorted(sys.modules)))
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


def test_what_a_key_opens_waits_until_the_first_paint() -> None:
    loaded = modules_after_import("smtop.tui.app")
    assert not loaded & {"smtop.tui.screens.endpoint", "smtop.tui.view_models.tabs.bar"}


def test_nothing_heavy_is_loaded_before_the_first_paint() -> None:
    loaded = modules_after(FIRST_PAINT)
    assert "textual" in loaded
    assert not loaded & set(HEAVY)
    assert not loaded & set(LATER)


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
