"""What smtop's own code never does, found out by reading it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.simulated_aws import PROJECT

SOURCES = sorted(file for half in ("metrics", "tui") for file in (PROJECT / half).rglob("*.py"))
PRODUCT = [file for file in SOURCES if "simulator" not in file.relative_to(PROJECT).parts]
LISTENING = {"TCPSite", "UnixSite", "create_server", "listen", "start_server", "start_unix_server"}
WRITING = {"write_text", "write_bytes", "NamedTemporaryFile", "mkstemp"}
WRITERS = {"metrics/files.py", "metrics/journal.py"}
"""Who may open a file to write: with mode 0600, in a folder with mode 0700."""
FROM_DATA = {"pickle", "marshal", "shelve", "dill", "yaml", "code", "codeop"}


@cache
def calls(file: Path) -> tuple[tuple[str, ast.Call], ...]:
    """Every call with the last part of its name."""
    found = [node for node in nodes(file) if isinstance(node, ast.Call)]
    return tuple((str(getattr(node.func, "attr", getattr(node.func, "id", ""))), node) for node in found)


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def told(files: list[Path], forbidden: set[str]) -> list[str]:
    return [f"{file.relative_to(PROJECT)}: {name}" for file in files for name, _ in calls(file) if name in forbidden]


def test_there_is_something_to_read() -> None:
    assert len(PRODUCT) > 300
    assert told(SOURCES, LISTENING) == ["metrics/simulator/server.py: TCPSite"]


def test_smtop_itself_listens_nowhere() -> None:
    assert told(PRODUCT, LISTENING) == []


def test_files_are_written_by_those_who_see_to_their_modes() -> None:
    writers = {str(file.relative_to(PROJECT)) for file in PRODUCT if opens_to_write(file)}
    assert writers == WRITERS
    assert told(PRODUCT, WRITING) == []


def opens_to_write(file: Path) -> bool:
    """By a mode with one of w, a, x and +, or by os.open with O_CREAT."""
    for name, call in calls(file):
        if name not in ("open", "fdopen"):
            continue
        words = {
            part.value for part in ast.walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str)
        }
        modes = [word for word in words if word and set(word) <= set("rwabxt+") and set(word) & set("wax+")]
        flags = {part.attr for part in ast.walk(call) if isinstance(part, ast.Attribute)}
        if modes or "O_CREAT" in flags:
            return True
    return False


@pytest.mark.parametrize("half", ["metrics", "tui"])
def test_no_text_becomes_code_or_an_object(half: str) -> None:
    files = [file for file in SOURCES if file.relative_to(PROJECT).parts[0] == half]
    assert told(files, {"eval", "exec", "compile_command"}) == []
    assert [file for file in files for name in imported(file) if name in FROM_DATA] == []


def imported(file: Path) -> Iterator[str]:
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_processes_are_started_by_words_and_never_by_a_shell() -> None:
    assert told(SOURCES, {"system", "popen", "getoutput", "create_subprocess_shell"}) == []
    shells = [file for file in SOURCES for _, call in calls(file) if any(word.arg == "shell" for word in call.keywords)]
    assert shells == []
