"""What can be done only while somebody practises; an app that has a drill adds these to its table."""

from smtop.tui.keymap.action import Action, Scope

_DRILL = "Drill"

ACTIONS: tuple[Action, ...] = (
    Action(
        "diagnose",
        "app.diagnose",
        (),
        "answer the drill: what is wrong with which endpoint",
        _DRILL,
        scope=Scope.VIEWS,
        commands=("diagnose",),
        takes="NAME RULE",
    ),
    Action("drill", "app.drill", (), "how the drill stands", _DRILL, scope=Scope.VIEWS, commands=("drill",)),
    Action(
        "give-up",
        "app.give_up",
        (),
        "end the drill and see what it was",
        _DRILL,
        scope=Scope.VIEWS,
        commands=("give-up",),
    ),
)
