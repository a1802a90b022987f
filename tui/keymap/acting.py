"""What changes the fleet, and the dialogs that stand before and after a change."""

from smtop.tui.keymap.action import Action, Scope

_CHANGE = "Changing"
_MENU = "Menu of changes"
_FORM = "Form of a change"
_PLAN = "Plan of a change"
_WATCH = "Changes on their way"
_PAST = "Earlier changes"
_FIELDS = "[FIELDS]"

_ANYWHERE: tuple[Action, ...] = (
    Action(
        "act",
        "act",
        ("a", "f9"),
        "change it: what can be done to the endpoint, or to all that are marked",
        _CHANGE,
        "act",
        Scope.PAGES,
        3,
        ("act",),
    ),
    Action("edit", "edit", ("e",), "the form of what is changed most of its kind", _CHANGE, scope=Scope.PAGES),
    Action(
        "undo",
        "app.undo",
        ("u",),
        "take back my newest change, or the one that is named",
        _CHANGE,
        scope=Scope.PAGES,
        commands=("undo",),
        takes="[CHANGE]",
    ),
    Action("watch", "app.watch", (), "the change that is on its way", _CHANGE, scope=Scope.VIEWS, commands=("watch",)),
    Action(
        "changes",
        "app.changes",
        (),
        "my changes, and what came of each",
        _CHANGE,
        scope=Scope.VIEWS,
        commands=("changes",),
    ),
    Action(
        "write",
        "app.write",
        (),
        "allow changes for a time, by default 15m",
        _CHANGE,
        scope=Scope.VIEWS,
        commands=("write",),
        takes="[TIME]",
    ),
    Action(
        "read-only",
        "app.read_only",
        (),
        "allow no changes any longer",
        _CHANGE,
        scope=Scope.VIEWS,
        commands=("ro",),
    ),
)

_ORDERS: tuple[Action, ...] = tuple(
    Action(word, word, (), what, _CHANGE, scope=Scope.PAGES, commands=(word,), takes=takes)
    for word, takes, what in (
        ("weights", "[WEIGHTS]", "weights of variants, like A=90 B=10"),
        ("resize", _FIELDS, "count=4, type=ml.m5.xlarge, copies=2, async-concurrency=4"),
        ("serverless", _FIELDS, "memory=4096, max-concurrency=20, provisioned-concurrency=5"),
        ("scaling", _FIELDS, "bounds of scaling, like min=1 max=4; all else in the form"),
        ("update", "[TARGET]", "another config or model: config=NAME or model=NAME"),
        ("rollback", "[CONFIG]", "back to an earlier config"),
        ("invoke", "[FILE]", "a test invocation with the payload in a file"),
        ("delete", "[WHAT]", "delete the endpoint; with-config, with-models"),
    )
)

_IN_MENU: tuple[Action, ...] = (
    Action("menu-down", "step(1)", ("j", "down"), "the next line", _MENU, scope=Scope.MENU),
    Action("menu-up", "step(-1)", ("k", "up"), "the line before", _MENU, scope=Scope.MENU),
    *(
        Action(f"menu-{word}", f"pick('{word}')", (key,), what, _MENU, scope=Scope.MENU)
        for key, word, what in (
            ("w", "weights", "weights of variants"),
            ("r", "resize", "resize: count, type, copies"),
            ("s", "serverless", "serverless: memory, concurrency"),
            ("p", "scaling", "scaling: bounds, policies, scheduled actions"),
            ("u", "update", "update to another config or model"),
            ("b", "rollback", "back to an earlier config"),
            ("t", "invoke", "test invocation"),
            ("x", "delete", "delete"),
        )
    ),
    Action("menu-enter", "enter", ("enter",), "the line under the cursor", _MENU, "choose", Scope.MENU, 0),
    Action(
        "menu-close",
        "close",
        ("escape", "q", "a", "f9"),
        "change nothing",
        _MENU,
        "close",
        Scope.MENU,
        1,
        essential=True,
    ),
)

