"""Endpoints that fall ill together: what they share and the healthy ones do not, and when it is mere chance."""

from collections.abc import Mapping, Sequence

import pytest

from smtop.metrics.analysis.shared import shared_causes
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Confidence, Finding, Happening, Muted, Severity
from smtop.metrics.domain.series import NO_DATA
from smtop.metrics.domain.snapshot import EndpointView, Vitals
from smtop.metrics.domain.surroundings import NOTHING_AROUND, ModelFacts, Surroundings
from tests.support.engine import hosted, variant_of
from tests.support.fleet import NOW_S

NO_VITALS = Vitals(NO_DATA, NO_DATA, NO_DATA, NO_DATA, NO_DATA, None)
ONSET = int(NOW_S) - 600
ERRORS = Finding("errors-5xx", Severity.CRITICAL, "errors", since=ONSET, variant="AllTraffic", impact_per_minute=10.0)


def view(
    name: str, *found: Finding, type_: str = "ml.m5.xlarge", tags: Mapping[str, str] | None = None
) -> EndpointView:
    variant = variant_of(Kind.REALTIME, instance_type=type_)._replace(model=name)
    endpoint = hosted(name)._replace(variants=(variant,), tags=tags or {})
    return EndpointView(endpoint, found[0].severity if found else Severity.OK, NO_VITALS, found)


def changed(endpoint: Endpoint) -> Endpoint:
    return endpoint._replace(summary=endpoint.summary._replace(modified_at=utc(ONSET - 120)))


def healthy(count: int = 40) -> list[EndpointView]:
    return [view(f"fine-{number}") for number in range(count)]


def ill(count: int = 6, type_: str = "ml.g5.xlarge", apart_s: int = 30) -> list[EndpointView]:
    return [
        view(f"ill-{number}", ERRORS._replace(since=ONSET + number * apart_s), type_=type_) for number in range(count)
    ]


def of(views: Sequence[EndpointView], around: Mapping[str, Surroundings] | None = None) -> list[tuple[Finding, int]]:
    causes = shared_causes(views, lambda name: (around or {}).get(name, NOTHING_AROUND))
    return [(cause.finding, len(cause.endpoints)) for cause in causes]


def test_what_the_ill_share_and_the_others_do_not_is_the_cause() -> None:
    [(finding, count)] = of([*healthy(), *ill()])
    assert (count, finding.severity, finding.since, finding.confidence) == (
        6,
        Severity.CRITICAL,
        ONSET,
        Confidence.HIGH,
    )
    assert finding.title == "6 endpoints have errors-5xx: all type ml.g5.xlarge"
    assert "type ml.g5.xlarge: 6 of the 6 ill, 0 of the others" in finding.evidence
    assert finding.impact_per_minute == 60.0


def test_an_image_a_role_and_a_deploy_are_found_together() -> None:
    facts = {"m": ModelFacts("m", ("repo/serving:2.5",), "arn:aws:iam::123456789012:role/serve")}
    views = [
        one
        if one.severity is Severity.OK
        else EndpointView(
            changed(one.endpoint)._replace(variants=tuple(v._replace(model="m") for v in one.endpoint.variants)),
            one.severity,
            one.vitals,
            one.findings,
        )
        for one in [*healthy(), *ill(type_="ml.m5.xlarge")]
    ]
    around = {one.endpoint.name: Surroundings(models=facts) for one in views if one.findings}
    [(finding, _)] = of(views, around)
    told = " ".join(finding.evidence)
    assert "image serving:2.5" in told
    assert "role serve" in told
    assert "change in the half hour before: 6 of the 6 ill, 0 of the others" in told
    assert "type" not in told


@pytest.mark.parametrize(
    "views",
    [
        [*healthy(), *ill(3)],
        [*healthy(), *ill(6, apart_s=400)],
        healthy(),
        [*healthy(), *(view(f"x{n}", ERRORS._replace(severity=Severity.IDLE)) for n in range(9))],
        [*healthy(), *(view(f"x{n}", ERRORS._replace(muted=Muted("known", NOW_S, "ana"))) for n in range(9))],
        [*healthy(), *(view(f"x{n}", ERRORS._replace(or_earlier=True)) for n in range(9))],
    ],
    ids=["too few", "one after the other", "nobody", "merely idle", "muted", "who knows when"],
)
def test_no_epidemic(views: list[EndpointView]) -> None:
    assert of(views) == []


def test_a_few_that_share_nothing_of_their_own_are_chance() -> None:
    assert of([*healthy(), *ill(6, type_="ml.m5.xlarge")]) == []


def test_many_with_the_same_need_nothing_in_common_and_say_so() -> None:
    [(finding, _)] = of([*healthy(), *ill(9, type_="ml.m5.xlarge")])
    assert finding.confidence is Confidence.LOW
    assert finding.title == "9 endpoints have errors-5xx"
    assert "share nothing that smtop knows of" in (finding.next or "")


def test_two_groups_are_two_causes_the_graver_first() -> None:
    slow = Finding("latency-high", Severity.WARNING, "slow", since=ONSET - 3000)
    slower = [view(f"slow-{number}", slow, tags={"team": "ads"}) for number in range(9)]
    found = of([*healthy(), *slower, *ill()])
    assert [finding.severity for finding, _ in found] == [Severity.CRITICAL, Severity.WARNING]
    assert "tag team ads" in found[1][0].title


@pytest.mark.parametrize("apart_s", [-240, -120, 0, 90], ids=["long before", "before", "at once", "amidst"])
def test_those_that_fall_ill_of_themselves_meanwhile_hide_no_group(apart_s: int) -> None:
    strangers = [view(f"stranger-{n}", ERRORS._replace(since=ONSET + apart_s)) for n in range(2)]
    [(finding, count)] = of([*healthy(), *strangers, *ill()])
    assert (count, finding.since) == (6, ONSET)
    assert finding.title == "6 endpoints have errors-5xx: all type ml.g5.xlarge"


def test_two_groups_at_once_are_two_causes() -> None:
    others = [view(f"other-{n}", ERRORS, tags={"team": "ads"}) for n in range(5)]
    found = of([*healthy(), *others, *ill()])
    assert [(finding.title.partition(": ")[2], count) for finding, count in found] == [
        ("all type ml.g5.xlarge", 6),
        ("all tag team ads", 5),
    ]


def test_what_many_of_the_fleet_have_is_no_cause_however_many_of_the_ill_have_it() -> None:
    usual = [view(f"usual-{n}", tags={"team": "ads"}) for n in range(20)]
    some = [view(f"ill-{n}", ERRORS, tags={"team": "ads" if n < 5 else "web"}) for n in range(6)]
    assert of([*healthy(20), *usual, *some]) == []


def test_what_happened_to_most_of_them_before_is_told_once() -> None:
    deploy = Happening(ONSET - 60, "config v6 -> v7")
    views = [view(f"ill-{n}", ERRORS._replace(changes=(deploy,)), type_="ml.g5.xlarge") for n in range(5)]
    [(finding, _)] = of([*healthy(), *views])
    assert finding.changes == (deploy,)
