"""The grammar of the filter."""

import pytest

from smtop.metrics.domain.endpoint import Instances, Kind, Moving, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.tui.view_models.filter import FilterError, compile_filter
from tests.support.fleet import endpoint, vitals

FLEET = (
    endpoint("fraud-scorer", Severity.CRITICAL, kind=Kind.SERVERLESS_PROVISIONED, tags={"Team": "Payments"}),
    endpoint("fraud-legacy", kind=Kind.SERVERLESS, numbers=vitals(p99=800.0, requests=10.0)),
    endpoint(
        "rec(v7)",
        Severity.WARNING,
        status="Updating",
        variants=[Variant("blue", instances=Instances(Moving(2, 2), "ml.g5.xlarge"))],
        findings=[Finding("latency-high", Severity.WARNING, "slow")],
        numbers=vitals(p99=2400.0, errors=0.062),
    ),
    endpoint("embed", kind=Kind.ASYNC, tags={"team": "search", "cost": "a b"}),
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
        ("p99:>1000", "rec(v7)"),
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
    [("kind:zz", "RT"), ("kind:", "value"), ("tag:=x", "tag:team=payments"), ("p99:fast", "p99:>5")],
)
def test_a_filter_that_cannot_mean_anything_says_what_would(text: str, hint: str) -> None:
    with pytest.raises(FilterError, match=hint):
        compile_filter(text)
