"""What an action is, and in which views its keys work."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Scope(StrEnum):
    """Where a key works: always (even while typing), in every view, at the root, or in the views that are named."""

    ALWAYS = "always"
    VIEWS = "every view"
    ROOT = "root"
    PAGES = "fleet and endpoint"
    FLEET = "fleet"
    ENDPOINT = "endpoint"
    CHARTS = "charts"
    DETAILS = "details"
    CONFIGS = "configs"
    TEXT = "text"
    CHOOSER = "column chooser"
    MENU = "menu of changes"
    FORM = "form of a change"
    PLAN = "plan"
    WATCH = "changes on their way"
    PAST = "my changes"


_ON_ENDPOINT = (Scope.ENDPOINT, Scope.PAGES, Scope.VIEWS, Scope.ALWAYS)

SCOPES_OF: Mapping[Scope, tuple[Scope, ...]] = {
    Scope.FLEET: (Scope.FLEET, Scope.ROOT, Scope.PAGES, Scope.VIEWS, Scope.ALWAYS),
    Scope.CHARTS: (Scope.CHARTS, *_ON_ENDPOINT),
    Scope.DETAILS: (Scope.DETAILS, *_ON_ENDPOINT),
    Scope.CONFIGS: (Scope.CONFIGS, Scope.DETAILS, *_ON_ENDPOINT),
    Scope.TEXT: (Scope.TEXT, Scope.VIEWS, Scope.ALWAYS),
    Scope.CHOOSER: (Scope.CHOOSER, Scope.VIEWS, Scope.ALWAYS),
    Scope.MENU: (Scope.MENU, Scope.VIEWS, Scope.ALWAYS),
    Scope.FORM: (Scope.FORM, Scope.ALWAYS),
    Scope.PLAN: (Scope.PLAN, Scope.VIEWS, Scope.ALWAYS),
    Scope.WATCH: (Scope.WATCH, Scope.VIEWS, Scope.ALWAYS),
    Scope.PAST: (Scope.PAST, Scope.VIEWS, Scope.ALWAYS),
}
"""What works in each view. Two actions of one view never have a key in common."""


class Action(NamedTuple):
    """A thing the operator can do.

    `id` is its name under `[keys]` in the configuration file, `run` Textual's action. `footer` is its word in the last
    line, if it has one; the smaller `rank`, the longer that stays as the terminal shrinks. `commands` are its names
    behind `:`. `takes` is what a command wants behind its name, in brackets if it can do without; that text becomes the
    argument of `run`. `values` are the texts to choose from, where they are always the same. `essential` actions
    cannot lose their last key.
    """

    id: str
    run: str
    keys: tuple[str, ...]
    what: str
    group: str
    footer: str = ""
    scope: Scope = Scope.FLEET
    rank: int = 5
    commands: tuple[str, ...] = ()
    takes: str = ""
    values: tuple[str, ...] = ()
    essential: bool = False


class Remapped(NamedTuple):
    """The actions with the keys in force, and a sentence for whatever the operator may not have meant."""

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
