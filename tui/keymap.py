"""Every key, once. Bindings, footer and help are all made from this table."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where a key works: everywhere (even while typing), at the root, or on the pages that are named."""

    ALWAYS = "always"
    ROOT = "root"
    PAGES = "fleet and endpoint"
    FLEET = "fleet"
    ENDPOINT = "endpoint"


@dataclass(frozen=True)
class Action:
    """A thing the operator can do. `id` is Textual's action; `footer` is its word in the last line, if it has one."""

    id: str
    keys: tuple[str, ...]
    what: str
    group: str
    footer: str = ""
    scope: Scope = Scope.FLEET


_MOVE, _FIND, _SORT, _ENDPOINT, _FEED, _OTHER = "Move", "Find", "Sort", "One endpoint", "Data", "Other"
_ON_PAGE = Scope.ENDPOINT

ACTIONS: tuple[Action, ...] = (
    Action("cursor(1)", ("j", "down"), "next endpoint", _MOVE),
    Action("cursor(-1)", ("k", "up"), "previous endpoint", _MOVE),
    Action("edge(-1)", ("g", "home"), "first endpoint", _MOVE),
    Action("edge(1)", ("G", "end"), "last endpoint", _MOVE),
    Action("page(1.0)", ("pagedown",), "one page down", _MOVE),
    Action("page(-1.0)", ("pageup",), "one page up", _MOVE),
    Action("page(0.5)", ("ctrl+d",), "half a page down", _MOVE),
    Action("page(-0.5)", ("ctrl+u",), "half a page up", _MOVE),
    Action(
        "filter", ("/",), "filter: text, !text, a|b, kind:sl, status:failed, tag:key=value, p99:>500", _FIND, "filter"
    ),
    Action("clear_filter", ("escape",), "clear the filter", _FIND),
    Action("attention", ("!",), "only endpoints that need attention, or all again", _FIND, "attention"),
    Action("sort('name')", ("N",), "sort by name; again turns the order round, as with every sort", _SORT),
    Action("sort('age')", ("A",), "sort by age, youngest first", _SORT),
    Action("sort('status')", ("S",), "sort by status", _SORT),
    Action("sort('requests')", ("T",), "sort by traffic", _SORT),
    Action("sort('errors')", ("E",), "sort by share of server errors", _SORT),
    Action("sort('p99')", ("L",), "sort by latency (p99)", _SORT),
    Action("sort('saturation')", ("U",), "sort by utilisation", _SORT),
    Action("next_sort(-1)", ("<",), "sort by the column to the left", _SORT),
    Action("next_sort(1)", (">",), "sort by the column to the right", _SORT, "sort"),
    Action("sort('worst')", ("0",), "worst first", _SORT, "worst"),
    Action("invert", ("I",), "turn the order round", _SORT),
    Action("open", ("enter",), "open the endpoint under the cursor: its charts", _ENDPOINT, "open"),
    Action("range", ("t",), "choose the range of its charts, with a digit", _ENDPOINT, "range", _ON_PAGE),
    Action("choose(0)", ("1",), "after t: the last 15 minutes", _ENDPOINT, scope=_ON_PAGE),
    Action("choose(1)", ("2",), "after t: the last hour", _ENDPOINT, scope=_ON_PAGE),
    Action("choose(2)", ("3",), "after t: the last 3 hours", _ENDPOINT, scope=_ON_PAGE),
    Action("choose(3)", ("4",), "after t: the last 12 hours", _ENDPOINT, scope=_ON_PAGE),
    Action("choose(4)", ("5",), "after t: the last 24 hours", _ENDPOINT, scope=_ON_PAGE),
    Action("choose(5)", ("6",), "after t: the last 7 days", _ENDPOINT, scope=_ON_PAGE),
    Action("scroll(1)", ("j", "down"), "the charts below", _ENDPOINT, scope=_ON_PAGE),
    Action("scroll(-1)", ("k", "up"), "the charts above", _ENDPOINT, scope=_ON_PAGE),
    Action("back", ("escape", "q", "backspace"), "back to the fleet", _ENDPOINT, "back", _ON_PAGE),
    Action("app.pause", ("p",), "hold the picture, or follow again", _FEED, "pause", Scope.PAGES),
    Action("app.refresh_feed", ("f5", "ctrl+r"), "ask AWS now", _FEED, scope=Scope.PAGES),
    Action("app.problems", ("f12",), "everything that could not be asked, and why", _FEED, scope=Scope.PAGES),
    Action("app.help", ("?", "f1"), "this help", _OTHER, "help", Scope.PAGES),
    Action("app.suspend_process", ("ctrl+z",), "back to the shell for a while; fg returns", _OTHER, scope=Scope.PAGES),
    Action("quit", ("q",), "quit", _OTHER, "quit", Scope.ROOT),
    Action("quit", ("ctrl+c", "ctrl+q"), "quit, even while typing", _OTHER, scope=Scope.ALWAYS),
)

_SHOWN = {
    "down": "Down",
    "up": "Up",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
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
