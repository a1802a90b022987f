"""What is not wrong now, and will be, or costs money."""

from smtop.metrics.analysis.rule import Rule

RULES: tuple[Rule, ...] = ()
