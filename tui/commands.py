"""The language of `:`: which commands there are in a view, how they are completed, and what a line means."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from smtop.metrics.errors import SmtopError
from smtop.tui.keymap import ACTIONS, SCOPES_OF, Action, Scope, shown, usage

Values: TypeAlias = Callable[[str], Sequence[str]]
"""The texts to choose from for what a command takes (`COLUMN`); none where any text will do."""


class CommandError(SmtopError):
    """A line that is no command."""


class Order(NamedTuple):
    """An action, and the text that was given to it."""

    action: Action
    argument: str | None = None


class Candidate(NamedTuple):
    """A line that could be meant: `text` is all of it, `label` the part to choose by, `what` tells what it does."""

    text: str
    label: str
    what: str = ""
    order: Order | None = None


@dataclass(frozen=True)
class Book:
    """The commands that can be given in a view; those of the fleet lead back to it from everywhere."""

    view: Scope
    values: Values
    actions: Sequence[Action] = ACTIONS

    @property
    def reachable(self) -> list[Action]:
        scopes = {*SCOPES_OF[self.view], Scope.FLEET, Scope.ROOT}
        return [action for action in self.actions if action.scope in scopes]

    def candidates(self, text: str) -> list[Candidate]:
        """What could be meant by the beginning of a line."""
        name, space, rest = text.lstrip(" :").partition(" ")
        if not space:
            return [_command(action, one) for action, one in self._names() if one.startswith(name)]
        action = self._named(name)
        return [] if action is None else self._completing(action, name, rest)

    def completed(self, text: str) -> str:
        """The line as far as there is only one way to go on."""
        common = os.path.commonprefix([candidate.text for candidate in self.candidates(text)])  # noqa: RUF071 - no paths
        return common if common.startswith(text.lstrip()) else text

    def order(self, text: str) -> Order:
        """What a line means. Raises CommandError."""
        name, _, rest = text.strip().lstrip(":").partition(" ")
        action = self._named(name)
        if action is None:
            raise CommandError(self._unknown(name))
        return Order(action, self._argument(action, name, rest.strip()))

    def entries(self) -> list[Candidate]:
        """Every action that the palette offers: what has a command, then what this view only has keys for."""
        own = SCOPES_OF[self.view]
        offered = [one for one in self.reachable if one.commands or (one.scope in own and one.run != "app.palette")]
        return [_entry(action) for action in sorted(offered, key=lambda one: (not one.commands, one.rank))]

    def _names(self) -> list[tuple[Action, str]]:
        return [(action, name) for action in self.reachable for name in action.commands]

    def _named(self, name: str) -> Action | None:
        return next((action for action in self.reachable if name in action.commands), None)

    def _wants(self, action: Action) -> list[Sequence[str]]:
        """The values to choose from for each word behind the command; of a free text that is one word, and none."""
        if not action.takes:
            return []
        kinds = [self.values(kind) for kind in action.takes.strip("[]").split()]
        return kinds if len(kinds) > 1 and all(kinds) else [self._choices(action)]

    def _choices(self, action: Action) -> Sequence[str]:
        """The values of the first word."""
        if not action.takes:
            return ()
        return action.values or self.values(action.takes.strip("[]").split()[0])

    def _completing(self, action: Action, name: str, rest: str) -> list[Candidate]:
        """The values for the word that is being typed; behind one that others follow, the next can be typed."""
        wants = self._wants(action)
        done = rest.split()[: rest.lstrip().count(" ")] if len(wants) > 1 else []
        if len(done) >= len(wants):
            return []
        begun = rest.strip() if len(wants) == 1 else rest.lstrip().rpartition(" ")[2]
        end = " " if len(done) + 1 < len(wants) else ""
        lead = " ".join((name, *done))
        return [Candidate(f"{lead} {value}{end}", value) for value in _fitting(wants[len(done)], begun)]

    def _argument(self, action: Action, name: str, rest: str) -> str | None:
        choices = self._choices(action)
        if not rest:
            if action.takes and not action.takes.startswith("["):
                raise CommandError(f":{name} needs {_article(action.takes)}{_such_as(choices)}.")
            return None
        if not action.takes:
            raise CommandError(f":{name} takes nothing behind it.")
        wants = self._wants(action)
        words = rest.split() if len(wants) > 1 else [rest]
        for word, known in zip(words, wants, strict=False):
            if known and word not in known:
                raise CommandError(f":{name} does not know {word}.{_nearest(word, known, '')}")
        if len(words) != len(wants):
            raise CommandError(f":{name} needs {_article(action.takes)}.")
        return rest

    def _unknown(self, name: str) -> str:
        elsewhere = next((action for action in self.actions if name in action.commands), None)
        if elsewhere is not None:
            return f":{name} works in the view of {_VIEW_WORDS[elsewhere.scope]}."
        names = [one for _, one in self._names()]
        return f"There is no command {name or ':'}.{_nearest(name, names, ':') or ' Tab lists them all.'}"


_VIEW_WORDS = {
    Scope.ENDPOINT: "one endpoint: Enter opens it",
    Scope.CHARTS: "one endpoint: Enter opens it",
    Scope.PAGES: "the fleet or of one endpoint",
}
_MOST_NEAREST = 3


def _fitting(choices: Sequence[str], text: str) -> list[str]:
    """Values that begin with the text; without any, those that contain it."""
    wanted = text.lower()
    begin = [value for value in choices if value.lower().startswith(wanted)]
    return begin or [value for value in choices if wanted in value.lower()]


def _entry(action: Action) -> Candidate:
    """An action in the palette; one that needs an argument leads to the command line."""
    needs = bool(action.takes) and not action.takes.startswith("[")
    keys = " ".join(map(shown, action.keys)) or usage(action)
    return Candidate(f"{action.commands[0]} " if needs else "", keys, action.what, None if needs else Order(action))


def _command(action: Action, name: str) -> Candidate:
    return Candidate(f"{name} " if action.takes else name, name, _told(action))


def _told(action: Action) -> str:
    return f"{action.takes}  {action.what}" if action.takes else action.what


def _article(takes: str) -> str:
    return f"{'an' if takes[0] in 'AEIOU' else 'a'} {takes}"


def _such_as(choices: Sequence[str]) -> str:
    return f": {', '.join(choices[:6])}{', ...' if len(choices) > 6 else ''}" if choices else ""


def _nearest(text: str, names: Sequence[str], sign: str) -> str:
    """A sentence with the names that are most like the text; empty if none is."""
    begin = [name for name in names if text and name.startswith(text)]
    alike = get_close_matches(text, names, _MOST_NEAREST, 0.6)
    found = list(dict.fromkeys([*begin, *alike]))[:_MOST_NEAREST]
    return f" Nearest: {', '.join(sign + name for name in found)}." if found else ""
