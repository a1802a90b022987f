"""Every failure mode, and everything that only looks like one, as something that can be made to happen."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smtop.metrics.simulator.causes import capacity, deployments, look_alikes, settings, traffic, within
from smtop.metrics.simulator.causes.cause import Cause, Onset

__all__ = ["CAUSES", "Cause", "Onset"]

CAUSES: Final[Mapping[str, Cause]] = MappingProxyType(
    {
        cause.name: cause
        for family in (traffic, within, capacity, deployments, settings, look_alikes)
        for cause in family.CAUSES
    }
)
"""By name; the name of a failure mode is the id of its rule, where there is no more than one way to it."""
