"""What goes wrong with deployments, and what others say of an endpoint."""

from smtop.metrics.analysis.rules.deploys import (
    alarm_firing,
    endpoint_failed,
    metrics_missing,
    update_rolled_back,
    update_stuck,
)

RULES = (endpoint_failed.RULE, update_stuck.RULE, update_rolled_back.RULE, alarm_firing.RULE, metrics_missing.RULE)
