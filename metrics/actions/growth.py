"""How much must be confirmed for another size."""

from typing import Any

from smtop.metrics.domain.plan import Confirm, Fields


def confirm_for(before: Fields, after: Fields) -> Confirm:
    """A yes where every value grows, and by less than double; else the name: an outage or money is at stake.

    Other memory is no matter of size: every container starts anew.
    """
    small = all(_grows_a_little(before.get(path), value) for path, value in after.items())
    anew = any(path.endswith(".memory_mb") for path in after)
    return Confirm.YES if small and not anew else Confirm.TYPE_NAME


def _grows_a_little(before: Any, after: Any) -> bool:
    return isinstance(before, int) and isinstance(after, int) and before < after < 2 * before
