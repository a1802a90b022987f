"""Stored pictures of screens, as text."""

import os
from pathlib import Path

PICTURES = Path(__file__).parent.parent / "snapshots"


def stored(name: str, shown: str) -> str:
    """The stored picture; with UPDATE_PICTURES set, the shown one is stored first, to be judged in the diff."""
    if "UPDATE_PICTURES" in os.environ:
        (PICTURES / name).write_text(shown)
    return (PICTURES / name).read_text()