_IN_FORM: tuple[Action, ...] = (
    Action("form-down", "step(1)", ("tab", "down"), "the next field", _FORM, "next field", Scope.FORM, 2),
    Action("form-up", "step(-1)", ("shift+tab", "up"), "the field before", _FORM, scope=Scope.FORM),
    Action("form-less", "turn(-1)", ("left",), "less, or the choice before", _FORM, scope=Scope.FORM),
    Action("form-more", "turn(1)", ("right",), "more, or the next choice", _FORM, scope=Scope.FORM),
    Action("form-clear", "clear", ("ctrl+u",), "empty the field", _FORM, scope=Scope.FORM),
    Action("form-plan", "send(False)", ("enter",), "make the plan", _FORM, "plan", Scope.FORM, 0, essential=True),
    Action("form-dry", "send(True)", ("f8",), "a dry run: the plan alone", _FORM, "dry run", Scope.FORM, 3),
    Action("form-close", "close", ("escape",), "change nothing", _FORM, "close", Scope.FORM, 1, essential=True),
)

_IN_PLAN: tuple[Action, ...] = (
    Action("plan-next", "step(1)", ("tab", "right"), "the next button", _PLAN, "next", Scope.PLAN, 2),
    Action("plan-previous", "step(-1)", ("shift+tab", "left"), "the button before", _PLAN, scope=Scope.PLAN),
    Action("plan-press", "press", ("enter",), "press the button", _PLAN, "press", Scope.PLAN, 1, essential=True),
    Action("plan-turn", "turn", ("space",), "go on after a failure, or stop", _PLAN, scope=Scope.PLAN),
    Action("plan-copy", "copy_calls", ("y",), "copy the calls as AWS CLI commands", _PLAN, "copy", Scope.PLAN, 3),
    Action("plan-down", "scroll(1)", ("j", "down"), "a line down", _PLAN, scope=Scope.PLAN),
    Action("plan-up", "scroll(-1)", ("k", "up"), "a line up", _PLAN, scope=Scope.PLAN),
    Action("plan-page-down", "page(1)", ("pagedown",), "a page down", _PLAN, scope=Scope.PLAN),
    Action("plan-page-up", "page(-1)", ("pageup",), "a page up", _PLAN, scope=Scope.PLAN),
    Action("plan-close", "close", ("escape", "q"), "change nothing", _PLAN, "cancel", Scope.PLAN, 0, essential=True),
)

_IN_WATCH: tuple[Action, ...] = (
    Action("watch-undo", "undo", ("u",), "take it back, as soon as AWS lets it", _WATCH, "undo", Scope.WATCH, 1),
    Action("watch-copy", "copy_calls", ("y",), "copy the calls as AWS CLI commands", _WATCH, "copy", Scope.WATCH, 3),
    Action("watch-down", "scroll(1)", ("j", "down"), "a line down", _WATCH, scope=Scope.WATCH),
    Action("watch-up", "scroll(-1)", ("k", "up"), "a line up", _WATCH, scope=Scope.WATCH),
    Action("watch-page-down", "page(1)", ("pagedown",), "a page down", _WATCH, scope=Scope.WATCH),
    Action("watch-page-up", "page(-1)", ("pageup",), "a page up", _WATCH, scope=Scope.WATCH),
    Action(
        "watch-close",
        "close",
        ("escape", "q"),
        "look away: the change goes on",
        _WATCH,
        "close",
        Scope.WATCH,
        0,
        essential=True,
    ),
)

_IN_PAST: tuple[Action, ...] = (
    Action("past-down", "step(1)", ("j", "down"), "the change below", _PAST, scope=Scope.PAST),
    Action("past-up", "step(-1)", ("k", "up"), "the change above", _PAST, scope=Scope.PAST),
    Action("past-top", "edge(-1)", ("g", "home"), "the newest change", _PAST, scope=Scope.PAST),
    Action("past-end", "edge(1)", ("G", "end"), "the oldest change", _PAST, scope=Scope.PAST),
    Action("past-open", "enter", ("enter",), "all of it", _PAST, "open", Scope.PAST, 1),
    Action("past-undo", "undo", ("u",), "take it back", _PAST, "undo", Scope.PAST, 2),
    Action("past-finish", "finish", ("f",), "finish what was left half done", _PAST, "finish", Scope.PAST, 3),
    Action("past-copy", "copy_calls", ("y",), "copy its calls as AWS CLI commands", _PAST, "copy", Scope.PAST, 3),
    Action("past-close", "close", ("escape", "q", "backspace"), "back", _PAST, "back", Scope.PAST, 0, essential=True),
)

ACTIONS: tuple[Action, ...] = (*_ANYWHERE, *_ORDERS, *_IN_MENU, *_IN_FORM, *_IN_PLAN, *_IN_WATCH, *_IN_PAST)
