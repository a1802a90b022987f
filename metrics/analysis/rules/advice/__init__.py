"""What is not wrong now, and will be, or costs money."""

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.advice import few_slots, idle, large_image, low_concurrency, single_instance, workers

RULES: tuple[Rule, ...] = (
    low_concurrency.RULE,
    few_slots.RULE,
    workers.RULE,
    large_image.RULE,
    single_instance.RULE,
    idle.RULE,
)
