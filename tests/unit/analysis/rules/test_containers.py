"""Several containers behind one variant: the rule fires, does not fire, and is silent without data."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from smtop.metrics.analysis.rules.models.containers import failing_container
from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.analysis.thresholds import STANDARD
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Owner
from tests.support.engine import Values, at, hosted, on, subject
from tests.support.rules import Labels, open_before, said, seen, the

CALLS, FAILED = "Invocations.Sum", "Invocation5XXErrors.Sum"
TIME, TIMED = "ContainerLatency.Average", "ContainerLatency.SampleCount"
PIPELINE, DIRECT = hosted(kind=Kind.PIPELINE), hosted(kind=Kind.MULTI_CONTAINER)


def steps(endpoint: Endpoint, first_ms: Values, second_ms: Values, calls: float = 100.0, **more: object) -> Subject:
    """Calls' times in two containers, a minute each."""
    values = {"first": first_ms, "second": second_ms}
    parts: dict[Owner, Labels] = {
        on(endpoint)._replace(container=name): {
            TIME: [None if one is None else one * 1000 for one in own],
            TIMED: [None if one is None else calls for one in own],
        }
        for name, own in values.items()
    }
    return replace(subject(endpoint, parts), **more)  # type: ignore[arg-type]


SLOWED = [10.0] * 7 + [90.0] * 4


@pytest.mark.parametrize("endpoint", [PIPELINE, DIRECT], ids=["pipeline", "direct"])
def test_a_container_that_has_come_to_take_nearly_all_the_time_is_named(endpoint: Endpoint) -> None:
    finding = the(said("container-skew", steps(endpoint, SLOWED, [18.0] * 11)))
    assert (finding.severity, finding.variant, finding.since) == (Severity.WARNING, "AllTraffic", at(5))
    assert finding.title == "container first takes 83% of the time"
    assert "before it was 36%" in finding.evidence[0]
    assert "second 17%" in finding.evidence[1]


@pytest.mark.parametrize(
    "one",
    [
        steps(PIPELINE, [2.0] * 11, [98.0] * 11),
        steps(PIPELINE, [10.0] * 10 + [90.0], [18.0] * 11),
        steps(PIPELINE, SLOWED, [18.0] * 11, calls=2.0),
        steps(PIPELINE, [20.0] * 7 + [160.0] * 4, [20.0] * 7 + [160.0] * 4),
        steps(PIPELINE, [90.0] * 4, [18.0] * 4),
        steps(PIPELINE, SLOWED, []),
        steps(PIPELINE, [], []),
        seen(hosted(), {CALLS: [600.0] * 5}),
    ],
    ids=["always so", "one minute", "few calls", "both slower", "nothing before", "one told", "nothing", "one model"],
)
def test_other_times_of_containers_are_no_skew(one: Subject) -> None:
    assert not said("container-skew", one)


def test_what_is_usual_at_this_hour_is_no_news_and_says_so_without_minutes_before() -> None:
    def usually(first_us: float) -> Mapping[Owner, Mapping[str, Usual]]:
        times = {"first": first_us, "second": 18e3}
        return {
            on(PIPELINE)._replace(container=name): {TIME: Usual(us, us, us), TIMED: Usual(100.0, 90.0, 110.0)}
            for name, us in times.items()
        }

    assert not said("container-skew", steps(PIPELINE, SLOWED, [18.0] * 11, usual=usually(90e3)))
    assert said("container-skew", steps(PIPELINE, [90.0] * 5, [18.0] * 5, usual=usually(10e3)))


def test_a_skew_lasts_until_three_minutes_are_better() -> None:
    still = steps(PIPELINE, [90.0] * 8 + [32.0, 20.0, 20.0], [18.0] * 11)
    assert not said("container-skew", still)
    assert said("container-skew", open_before(still, "container-skew"))
    over = steps(PIPELINE, [90.0] * 8 + [20.0] * 3, [18.0] * 11)
    assert not said("container-skew", open_before(over, "container-skew"))


def errors_of(first: Values, second: Values, calls: float = 100.0) -> Subject:
    parts: dict[Owner, Labels] = {
        on(DIRECT)._replace(container=name): {CALLS: [calls] * 5, FAILED: own}
        for name, own in {"first": first, "second": second}.items()
    }
    return subject(DIRECT, parts)


def test_errors_of_one_container_are_told_of_it() -> None:
    one = errors_of([0, 0, 0, 0, 1], [0, 0, 30, 30, 30])
    finding = the(said("container-skew", one))
    assert (finding.severity, finding.since, finding.impact_per_minute) == (Severity.WARNING, at(4), 18.0)
    assert "container second answers 18%" in finding.title
    found = failing_container(one, on(DIRECT), STANDARD)
    assert found is not None
    assert (found.container, found.of_siblings) == ("second", 1.0)


@pytest.mark.parametrize(
    "one",
    [
        errors_of([30] * 5, [30] * 5),
        errors_of([0] * 5, [1] * 5),
        errors_of([0] * 5, [1] * 5, calls=2.0),
        errors_of([0] * 5, [0] * 5),
        errors_of([], []),
    ],
    ids=["both", "few", "a handful of calls", "none", "nothing read"],
)
def test_errors_of_all_or_few_are_not(one: Subject) -> None:
    assert not said("container-skew", one)
