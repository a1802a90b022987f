"""What goes wrong with serverless endpoints."""

from smtop.metrics.analysis.rules.serverless import concurrency_limit, exhausted, high, spillover

RULES = (exhausted.RULE, spillover.RULE, high.RULE, concurrency_limit.RULE)
