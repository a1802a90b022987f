"""How keys and commands are written for people."""

from smtop.tui.keymap.action import Action

_SHOWN = {
    "down": "Down",
    "up": "Up",
    "ctrl+@": "Ctrl+Space",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "left": "Left",
    "right": "Right",
    "space": "Space",
    "backspace": "Backspace",
    "comma": ",",
}


def shown(key: str) -> str:
    """How a key is written for people: `Ctrl+d`, `F5`, `/`."""
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key.removeprefix('ctrl+')}"
    return key.upper() if len(key) > 1 else key


def usage(action: Action) -> str:
    """How the command of an action is written: `:ep :endpoint NAME`; empty without one."""
    return " ".join((*(f":{name}" for name in action.commands), action.takes)).rstrip()
