"""Tables that smtop ships as data."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "data"


def shipped(name: str) -> dict[str, Any]:
    """The content of `metrics/data/<name>.json`, read anew at each call: who asks often keeps it."""
    content: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_bytes())
    return content
