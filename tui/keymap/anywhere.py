"""What can be done in more than one view: the data, copies, and what is smtop's own."""

from collections.abc import Mapping

from smtop.tui.keymap.action import Action, Scope

_FEED = "Data"
_ENDPOINT = "One endpoint"
_COPY = "Copy"
_OTHER = "Other"

INTERVALS_S: Mapping[str, int] = {"1m": 60, "2m": 120, "5m": 300, "10m": 600, "15m": 900}
"""How often CloudWatch may be asked; new values come once a minute."""

ACTIONS: tuple[Action, ...] = (
    Action(
        "pause", "app.pause", ("p",), "hold the picture, or follow again", _FEED, "pause", Scope.PAGES, 4, ("pause",)
    ),
    Action(
        "refresh", "app.refresh_feed", ("f5", "ctrl+r"), "ask AWS now", _FEED, scope=Scope.PAGES, commands=("refresh",)
    ),
    Action(
        "interval",
        "app.interval",
        (),
        "ask CloudWatch no more often than that; a budget may make it rarer still",
        _FEED,
        scope=Scope.PAGES,
        commands=("interval",),
        takes="INTERVAL",
        values=tuple(INTERVALS_S),
    ),
    Action("interval-menu", "app.command('interval ')", ("r",), "choose how often to ask", _FEED, scope=Scope.PAGES),
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
    Action(
        "describe",
        "describe",
        ("d",),
        "all that is known of the endpoint, as a text that can be searched",
        _ENDPOINT,
        scope=Scope.PAGES,
        commands=("describe",),
    ),
    Action("raw", "raw", ("y",), "what AWS answers about it: JSON", _ENDPOINT, scope=Scope.PAGES, commands=("raw",)),
    Action("copy-name", "copy('name')", ("c",), "copy the name of the endpoint", _COPY, scope=Scope.PAGES),
    Action("copy-arn", "copy('arn')", ("Y",), "copy its ARN", _COPY, scope=Scope.PAGES),
    Action("console", "copy('url')", ("w",), "copy where AWS's console shows it", _COPY, scope=Scope.PAGES),
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
        values=("name", "arn", "url", "row", "summary"),
    ),
    Action(
        "export",
        "export",
        (),
        "write what is in front into a file: csv, json, markdown, or svg for a picture",
        _COPY,
        scope=Scope.PAGES,
        commands=("export",),
        takes="FORM",
        values=("csv", "json", "markdown", "svg"),
    ),
    Action("export-menu", "app.command('export ')", ("x",), "choose how to export it", _COPY, scope=Scope.PAGES),
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
        "last-view",
        "app.last_view",
        ("-",),
        "back to the view or endpoint before, and again back here",
        _OTHER,
        scope=Scope.PAGES,
        commands=("last",),
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
    Action("quit", "quit", ("q", "f10"), "quit", _OTHER, "quit", Scope.ROOT, 4, ("quit", "q")),
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
