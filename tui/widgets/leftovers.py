"""What Textual holds on to of widgets that are gone: the lines they were drawn with, of up to a thousand of them.

A method that mixes two colours is memoized by the cache of the widget that asked, and so keeps it, with every line in
it, long after its page was closed.
"""

try:
    from textual._styles_cache import StylesCache
except ImportError:  # another Textual keeps its lines elsewhere

    class StylesCache: ...  # type: ignore[no-redef]


def why_not() -> str | None:
    """Why they cannot be let go; None where they can."""
    if not hasattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear"):
        return "textual._styles_cache.StylesCache.get_inner_outer is not memoized"
    return None


def let_go() -> None:
    """Widgets that are there ask again."""
    if why_not() is None:
        StylesCache.get_inner_outer.cache_clear()
