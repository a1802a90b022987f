"""What goes wrong with serverless endpoints."""

from smtop.metrics.analysis.rules.serverless import (
    cold_starts,
    concurrency_limit,
    exhausted,
    high,
    memory,
    spillover,
    stuck_warm,
    wasted,
)

RULES = (
    exhausted.RULE,
    concurrency_limit.RULE,
    cold_starts.RULE,
    spillover.RULE,
    high.RULE,
    memory.RULE,
    stuck_warm.RULE,
    wasted.RULE,
)
