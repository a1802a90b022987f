"""Every action, once. Bindings, footer, help, `:` commands, palette and `[keys]` are all made from this table.

A new action is one row. The method `action_...` that `run` names stands on the screen (or, with `app.`, on the app).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where a key works: everywhere (even while typing), at the root, or on the pages that are named."""

    ALWAYS = "always"
    ROOT = "root"
    PAGES = "fleet and endpoint"
    FLEET = "fleet"
    ENDPOINT = "endpoint"
    CHARTS = "charts"
    DETAILS = "tabs of text"
    CONFIGS = "configs"
    TEXT = "text"


@dataclass(frozen=True)
class Action:
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


_MOVE, _FIND, _SORT, _ENDPOINT, _CHARTS, _TABS, _FEED, _TEXT, _OTHER = (
    "Move",
    "Find",
    "Sort",
    "One endpoint",
    "Charts",
    "Tabs of text",
    "Data",
    "Pages of text",
    "Other",
)
_ON_PAGE, _ON_CHARTS = Scope.ENDPOINT, Scope.CHARTS
_ON_DETAILS, _ON_CONFIGS = Scope.DETAILS, Scope.CONFIGS

TABS: Mapping[str, str] = {
    "overview": "Overview",
    "metrics": "Metrics",
    "variants": "Variants",
    "scaling": "Scaling",
    "config": "Config",
}
"""The tabs of an endpoint's page with their titles, in order; at most eight."""

_CHOICES = (
    "after t: the last 15 minutes; after b: yesterday",
    "after t: the last hour; after b: last week",
    "after t: the last 3 hours",
    "after t: the last 12 hours",
    "after t: the last 24 hours",
    "after t: the last 7 days",
)

