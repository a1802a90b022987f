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
    Action(
        "ack-menu", "app.command('ack 2h ')", ("n",), "acknowledge: quiet until it is over", _WRONG, scope=Scope.PAGES
    ),
    Action(
        "ack",
        "ack",
        (),
        "acknowledge what is found, with a reason: it counts no more until it is over, or for the time",
        _WRONG,
        scope=Scope.PAGES,
        commands=("ack",),
        takes="REASON",
    ),
    Action(
        "mute",
        "mute",
        (),
        "mute a rule on the endpoint for a time (1d), with a reason: whatever it finds",
        _WRONG,
        scope=Scope.PAGES,
        commands=("mute",),
        takes="REASON",
    ),
    Action(
        "unmute", "unmute", (), "all that was muted here counts again", _WRONG, scope=Scope.PAGES, commands=("unmute",)
    ),
    Action(
        "muted",
        "app.muted",
        (),
        "all that is muted: what, why, by whom, and until when",
        _WRONG,
        scope=Scope.PAGES,
        commands=("muted",),
    ),
    Action(
        "shared",
        "mark_shared",
        ("&",),
        "mark all endpoints of a cause that they share; again: of the next one, then none",
        _WRONG,
        commands=("shared",),
    ),
)
