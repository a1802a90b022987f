"""Where the operator is, and where they were before: `-` goes back there, and again back here, as `cd -` does."""

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """A view of the fleet, or the page of an endpoint that was opened from it."""

    view: str
    endpoint: str | None = None


@dataclass(frozen=True)
class Trail:
    """`before` is None until somebody has gone anywhere."""

    here: Place
    before: Place | None = None

    def to(self, place: Place) -> "Trail":
        """The trail after arriving there; whoever stays leaves no trail."""
        return self if place == self.here else Trail(place, self.here)
