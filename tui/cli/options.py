"""The options that every command takes, and the settings that they make."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from smtop.metrics.config import Directories, Settings, load_settings
from smtop.metrics.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])

_CONFIG = click.option("--config", metavar="FILE", type=click.Path(path_type=Path), help="Configuration file.")
_OPTIONS = (
    click.option("--profile", "profiles", metavar="P", multiple=True, help="AWS profile."),
    click.option("--region", "regions", metavar="R", multiple=True, help="AWS region."),
    _CONFIG,
    click.option(
        "--max-usd-per-hour",
        metavar="X",
        type=click.FloatRange(min=0, min_open=True),
        help="Poll less often where polling would cost more than this.",
    ),
    click.option(
        "--sweep",
        is_flag=True,
        help="Above 500 endpoints, let CloudWatch Metrics Insights look for trouble every 5 min; costs extra.",
    ),
    click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal, to select text with."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
    click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII only."),
    click.option("--debug", is_flag=True, help="Show tracebacks."),
)


@dataclass(frozen=True)
class Common:
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

    def over(self, earlier: "Common") -> "Common":
        """These options, completed by what was said earlier."""
        return Common(**{name: value or getattr(earlier, name) for name, value in vars(self).items()})

    def settings(self, directories: Directories | None = None) -> Settings:
        """Settings of this run; raises ConfigError."""
        return load_settings(
            self.config,
            directories=directories,
            profile=_single("--profile", self.profiles),
            region=_single("--region", self.regions),
            max_usd_per_hour=self.max_usd_per_hour,
            sweep=self.sweep,
            mouse=not self.no_mouse,
        )


def common_options(command: F) -> F:
    """Adds the options to a command; it receives them as keyword arguments for `Common`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def common_options_without_config(command: F) -> F:
    """The same for a command that calls something of its own `--config`; the file is then named before the command."""
    for option in reversed([option for option in _OPTIONS if option is not _CONFIG]):
        command = option(command)
    return command


def common_of(context: click.Context, **own: Any) -> Common:
    """The options of a command, completed by those of the group; NO_COLOR is honoured from here on."""
    common = Common(**own).over(context.obj or Common())
    context.obj = common
    if common.no_color:
        os.environ["NO_COLOR"] = "1"
    return common


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


def _single(option: str, values: tuple[str, ...]) -> str | None:
    if len(values) > 1:
        raise ConfigError(f"{option} may be given once: smtop does not span several yet.")
    return values[0] if values else None
