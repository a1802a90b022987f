"""What was read of a whole region, sorted by the endpoints that it is about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.scaling import (
    Scalable,
    ScalableTarget,
    ScaledPart,
    ScalingActivity,
    ScalingPolicy,
    scalable_resources,
)
from smtop.metrics.domain.surroundings import Alarm
from smtop.metrics.ports import PlacedAlarm

V = TypeVar("V", ScalingPolicy, ScalingActivity)


class Scaling:
    """What scales in a region; None is what could not be asked. Schedules are not asked for a whole region."""

    def __init__(
        self,
        targets: Iterable[ScalableTarget],
        policies: Iterable[ScalingPolicy] | None,
        activities: Iterable[ScalingActivity] | None,
    ) -> None:
        own_policies = None if policies is None else _by_scalable(policies)
        own_activities = None if activities is None else _by_scalable(activities)
        self._parts: defaultdict[str, list[ScaledPart]] = defaultdict(list)
        for target in targets:
            at = target.scalable
            part = ScaledPart(target, _own(own_policies, at), None, _own(own_activities, at))
            self._parts[at.resource].append(part)
        self._alarms = frozenset(name for policy in policies or () for name in policy.alarms)

    def of(self, endpoint: Endpoint) -> tuple[ScaledPart, ...]:
        """The parts of an endpoint that are registered."""
        return tuple(part for resource in scalable_resources(endpoint) for part in self._parts.get(resource, ()))

    def makes(self, alarm: Alarm) -> bool:
        """Whether the alarm belongs to a policy."""
        return alarm.scales or alarm.name in self._alarms


class Alarms:
    """The alarms of a region. In CloudWatch's dimension a component may be spelled in another case."""

    def __init__(self, placed: Iterable[PlacedAlarm], scaling: Scaling | None) -> None:
        self._by_endpoint: defaultdict[str, list[Alarm]] = defaultdict(list)
        self._by_component: defaultdict[str, list[Alarm]] = defaultdict(list)
        for endpoint, alarm in placed:
            own = alarm._replace(scales=True) if scaling and scaling.makes(alarm) else alarm
            if endpoint is not None:
                self._by_endpoint[endpoint].append(own)
            elif alarm.component is not None:
                self._by_component[alarm.component.casefold()].append(own)

    def of(self, endpoint: Endpoint) -> tuple[Alarm, ...]:
        """The alarms on an endpoint and its components; components are called as SageMaker calls them."""
        found = list(self._by_endpoint.get(endpoint.name, ()))
        for component in endpoint.components:
            own = self._by_component.get(component.name.casefold(), ())
            found += [alarm._replace(component=component.name) for alarm in own]
        return tuple(found)


def _by_scalable(found: Iterable[V]) -> Mapping[Scalable, list[V]]:
    groups: defaultdict[Scalable, list[V]] = defaultdict(list)
    for one in found:
        groups[one.scalable].append(one)
    return groups


def _own(groups: Mapping[Scalable, Sequence[V]] | None, at: Scalable) -> tuple[V, ...] | None:
    return None if groups is None else tuple(groups.get(at, ()))
