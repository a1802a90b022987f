"""From what the store holds to what a row says: states, the zero rule with its frontier, trends, silence."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from datetime import timedelta

import pytest

from smtop.metrics.collect.gallery import Gallery, Picture
from smtop.metrics.collect.picture import Ground, Terms, is_silent
from smtop.metrics.collect.plan import Ask, asks
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import NO_DATA, Dimensions, Owner, Point, Sample, SampleState, SeriesKey
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Answer, Completeness
from smtop.metrics.store import Store
from tests.support.engine import at, component, fault, hosted, key_of, minutes, on, variant_of
from tests.support.fleet import NOW_S

Told = Mapping[SeriesKey, Sequence[Point]]


def answered(store: Store, told: Told, *endpoints: Endpoint, now: float = NOW_S) -> Store:
    """Everything that the plan asks was answered: with these points, or with none."""
    keys = [ask.key for endpoint in endpoints for ask in asks(endpoint)]
    store.record({key: Answer.of(Completeness.COMPLETE, tuple(told.get(key, ()))) for key in keys}, now)
    return store


def each_minute(_: Ask) -> Terms:
    return Terms(60.0)


def picture(store: Store, *endpoints: Endpoint, published: Container[Dimensions] = (), now: float = NOW_S) -> Picture:
    plan = [(endpoint, asks(endpoint)) for endpoint in endpoints]
    return asyncio.run(Gallery(store).draw(plan, ground(store, published, now)))


def ground(store: Store, published: Container[Dimensions] = (), now: float = NOW_S) -> Ground:
    return Ground(store, published, now, each_minute, lambda _: None)


def view(
    told: Told, endpoint: Endpoint, *others: Endpoint, published: Container[Dimensions] = (), now: float = NOW_S
) -> EndpointView:
    drawn = picture(
        answered(Store(), told, endpoint, *others, now=now), endpoint, *others, published=published, now=now
    )
    return next(one for one in drawn.views if one.endpoint is endpoint)


FRAUD = hosted("fraud")
CALLS = key_of(FRAUD, "Invocations.Sum")
ERRORS = key_of(FRAUD, "Invocation5XXErrors.Sum")
LATENCY = key_of(FRAUD, "ModelLatency.p99")


def shown(drawn: EndpointView, label: str, owner: Owner | None = None) -> Sample:
    return drawn.metrics[owner or on(drawn.endpoint)][label]


# The zero rule


def test_errors_are_zero_where_requests_are_known_and_errors_are_not() -> None:
    drawn = view({CALLS: minutes(*[50.0] * 10)}, FRAUD)
    assert shown(drawn, "Invocation5XXErrors.Sum") == Sample(SampleState.OK, 0.0, at(2), filled=True)
    assert drawn.vitals.server_error_ratio.value == 0.0
    assert shown(drawn, "ModelLatency.p99") == NO_DATA


def test_nothing_is_zero_for_dimensions_that_nobody_knows() -> None:
    drawn = view({}, FRAUD)
    assert {sample for samples in drawn.metrics.values() for sample in samples.values()} == {NO_DATA}
    assert drawn.vitals.requests_per_minute == NO_DATA
    assert drawn.vitals.server_error_ratio.value is None
    assert drawn.severity is Severity.UNKNOWN


def test_a_quiet_endpoint_that_cloudwatch_knows_is_idle_at_zero() -> None:
    drawn = view({}, FRAUD, published={CALLS.metric.dimensions})
    assert shown(drawn, "Invocations.Sum") == Sample(SampleState.OK, 0.0, at(2), filled=True)
    assert drawn.severity is Severity.IDLE


def test_hosts_that_report_make_a_silent_counter_of_the_same_variant_zero() -> None:
    drawn = view({key_of(FRAUD, "CPUUtilization.Average"): minutes(*[12.0] * 10)}, FRAUD)
    assert shown(drawn, "Invocations.Sum").filled
    assert drawn.severity is Severity.IDLE


def test_one_variants_traffic_says_nothing_about_another_variant() -> None:
    endpoint = hosted(variants=(variant_of(name="A"), variant_of(name="B")))
    drawn = view({key_of(endpoint, "Invocations.Sum", on(endpoint, "A")): minutes(*[9.0] * 5)}, endpoint)
    assert shown(drawn, "Invocation5XXErrors.Sum", on(endpoint, "A")).value == 0.0
    assert shown(drawn, "Invocations.Sum", on(endpoint, "B")) == NO_DATA


@pytest.mark.parametrize("status", ["Creating", "Failed", "OutOfService", "Updating"])
def test_an_endpoint_that_does_not_serve_has_no_zeros(status: str) -> None:
    drawn = view({}, hosted("fraud", status=status), published={CALLS.metric.dimensions})
    assert shown(drawn, "Invocations.Sum") == NO_DATA


@pytest.mark.parametrize("verdict", [Completeness.ERROR, Completeness.FORBIDDEN])
def test_a_counter_that_was_refused_is_not_collected_and_never_zero(verdict: Completeness) -> None:
    store = answered(Store(), {ERRORS: minutes(0.0)}, FRAUD, now=NOW_S - 3600)
    store.record({CALLS: Answer(verdict)}, NOW_S)
    [drawn] = picture(store, FRAUD, published={CALLS.metric.dimensions}).views
    assert shown(drawn, "Invocations.Sum").state is SampleState.NOT_COLLECTED
    assert verdict.value in (shown(drawn, "Invocations.Sum").why or "")


def test_a_throttled_counter_is_not_collected_and_never_zero() -> None:
    store = Store()
    store.fail({ask.key: fault(FaultKind.THROTTLED) for ask in asks(FRAUD)})
    [drawn] = picture(store, FRAUD, published={CALLS.metric.dimensions}).views
    assert drawn.vitals.requests_per_minute.state is SampleState.NOT_COLLECTED
    assert drawn.severity is Severity.UNKNOWN


def test_partial_data_without_points_is_never_zero() -> None:
    store = answered(Store(), {ERRORS: minutes(0.0)}, FRAUD)
    store.record({CALLS: Answer(Completeness.PARTIAL)}, NOW_S)
    [drawn] = picture(store, FRAUD).views
    assert shown(drawn, "Invocations.Sum") == NO_DATA


# The frontier: late is not quiet


def busy(count: int, newest: int) -> tuple[list[Endpoint], dict[SeriesKey, Sequence[Point]]]:
    """A fleet with traffic whose data has reached the minute `newest` minutes ago."""
    endpoints = [hosted(f"e{index}") for index in range(count)]
    told: dict[SeriesKey, Sequence[Point]] = {
        key_of(one, "Invocations.Sum"): minutes(*[50.0] * 8, newest=newest) for one in endpoints
    }
    return endpoints, told


def test_data_that_is_late_for_the_whole_fleet_is_never_read_as_zero() -> None:
    endpoints, told = busy(8, newest=7)
    drawn = picture(answered(Store(), told, *endpoints), *endpoints)
    assert {view.vitals.requests_per_minute.value for view in drawn.views} == {50.0}
    assert {view.severity for view in drawn.views} == {Severity.OK}
    assert drawn.reached == at(7)


def test_a_sparse_counter_is_zero_where_the_fleet_has_moved_on() -> None:
    endpoints, told = busy(8, newest=2)
    told[CALLS] = minutes(30.0, newest=6)
    drawn = view(told, FRAUD, *endpoints)
    assert shown(drawn, "Invocations.Sum") == Sample(SampleState.OK, 0.0, at(2), filled=True)


def test_a_counter_waits_for_its_own_siblings_while_they_keep_up() -> None:
    endpoints, told = busy(8, newest=2)
    told[CALLS] = minutes(*[30.0] * 5, newest=4)
    told[LATENCY] = minutes(*[1000.0] * 5, newest=4)
    assert shown(view(told, FRAUD, *endpoints), "Invocations.Sum") == Sample(SampleState.OK, 30.0, at(4))


def test_hosts_that_report_earlier_do_not_turn_late_requests_into_zeros() -> None:
    endpoints, told = busy(6, newest=8)
    for one in endpoints:
        told[key_of(one, "CPUUtilization.Average")] = minutes(*[10.0] * 14)
    drawn = picture(answered(Store(), told, *endpoints), *endpoints)
    assert {view.vitals.requests_per_minute.value for view in drawn.views} == {50.0}


def test_a_fleet_without_data_has_reached_nothing() -> None:
    assert picture(answered(Store(), {}, FRAUD), FRAUD).reached is None
    assert picture(Store()).views == ()


# Rows


def test_values_that_are_no_longer_answered_are_kept_and_stale() -> None:
    store = answered(Store(), {CALLS: minutes(*[50.0] * 5)}, FRAUD)
    store.fail({CALLS: fault(FaultKind.UNREACHABLE, message="No network.")})
    [drawn] = picture(store, FRAUD, now=NOW_S + 300).views
    assert shown(drawn, "Invocations.Sum") == Sample(SampleState.STALE, 50.0, at(2), "No network.")
    assert drawn.vitals.requests_per_minute.state is SampleState.STALE


def test_an_outage_heals_its_own_gap() -> None:
    store = answered(Store(), {CALLS: minutes(*[50.0] * 5)}, FRAUD)
    store.fail({ask.key: fault(FaultKind.UNREACHABLE) for ask in asks(FRAUD)})
    later = NOW_S + 600
    answered(store, {CALLS: minutes(*[60.0] * 12, newest=-8)}, FRAUD, now=later)
    [drawn] = picture(store, FRAUD, now=later).views
    assert shown(drawn, "Invocations.Sum").state is SampleState.OK
    assert [point.value for point in drawn.vitals.trend[-3:]] == [60.0, 60.0, 60.0]
    assert all(
        later.at - earlier.at == 60 for earlier, later in zip(drawn.vitals.trend, drawn.vitals.trend[1:], strict=False)
    )


def test_the_worst_endpoint_comes_first() -> None:
    broken, quiet = hosted("z", status="Failed"), hosted("a")
    drawn = picture(answered(Store(), {key_of(quiet, "Invocations.Sum"): minutes(1.0)}, broken, quiet), quiet, broken)
    assert [one.endpoint.name for one in drawn.views] == ["z", "a"]


def test_findings_of_the_rules_arrive_in_the_row() -> None:
    drawn = view({CALLS: minutes(*[100.0] * 6), ERRORS: minutes(0.0, *[30.0] * 5)}, FRAUD)
    assert [finding.id for finding in drawn.findings] == ["errors-5xx"]
    assert (drawn.severity, drawn.findings[0].since) == (Severity.CRITICAL, at(6))


def test_a_value_that_still_grows_raises_no_alarm() -> None:
    drawn = view({CALLS: minutes(100.0, newest=1), ERRORS: minutes(70.0, newest=1)}, FRAUD)
    assert drawn.findings == ()
    assert shown(drawn, "Invocation5XXErrors.Sum").state is SampleState.PROVISIONAL


def test_the_spelling_that_answers_wins() -> None:
    batch = hosted("batch", Kind.ASYNC)
    both = [ask.key for ask in asks(batch) if ask.label == "InvocationsProcessed.Sum"]
    for answering in both:
        drawn = view({answering: minutes(*[7.0] * 5)}, batch)
        assert shown(drawn, "InvocationsProcessed.Sum").value == 7.0
        assert drawn.vitals.requests_per_minute.value == 7.0


# Trends


def test_the_trend_is_an_hour_of_settled_minutes_over_production_variants() -> None:
    endpoint = hosted(variants=(variant_of(name="A"), variant_of(name="B"), variant_of(name="S", shadow=True)))
    told = {
        key_of(endpoint, "Invocations.Sum", on(endpoint, "A")): minutes(*[1.0] * 100, newest=0),
        key_of(endpoint, "Invocations.Sum", on(endpoint, "B")): minutes(10.0, None, 30.0),
        key_of(endpoint, "Invocations.Sum", on(endpoint, "S")): minutes(*[500.0] * 100),
    }
    trend = view(told, endpoint).vitals.trend
    assert [point.value for point in trend[-3:]] == [11.0, 1.0, 31.0]
    assert (trend[0].at, trend[-1].at, len(trend)) == (at(61), at(2), 60)


def test_the_trend_of_a_gap_is_a_gap() -> None:
    assert view({CALLS: minutes(1.0, None, 3.0)}, FRAUD).vitals.trend == minutes(1.0, None, 3.0)


def test_the_trend_is_of_components_only_where_variants_report_none() -> None:
    endpoint = hosted("llm", Kind.INFERENCE_COMPONENT, components=(component("a"), component("b")))
    parts = {
        key_of(endpoint, "Invocations.Sum", Owner("llm", "AllTraffic", component=name)): minutes(4.0) for name in "ab"
    }
    assert view(parts, endpoint).vitals.trend == minutes(8.0)
    whole = {key_of(endpoint, "Invocations.Sum"): minutes(8.5)}
    assert view({**parts, **whole}, endpoint).vitals.trend == minutes(8.5)


# Silence


def silent(told: Told, *endpoints: Endpoint, published: Container[Dimensions] = ()) -> bool:
    store = answered(Store(), told, *endpoints)
    return is_silent([(one, asks(one)) for one in endpoints], ground(store, published))


def test_a_fleet_is_silent_where_some_part_has_said_nothing_and_is_not_known() -> None:
    other = hosted("other")
    told = {CALLS: minutes(1.0)}
    assert silent(told, FRAUD, other)
    assert not silent(told, FRAUD)
    assert not silent(told, FRAUD, other, published={key_of(other, "Invocations.Sum").metric.dimensions})
    assert not silent({}, FRAUD._replace(described=False))


def test_an_endpoint_without_points_that_is_young_is_not_idle() -> None:
    young = hosted("fraud", age=timedelta(minutes=10))
    assert view({}, young, published={CALLS.metric.dimensions}).severity is Severity.OK
