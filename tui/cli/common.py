"""What was said to every command alike, and the settings that it makes; without click, so that the screen may start."""

import os
from pathlib import Path
from typing import NamedTuple

from smtop.metrics.config import Directories, Settings, beginning_with, load_settings
from smtop.metrics.errors import ConfigError

_ONE_PLACE = "This command works in one account and region: name one with --profile and --region."


class Common(NamedTuple):
    """What was said before or after the command's name; what stands behind it wins."""

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    config: Path | None = None
    max_usd_per_hour: float | None = None
    sweep: bool = False
    no_mouse: bool = False
    no_color: bool = False
    ascii_only: bool = False
    debug: bool = False
    view: str | None = None

    def over(self, earlier: "Common") -> "Common":
        """These options, completed by what was said earlier."""
        return Common(**{name: value or getattr(earlier, name) for name, value in self._asdict().items()})

    def settings(self, directories: Directories | None = None, *, spanning: bool = False) -> Settings:
        """Settings of this run; raises ConfigError, also for several places unless the command is `spanning`."""
        settings = load_settings(
            self.config,
            directories=directories,
            profiles=self.profiles,
            regions=self.regions,
            max_usd_per_hour=self.max_usd_per_hour,
            sweep=self.sweep,
            mouse=not self.no_mouse,
        )
        if settings.is_spread and not spanning:
            raise ConfigError(_ONE_PLACE)
        if settings.profile_budgets and not settings.is_spread:
            from smtop.metrics.spread import places

            [settings] = places(settings)
        return beginning_with(settings, self.view) if self.view else settings


def draws_ascii(common: Common) -> bool:
    """Whether to draw with ASCII only: asked for, or a terminal that does not speak UTF-8 or has few signs."""
    few = os.environ.get("TERM", "").startswith(("linux", "vt"))
    return common.ascii_only or few or "utf" not in _encoding().lower()


def _encoding() -> str:
    """The terminal's character set as the locale says it.

    In a C locale Python sets LC_CTYPE to C.UTF-8 for itself, which says nothing about the terminal.
    """
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG")
    if locale:
        return locale
    own = os.environ.get("LC_CTYPE", "")
    return "" if own == "C.UTF-8" else own
