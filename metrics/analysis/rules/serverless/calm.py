"""A cheap look that spares most endpoints a closer one."""

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.series import Owner


def is_calm(subject: Subject, owner: Owner, label: str, below: float) -> bool:
    """Whether no known value of a series reaches a limit, settled or not: then no settled one does."""
    values = [point.value for point in subject.points.get(owner, {}).get(label, ())]
    return not values or max(values) < below


def is_silent(subject: Subject, owner: Owner, label: str) -> bool:
    """Whether a counter has counted nothing."""
    return not any(point.value for point in subject.points.get(owner, {}).get(label, ()))
