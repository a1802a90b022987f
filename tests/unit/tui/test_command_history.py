"""What was typed, over restarts."""

from pathlib import Path

import pytest

from smtop.tui.command_history import CommandHistory


def loaded(path: Path | None) -> CommandHistory:
    history = CommandHistory(path)
    history.load()
    return history


def test_lines_outlive_the_run_in_a_file_of_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "state" / "commands"
    first = loaded(path)
    for line in ("sort p99", "pause", "sort p99"):
        first.add(line)
        first.save()
    assert loaded(path).lines == ("pause", "sort p99")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [file.name for file in path.parent.iterdir()] == ["commands"]


def test_two_at_a_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "commands"
    one, other = loaded(path), loaded(path)
    one.add("pause")
    one.save()
    other.add("invert")
    other.save()
    assert loaded(path).lines == ("pause", "invert")


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    history = loaded(tmp_path / "commands")
    for number in range(300):
        history.add(f"ep e{number}")
    history.add("x" * 5000)
    history.save()
    assert loaded(tmp_path / "commands").lines == tuple(f"ep e{number}" for number in range(100, 300))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"ok\n\x1b[31mred\n\xe2\x80\xaeback\n"])
def test_a_file_that_was_tampered_with_does_no_harm(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "commands"
    path.write_bytes(content)
    assert all(line == "ok" for line in loaded(path).lines)


def test_without_a_place_it_lasts_as_long_as_the_run() -> None:
    history = loaded(None)
    history.add("pause")
    history.save()
    assert history.lines == ("pause",)
    assert loaded(None).lines == ()
