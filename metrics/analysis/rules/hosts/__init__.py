"""What runs full on instances and in inference components."""

from smtop.metrics.analysis.rules.hosts import saturated

RULES = (saturated.RULE,)
