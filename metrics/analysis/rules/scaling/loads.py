"""The load that a target-tracking policy keeps at its target, as smtop or as the policy's own alarm sees it."""

from collections.abc import Iterator
from typing import NamedTuple

from smtop.metrics.analysis.rules.scaling.parts import Part
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.scaling import ScalingPolicy
from smtop.metrics.domain.series import Owner, Point
from smtop.metrics.domain.surroundings import Alarm, AlarmState

PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": "InvocationsPerInstance.Sum",
    "SageMakerVariantProvisionedConcurrencyUtilization": "ServerlessProvisionedConcurrencyUtilization.Average",
    "SageMakerInferenceComponentInvocationsPerCopy": "InvocationsPerCopy.Sum",
}
"""AWS's names for policies, and the series behind them. Those on concurrency go by averages of ten seconds, and of a
minute CloudWatch has but the peak: there the policy's alarm is asked."""

_HIGH = "AlarmHigh"
"""Part of the name of the alarm by which target tracking scales out."""


class Load(NamedTuple):
    """A policy whose metric smtop reads."""

    policy: ScalingPolicy
    owner: Owner
    label: str
    target: float

    @property
    def metric(self) -> str:
        return self.label.partition(".")[0]

    def shares(self, subject: Subject) -> list[Point]:
        """The settled points as shares of the target."""
        return [Point(point.at, point.value / self.target) for point in subject.settled(self.owner, self.label)]


def loads(subject: Subject, part: Part) -> Iterator[Load]:
    """Of the policies that keep a metric at a target, those whose metric is read."""
    for policy in part.scaled.policies or ():
        label = PREDEFINED.get(policy.metric) or policy.metric.replace(" ", ".")
        owners = (part.owner, Owner(part.owner.endpoint, part.owner.variant), subject.owner)
        owner = next((one for one in owners if label in subject.samples.get(one, {})), None)
        if policy.target and owner is not None:
            yield Load(policy, owner, label, policy.target)


def calling_alarm(subject: Subject, part: Part) -> Alarm | None:
    """The alarm of a target-tracking policy that calls for more at present."""
    names = {name for policy in part.scaled.policies or () if policy.target for name in policy.alarms if _HIGH in name}
    alarms = subject.around.alarms or ()
    return next((one for one in alarms if one.name in names and one.state is AlarmState.ALARM), None)
