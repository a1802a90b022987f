"""An endpoint that was deleted and created again under the same name is another endpoint."""

from datetime import timedelta

import pytest

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import PERIOD_S, Point
from tests.support.engine import Rig, at, hosted, key_of, rig, row, variant_of
from tests.support.fleet import NOW_S

OLD = hosted("fraud")
CREATED_AGO_S = 255
"""The creation lies within a minute, four minutes before the one under way."""
NEW = hosted("fraud", age=timedelta(seconds=CREATED_AGO_S))
CALLS, ERRORS = key_of(OLD, "Invocations.Sum"), key_of(OLD, "Invocation5XXErrors.Sum")


async def recreated(new: Endpoint = NEW) -> Rig:
    """An endpoint in trouble with an hour of requests, and its successor after that."""
    made = rig(OLD, requests=None)
    made.source.tell(CALLS, *(Point(at(minute), 50.0) for minute in range(4, 90)))
    made.source.tell(ERRORS, *(Point(at(minute), 40.0) for minute in range(4, 90)))
    before = row(await made.cycle(), "fraud")
    assert [finding.id for finding in before.findings] == ["errors-5xx"]
    assert len(before.vitals.trend) > 50
    made.inventory.put(new)
    return made


async def test_nothing_of_before_is_shown_or_judged_though_the_variant_has_the_same_name() -> None:
    made = await recreated()
    view = row(await made.cycle(), "fraud")
    assert (view.findings, view.vitals.trend) == ((), ())
    assert view.vitals.requests_per_minute.value is None
    assert view.vitals.server_error_ratio.value is None
    assert view.severity is not Severity.CRITICAL


async def test_its_own_minutes_begin_with_the_first_whole_one() -> None:
    made = await recreated()
    for _ in range(5):
        made.clock.move(PERIOD_S)
    made.source.tell(CALLS, *(Point(at(minute), 7.0) for minute in range(-5, 4)))
    made.source.tell(ERRORS, *(Point(at(minute), 0.0) for minute in range(-5, 4)))
    view = row(await made.cycle(), "fraud")
    created = NOW_S - CREATED_AGO_S
    assert view.vitals.trend[0].at == at(4) + PERIOD_S >= created > at(4)
    assert {point.value for point in view.vitals.trend} == {7.0}
    assert view.vitals.requests_per_minute.value == 7.0
    assert view.findings == ()


async def test_other_variants_begin_with_nothing() -> None:
    new = hosted("fraud", variants=(variant_of(name="Other"),), age=timedelta(seconds=CREATED_AGO_S))
    made = await recreated(new)
    view = row(await made.cycle(), "fraud")
    assert (view.findings, view.vitals.trend, view.vitals.requests_per_minute.value) == ((), (), None)


async def test_traffic_of_before_does_not_make_it_busy() -> None:
    made = await recreated()
    for _ in range(30):
        made.clock.move(PERIOD_S)
        await made.cycle()
    assert set((await made.cycle()).spend.usd_by_tier) == {"idle"}


@pytest.mark.parametrize("age", [timedelta(days=30), timedelta(hours=2)])
async def test_an_older_endpoint_keeps_its_whole_hour(age: timedelta) -> None:
    made = rig(hosted("fraud", age=age))
    assert len(row(await made.cycle(), "fraud").vitals.trend) == 60
