"""The lines of the table that the benchmarks print."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table. `bar` is what is asked of smtop against this one; met where `ratio` is on its side."""

    what: str
    figure: str
    ratio: float | None = None
    bar: float | None = None
    at_most: bool = False

    @property
    def verdict(self) -> str:
        if self.bar is None or self.ratio is None:
            return ""
        met = self.ratio <= self.bar if self.at_most else self.ratio >= self.bar
        return f"{'at most' if self.at_most else 'at least'} {self.bar:g}x: {'met' if met else 'MISSED'}"


def within(what: str, figure: float, unit: str, most: float) -> Row:
    """A figure against an absolute bar."""
    met = "met" if figure <= most else "MISSED"
    return Row(what, f"{figure:,.{0 if figure > 100 else 2}f} {unit} (at most {most:,g} {unit}: {met})")


def part(figures: Sequence[float], share: float) -> float:
    """The figure that this share of the sorted figures does not exceed."""
    return figures[min(int(len(figures) * share), len(figures) - 1)]
