"""Failed or slowed requests a minute."""

from collections.abc import Mapping, Sequence

import pytest

from smtop.metrics.analysis.impact import impact
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import NO_DATA, Sample, SampleState, not_collected
from smtop.metrics.domain.snapshot import Saturation, SaturationKind, Vitals
from tests.support.engine import Values, hosted, on, subject
from tests.support.fleet import saturation, stale, vitals

REALTIME, BATCH = hosted(), hosted("batch", Kind.ASYNC)


def of(numbers: Vitals, *found: str) -> Sample:
    findings = [Finding(name, Severity.WARNING, name) for name in found]
    return impact(subject(REALTIME, {}), numbers, findings)


def of_batch(labels: Mapping[str, Values], numbers: Vitals, found: Sequence[Finding] = ()) -> float | None:
    return impact(subject(BATCH, {on(BATCH): labels}), numbers, found).value


def busy(full: Saturation | None = None) -> Vitals:
    return vitals(requests=200.0, errors=0.05, client_errors=0.5, saturation=full)


@pytest.mark.parametrize(
    ("numbers", "found", "expected"),
    [
        (vitals(requests=200.0, errors=0.0), (), 0.0),
        (busy(), (), 10.0),
        (busy(), ("errors-4xx",), 10.0),
        (busy(), ("concurrency-limit",), 110.0),
        (busy(saturation(SaturationKind.PROVISIONED, 1.0, 38.0)), ("pc-exhausted",), 48.0),
        (busy(saturation(SaturationKind.CACHE, 0.75)), (), 10.0),
        (busy(saturation(SaturationKind.CACHE, 0.75)), ("cache-thrash",), 60.0),
        (busy(saturation(SaturationKind.CPU, 1.0)), ("cpu-saturated",), 10.0),
    ],
)
def test_what_counts_as_failed_or_slowed(numbers: Vitals, found: tuple[str, ...], expected: float) -> None:
    assert of(numbers, *found).value == pytest.approx(expected)


def test_an_asynchronous_endpoint_fails_by_its_own_counters_and_slows_what_waits_for_nobody() -> None:
    failing: Mapping[str, Values] = {"InvocationFailures.Sum": [4.0], "ExpiredRequests.Sum": [1.0]}
    waiting = vitals(requests=50.0, saturation=saturation(SaturationKind.BACKLOG, 412.0))
    alone = Finding("backlog-without-capacity", Severity.CRITICAL, "nobody is there")
    assert of_batch(failing, waiting) == 5.0
    assert of_batch(failing, waiting, [alone]) == 417.0


def test_what_is_not_known_is_no_zero() -> None:
    assert of(vitals(requests=0.0)).value is None
    assert of(vitals(requests=NO_DATA, errors=0.5)).value is None
    refused = of(vitals(requests=9.0, errors=not_collected("denied")))
    assert (refused.state, refused.why) == (SampleState.NOT_COLLECTED, "denied")


def test_it_is_as_trustworthy_as_its_least_trustworthy_part() -> None:
    spilling = saturation(SaturationKind.PROVISIONED, 1.0, 38.0)
    assert of(vitals(requests=100.0, errors=stale(0.1, minutes=9), saturation=spilling)).state is SampleState.STALE


def test_spillover_counts_where_the_utilisation_beside_it_is_missing() -> None:
    assert of(vitals(saturation=saturation(SaturationKind.PROVISIONED, NO_DATA, 38.0))).value == 38.0
