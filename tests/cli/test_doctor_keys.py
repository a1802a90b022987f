"""`smtop doctor --keys`: on a terminal, and without one."""

import os
import pty
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smtop.tui.cli.keys import KeyReader, Pressed, told
from smtop.tui.cli.main import run
from smtop.tui.keymap import ACTIONS
from tests.support.simulated_aws import PROJECT

_MOST_S = 30


def test_bytes_become_the_keys_that_the_screen_would_see() -> None:
    reader = KeyReader()
    assert reader.feed(b"j") == [Pressed(b"j", "j")]
    assert reader.feed(b"\x1b[15~\x04") == [Pressed(b"\x1b[15~", "f5"), Pressed(b"\x04", "ctrl+d")]
    assert reader.feed("é".encode()[:1]) == []
    assert [pressed.sent for pressed in reader.feed("é".encode()[1:])] == ["é".encode()]
    assert reader.feed(b"\x1b[<0;3;4M") == [Pressed(b"\x1b[<0;3;4M", None)]


def test_a_line_tells_bytes_name_and_action() -> None:
    assert told(Pressed(b"\x1b[15~", "f5"), ACTIONS).split() == [
        r"\x1b[15~",
        "f5",
        "refresh",
        "(fleet,",
        "one",
        "endpoint)",
    ]
    assert told(Pressed(b"/", "slash"), ACTIONS).split() == ["/", "/", "filter", "(fleet),", "find", "(text)"]
    assert told(Pressed(b"?", "question_mark"), ACTIONS).split() == ["?", "?", "help"]
    assert told(Pressed(b"X", "X"), ACTIONS).split() == ["X", "X", "-"]
    assert told(Pressed(b"\x1b[<0;3;4M", None), ACTIONS).split()[1:] == ["no", "key"]


@contextmanager
def terminal(*arguments: str) -> Iterator[tuple[int, int]]:
    """smtop on a terminal of its own: its process and the other end of that terminal."""
    process, end = pty.fork()
    if process == 0:
        os.environ["PYTHONPATH"] = str(PROJECT / ".dev")
        os.execv(sys.executable, [sys.executable, "-m", "smtop.tui", *arguments])
    try:
        yield process, end
    finally:
        os.close(end)


def read_until(end: int, text: str) -> str:
    """What the terminal shows, until `text` is there."""
    shown = ""
    while text not in shown:
        assert select.select([end], [], [], _MOST_S)[0], shown
        shown += os.read(end, 4096).decode()
    return shown


def test_on_a_terminal_it_tells_of_keys_until_q_comes_twice(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[keys]\npause = "x"\n')
    with terminal("doctor", "--keys", "--config", str(tmp_path / "config.toml")) as (process, end):
        read_until(end, "\x1b[>25u")
        os.write(end, b"x")
        assert "pause" in read_until(end, "endpoint)")
        os.write(end, b"\x1b")
        assert r"\x1b" in read_until(end, "close (text)")
        os.write(end, b"qq")
        read_until(end, "\x1b[<u")
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def test_without_a_terminal_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--keys"]) == 2
    assert "--keys needs a terminal" in capsys.readouterr().err
    assert run(["doctor", "--keys", "--cost"]) == 2
    assert run(["doctor", "--keys", "--format", "json"]) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('[keys]\npuase = "x"\n', "keys.puase: there is no such action. Nearest: pause."),
        ("[keys]\npause = 3\n", "keys.pause must be a key or a list of keys"),
        ('keys = "x"\n', "keys must be a table"),
    ],
)
def test_a_key_map_that_means_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, sentence: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(content)
    assert run(["--config", str(file)]) == 2
    assert f"smtop: {file}: {sentence}" in capsys.readouterr().err
