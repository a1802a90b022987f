"""What can be done on a page of text."""

from smtop.tui.keymap.action import Action, Scope

_TEXT = "Pages of text"

ACTIONS: tuple[Action, ...] = (
    Action("find", "find", ("/", "f4"), "find a text on the page", _TEXT, "find", Scope.TEXT, 1),
    Action("find-next", "match(1)", ("n", "f3"), "next line with the text", _TEXT, "next", Scope.TEXT, 3),
    Action("find-previous", "match(-1)", ("N",), "the one before", _TEXT, scope=Scope.TEXT),
    Action("line-down", "scroll(1)", ("j", "down"), "one line down", _TEXT, scope=Scope.TEXT),
    Action("line-up", "scroll(-1)", ("k", "up"), "one line up", _TEXT, scope=Scope.TEXT),
    Action("text-page-down", "page(1)", ("pagedown", "space"), "one page down", _TEXT, scope=Scope.TEXT),
    Action("text-page-up", "page(-1)", ("pageup",), "one page up", _TEXT, scope=Scope.TEXT),
    Action("text-top", "edge(-1)", ("g", "home"), "to the top", _TEXT, scope=Scope.TEXT),
    Action("text-end", "edge(1)", ("G", "end"), "to the end", _TEXT, scope=Scope.TEXT),
    Action("copy-page", "copy_page", ("c",), "copy all of the page", _TEXT, "copy", Scope.TEXT, 5),
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
)
