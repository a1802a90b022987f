"""What goes wrong with several models or containers behind one endpoint."""

from smtop.metrics.analysis.rules.models import cache_thrash

RULES = (cache_thrash.RULE,)