ACTIONS: tuple[Action, ...] = (
    Action("next", "cursor(1)", ("j", "down"), "next endpoint", _MOVE, essential=True),
    Action("previous", "cursor(-1)", ("k", "up"), "previous endpoint", _MOVE, essential=True),
    Action("first", "edge(-1)", ("g", "home"), "first endpoint", _MOVE),
    Action("last", "edge(1)", ("G", "end"), "last endpoint", _MOVE),
    Action("page-down", "page(1.0)", ("pagedown",), "one page down", _MOVE),
    Action("page-up", "page(-1.0)", ("pageup",), "one page up", _MOVE),
    Action("half-page-down", "page(0.5)", ("ctrl+d",), "half a page down", _MOVE),
    Action("half-page-up", "page(-0.5)", ("ctrl+u",), "half a page up", _MOVE),
    Action(
        "filter",
        "filter",
        ("/", "f4"),
        "filter: text, !text, a|b, kind:sl, status:failed, tag:key=value, p99:>500",
        _FIND,
        "filter",
        rank=1,
        commands=("filter",),
        takes="[TEXT]",
    ),
    Action("clear-filter", "clear_filter", ("escape",), "clear the filter", _FIND),
    Action(
        "attention",
        "attention",
        ("!",),
        "only endpoints that need attention, or all again",
        _FIND,
        "attention",
        commands=("attention",),
    ),
    Action("sort-name", "sort('name')", ("N",), "sort by name; again turns the order round, as with every sort", _SORT),
    Action("sort-age", "sort('age')", ("A",), "sort by age, youngest first", _SORT),
    Action("sort-status", "sort('status')", ("S",), "sort by status", _SORT),
    Action("sort-traffic", "sort('requests')", ("T",), "sort by traffic", _SORT),
    Action("sort-errors", "sort('errors')", ("E",), "sort by share of server errors", _SORT),
    Action("sort-latency", "sort('p99')", ("L",), "sort by latency (p99)", _SORT),
    Action("sort-utilisation", "sort('saturation')", ("U",), "sort by utilisation", _SORT),
    Action("sort-left", "next_sort(-1)", ("<",), "sort by the column to the left", _SORT),
    Action("sort-right", "next_sort(1)", (">",), "sort by the column to the right", _SORT, "sort", rank=6),
    Action("sort-worst", "sort('worst')", ("0",), "worst first", _SORT, "worst", rank=6),
    Action("sort", "sort", (), "sort by a column", _SORT, commands=("sort",), takes="COLUMN"),
    Action("invert", "invert", ("I",), "turn the order round", _SORT, commands=("invert",)),
    Action(
        "open",
        "open",
        ("enter",),
        "open the endpoint under the cursor: its charts",
        _ENDPOINT,
        "open",
        rank=0,
        essential=True,
    ),
    Action("zoom-open", "zoom", ("v",), "its charts, one at full size", _ENDPOINT),
    Action("range", "range", ("t",), "choose the range of its charts, with a digit", _CHARTS, "range", _ON_CHARTS),
    Action("compare", "compare", ("b",), "beside an earlier day; prices first", _CHARTS, "compare", _ON_CHARTS, 6),
    *(
        Action(f"choose-{digit}", f"choose({digit - 1})", (f"{digit}",), what, _CHARTS, scope=_ON_CHARTS)
        for digit, what in enumerate(_CHOICES, 1)
    ),
    Action(
        "step-back", "step(-1)", ("[",), "cursor one point back: all values at that time", _CHARTS, "step", _ON_CHARTS
    ),
    Action("step-forward", "step(1)", ("]",), "cursor one point forward", _CHARTS, scope=_ON_CHARTS),
    Action("leap-back", "step(-10)", ("{",), "cursor ten points back", _CHARTS, scope=_ON_CHARTS),
    Action("leap-forward", "step(10)", ("}",), "cursor ten points forward", _CHARTS, scope=_ON_CHARTS),
    Action("seek", "seek", ("@",), "cursor to a time: 14:02, -2h, 2026-11-19 14:00Z", _CHARTS, "seek", _ON_CHARTS, 6),
    Action("by-variant", "by_variant", ("s",), "split by variant, or all together", _CHARTS, "split", _ON_CHARTS, 6),
    Action("utc", "utc", ("z",), "times in UTC, or local again", _CHARTS, scope=_ON_CHARTS),
    Action("zoom", "zoom", ("v",), "one chart at full size, or all again", _CHARTS, "zoom", _ON_CHARTS, 6),
    Action("charts-down", "scroll(1)", ("j", "down"), "the charts below", _CHARTS, scope=_ON_CHARTS),
    Action("charts-up", "scroll(-1)", ("k", "up"), "the charts above", _CHARTS, scope=_ON_CHARTS),
    Action("close", "close", ("escape",), "close the menu, leave the cursor, end the zoom", _CHARTS, scope=_ON_CHARTS),
    *(
        Action(f"tab-{tab}", f"tab({place})", (f"{place + 1}",), f"the tab {title}", _ENDPOINT, scope=_ON_PAGE)
        for place, (tab, title) in enumerate(TABS.items())
    ),
    Action("next-tab", "next_tab(1)", ("tab",), "the next tab", _ENDPOINT, scope=_ON_PAGE),
    Action("previous-tab", "next_tab(-1)", ("shift+tab",), "the tab before", _ENDPOINT, scope=_ON_PAGE),
    Action("detail-down", "line(1)", ("j", "down"), "a line down, or the config below", _TABS, scope=_ON_DETAILS),
    Action("detail-up", "line(-1)", ("k", "up"), "a line up, or the config above", _TABS, scope=_ON_DETAILS),
    Action("detail-page-down", "page(1.0)", ("pagedown",), "a page down", _TABS, scope=_ON_DETAILS),
    Action("detail-page-up", "page(-1.0)", ("pageup",), "a page up", _TABS, scope=_ON_DETAILS),
    Action("detail-half-down", "page(0.5)", ("ctrl+d",), "half a page down", _TABS, scope=_ON_DETAILS),
    Action("detail-half-up", "page(-0.5)", ("ctrl+u",), "half a page up", _TABS, scope=_ON_DETAILS),
    Action("detail-top", "edge(-1)", ("g", "home"), "to the top", _TABS, scope=_ON_DETAILS),
    Action("detail-end", "edge(1)", ("G", "end"), "to the end", _TABS, scope=_ON_DETAILS),
    Action(
        "config-against",
        "against",
        ("space",),
        "compare configs with this one, or again with the live one",
        _TABS,
        "compare with",
        _ON_CONFIGS,
        6,
    ),
    Action("config-whole", "whole", ("d",), "all fields of two configs, or what differs", _TABS, "all", _ON_CONFIGS, 6),
    Action(
        "back",
        "back",
        ("escape", "q", "backspace"),
        "back to the fleet",
        _ENDPOINT,
        "back",
        _ON_PAGE,
        rank=0,
        essential=True,
    ),
    Action(
        "pause", "app.pause", ("p",), "hold the picture, or follow again", _FEED, "pause", Scope.PAGES, 4, ("pause",)
    ),
    Action(
        "refresh", "app.refresh_feed", ("f5", "ctrl+r"), "ask AWS now", _FEED, "", Scope.PAGES, commands=("refresh",)
    ),
    Action(
        "problems",
        "app.problems",
        ("f12",),
        "everything that could not be asked, and why",
        _FEED,
        scope=Scope.PAGES,
        commands=("problems", "errors"),
    ),
    Action("help", "app.help", ("?", "f1"), "this help", _OTHER, "help", Scope.PAGES, 2, ("help",), essential=True),
    Action(
        "quit",
        "quit",
        ("q", "f10"),
        "quit",
        _OTHER,
        "quit",
        Scope.ROOT,
        3,
        ("quit", "q"),
    ),
    Action(
        "quit-anywhere",
        "quit",
        ("ctrl+c", "ctrl+q"),
        "quit, even while typing",
        _OTHER,
        scope=Scope.ALWAYS,
        essential=True,
    ),
)

_SHOWN = {
    "down": "Down",
    "up": "Up",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "space": "Space",
    "enter": "Enter",
    "backspace": "Backspace",
}


def shown(key: str) -> str:
    """How a key is written for people: `Ctrl+d`, `F5`, `/`."""
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key.removeprefix('ctrl+')}"
    return key.upper() if len(key) > 1 else key
