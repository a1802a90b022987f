"""Inference components without capacity: it fires, does not fire, and is silent without data."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Component, Endpoint, Kind, Moving
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.scaling import ScaledPart
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.surroundings import Surroundings
from tests.support.engine import Values, at, hosted
from tests.support.rules import open_before, said, seen, the
from tests.support.scaling import COMPONENT, ago, part, setting, tracking

NO_COPY = "NoCapacityInvocationFailures.Sum"
CALLS = "Invocations.Sum"
REFUSED: Values = [0.0, 0.0, 30.0, 30.0, 30.0]


def hosting(current: int | None, desired: int | None, status: str = "InService", **more: Any) -> Endpoint:
    llm = Component("llm", "AllTraffic", status, Moving(current, desired), **more)
    return hosted(kind=Kind.INFERENCE_COMPONENT, components=(llm,))


LLM = Owner("fraud", "AllTraffic", component="llm")


def component(endpoint: Endpoint, labels: Mapping[str, Values] | None = None, **around: Any) -> Subject:
    return seen(endpoint, labels or {}, LLM, around=Surroundings(**around))


def of_component(found: Sequence[Finding]) -> Finding:
    finding = the(found)
    assert (finding.id, finding.component) == ("component-without-capacity", "llm")
    return finding


@pytest.mark.parametrize(
    ("endpoint", "parts", "severity", "change"),
    [
        (hosting(0, 0), (), Severity.CRITICAL, Resize("fraud", component="llm", copies=1)),
        (hosting(0, 0), (part(scalable=COMPONENT),), Severity.CRITICAL, Resize("fraud", component="llm", copies=1)),
        (
            hosting(0, 0),
            (part(scalable=COMPONENT, policies=(tracking(),)),),
            Severity.WARNING,
            Resize("fraud", component="llm", copies=1),
        ),
        (hosting(0, 1, "Updating"), None, Severity.WARNING, None),
    ],
    ids=["nothing scales it", "no policy", "a policy will", "on its way"],
)
def test_refused_requests_are_critical_unless_a_copy_is_coming(
    endpoint: Endpoint, parts: tuple[ScaledPart, ...] | None, severity: Severity, change: Resize | None
) -> None:
    told = component(endpoint, {NO_COPY: REFUSED, CALLS: [30.0] * 5}, scaled=parts)
    finding = of_component(said("component-without-capacity", told))
    assert (finding.severity, finding.change, finding.since) == (severity, change, at(4))
    assert finding.impact_per_minute == 18.0


def test_a_first_copy_that_does_not_come_is_critical() -> None:
    told = component(hosting(0, 1, "Updating"), {NO_COPY: [30.0] * 12, CALLS: [30.0] * 12})
    assert of_component(said("component-without-capacity", told)).severity is Severity.CRITICAL


@pytest.mark.parametrize(
    "values",
    [[0.0] * 5, [0.0, 0.0, 0.0, 0.0, 30.0], [30.0, 30.0, 0.0, 0.0, 0.0], [None] * 5],
    ids=["none", "one minute", "over", "no data"],
)
def test_a_component_that_answers_is_well(values: Values) -> None:
    assert not said("component-without-capacity", component(hosting(2, 2), {NO_COPY: values, CALLS: [30.0] * 5}))


def test_refusals_last_until_three_minutes_are_better() -> None:
    still = component(hosting(0, 1), {NO_COPY: [30.0, 30.0, 30.0, 0.0, 0.0], CALLS: [30.0] * 5})
    assert of_component(said("component-without-capacity", open_before(still, "component-without-capacity", LLM)))
    over = component(hosting(0, 1), {NO_COPY: [30.0, 30.0, 0.0, 0.0, 0.0], CALLS: [30.0] * 5})
    assert not said("component-without-capacity", open_before(over, "component-without-capacity", LLM))


@pytest.mark.parametrize(("copies", "severity"), [(0, Severity.CRITICAL), (2, Severity.WARNING)])
def test_a_failed_component_is_told_with_the_reason_of_aws(copies: int, severity: Severity) -> None:
    told = component(hosting(copies, 2, "Failed", reason="The image has no /ping."))
    finding = of_component(said("component-without-capacity", told))
    assert (finding.severity, finding.evidence[0]) == (severity, "AWS: The image has no /ping.")


@pytest.mark.parametrize(("copies", "severity"), [(0, Severity.CRITICAL), (1, Severity.WARNING)])
def test_copies_that_find_no_room_are_told(copies: int, severity: Severity) -> None:
    told = component(hosting(copies, 3), uneven_since={("AllTraffic", "llm"): ago(22)})
    finding = of_component(said("component-without-capacity", told))
    assert (finding.severity, finding.since) == (severity, int(ago(22)))
    assert finding.title == f"llm has {copies} of 3 copies for 22 min"
    assert finding.change == Resize("fraud", "AllTraffic", count=3)


@pytest.mark.parametrize(
    ("endpoint", "uneven"),
    [
        (hosting(1, 3), {("AllTraffic", "llm"): ago(9)}),
        (hosting(3, 1), {("AllTraffic", "llm"): ago(60)}),
        (hosting(None, None), {("AllTraffic", "llm"): ago(60)}),
        (hosting(1, 3), {}),
        (hosted(), {("AllTraffic", None): ago(60)}),
    ],
    ids=["starting", "going", "not told", "not seen", "no components"],
)
def test_copies_that_are_coming_or_going_are_well(
    endpoint: Endpoint, uneven: Mapping[tuple[str | None, str | None], float]
) -> None:
    assert not said("component-without-capacity", component(endpoint, uneven_since=uneven))


def test_the_want_of_copies_says_why_scaling_failed_and_scaling_is_silent() -> None:
    failed = setting(3, 9, "Failed", message="No capacity.", scalable=COMPONENT)
    own = part(failed, scalable=COMPONENT)
    told = component(hosting(1, 3), scaled=(own,), uneven_since={("AllTraffic", "llm"): ago(22)})
    finding = of_component(said("component-without-capacity", told))
    assert finding.evidence[-1] == "scaling to 3 failed. AWS: No capacity."
    assert not said("scaling-stuck", told)
    assert said("scaling-stuck", component(hosting(3, 3), scaled=(own,)))
