"""What can be done on the page of one endpoint: its tabs, its charts, its configs."""

from collections.abc import Mapping
from itertools import zip_longest

from smtop.tui.keymap.action import Action, Scope

_ENDPOINT = "One endpoint"
_CHARTS = "Charts"
_TABS = "Tabs of text"
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
    Action(
        "beside",
        "beside",
        (),
        "beside another endpoint in the same charts; without a name alone again",
        _CHARTS,
        scope=_ON_CHARTS,
        commands=("beside",),
        takes="[NAME]",
    ),
    Action(
        "beside-menu", "app.command('beside ')", ("B",), "choose an endpoint to lay over it", _CHARTS, scope=_ON_CHARTS
    ),
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
    Action("config-whole", "whole", ("f",), "all fields of two configs, or what differs", _TABS, "all", _ON_CONFIGS, 6),
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
)


def scope_of_method(method: str) -> Scope | None:
    """Where a method of the page works, if that is on some of its tabs only."""
    return _OF_TABS.get(method)


_OF_TABS = {
    action.run.partition("(")[0]: action.scope
    for action in ACTIONS
    if action.scope in (Scope.CHARTS, Scope.DETAILS, Scope.CONFIGS)
}
