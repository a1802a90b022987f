"""Builders and fakes for tests of the engine: a fleet without AWS, and a clock that is moved by hand."""

from tests.support.engine.clocks import FakeClock, HastyClock, settle
from tests.support.engine.endpoints import (
    EXPIRED,
    OFFLINE,
    component,
    fault,
    hosted,
    key_of,
    on,
    series,
    subject,
    variant_of,
    with_status,
)
from tests.support.engine.moments import MINUTE, NEWEST_SETTLED, Values, at, in_periods, minutes
from tests.support.engine.poller import Rig, rig, row
from tests.support.engine.ports import FakeInventory, ScriptedInsights, ScriptedMetrics

__all__ = [
    "EXPIRED",
    "MINUTE",
    "NEWEST_SETTLED",
    "OFFLINE",
    "FakeClock",
    "FakeInventory",
    "HastyClock",
    "Rig",
    "ScriptedInsights",
    "ScriptedMetrics",
    "Values",
    "at",
    "component",
    "fault",
    "hosted",
    "in_periods",
    "key_of",
    "minutes",
    "on",
    "rig",
    "row",
    "series",
    "settle",
    "subject",
    "variant_of",
    "with_status",
]
