"""Changes that were begun from this screen, and how far each has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from smtop.metrics.domain.plan import Plan
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.snapshot import EndpointView, Vitals
from smtop.metrics.journal import Entry, State

WATCH_S = 600
"""How long an endpoint is compared with what it was before, from the end of its change on."""


def vitals_by_part(view: EndpointView | None) -> Mapping[Owner, Vitals]:
    """The vitals of each variant and component, or of the whole endpoint where it has one part."""
    if view is None:
        return {}
    return view.parts or {Owner(view.endpoint.name): view.vitals}


@dataclass(frozen=True)
class Step:
    """One plan. `entry` is what the journal has of it, None until it was written; `fault` why that was not possible.

    `before` are the vitals from before it, `now` the newest ones. `began_at` and `ended_at` are epoch seconds.
    `goes_on` says that it was begun before, and is to be finished.
    """

    plan: Plan
    entry: Entry | None = None
    fault: str = ""
    before: Mapping[Owner, Vitals] = field(default_factory=dict)
    now: Mapping[Owner, Vitals] = field(default_factory=dict)
    began_at: float | None = None
    ended_at: float | None = None
    goes_on: bool = False

    @property
    def has_ended(self) -> bool:
        """Also where it was put off: then nothing more happens for now."""
        return bool(self.fault) or (
            self.entry is not None and (self.entry.state.is_final or self.entry.state is State.DEFERRED)
        )

    @property
    def is_well(self) -> bool:
        return self.entry is not None and self.entry.state in (State.APPLIED, State.DEFERRED)

    @property
    def word(self) -> str:
        """How it stands, in a word or two: AWS's own while it is at work."""
        if self.fault:
            return "not begun"
        if self.entry is None:
            return "waiting" if self.began_at is None else "being written down"
        if self.entry.state is State.APPLIED:
            return "done"
        if self.has_ended:
            return self.entry.state.value
        return self.entry.status or self.entry.state.value

    def is_watched(self, now: float) -> bool:
        """Whether its endpoint is still compared with what it was."""
        return self.began_at is not None and (self.ended_at is None or now - self.ended_at <= WATCH_S)


@dataclass(frozen=True)
class Undertaking:
    """Plans that are carried out one after the other; where one fails the rest is left, unless `go_on`."""

    steps: tuple[Step, ...]
    go_on: bool = False
    is_over: bool = False

    @property
    def current(self) -> Step:
        """The step that is being made, or the last one that was begun."""
        begun = [step for step in self.steps if step.began_at is not None]
        return next((step for step in begun if not step.has_ended), begun[-1] if begun else self.steps[0])

    @property
    def id(self) -> str:
        return self.steps[0].plan.id

    def having(self, step: Step) -> "Undertaking":
        """The same with a newer state of one step."""
        return replace(self, steps=tuple(step if one.plan.id == step.plan.id else one for one in self.steps))

    def step(self, change_id: str) -> Step:
        return next(one for one in self.steps if one.plan.id == change_id)

    def seen(self, views: Mapping[str, EndpointView], now: float) -> "Undertaking":
        """The same after a newer picture of the fleet; its views are told by their addresses."""
        steps = tuple(
            replace(step, now=vitals_by_part(views.get(step.plan.address)) or step.now)
            if step.is_watched(now)
            else step
            for step in self.steps
        )
        return replace(self, steps=steps)
