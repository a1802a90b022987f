"""The starter thresholds, in one table. Shares and ratios are 0..1, windows are settled minutes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """When a rule speaks."""

    server_error_ratio: float = 0.05
    client_error_ratio: float = 0.10
    least_calls: int = 20
    """Calls in the window below which an error ratio says nothing."""
    window_minutes: int = 5
    bad_minutes: int = 3
    """Bad minutes of the window that make a saturation more than a blip."""
    newest_minutes: int = 3
    """Minutes in which a single bad one is enough, for conditions without a duration."""
    stuck_minutes: int = 10
    """Minutes of a backlog without capacity after which nobody is coming."""
    provisioned_full: float = 1.0
    provisioned_high: float = 0.8
    concurrency_full: float = 0.9
    cache_hits: float = 0.8
    host_full: float = 0.9


STARTER = Thresholds()
