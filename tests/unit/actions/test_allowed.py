"""Which acts are allowed, denied or unknown, and why."""

import pytest

from smtop.metrics.actions.allowed import Act, Rights, Standing, verdict
from smtop.metrics.actions.gate import READ_ONLY
from smtop.metrics.domain.endpoint import Component, Endpoint, Kind, Moving
from tests.support.fleet import endpoint, variant

OPEN = Rights()
TWO = endpoint("fraud", variants=(variant("A"), variant("B"))).endpoint
ONE = endpoint("solo").endpoint
SERVERLESS = endpoint("sls", kind=Kind.SERVERLESS).endpoint
PROVISIONED = endpoint("spc", kind=Kind.SERVERLESS_PROVISIONED).endpoint


@pytest.mark.parametrize(
    ("act", "of", "why"),
    [
        (Act.WEIGHTS, ONE, "one production variant"),
        (Act.WEIGHTS, SERVERLESS, "no weights"),
        (Act.RESIZE, PROVISIONED, "no instances"),
        (Act.SERVERLESS, TWO, "not serverless"),
        (Act.SCALING, SERVERLESS, "only provisioned concurrency can be scaled"),
        (Act.DELETE, endpoint("e", status="Updating").endpoint, "it is Updating"),
        (Act.INVOKE, endpoint("e", status="Creating").endpoint, "answers nobody"),
        (Act.UPDATE, endpoint("e", status="Failed").endpoint, "lets it be deleted, and nothing else"),
    ],
)
def test_kind_and_state_deny_even_with_all_rights(act: Act, of: Endpoint, why: str) -> None:
    everything = Rights(granted=frozenset({"sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpoint"}))
    standing, reason = verdict(act, of, everything)
    assert standing is Standing.DENIED
    assert why in reason


def test_what_nobody_has_tried_is_unknown_and_becomes_allowed_by_being_done() -> None:
    needed = "sagemaker:UpdateEndpointWeightsAndCapacities"
    assert verdict(Act.WEIGHTS, TWO, OPEN) == (
        Standing.UNKNOWN,
        "nobody has tried UpdateEndpointWeightsAndCapacities yet",
    )
    assert verdict(Act.WEIGHTS, TWO, Rights(granted=frozenset({needed}))).standing is Standing.ALLOWED
    assert verdict(Act.DELETE, TWO, Rights(granted=frozenset({needed}))).standing is Standing.UNKNOWN


def test_an_earlier_refusal_denies_and_is_named() -> None:
    rights = Rights(refused={"sagemaker:UpdateEndpoint": "AWS says no."})
    assert verdict(Act.ROLLBACK, TWO, rights) == (Standing.DENIED, "AWS has refused UpdateEndpoint before")
    assert verdict(Act.WEIGHTS, TWO, rights).standing is Standing.UNKNOWN
    blind = Rights(refused={"sagemaker:DescribeEndpoint": "AWS says no."})
    assert "DescribeEndpoint" in verdict(Act.DELETE, TWO, blind).reason


def test_read_only_denies_what_nothing_else_does() -> None:
    shut = Rights(closed=READ_ONLY, granted=frozenset({"sagemaker:DeleteEndpoint"}))
    assert verdict(Act.DELETE, TWO, shut) == (Standing.DENIED, "smtop is read-only")
    assert "not serverless" in verdict(Act.SERVERLESS, TWO, shut).reason


def test_components_are_resized_by_their_own_call() -> None:
    hosting = TWO._replace(components=(Component("c", "A", "InService", Moving(1, 1)),))
    assert "UpdateInferenceComponentRuntimeConfig" in verdict(Act.RESIZE, hosting, OPEN).reason


def test_what_is_not_described_is_not_judged_but_can_be_deleted() -> None:
    listed = TWO._replace(described=False, kind=Kind.UNKNOWN, variants=())
    assert verdict(Act.RESIZE, listed, OPEN) == (Standing.UNKNOWN, "the endpoint is not described yet")
    assert "DeleteEndpoint" in verdict(Act.DELETE, listed, OPEN).reason


def test_an_endpoint_answers_while_it_is_updated() -> None:
    assert verdict(Act.INVOKE, endpoint("e", status="Updating").endpoint, OPEN).standing is Standing.UNKNOWN
    queue = endpoint("q", kind=Kind.ASYNC).endpoint
    assert "InvokeEndpointAsync" in verdict(Act.INVOKE, queue, OPEN).reason


def test_an_update_that_could_not_be_rolled_back_can_be_mended() -> None:
    stuck = endpoint("e", status="UpdateRollbackFailed").endpoint
    assert verdict(Act.UPDATE, stuck, OPEN).standing is Standing.UNKNOWN
