"""What is not wrong now, and will be, or costs money."""

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.advice import few_slots, large_image, low_concurrency, workers

RULES: tuple[Rule, ...] = (low_concurrency.RULE, few_slots.RULE, workers.RULE, large_image.RULE)
