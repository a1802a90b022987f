"""What can be done about what is wrong: plan what the verdict proposes, read about it, acknowledge or mute it."""

from smtop.tui.keymap.action import Action, Scope

_WRONG = "What is wrong"

ACTIONS: tuple[Action, ...] = (
    Action(
        "fix", "fix", ("F",), "plan the change that the verdict proposes", _WRONG, scope=Scope.PAGES, commands=("fix",)
    ),
    Action(
        "rule",
        "rule",
        ("W",),
        "why it is said: the page about the rule that found it, or the one that is named",
        _WRONG,
        scope=Scope.PAGES,
        commands=("rule",),
        takes="[RULE]",
    ),
)
