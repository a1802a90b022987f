"""The grammar of the filter."""

import pytest

from smtop.metrics.domain.endpoint import Instances, Kind, Moving, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner
from smtop.tui.view_models.filter import FilterError, compile_filter
from smtop.tui.view_models.patterns import Pattern
from tests.support.fleet import endpoint, ok, vitals

FLEET = (
    endpoint(
        "fraud-scorer", Severity.CRITICAL, kind=Kind.SERVERLESS_PROVISIONED, tags={"Team": "Payments"}, impact=12.0
    ),
    endpoint("fraud-legacy", kind=Kind.SERVERLESS, numbers=vitals(p99=800.0, requests=10.0)),
    endpoint(
        "rec(v7)",
        Severity.WARNING,
        status="Updating",
        variants=[Variant("blue", instances=Instances(Moving(2, 2), "ml.g5.xlarge"))],
        findings=[Finding("latency-high", Severity.WARNING, "slow")],
        numbers=vitals(p99=2400.0, errors=0.062),
    ),
    endpoint(
        "embed",
        kind=Kind.ASYNC,
        tags={"team": "search", "cost": "a b"},
        metrics={
            Owner("embed"): {
                "ApproximateBacklogSize.Maximum": ok(412.0),
                "ApproximateAgeOfOldestRequest.Maximum": ok(1380.0),
            }
        },
    ),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "fraud-scorer fraud-legacy rec(v7) embed"),
        ("FRAUD", "fraud-scorer fraud-legacy"),
        ("!fraud", "rec(v7) embed"),
        ("!", "fraud-scorer fraud-legacy rec(v7) embed"),
        ("^fraud.*r$|emb", "fraud-scorer embed"),
        ("rec(", "rec(v7)"),
        ("fraud legacy", "fraud-legacy"),
        ("fraud !legacy", "fraud-scorer"),
        ("kind:sl", "fraud-scorer fraud-legacy"),
        ("kind:SP", "fraud-scorer"),
        ("kind:async", "embed"),
        ("!kind:sl", "rec(v7) embed"),
        ("status:upd", "rec(v7)"),
        ("severity:crit", "fraud-scorer"),
        ("finding:latency", "rec(v7)"),
        ("variant:blue", "rec(v7)"),
        ("type:g5", "rec(v7)"),
        ("config:embed-v1", "embed"),
        ("tag:team=payments", "fraud-scorer"),
        ("tag:team", "fraud-scorer embed"),
        ('tag:"cost=a b"', "embed"),
        ("team:search", "embed"),
        ("-f frdleg", "fraud-legacy"),
        ("!-f frd", "rec(v7) embed"),
        ("-f rc7 p99:>1000", "rec(v7)"),
        ("p99:>1000", "rec(v7)"),
        ("p99>1k", "rec(v7)"),
        (">1000 p99", "rec(v7)"),
        (">5 err", "rec(v7)"),
        ("!>5 err kind:rt", ""),
        ("<=10 REQ/m", "fraud-legacy"),
        ("5xx:>5", "rec(v7)"),
        ("impact:>=12", "fraud-scorer"),
        ("backlog:>400", "embed"),
        ("oldest>600", "embed"),
        ("(?:fraud|emb).*", "fraud-scorer fraud-legacy embed"),
        ("p99:<=800", "fraud-legacy"),
        ("errors:>5%", "rec(v7)"),
        ("requests:10", "fraud-legacy"),
    ],
)
def test_a_filter_finds(text: str, found: str) -> None:
    matches = compile_filter(text)
    assert " ".join(view.endpoint.name for view in FLEET if matches(view)) == found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("kind:zz", "RT"),
        ("kind:", "value"),
        ("tag:=x", "tag:team=payments"),
        ("p99:fast", "p99:>5"),
        ("-f", "letters"),
        (">5", "column"),
        (">5 nonsense", "no column of numbers"),
        ("age:>5", "no column of numbers"),
        ("(a+)+b", "repeated group"),
        ("(a|b)*", "repeated group"),
        ("((ab)+c)+", "repeated group"),
        ("a*b*c*d*e", "3 repeats"),
        ("a?b?c?d?e?f?g?h", "6 times"),
        ("(?=a)b|c", "look-around"),
        (r"(a)\1|b", "back reference"),
        ("a|" + "b" * 300, "200 characters"),
    ],
)
def test_a_filter_that_cannot_mean_anything_says_what_would(text: str, hint: str) -> None:
    with pytest.raises(FilterError, match=hint):
        compile_filter(text)


def test_every_complaint_is_one_sentence_on_one_line() -> None:
    for text in ("kind:zz", "-f", ">5", "(a+)+b", "age:>5", "a|" + "b" * 300):
        with pytest.raises(FilterError) as raised:
            compile_filter(text)
        assert str(raised.value).endswith(".")
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["[(+*]|a", r"\(a\+\)\+", "(?:ab)+c", "^fraud-.*-v[0-9]+$", "a{2,3}b", "(ab)?(cd)?"])
def test_a_pattern_without_danger_is_taken(text: str) -> None:
    Pattern(text)


def test_a_pattern_that_takes_too_long_for_a_fleet_is_given_up_and_what_was_found_stays_known() -> None:
    spent = iter(range(100))
    slow = Pattern("a.*b", cpu_s=lambda: float(next(spent)))
    with pytest.raises(FilterError, match="too long"):
        slow.matches("ab")
    assert slow.matches("ab")
    assert next(spent) == 2
