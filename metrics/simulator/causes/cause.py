"""What a cause is: a failure mode, or something that only looks like one, made to happen to an endpoint."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from smtop.metrics.simulator.ailments import Ail, Ailment, Course
from smtop.metrics.simulator.blueprint import Blueprint, calls_for
from smtop.metrics.simulator.instances import spec_of
from smtop.metrics.simulator.workload import Shift

MIN_S = 60.0
HOST_METRICS = "/aws/sagemaker/Endpoints"


@dataclass(frozen=True)
class Onset:
    """When it begins and ends (epoch seconds), and how bad it is."""

    began: float
    severe: bool = True
    until: float = math.inf

    def either(self, mild: float, severe: float) -> float:
        """The size that belongs to the severity."""
        return severe if self.severe else mild

    def course(self, ramp_s: float = 0.0) -> Course:
        """The course of an ailment with this onset."""
        return Course(self.began, ramp_s, self.until)


Strike = Callable[[Blueprint, Onset], Blueprint]


@dataclass(frozen=True)
class Cause:
    """One failure mode. `rules` are the ids that name the right cause, `also` those that are true as consequences.

    `bases` are the kinds of endpoints that it can strike (see `bases`), `roomy` and `steady` what their traffic has to
    be like. `full_s` is how long after the onset it is at full strength. `lasting` ones cannot end, `always` ones are
    there from the start, whatever the onset.
    """

    name: str
    note: str
    strike: Strike
    bases: tuple[str, ...]
    rules: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    variant: str | None = "AllTraffic"
    full_s: float = 0.0
    steady: bool = False
    roomy: bool = False
    lasting: bool = False
    always: bool = False

    @property
    def confounder(self) -> bool:
        """Whether nothing is wrong, however it looks."""
        return not self.rules


def ailing(ail: Ail, mild: float, severe: float, ramp_s: float = 0.0, of: str | None = None) -> Strike:
    """Something inside the endpoint goes wrong."""

    def strike(blueprint: Blueprint, onset: Onset) -> Blueprint:
        return blueprint.ailing(Ailment(ail, onset.either(mild, severe), onset.course(ramp_s), of))

    return strike


def surge(mild: float, severe: float, ramp_s: float = MIN_S) -> Strike:
    """So many times as many calls."""

    def strike(blueprint: Blueprint, onset: Onset) -> Blueprint:
        return shifted(blueprint, Shift(onset.began, onset.either(mild, severe), ramp_s, onset.until))

    return strike


def busy_until(mild: float, severe: float, ramp_s: float = MIN_S) -> Strike:
    """As many calls as keep the instances busy to a share of what they can do; 1.2 is a fifth too many."""

    def strike(blueprint: Blueprint, onset: Onset) -> Blueprint:
        factor = onset.either(mild, severe) / busy(blueprint, onset.began)
        return shifted(blueprint, Shift(onset.began, factor, ramp_s, onset.until))

    return strike


def shifted(blueprint: Blueprint, *shifts: Shift) -> Blueprint:
    """The same endpoint with more changes of its traffic."""
    return blueprint.called(shifts=(*blueprint.workload.traffic.shifts, *shifts))


def busy(blueprint: Blueprint, moment: float) -> float:
    """The share of what its instances can do that an endpoint's callers ask for at a moment."""
    variant = blueprint.live[0]
    assert variant.instance_type is not None
    profile = blueprint.workload.profile(variant.model)
    able = calls_for(profile, variant.instance_type, variant.instances, 1.0)
    if blueprint.async_concurrency is not None:
        able *= min(1.0, blueprint.async_concurrency / calls_at_once(blueprint))
    return blueprint.workload.traffic.expected(moment) / able


def calls_at_once(blueprint: Blueprint) -> int:
    """Calls that one instance of the first variant can serve at once."""
    variant = blueprint.live[0]
    return blueprint.workload.profile(variant.model).slots_on(spec_of(variant.instance_type or ""))
