"""Every action, once. Bindings, footer, help, `:` commands, palette and `[keys]` are all made from this table.

A new action is one row. The method `action_...` that `run` names stands on the screen (or, with `app.`, on the app).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest


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


_ON_ENDPOINT = (Scope.ENDPOINT, Scope.PAGES, Scope.VIEWS, Scope.ALWAYS)

SCOPES_OF: Mapping[Scope, tuple[Scope, ...]] = {
    Scope.FLEET: (Scope.FLEET, Scope.ROOT, Scope.PAGES, Scope.VIEWS, Scope.ALWAYS),
    Scope.CHARTS: (Scope.CHARTS, *_ON_ENDPOINT),
    Scope.DETAILS: (Scope.DETAILS, *_ON_ENDPOINT),
    Scope.CONFIGS: (Scope.CONFIGS, Scope.DETAILS, *_ON_ENDPOINT),
    Scope.TEXT: (Scope.TEXT, Scope.VIEWS, Scope.ALWAYS),
    Scope.CHOOSER: (Scope.CHOOSER, Scope.VIEWS, Scope.ALWAYS),
}
"""What works in each view. Two actions of one view never have a key in common."""


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


_VIEWS = "Views"
_COLUMNS = "Columns"
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
_COPY = "Copy"
_ON_PAGE, _ON_CHARTS, _ON_DETAILS, _ON_CONFIGS = Scope.ENDPOINT, Scope.CHARTS, Scope.DETAILS, Scope.CONFIGS

TABS: Mapping[str, str] = {
    "overview": "Overview",
    "metrics": "Metrics",
    "variants": "Variants",
    "scaling": "Scaling",
    "config": "Config",
}
"""The tabs of an endpoint's page with their titles, in order; at most eight."""

_RANGES = ("15m", "1h", "3h", "12h", "24h", "7d")
_CHOICES = (
    "after t: the last 15 minutes; after b: yesterday",
    "after t: the last hour; after b: last week",
    "after t: the last 3 hours",
    "after t: the last 12 hours",
    "after t: the last 24 hours",
    "after t: the last 7 days",
)


