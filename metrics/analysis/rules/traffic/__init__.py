"""What goes wrong with requests: errors, latency, variants, traffic that stays away."""

from smtop.metrics.analysis.rules.traffic import (
    bad_canary,
    client_errors,
    latency,
    latency_limit,
    server_errors,
    traffic_gone,
    weights_drift,
)

RULES = (
    bad_canary.RULE,
    server_errors.RULE,
    client_errors.RULE,
    latency_limit.RULE,
    latency.RULE,
    traffic_gone.RULE,
    weights_drift.RULE,
)
