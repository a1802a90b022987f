"""What goes wrong with requests: errors, latency, variants, traffic that stays away."""

from smtop.metrics.analysis.rules.traffic import client_errors, server_errors

RULES = (server_errors.RULE, client_errors.RULE)
