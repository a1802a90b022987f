"""Distributions of the project, built once, and throw-away environments to install them into. No network is used."""

import os
import shutil
import site
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.simulated_aws import PROJECT

LEFT_BEHIND = (".git", ".venv", "__pycache__", ".*_cache", "dist", "build")


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """What a command prints; fails the test, with all that was said, where the command fails."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | dict(env or {})
    done = subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} exited with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Environment:
    """A virtual environment that finds our dependencies where this interpreter has them. smtop must be installed."""

    folder: Path

    def install(self, *what: str | Path) -> None:
        """Installs without dependencies and without network. The smtop beside the dependencies stays out of it."""
        offline = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed", "--quiet")
        run(sys.executable, "-m", "pip", "--python", self.folder / "bin/python", "install", *offline, *what)

    def python(self, code: str) -> str:
        """What the code prints."""
        return run(self.folder / "bin/python", "-c", code, cwd=self.folder, env=self._home()).strip()

    def smtop(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Standard output of the installed command."""
        return run(self.folder / "bin/smtop", *arguments, cwd=self.folder, env=self._home() | dict(env or {}))

    def _home(self) -> dict[str, str]:
        """Variables that keep the user's configuration, state and cache out of it."""
        folders = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
        return {name: str(self.folder / name) for name in folders}


@dataclass(frozen=True)
class Distributions:
    """One build of the project: `wheel` was built from the sdist, `direct` straight from the tree of `project`."""

    project: Path
    sdist: Path
    wheel: Path
    direct: Path


def copy_of_the_project(to: Path) -> Path:
    return shutil.copytree(PROJECT, to, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    folder = tmp_path_factory.mktemp("distributions")
    project = copy_of_the_project(folder / "project")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    run(*build, folder / "dist", project)
    run(*build, folder / "direct", "--wheel", project)
    (sdist,), (wheel,) = (folder / "dist").glob("*.tar.gz"), (folder / "dist").glob("*.whl")
    (direct,) = (folder / "direct").glob("*.whl")
    return Distributions(project, sdist, wheel, direct)


def make_environment(folder: Path) -> Environment:
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return Environment(folder)


@pytest.fixture(scope="session")
def installed(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """smtop as a user has it: installed from the wheel."""
    environment = make_environment(tmp_path_factory.mktemp("installed") / "environment")
    environment.install(distributions.wheel)
    return environment
