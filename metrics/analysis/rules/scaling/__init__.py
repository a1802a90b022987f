"""What goes wrong with scaling."""

from smtop.metrics.analysis.rules.scaling import (
    at_max,
    component_without_capacity,
    fight,
    quota_near,
    stuck,
)

RULES = (component_without_capacity.RULE, at_max.RULE, stuck.RULE, fight.RULE, quota_near.RULE)
