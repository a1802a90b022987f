"""What an endpoint asks for: its worst finding, or what its state and its traffic say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from smtop.metrics.analysis import triage
from smtop.metrics.analysis.remembered import remembered
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.cache import CachedInventory
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner, Points, SampleState
from smtop.metrics.domain.snapshot import worst_first
from tests.support import fleet
from tests.support.engine import Values, hosted, minutes, on, subject, with_status
from tests.support.fleet import IDENTITY, NOW_S

QUIET: Mapping[str, Values] = {"Invocations.Sum": [0.0] * 15}
BUSY: Mapping[str, Values] = {"Invocations.Sum": [50.0] * 15}


def severity(
    endpoint: Endpoint,
    labels: Mapping[str, Values] = QUIET,
    *,
    own: Mapping[str, Values] | None = None,
    trend: Points = (),
    found: tuple[Finding, ...] = (),
) -> Severity:
    told = replace(subject(endpoint, {on(endpoint): labels, Owner(endpoint.name): own or {}}), trend=trend)
    return triage.severity(told, found or triage.findings(told))


def test_severities_are_ranked_as_the_json_output_promises() -> None:
    order = ["critical", "warning", "changing", "unknown", "idle", "ok"]
    assert [one.value for one in sorted(Severity, key=lambda one: one.rank)] == order


def test_the_worst_finding_decides_even_while_the_endpoint_changes() -> None:
    found = (Finding("a", Severity.WARNING, "a"), Finding("b", Severity.WARNING, "b"))
    assert severity(hosted(status="Updating"), found=found) is Severity.WARNING


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "Deleting"])
def test_an_endpoint_in_transition_is_changing(status: str) -> None:
    assert severity(hosted(status=status, age=timedelta(minutes=10)), BUSY) is Severity.CHANGING


def test_an_endpoint_of_which_nothing_was_measured_is_unknown() -> None:
    assert severity(hosted(), {}) is Severity.UNKNOWN


def test_an_endpoint_that_was_only_listed_is_unknown() -> None:
    assert severity(hosted()._replace(described=False), BUSY) is Severity.UNKNOWN


def test_traffic_makes_an_endpoint_ok() -> None:
    assert severity(hosted(), BUSY) is Severity.OK


def test_an_hour_without_a_request_makes_an_endpoint_idle() -> None:
    assert severity(hosted(), QUIET) is Severity.IDLE


def test_a_request_within_the_hour_keeps_an_endpoint_from_being_idle() -> None:
    assert severity(hosted(), QUIET, trend=minutes(1.0, *[0.0] * 50)) is Severity.OK
    assert severity(hosted(), QUIET, trend=minutes(*[0.0] * 60)) is Severity.IDLE


@pytest.mark.parametrize(("age", "expected"), [(59, Severity.OK), (61, Severity.IDLE)])
def test_a_new_endpoint_is_not_idle_before_it_has_had_an_hour(age: int, expected: Severity) -> None:
    assert severity(hosted(age=timedelta(minutes=age))) is expected


def test_unmeasured_requests_are_no_idleness() -> None:
    assert severity(hosted(), {"CPUUtilization.Average": [1.0]}) is Severity.OK


@pytest.mark.parametrize(("waiting", "expected"), [(0.0, Severity.IDLE), (3.0, Severity.OK)])
def test_an_async_endpoint_is_idle_only_with_an_empty_queue(waiting: float, expected: Severity) -> None:
    own: Mapping[str, Values] = {"ApproximateBacklogSize.Maximum": [waiting]}
    labels: Mapping[str, Values] = {"InvocationsProcessed.Sum": [0.0]}
    assert severity(hosted("batch", Kind.ASYNC), labels, own=own) is expected


def test_fleets_are_sorted_by_severity_then_impact_then_name() -> None:
    views = [
        fleet.endpoint("d", Severity.OK, impact=2.1),
        fleet.endpoint("c", Severity.OK, impact=3.9),
        fleet.endpoint("e", Severity.OK, impact=4.0),
        fleet.endpoint("f", Severity.OK, impact=0.9),
        fleet.endpoint("b", Severity.OK),
        fleet.endpoint("a", Severity.OK),
        fleet.endpoint("z", Severity.CRITICAL),
        fleet.endpoint("y", Severity.UNKNOWN),
    ]
    assert "".join(view.endpoint.name for view in sorted(views, key=worst_first)) == "zyecdabf"


def test_a_remembered_fleet_has_states_and_no_numbers() -> None:
    endpoints = (hosted("a"), with_status(hosted("b"), "Failed"), with_status(hosted("c"), "Updating"))
    picture = remembered(CachedInventory(IDENTITY, NOW_S - 600, endpoints))
    assert [(view.endpoint.name, view.severity) for view in picture.endpoints] == [
        ("b", Severity.CRITICAL),
        ("c", Severity.CHANGING),
        ("a", Severity.UNKNOWN),
    ]
    assert (picture.identity, picture.generated_at) == (IDENTITY, utc(NOW_S - 600))
    assert (picture.listed_at, picture.measured_at, picture.complete) == (None, None, False)
    for view in picture.endpoints:
        assert view.vitals.requests_per_minute.state is SampleState.NOT_COLLECTED
        assert view.metrics == {}


def test_a_window_ends_where_the_data_ends_and_not_at_the_clock() -> None:
    endpoint = hosted()
    points = {"Invocations.Sum": minutes(*[10.0] * 6, newest=7)}
    told = Subject(endpoint, {}, {on(endpoint): points}, NOW_S, frontier=points["Invocations.Sum"][-1].at)
    assert told.readable_total(on(endpoint), "Invocations.Sum") == 50.0
    assert len(told.newest(on(endpoint), "Invocations.Sum", 3)) == 3
