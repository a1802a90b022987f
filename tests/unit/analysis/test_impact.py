"""Failed or slowed requests a minute."""

from collections.abc import Mapping, Sequence

import pytest

from smtop.metrics.analysis.impact import impact
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Muted, Severity
from smtop.metrics.domain.series import NO_DATA, Sample, SampleState, not_collected
from smtop.metrics.domain.snapshot import Vitals
from tests.support.engine import Values, hosted, on, subject
from tests.support.fleet import stale, vitals

REALTIME, BATCH = hosted(), hosted("batch", Kind.ASYNC)


def of(numbers: Vitals, *found: str) -> Sample:
    findings = [Finding(name, Severity.WARNING, name) for name in found]
    return impact(subject(REALTIME, {}), numbers, findings)


def of_batch(labels: Mapping[str, Values], numbers: Vitals, found: Sequence[Finding] = ()) -> float | None:
    return impact(subject(BATCH, {on(BATCH): labels}), numbers, found).value


def busy() -> Vitals:
    return vitals(requests=200.0, errors=0.05, client_errors=0.5)


@pytest.mark.parametrize(
    ("numbers", "found", "expected"),
    [
        (vitals(requests=200.0, errors=0.0), (), 0.0),
        (busy(), (), 10.0),
        (busy(), ("errors-4xx",), 10.0),
        (busy(), ("concurrency-limit",), 110.0),
        (busy(), ("cpu-saturated",), 10.0),
    ],
)
def test_what_counts_as_failed(numbers: Vitals, found: tuple[str, ...], expected: float) -> None:
    assert of(numbers, *found).value == pytest.approx(expected)


def told(impact: float | None, variant: str | None = "A", severity: Severity = Severity.WARNING) -> Finding:
    return Finding("any", severity, "any", variant=variant, impact_per_minute=impact)


MUTED = told(500.0)._replace(muted=Muted("known", 9e9, "ana"))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([told(None)], 10.0),
        ([told(38.0)], 38.0),
        ([told(4.0)], 10.0),
        ([told(38.0), told(20.0)], 38.0),
        ([told(38.0), told(20.0, "B")], 58.0),
        ([told(38.0), told(20.0, "B"), told(50.0, None)], 58.0),
        ([told(38.0), told(70.0, None)], 70.0),
        ([MUTED], 10.0),
        ([told(500.0, severity=Severity.OK)], 10.0),
    ],
    ids=[
        "untold",
        "slowed",
        "never less than what fails",
        "the same requests",
        "two variants",
        "and the whole",
        "the whole is more",
        "muted",
        "advice",
    ],
)
def test_findings_tell_what_is_slowed(found: list[Finding], expected: float) -> None:
    assert impact(subject(REALTIME, {}), busy(), found).value == pytest.approx(expected)


def test_an_asynchronous_endpoint_fails_by_its_own_counters() -> None:
    failing: Mapping[str, Values] = {"InvocationFailures.Sum": [4.0], "ExpiredRequests.Sum": [1.0]}
    assert of_batch(failing, vitals(requests=50.0)) == 5.0
    assert of_batch(failing, vitals(requests=50.0), [told(417.0, None)]) == 417.0


def test_what_is_not_known_is_no_zero() -> None:
    assert of(vitals(requests=0.0)).value is None
    assert of(vitals(requests=NO_DATA, errors=0.5)).value is None
    refused = of(vitals(requests=9.0, errors=not_collected("denied")))
    assert (refused.state, refused.why) == (SampleState.NOT_COLLECTED, "denied")


def test_it_is_as_trustworthy_as_the_failures_where_those_are_known() -> None:
    old = vitals(requests=100.0, errors=stale(0.1, minutes=9))
    assert impact(subject(REALTIME, {}), old, [told(38.0)]).state is SampleState.STALE
    refused = vitals(requests=100.0, errors=not_collected("denied"))
    assert impact(subject(REALTIME, {}), refused, [told(38.0)]) == Sample(SampleState.OK, 38.0)
