"""The commands that were typed, kept over restarts: one a line, the newest last."""

from pathlib import Path

from smtop.metrics.files import replace_file

_MOST = 200
_LONGEST = 300


class CommandHistory:
    """At most 200 lines in a file that only its owner can read. Without a path, or a file, it forgets at the end."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.lines: tuple[str, ...] = ()

    def load(self) -> None:
        """Reads what was typed before; a file that cannot be read is as good as none."""
        self.lines = self._read()

    def add(self, line: str) -> None:
        """Remembers a line, once."""
        self.lines = _bounded((*self.lines, line))

    def save(self) -> None:
        """Writes the file, with what another smtop wrote meanwhile. Raises OSError."""
        if self._path is None:
            return
        lines = _bounded((*self._read(), *self.lines))
        replace_file(self._path, "".join(f"{line}\n" for line in lines))

    def _read(self) -> tuple[str, ...]:
        try:
            text = self._path.read_text(encoding="utf-8") if self._path else ""
        except (OSError, UnicodeDecodeError):
            return ()
        return _bounded(tuple(line for line in text.splitlines() if line.isprintable()))


def _bounded(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The newest of each, in the order in which they were last typed."""
    newest = dict.fromkeys(line for line in reversed(lines) if 0 < len(line) <= _LONGEST)
    return tuple(reversed(list(newest)[:_MOST]))
