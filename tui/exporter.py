"""Writes what is in front into a file of the folder for state."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from textual.app import App

from smtop.metrics.clock import Clock
from smtop.metrics.files import replace_file
from smtop.tui.messages import ExportWanted

SUFFIXES: Mapping[str, str] = {"csv": "csv", "json": "json", "markdown": "md", "svg": "svg"}
"""The ending of a file by its form."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_FROM_THE_NETWORK = re.compile(r"@font-face\s*\{.*?\}\s*|<!--.*?-->\s*", re.DOTALL)
_FONT, _FONTS_AT_HAND = "Fira Code", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono'"


def offline(svg: str) -> str:
    """Textual's picture without its references to the network, which are a font and a comment."""
    return _FROM_THE_NETWORK.sub("", svg).replace(_FONT, _FONTS_AT_HAND)


class Exporter:
    """`folder` is where files go, None for nowhere; `say` tells the operator what came of it."""

    def __init__(self, app: App[None], folder: Path | None, clock: Clock, say: Callable[[str], None]) -> None:
        self._app = app
        self._folder = folder
        self._clock = clock
        self._say = say

    def export(self, wanted: ExportWanted) -> None:
        """Writes a text, or takes a picture once the line in which it was ordered has gone."""
        if wanted.form == "svg":
            self._app.call_after_refresh(self._picture, wanted)
        else:
            self._keep(wanted, wanted.text)

    def _picture(self, wanted: ExportWanted) -> None:
        self._keep(wanted, offline(self._app.export_screenshot(title="smtop", simplify=True)))

    def _keep(self, wanted: ExportWanted, text: str) -> None:
        self._app.run_worker(self._write(wanted, text), exit_on_error=False, group="export", description="export")

    async def _write(self, wanted: ExportWanted, text: str) -> None:
        if self._folder is None:
            self._say("Nothing is exported: there is no folder for state.")
            return
        try:
            path = await asyncio.to_thread(self._written, self._folder, wanted, text)
        except OSError as error:
            self._say(f"Nothing is exported: {error.strerror}: {self._folder}.")
        else:
            self._say(f"Exported to {path}.")

    def _written(self, folder: Path, wanted: ExportWanted, text: str) -> Path:
        now = datetime.fromtimestamp(self._clock.wall(), UTC)
        stem = f"{_UNSAFE.sub('_', wanted.name)}-{now:%Y%m%dT%H%M%SZ}"
        names = (f"{stem}{f'-{number}' if number > 1 else ''}.{SUFFIXES[wanted.form]}" for number in count(1))
        path = next(folder / name for name in names if not (folder / name).exists())
        replace_file(path, text)
        return path
