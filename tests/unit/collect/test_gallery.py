"""A view is drawn again when there is something new to see in it, and only then."""

import asyncio
import random
from dataclasses import dataclass, field

from smtop.metrics.analysis.rulebook import Rulebook
from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.collect.gallery import LASTS_S, Gallery, Picture
from smtop.metrics.collect.picture import Ground, Judging, Terms
from smtop.metrics.collect.plan import Ask, asks
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import PERIOD_S, Point, SampleState
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Answer, Completeness
from smtop.metrics.store import Store
from tests.support.engine import fault, hosted, key_of, on
from tests.support.fleet import NOW_S

FRAUD, SEARCH = hosted("fraud"), hosted("search")


@dataclass
class Fleet:
    """A fleet whose answers and time are told, drawn by one gallery."""

    endpoints: list[Endpoint] = field(default_factory=lambda: [FRAUD, SEARCH])
    now: float = NOW_S
    cadence_s: float = 60.0
    store: Store = field(default_factory=Store)
    without_rules: bool = False

    def __post_init__(self) -> None:
        self.gallery = Gallery(self.store)
        self.plan = {endpoint.name: (endpoint, asks(endpoint)) for endpoint in self.endpoints}

    def answer(self, endpoint: Endpoint, value: float = 1.0, minutes: int = 5) -> None:
        """Everything of this endpoint comes, with the same value for each minute up to the one under way."""
        newest = int(self.now // PERIOD_S) * PERIOD_S
        points = tuple(Point(newest - ago * PERIOD_S, value) for ago in reversed(range(minutes)))
        keys = [ask.key for ask in self.plan[endpoint.name][1]]
        self.store.record({key: Answer.of(Completeness.COMPLETE, points) for key in keys}, self.now)

    def change(self, endpoint: Endpoint) -> None:
        self.plan[endpoint.name] = (endpoint, self.plan[endpoint.name][1])

    def draw(self, gallery: Gallery | None = None) -> Picture:
        judging = Judging(Rulebook({"off": tuple(BY_ID)})) if self.without_rules else Judging()
        ground = Ground(self.store, (), self.now, self._terms, lambda _: self.cadence_s, judging)
        return asyncio.run((gallery or self.gallery).draw(list(self.plan.values()), ground))

    def views(self, gallery: Gallery | None = None) -> dict[str, EndpointView]:
        return {view.endpoint.name: view for view in self.draw(gallery).views}

    def _terms(self, _: Ask) -> Terms:
        return Terms(self.cadence_s)


def told(views: dict[str, EndpointView], now: float) -> object:
    """All that views say, to be compared; the trend but for its end that slides out of the hour."""
    since = now - 3600 + LASTS_S + 2 * PERIOD_S
    trends = {name: [point for point in view.vitals.trend if point.at >= since] for name, view in views.items()}
    rest = {
        name: (view.endpoint, view.severity, view.findings, view.metrics, view.vitals._replace(trend=()))
        for name, view in views.items()
    }
    return trends, rest


def test_only_what_was_asked_since_is_drawn_again() -> None:
    fleet = Fleet()
    for endpoint in (FRAUD, SEARCH):
        fleet.answer(endpoint)
    before = fleet.views()
    fleet.answer(FRAUD, 2.0)
    after = fleet.views()
    assert after["fraud"] is not before["fraud"]
    assert after["search"] is before["search"]


def test_a_failure_an_endpoint_that_changed_and_other_terms_are_news() -> None:
    fleet = Fleet()
    for endpoint in (FRAUD, SEARCH):
        fleet.answer(endpoint)
    before = fleet.views()
    fleet.store.fail({key_of(FRAUD, "Invocations.Sum"): fault(FaultKind.THROTTLED)})
    failed = fleet.views()
    assert failed["fraud"] is not before["fraud"]
    fleet.change(SEARCH._replace(summary=SEARCH.summary._replace(status="Updating")))
    changed = fleet.views()
    assert changed["search"].endpoint.status == "Updating"
    assert changed["fraud"] is failed["fraud"]
    fleet.cadence_s = 300.0
    assert fleet.views()["fraud"] is not failed["fraud"]


def test_a_value_turns_stale_without_any_news() -> None:
    fleet = Fleet()
    fleet.answer(FRAUD)
    fresh = fleet.views()["fraud"]
    fleet.now += 100
    assert fleet.views()["fraud"] is fresh
    fleet.now += 21
    stale = fleet.views()["fraud"]
    assert stale.metrics[on(FRAUD)]["CPUUtilization.Average"].state is SampleState.STALE


def test_an_endpoint_that_is_gone_is_forgotten() -> None:
    fleet = Fleet()
    fleet.draw()
    del fleet.plan["search"]
    assert set(fleet.views()) == {"fraud"}


def test_pictures_are_what_a_gallery_would_draw_that_starts_anew() -> None:
    rng = random.Random(7)
    fleet = Fleet([hosted(f"endpoint-{number}") for number in range(6)], without_rules=True)  # they remember
    for _ in range(60):
        fleet.now += rng.choice((5.0, 20.0, 61.0, 130.0))
        for endpoint in rng.sample(fleet.endpoints, rng.randrange(4)):
            fleet.answer(endpoint, rng.choice((0.0, 3.0, 90.0)), rng.randrange(6))
        if rng.random() < 0.2:
            unlucky = rng.choice(fleet.endpoints)
            fleet.store.fail({ask.key: fault(FaultKind.SERVICE) for ask in fleet.plan[unlucky.name][1][:3]})
        kept, anew = fleet.views(), fleet.views(Gallery(fleet.store))
        assert told(kept, fleet.now) == told(anew, fleet.now)
