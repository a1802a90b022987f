"""What is not wrong now, and will be, or costs money."""

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.advice import idle, single_instance

RULES: tuple[Rule, ...] = (
    idle.RULE,
    single_instance.RULE,
)
