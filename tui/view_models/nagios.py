"""The line that Nagios and those that speak like it read: state, text, and numbers behind a bar."""

from collections.abc import Mapping
from enum import IntEnum

from smtop.tui.view_models import fmt


class State(IntEnum):
    """Exit codes of a Nagios plugin."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def nagios_line(state: State, text: str, perfdata: Mapping[str, int]) -> str:
    """`SMTOP CRITICAL - fraud: ... | critical=2 warning=3`; the text may hold no bar, which would end it."""
    line = f"SMTOP {state.name} - {fmt.plain(text).replace('|', '/')}"
    numbers = " ".join(f"{name}={value};;;0" for name, value in perfdata.items())
    return f"{line} | {numbers}" if numbers else line
