"""What is asked of a whole region: what scales, alarms, quotas, and what models are made from."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from smtop.metrics.clock import Clock
from smtop.metrics.collect.surroundings.models import Models
from smtop.metrics.collect.surroundings.places import Alarms, Scaling
from smtop.metrics.collect.surroundings.question import NOT_YET, Question
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.quotas import Usage, needs_of
from smtop.metrics.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy
from smtop.metrics.domain.surroundings import Around, Quota, Surroundings
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import AroundSources, PlacedAlarm

POLICIES_S = 900
"""Policies come ten to a page, and are rarely changed."""

QUOTAS_S = 3600
BACK_S = 3600
"""How far back activities of scaling are read."""

ASKED = (Around.SCALING, Around.ALARMS, Around.QUOTAS, Around.MODELS)
_SCALING = "application-autoscaling:Describe"


class Region:
    """Keeps the newest answers, and picks out of them what concerns an endpoint."""

    def __init__(self, sources: AroundSources, used: Callable[[], Usage | None], clock: Clock) -> None:
        self._count_used = used
        scaling = sources.scaling
        self._targets: Question[Sequence[ScalableTarget]] = Question(
            f"{_SCALING}ScalableTargets", scaling.all_targets, clock
        )
        self._policies: Question[Sequence[ScalingPolicy]] = Question(
            f"{_SCALING}ScalingPolicies", scaling.all_policies, clock
        )
        self._activities: Question[Sequence[ScalingActivity]] = Question(
            f"{_SCALING}ScalingActivities", lambda: scaling.activities_since(clock.wall() - BACK_S), clock
        )
        self._alarms: Question[Sequence[PlacedAlarm]] = Question(
            "cloudwatch:DescribeAlarms", sources.alarms.alarms, clock
        )
        self._quotas: Question[Mapping[str, Quota]] = Question(
            "servicequotas:ListServiceQuotas", sources.quotas.quotas, clock
        )
        self._models = Models(sources.models, sources.sizes, clock)
        self._scaling_by_place: Scaling | None = None
        self._alarms_by_place: Alarms | None = None
        self._used: Usage | None = None

    async def ask(self, endpoints: Sequence[Endpoint], account: str, every_s: float, most: int | None) -> bool:
        """Asks what is due, scaling and alarms every so often, and at most so many models; whether anything was."""
        asked = await asyncio.gather(
            self._ask_scaling(every_s),
            self._alarms.ask_if_due(every_s),
            self._quotas.ask_if_due(QUOTAS_S),
            self._models.read(endpoints, account, most),
        )
        if not any(asked):
            return False
        targets, alarms = self._targets.value, self._alarms.value
        if targets is None:
            self._scaling_by_place = None
        elif not targets:
            self._scaling_by_place = Scaling((), (), ())
        else:
            self._scaling_by_place = Scaling(targets, self._policies.value, self._activities.value)
        self._alarms_by_place = None if alarms is None else Alarms(alarms, self._scaling_by_place)
        self._used = self._count_used()
        return True

    async def _ask_scaling(self, every_s: float) -> bool:
        """Where nothing is registered nothing else is asked."""
        if not await self._targets.ask_if_due(every_s):
            return False
        if self._targets.value:
            await asyncio.gather(self._policies.ask_if_due(POLICIES_S), self._activities.ask_if_due(every_s))
        return True

    def errors(self) -> list[AwsError]:
        """Why something is missing, by operation."""
        about = (self._targets, self._policies, self._activities, self._alarms, self._quotas, self._models)
        return [one.error for one in about if one.error is not None]

    def of(self, endpoint: Endpoint) -> Surroundings:
        """What is known of an endpoint but for its past."""
        if not endpoint.described:
            return Surroundings(unknown=dict.fromkeys(ASKED, NOT_YET))
        scaling, alarms, quotas = self._scaling_by_place, self._alarms_by_place, self._quotas.value
        models, missing = self._models.of(endpoint)
        return Surroundings(
            scaled=None if scaling is None else scaling.of(endpoint),
            alarms=None if alarms is None else alarms.of(endpoint),
            quotas=None if quotas is None else self._bounds(endpoint, quotas),
            models=models,
            unknown=dict(self._unknown(missing)),
        )

    def _bounds(self, endpoint: Endpoint, quotas: Mapping[str, Quota]) -> Mapping[str, Quota]:
        own = {what: quotas[what] for what in needs_of(endpoint) if what in quotas}
        if self._used is None:
            return own
        return {what: quota._replace(used=float(self._used.get(what, 0))) for what, quota in own.items()}

    def _unknown(self, missing: str | None) -> Iterator[tuple[Around, str]]:
        scaling = (self._targets, self._policies, self._activities) if self._targets.value else (self._targets,)
        why = next((one.why for one in scaling if one.why), None)
        for topic, said in (
            (Around.SCALING, why),
            (Around.ALARMS, self._alarms.why),
            (Around.QUOTAS, self._quotas.why),
            (Around.MODELS, missing),
        ):
            if said is not None:
                yield topic, said
