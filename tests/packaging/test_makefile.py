"""`make` on a machine that lacks something says what to do about it, and sets up again only when it has to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.simulated_aws import PROJECT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

GOOD, BAD = "exit 0", "exit 1"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def interpreter(folder: Path, *, version: str = GOOD, modules: str = GOOD) -> Path:
    """A stand-in for Python that answers make's two questions; `-m venv` makes a venv whose Python does nothing."""
    file = folder / "some-python"
    venv = 'mkdir -p "$3/bin" && printf "#!/bin/sh\\n" > "$3/bin/python" && chmod +x "$3/bin/python"'
    cases = f'case "$*" in *version_info*) {version} ;; *ensurepip*) {modules} ;; "-m venv"*) {venv} ;; esac'
    file.write_text(f"#!/bin/sh\n{cases}\n")
    file.chmod(0o755)
    return file


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=checkout, capture_output=True, text=True, check=False)


def test_without_a_target_it_says_what_there_is(checkout: Path) -> None:
    told = make(checkout).stdout
    named = [line.split()[1] for line in told.splitlines()]
    assert {"demo", "test", "check", "screenshots", "wheel", "clean", "help"} <= set(named)


def test_no_python_at_all(checkout: Path) -> None:
    done = make(checkout, "test", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "apt install python3 python3-venv" in done.stderr


def test_a_python_that_is_too_old(checkout: Path) -> None:
    done = make(checkout, "test", f"PYTHON={interpreter(checkout, version=BAD)}")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr


def test_a_python_without_venv(checkout: Path) -> None:
    done = make(checkout, "test", f"PYTHON={interpreter(checkout, modules=BAD)}")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr


@pytest.mark.parametrize("changed", ["requirements.txt", "requirements-dev.txt", "pyproject.toml"])
def test_it_sets_up_once_and_again_when_what_it_rests_on_changes(checkout: Path, changed: str) -> None:
    python = f"PYTHON={interpreter(checkout)}"
    assert "-m venv" in make(checkout, "test", python).stdout
    assert "-m venv" not in make(checkout, "test", python).stdout
    stamp = (checkout / ".venv" / ".ready").stat().st_mtime_ns
    os.utime(checkout / changed, ns=(stamp + 10**9, stamp + 10**9))
    assert "-m venv" in make(checkout, "test", python).stdout


def test_failing_tests_make_it_fail(checkout: Path) -> None:
    python = f"PYTHON={interpreter(checkout)}"
    assert make(checkout, "test", python).returncode == 0
    (checkout / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 5\n")
    assert make(checkout, "test", python).returncode != 0
