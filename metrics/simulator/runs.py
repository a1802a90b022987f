"""What is simulated at a time: an endpoint, and the part of a stretch of minutes in which one deployment serves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.hosting import Stretch, kind_of
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.resources import Deployment, Deployments, LiveVariant
from smtop.metrics.simulator.workload import Workload

Subject = tuple[str, str]
"""What a stretch is about: its level and its name."""


@dataclass(frozen=True)
class Site:
    """One endpoint to simulate. `ground_min` is the epoch minute from which async queues are followed unbroken."""

    name: str
    stream: int
    workload: Workload
    history: tuple[Deployment, ...]
    deployments: Deployments
    ground_min: int


@dataclass(frozen=True, eq=False)
class Run:
    """The part of a block in which one deployment serves; `minutes` also hold the past that still has effects."""

    site: Site
    deployment: Deployment
    began: int
    shown_from: int
    minutes: Minutes

    def cut(self, columns: dict[str, Array]) -> dict[str, Array]:
        """Columns without the past."""
        skip = self.shown_from - int(self.minutes[0])
        return {name: values[skip:] for name, values in columns.items()}

    def ails(self, model: str | None) -> dict[str, Array]:
        """What ails a model, by the ail's name, with the past."""
        return self.site.workload.ailments.columns(self.minutes, model)

    def stretch(self, variant: LiveVariant, name: str, model: str | None) -> Stretch:
        """A stretch of which nothing is known yet."""
        return Stretch(
            stream=noise.key(self.site.stream, name),
            kind=kind_of(self.deployment, variant, self.site.deployments),
            variant=variant,
            profile=self.site.workload.profile(model),
            began=self.began,
            minutes=self.minutes[self.shown_from - int(self.minutes[0]) :],
            columns={},
        )


def runs(history: Sequence[Deployment], start: int, stop: int) -> Iterator[tuple[Deployment, int, int, int]]:
    """Deployment, the minute it began, and the first and last minute (exclusive) that it serves of a block."""
    begins = [int(deployment.since // 60) for deployment in history]
    for deployment, began, end in zip(history, begins, [*begins[1:], stop], strict=True):
        first, last = max(began, start), min(end, stop)
        if first < last:
            yield deployment, began, first, last
