"""What kind an endpoint is, and what its status means."""

import pytest

from smtop.metrics.domain.endpoint import Kind, Model, Serverless, classify
from tests.support.engine import hosted, variant_of

PLAIN = Model("plain", ("one",))
MULTI = Model("multi", ("one",), multi_model=True)
SERIAL = Model("serial", ("one", "two"))
DIRECT = Model("direct", ("one", "two"), direct=True)
ON_DEMAND = Serverless(2048, 20)
PROVISIONED = Serverless(2048, 20, 5)


@pytest.mark.parametrize(
    ("asynchronous", "serverless", "component_based", "models", "kind"),
    [
        (True, [ON_DEMAND], True, [MULTI], Kind.ASYNC),
        (True, [], False, [SERIAL], Kind.ASYNC),
        (False, [PROVISIONED], True, [MULTI], Kind.SERVERLESS_PROVISIONED),
        (False, [ON_DEMAND], True, [DIRECT], Kind.SERVERLESS),
        (False, [Serverless(2048, 20, 0)], False, [], Kind.SERVERLESS),
        (False, [], True, [MULTI, DIRECT], Kind.INFERENCE_COMPONENT),
        (False, [], False, [PLAIN, MULTI, DIRECT], Kind.MULTI_MODEL),
        (False, [], False, [SERIAL, DIRECT], Kind.MULTI_CONTAINER),
        (False, [], False, [PLAIN, SERIAL], Kind.PIPELINE),
        (False, [], False, [Model("direct", ("one",), direct=True)], Kind.REALTIME),
        (False, [], False, [PLAIN], Kind.REALTIME),
        (False, [], False, [], Kind.REALTIME),
    ],
)
def test_the_first_property_that_holds_decides_the_kind(
    asynchronous: bool, serverless: list[Serverless], component_based: bool, models: list[Model], kind: Kind
) -> None:
    found = classify(asynchronous=asynchronous, serverless=serverless, component_based=component_based, models=models)
    assert found is kind


def test_every_kind_has_its_own_two_letters() -> None:
    codes = "RT MM MC PL AS SL SP IC ??"
    assert " ".join(kind.code for kind in Kind) == codes


def test_two_kinds_are_serverless() -> None:
    assert [kind for kind in Kind if kind.is_serverless] == [Kind.SERVERLESS, Kind.SERVERLESS_PROVISIONED]


@pytest.mark.parametrize(
    ("status", "changing", "broken"),
    [
        ("InService", False, False),
        ("Creating", True, False),
        ("Updating", True, False),
        ("SystemUpdating", True, False),
        ("RollingBack", True, False),
        ("Deleting", True, False),
        ("Failed", False, True),
        ("OutOfService", False, True),
        ("UpdateRollbackFailed", False, True),
    ],
)
def test_every_documented_status_is_serving_changing_or_broken(status: str, changing: bool, broken: bool) -> None:
    endpoint = hosted(status=status)
    assert (endpoint.is_changing, endpoint.is_broken) == (changing, broken)


def test_a_shadow_is_no_production_variant() -> None:
    live, shadow = variant_of(), variant_of(name="Shadow", shadow=True)
    assert hosted(variants=(live, shadow)).production == (live,)
