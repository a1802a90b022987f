"""What goes wrong with deployments, and what others say of an endpoint."""

from smtop.metrics.analysis.rules.deploys import endpoint_failed

RULES = (endpoint_failed.RULE,)
