"""Regular expressions that somebody types while a fleet is on the screen: none may hold it up.

Python's engine tries again and again, and has no time limit. On a name of 63 characters it is the number of repeats
that decides: each open one multiplies the work by the name's length, one inside another makes it exponential.
"""

import re
from collections.abc import Callable
from time import thread_time

from smtop.tui.view_state import FilterError

LONGEST = 200
_MOST_OPEN, _MOST_OPTIONAL = 3, 6
BUDGET_S = 0.25
"""CPU time that a whole fleet may take."""

_TOKEN = re.compile(
    r"(?P<plain>\\[^\d])|(?P<reference>\\\d)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<special>\(\?(?!:))"
    r"|(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<optional>\?)|(?P<repeat>[*+]|\{\d*,?\d*\})\??|(?P<either>\|)|(?P<other>.)",
    re.DOTALL,
)


class Pattern:
    """Searches names for a pattern, whatever the case, and remembers what it found.

    Raises FilterError when it is made of what could take too long, re.error when it is no regular expression.
    """

    def __init__(self, text: str, cpu_s: Callable[[], float] = thread_time) -> None:
        _refuse_slow(text)
        self._search = re.compile(text, re.IGNORECASE).search
        self._cpu_s = cpu_s
        self._spent_s = 0.0
        self._found: dict[str, bool] = {}

    def matches(self, name: str) -> bool:
        """Whether the pattern is somewhere in the name. Raises FilterError once a fleet has taken too long."""
        known = self._found.get(name)
        if known is None:
            began = self._cpu_s()
            known = self._found[name] = self._search(name) is not None
            self._spent_s += self._cpu_s() - began
            if self._spent_s > BUDGET_S:
                self._spent_s = 0.0
                raise FilterError("This pattern takes too long on so many names; use fewer * and +.")
        return known


def _refuse_slow(text: str) -> None:
    if len(text) > LONGEST:
        raise FilterError(f"A pattern may have {LONGEST} characters; this one has {len(text)}.")
    inside = [False]
    closed = False
    repeats, optional = 0, 0
    for token in _TOKEN.finditer(text):
        part = token.lastgroup
        if part in ("special", "reference"):
            raise FilterError("A pattern may have groups and |, but no look-around and no back reference.")
        if part == "open":
            inside.append(False)
        elif part == "repeat":
            if closed:
                raise FilterError("A repeated group may hold no | and no other repeat: it could take for ever.")
            repeats += 1
            inside[-1] = True
        elif part in ("optional", "either"):
            optional += part == "optional"
            inside[-1] = True
        closed = part == "close" and len(inside) > 1 and inside.pop()
        inside[-1] |= closed
    if repeats > _MOST_OPEN or optional > _MOST_OPTIONAL:
        raise FilterError(f"A pattern may have {_MOST_OPEN} repeats (* + {{}}) and {_MOST_OPTIONAL} times ?.")
