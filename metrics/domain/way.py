"""Ways of smtop's own through the libraries that it stands on, beside those that they document."""

from typing import NamedTuple


class Way(NamedTuple):
    """Whether one of them can be gone with the libraries that are installed; if not, why, and what happens instead."""

    name: str
    instead: str
    why_not: str | None = None
