"""What goes wrong with asynchronous endpoints."""

from smtop.metrics.analysis.rules.queues import (
    backlog_without_capacity,
    expiring,
    growing,
    never_drains,
    notifications_failing,
    processing_failing,
    transfers_failing,
)

RULES = (
    backlog_without_capacity.RULE,
    expiring.RULE,
    never_drains.RULE,
    processing_failing.RULE,
    transfers_failing.RULE,
    growing.RULE,
    notifications_failing.RULE,
)
