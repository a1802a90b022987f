"""What goes wrong with scaling."""

from smtop.metrics.analysis.rule import Rule

RULES: tuple[Rule, ...] = ()
