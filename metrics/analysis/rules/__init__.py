"""One failure mode a file: each rule is a pure function from a subject to what it finds."""

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules import advice, deploys, hosts, models, queues, scaling, serverless, traffic

RULES: tuple[Rule, ...] = (
    *deploys.RULES,
    *traffic.RULES,
    *queues.RULES,
    *serverless.RULES,
    *models.RULES,
    *scaling.RULES,
    *hosts.RULES,
    *advice.RULES,
)

BY_ID = {rule.id: rule for rule in RULES}

HOURLY = frozenset(label for rule in RULES if rule.minutes > 15 for label in rule.reads)
"""Series of which some rule on serverless or asynchronous endpoints must see an hour."""
