"""What goes wrong with asynchronous endpoints."""

from smtop.metrics.analysis.rules.queues import backlog_without_capacity

RULES = (backlog_without_capacity.RULE,)
