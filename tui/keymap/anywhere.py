"""What can be done in more than one view: the data, copies, and what is smtop's own."""

from smtop.tui.keymap.action import Action, Scope

_FEED = "Data"
_COPY = "Copy"
_OTHER = "Other"

ACTIONS: tuple[Action, ...] = (
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
    Action("quit", "leave", ("q", "f10"), "quit", _OTHER, "quit", Scope.ROOT, 4, ("quit", "q")),
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
