"""What goes wrong with several models or containers behind one endpoint."""

from smtop.metrics.analysis.rules.models import cache_thrash, container_skew, load_failing

RULES = (load_failing.RULE, cache_thrash.RULE, container_skew.RULE)
