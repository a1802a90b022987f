"""What users get: the contents of wheel and sdist, and an installed smtop that works."""

import json
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from tests.packaging.conftest import Distributions, Environment, copy_of_the_project, make_environment
from tests.support.simulated_aws import PROJECT, start_simulated_aws

KINDS = {".json", ".py", ".tcss", ".typed"}
STYLESHEET = "smtop/tui/styles/app.tcss"
TABLES = ("smtop/metrics/data/instance_types.json", "smtop/metrics/data/prices.json")


def version() -> str:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def sources(project: Path) -> set[str]:
    """Every file of ours that a wheel must hold, by its name there."""
    files = (file for half in ("tui", "metrics") for file in (project / half).rglob("*") if file.is_file())
    return {f"smtop/{file.relative_to(project)}" for file in files if file.suffix in KINDS}


def contents(wheel: Path) -> dict[str, bytes]:
    """Files of a wheel by name, without RECORD, which only repeats them."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def test_the_wheel_holds_both_halves_under_smtop_and_nothing_else(distributions: Distributions) -> None:
    names = set(contents(distributions.wheel))
    information = {name for name in names if name.startswith(f"smtop-{version()}.dist-info/")}
    assert names - information == sources(distributions.project)


@pytest.mark.parametrize(
    "name", ["smtop/tui/py.typed", "smtop/metrics/py.typed", STYLESHEET, *TABLES, "smtop/tui/__main__.py"]
)
def test_the_wheel_holds(distributions: Distributions, name: str) -> None:
    assert name in contents(distributions.wheel)


def test_the_wheel_names_its_command_and_its_licence(distributions: Distributions) -> None:
    files = contents(distributions.wheel)
    information = f"smtop-{version()}.dist-info"
    assert "smtop = smtop.tui.__main__:main" in files[f"{information}/entry_points.txt"].decode()
    assert files[f"{information}/licenses/LICENSE"] == (PROJECT / "LICENSE").read_bytes()
    metadata = Parser().parsestr(files[f"{information}/METADATA"].decode())
    assert (metadata["Requires-Python"], metadata["License-Expression"]) == (">=3.11", "MIT")


def test_a_wheel_from_the_sdist_equals_one_from_the_tree(distributions: Distributions) -> None:
    assert contents(distributions.wheel) == contents(distributions.direct)


def test_the_sdist_holds_what_a_build_needs_and_no_more(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    documents = {"README.md", "CHANGELOG.md", "LICENSE"}
    assert tops == {"tui", "metrics", "pyproject.toml", "PKG-INFO", ".gitignore"} | documents


def test_the_installed_command_knows_its_version(installed: Environment) -> None:
    assert installed.smtop("--version") == f"smtop, version {version()}\n"
    home = Path(installed.python("import smtop.tui; print(smtop.tui.__file__)"))
    assert home.is_relative_to(installed.folder)


def test_an_installed_smtop_has_its_prices(installed: Environment) -> None:
    told = "from smtop.metrics.domain.prices import Prices; print(Prices.load().instance_usd_per_hour(*{!r}))"
    assert installed.python(told.format(("ml.m5.xlarge", "us-east-1"))) == "0.23"


def test_an_installed_smtop_reads_a_fleet(installed: Environment) -> None:
    with start_simulated_aws("--endpoints", "3") as aws:
        told = installed.smtop("snapshot", "--format", "json", env=aws.environment)
    assert len(json.loads(told)["endpoints"]) == 3


PAINT = """
import asyncio
from smtop.tui.app import SmtopApp

async def never():
    await asyncio.Event().wait()

async def paint():
    app = SmtopApp(never)
    async with app.run_test(size=(80, 24)):
        print(*app.css_path)

asyncio.run(paint())
"""


def test_an_installed_smtop_paints_with_its_own_stylesheet(installed: Environment) -> None:
    stylesheet = Path(installed.python(PAINT))
    assert stylesheet.is_relative_to(installed.folder)
    assert str(stylesheet).endswith(STYLESHEET)


def test_an_editable_installation_sees_edits_and_new_files(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path / "project")
    environment = make_environment(tmp_path / "environment")
    environment.install("--editable", project)
    assert environment.smtop("--version") == f"smtop, version {version()}\n"
    with (project / "tui" / "keymap" / "__init__.py").open("a") as file:
        file.write("\nEDITED = 'edited'\n")
    (project / "metrics" / "added.py").write_text("ADDED = 'added'\n")
    seen = environment.python(
        "from smtop.tui.keymap import EDITED; from smtop.metrics.added import ADDED; print(EDITED, ADDED)"
    )
    assert seen == "edited added"


@pytest.mark.parametrize("half", ["tui", "metrics"])
def test_the_links_of_the_checkout_lead_to_its_halves(half: str) -> None:
    link = PROJECT / ".dev" / "smtop" / half
    assert link.is_symlink(), f"{link} is no link: the checkout or copy lost it, and `import smtop.{half}` fails"
    assert not link.readlink().is_absolute()
    assert link.resolve() == PROJECT / half