def _digits() -> list[str]:
    """What the digits do on the page of an endpoint, from 1 on: a menu of the charts has them while it is open."""
    tabs = [f"the tab {title}" for title in TABS.values()]
    return ["; ".join(filter(None, both)) for both in zip_longest(tabs, _CHOICES)]


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
        "filter: text, a|b, !text, -f fuzzy, kind:sl, tag:key=value, p99:>500, >5 err",
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
    Action("sort-backlog", "sort('backlog')", ("B",), "sort by backlog", _SORT),
    Action("sort-left", "next_sort(-1)", ("<",), "sort by the column to the left", _SORT),
    Action("sort-right", "next_sort(1)", (">",), "sort by the column to the right", _SORT, "sort", rank=6),
    Action(
        "sort-worst",
        "sort('worst')",
        ("0",),
        "worst first: by severity, then by impact (failed or slowed requests a minute)",
        _SORT,
        "worst",
        rank=6,
    ),
    Action("sort", "sort", (), "sort by a column", _SORT, commands=("sort",), takes="COLUMN"),
    Action("sort-menu", "app.command('sort ')", ("f6",), "choose a column to sort by", _SORT),
    Action("invert", "invert", ("I",), "turn the order round", _SORT, commands=("invert",)),
    Action("view-triage", "view('triage')", ("1",), "all endpoints, worst first", _VIEWS, commands=("triage",)),
    Action("view-all", "view('all')", ("2",), "all endpoints, by name", _VIEWS, commands=("all",)),
    Action(
        "view-serverless",
        "view('sl')",
        (),
        "serverless: provisioned concurrency, spillover, cold starts",
        _VIEWS,
        commands=("sl",),
    ),
    Action("view-multi-model", "view('mm')", (), "multi-model: cache, loading", _VIEWS, commands=("mm",)),
    Action("view-async", "view('as')", (), "asynchronous: backlog and how long it lasts", _VIEWS, commands=("as",)),
    Action("view-containers", "view('mc')", (), "several containers: each one's latency", _VIEWS, commands=("mc",)),
    Action("view-components", "view('ic')", (), "inference components: copies", _VIEWS, commands=("ic",)),
    Action("columns", "columns", ("o",), "choose the columns of this view", _VIEWS, commands=("columns",)),
    Action("mark", "mark", ("space",), "mark the endpoint, or no longer, and go to the next", _VIEWS),
    Action("mark-all", "mark_shown", ("*",), "mark all that are shown; again: none of them", _VIEWS),
    Action(
        "unmark",
        "unmark",
        ("\\",),
        "forget all marks, also of what is not shown",
        _VIEWS,
        commands=("unmark",),
    ),
    Action("column-next", "step(1)", ("j", "down"), "next column", _COLUMNS, scope=Scope.CHOOSER),
    Action("column-previous", "step(-1)", ("k", "up"), "previous column", _COLUMNS, scope=Scope.CHOOSER),
    Action("column-toggle", "show_or_hide", ("space",), "show or hide it", _COLUMNS, scope=Scope.CHOOSER),
    Action("column-right", "move(1)", ("+", "="), "move it to the right", _COLUMNS, scope=Scope.CHOOSER),
    Action("column-left", "move(-1)", ("-",), "move it to the left", _COLUMNS, scope=Scope.CHOOSER),
    Action("columns-reset", "reset", ("0",), "the columns as at first", _COLUMNS, scope=Scope.CHOOSER),
    Action(
        "columns-close",
        "close",
        ("escape", "enter", "o", "q"),
        "back to the table",
        _COLUMNS,
        scope=Scope.CHOOSER,
        essential=True,
    ),
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
    *(
        Action(f"choose-{digit}", f"choose({digit - 1})", (f"{digit}",), what, _ENDPOINT, scope=_ON_PAGE)
        for digit, what in enumerate(_digits(), 1)
    ),
    Action(
        "range",
        "range",
        ("t",),
        "choose the range of its charts, with a digit",
        _CHARTS,
        "range",
        _ON_CHARTS,
        commands=("range",),
        takes="[RANGE]",
        values=_RANGES,
    ),
    Action("compare", "compare", ("b",), "beside an earlier day: its price first", _CHARTS, "compare", _ON_CHARTS, 6),
    Action("step-back", "step(-1)", ("[",), "values one point earlier", _CHARTS, "step", _ON_CHARTS),
    Action("step-forward", "step(1)", ("]",), "values one point later", _CHARTS, scope=_ON_CHARTS),
    Action("leap-back", "step(-10)", ("{",), "values ten points earlier", _CHARTS, scope=_ON_CHARTS),
    Action("leap-forward", "step(10)", ("}",), "values ten points later", _CHARTS, scope=_ON_CHARTS),
    Action(
        "seek",
        "seek",
        ("@",),
        "values at a time: 14:02, -2h, 2026-11-19 14:00Z",
        _CHARTS,
        "seek",
        _ON_CHARTS,
        6,
        ("seek",),
        "[TIME]",
    ),
    Action("by-variant", "by_variant", ("s",), "split by variant, or all together", _CHARTS, "split", _ON_CHARTS, 6),
    Action("utc", "utc", ("Z",), "times in UTC, or local again", _CHARTS, "", _ON_CHARTS, commands=("utc",)),
    Action("zoom", "zoom", ("v",), "one chart at full size, or all again", _CHARTS, "zoom", _ON_CHARTS, 6),
    Action("charts-down", "scroll(1)", ("j", "down"), "the charts below", _CHARTS, scope=_ON_CHARTS),
    Action("charts-up", "scroll(-1)", ("k", "up"), "the charts above", _CHARTS, scope=_ON_CHARTS),
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
        "close the menu, leave the cursor, end the zoom; then back to the fleet",
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
        "refresh", "app.refresh_feed", ("f5", "ctrl+r"), "ask AWS now", _FEED, scope=Scope.PAGES, commands=("refresh",)
    ),
    Action(
        "problems",
        "app.problems",
        ("f12",),
        "everything that could not be asked, and why",
        _FEED,
        scope=Scope.VIEWS,
        commands=("problems", "errors"),
    ),
    Action(
        "sign-in",
        "app.sign_in",
        ("i",),
        "who is asking; where that fails, how to sign in",
        _FEED,
        scope=Scope.PAGES,
        commands=("whoami", "login"),
    ),
    Action("copy-name", "copy('name')", ("c",), "copy the name of the endpoint", _COPY, scope=Scope.PAGES),
    Action("copy-arn", "copy('arn')", ("Y",), "copy its ARN", _COPY, scope=Scope.PAGES),
    Action("copy-row", "copy('row')", ("m",), "copy its row, as Markdown", _COPY, scope=Scope.PAGES),
    Action("copy-summary", "copy('summary')", ("M",), "copy its findings, as Markdown", _COPY, scope=Scope.PAGES),
    Action(
        "copy",
        "copy",
        (),
        "copy something of the endpoint",
        _COPY,
        scope=Scope.PAGES,
        commands=("copy",),
        takes="WHAT",
        values=("name", "arn", "row", "summary"),
    ),
    Action(
        "theme",
        "app.theme",
        (),
        "other colours: dark, light, safe for the colour-blind, or the terminal's own",
        _OTHER,
        scope=Scope.PAGES,
        commands=("theme",),
        takes="THEME",
        values=("auto", "dark", "light", "dark-safe", "light-safe", "terminal"),
    ),
    Action(
        "suspend",
        "app.suspend_process",
        ("ctrl+z",),
        "back to the shell for a while; fg returns",
        _OTHER,
        scope=Scope.PAGES,
    ),
    Action("find", "find", ("/", "f4"), "find a text on the page", _TEXT, "find", Scope.TEXT, 1),
    Action("find-next", "match(1)", ("n", "f3"), "next line with the text", _TEXT, "next", Scope.TEXT, 3),
    Action("find-previous", "match(-1)", ("N",), "the one before", _TEXT, scope=Scope.TEXT),
    Action("line-down", "scroll(1)", ("j", "down"), "one line down", _TEXT, scope=Scope.TEXT),
    Action("line-up", "scroll(-1)", ("k", "up"), "one line up", _TEXT, scope=Scope.TEXT),
    Action("text-page-down", "page(1)", ("pagedown", "space"), "one page down", _TEXT, scope=Scope.TEXT),
    Action("text-page-up", "page(-1)", ("pageup",), "one page up", _TEXT, scope=Scope.TEXT),
    Action("text-top", "edge(-1)", ("g", "home"), "to the top", _TEXT, scope=Scope.TEXT),
    Action("text-end", "edge(1)", ("G", "end"), "to the end", _TEXT, scope=Scope.TEXT),
    Action(
        "close",
        "close",
        ("escape", "q", "backspace"),
        "close the page",
        _TEXT,
        "close",
        Scope.TEXT,
        0,
        essential=True,
    ),
    Action(
        "fleet",
        "app.to_fleet",
        (),
        "back to the fleet, from wherever you are",
        _OTHER,
        scope=Scope.VIEWS,
        commands=("fleet",),
    ),
    Action(
        "endpoint",
        "app.to_endpoint",
        (),
        "open an endpoint",
        _OTHER,
        scope=Scope.VIEWS,
        commands=("ep", "endpoint"),
        takes="NAME",
    ),
    Action(
        "command",
        "app.command",
        (":",),
        "type a command: Tab completes, Up recalls",
        _OTHER,
        "command",
        Scope.VIEWS,
        3,
        essential=True,
    ),
    Action("palette", "app.palette", ("ctrl+p",), "look for an action by its words", _OTHER, scope=Scope.VIEWS),
    Action(
        "help",
        "app.help",
        ("?", "f1"),
        "the keys and commands of this view; again closes them",
        _OTHER,
        "help",
        Scope.VIEWS,
        2,
        ("help",),
        essential=True,
    ),
    Action("quit", "quit", ("q", "f10"), "quit", _OTHER, "quit", Scope.ROOT, 4, ("quit", "q")),
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


def of_view(view: Scope, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """The actions whose keys work in a view."""
    return [action for action in actions if action.scope in SCOPES_OF[view]]


def scope_of_method(method: str) -> Scope | None:
    """Where a method of the page of an endpoint works, if that is on some of its tabs only."""
    return _OF_TABS.get(method)


def usage(action: Action) -> str:
    """How the command of an action is written: `:ep :endpoint NAME`; empty without one."""
    return " ".join((*(f":{name}" for name in action.commands), action.takes)).rstrip()


_OF_TABS = {
    action.run.partition("(")[0]: action.scope
    for action in ACTIONS
    if action.scope in (Scope.CHARTS, Scope.DETAILS, Scope.CONFIGS)
}

_SHOWN = {
    "down": "Down",
    "up": "Up",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "space": "Space",
    "backspace": "Backspace",
    "comma": ",",
}


def shown(key: str) -> str:
    """How a key is written for people: `Ctrl+d`, `F5`, `/`."""
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key.removeprefix('ctrl+')}"
    return key.upper() if len(key) > 1 else key
