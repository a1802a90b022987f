"""What Textual holds on to of widgets that are gone: the lines they were drawn with, of up to a thousand of them.

A method that mixes two colours is memoized by the cache of the widget that asked, and so keeps it, with every line in
it, long after its page was closed. And the widgets of a closed page point at each other, so that they and their lines,
a kilobyte or two each, wait until somebody looks for garbage: while keys are pressed, for an hour.
"""

from typing import Any

from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

try:
    from textual._styles_cache import StylesCache
except ImportError:  # another Textual keeps its lines elsewhere

    class StylesCache: ...  # type: ignore[no-redef]


_BARE = Widget()


def why_not() -> str | None:
    """Why they cannot be let go; None where they can."""
    if not hasattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear"):
        return "textual._styles_cache.StylesCache.get_inner_outer is not memoized"
    missing = [name for name in ("_styles_cache", "_render_cache") if not hasattr(_BARE, name)]
    return f"textual.widget.Widget has no {' and no '.join(missing)}" if missing else None


def let_go() -> None:
    """Widgets that are there ask again."""
    if why_not() is None:
        StylesCache.get_inner_outer.cache_clear()


def strip(page: Screen[Any]) -> None:
    """Takes the lines from the widgets of a page that is closed."""
    if why_not() is not None:
        return
    for widget in (page, *page.query(Widget)):
        widget._styles_cache.clear()
        widget._render_cache = widget._render_cache._replace(size=Size(0, 0), lines=[])
