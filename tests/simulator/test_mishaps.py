"""Single calls that go wrong on their way, and the journal by which a test proves what was sent and done."""

from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.simulator.small_fleet import LocalAws, SmallFleet, serve_locally

RESIZE = "sagemaker:UpdateEndpointWeightsAndCapacities"


@pytest.fixture(scope="module")
def fleet() -> Iterator[LocalAws]:
    """One fleet for the whole module: each test names what goes wrong, and reads only what it wrote."""
    with serve_locally(SmallFleet()) as local:
        yield local


def client(fleet: LocalAws, attempts: int = 1, **config: Any) -> Any:
    return fleet.client("sagemaker", attempts=attempts, **config)


def misfortune(fleet: LocalAws, kind: str, operation: str = RESIZE, **members: Any) -> None:
    fleet.control("mishaps", [{"operation": operation, "kind": kind, **members}])


def resize(sagemaker: Any, count: int) -> Any:
    change = {"VariantName": "B", "DesiredInstanceCount": count}
    return sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="Fraud-Scorer", DesiredWeightsAndCapacities=[change]
    )


def wanted(fleet: LocalAws) -> int:
    """Instances that variant B is meant to have, once what moves has arrived."""
    fleet.pass_time(30)
    shown = client(fleet).describe_endpoint(EndpointName="Fraud-Scorer")
    return int(shown["ProductionVariants"][1]["DesiredInstanceCount"])


def newest(fleet: LocalAws, count: int) -> list[tuple[bool, str | None, bool]]:
    """Carried out, refusal and delivered of the newest writes."""
    writes = fleet.control("writes")[-count:]
    return [(write["carried_out"], write["refusal"], write["delivered"]) for write in writes]


def test_connection_cut_before_the_call_leaves_everything_as_it_was(fleet: LocalAws) -> None:
    before = wanted(fleet)
    misfortune(fleet, "cut-before")
    with pytest.raises(ConnectionClosedError):
        resize(client(fleet), before + 1)
    assert wanted(fleet) == before
    assert newest(fleet, 1) == [(False, None, False)]


def test_connection_cut_after_the_call_hides_that_it_was_carried_out(fleet: LocalAws) -> None:
    before = wanted(fleet)
    misfortune(fleet, "cut-after")
    with pytest.raises(ConnectionClosedError):
        resize(client(fleet), before + 1)
    assert wanted(fleet) == before + 1
    assert newest(fleet, 1) == [(True, None, False)]


def test_sdk_that_retries_sends_twice_under_one_id(fleet: LocalAws) -> None:
    """What a change must guard against: the second attempt of one call meets what the first has done."""
    before = wanted(fleet)
    misfortune(fleet, "cut-after")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        resize(client(fleet, attempts=2), before + 1)
    assert newest(fleet, 2) == [(True, None, False), (False, "ValidationException", True)]
    first, second = fleet.control("writes")[-2:]
    assert first["invocation"] == second["invocation"] != ""
    assert first["request_id"] != second["request_id"]


def test_late_answer_is_carried_out_all_the_same(fleet: LocalAws) -> None:
    before = wanted(fleet)
    misfortune(fleet, "stall", seconds=1.0)
    with pytest.raises(ReadTimeoutError):
        resize(client(fleet, read_timeout=0.2), before + 1)
    assert wanted(fleet) == before + 1
    misfortune(fleet, "stall", seconds=0.05)
    assert resize(client(fleet), before)["EndpointArn"]
    assert newest(fleet, 1) == [(True, None, True)]


@pytest.mark.parametrize(
    ("kind", "code"),
    [("expired", "ExpiredTokenException"), ("throttle", "ThrottlingException"), ("fail", "InternalFailure")],
)
def test_refusals_last_for_so_many_calls_of_one_operation(fleet: LocalAws, kind: str, code: str) -> None:
    before, sagemaker = wanted(fleet), client(fleet)
    misfortune(fleet, kind, calls=2)
    sagemaker.describe_endpoint(EndpointName="Fraud-Scorer")
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            resize(sagemaker, before + 1)
        assert caught.value.response["Error"]["Code"] == code
    resize(sagemaker, before + 1)
    assert newest(fleet, 3) == [(False, code, True), (False, code, True), (True, None, True)]
    assert wanted(fleet) == before + 1


def test_mishaps_of_any_operation_and_their_end(fleet: LocalAws) -> None:
    misfortune(fleet, "expired", operation="*", calls=5)
    with pytest.raises(ClientError, match="ExpiredToken"):
        fleet.client("sts").get_caller_identity()
    fleet.control("mishaps", [])
    fleet.client("sts").get_caller_identity()


def test_journal_tells_what_was_asked_by_whom_and_when(fleet: LocalAws) -> None:
    wanted(fleet)
    answer = resize(client(fleet), 2)
    (write,) = fleet.control("writes")[-1:]
    assert (write["operation"], write["at"]) == (RESIZE, fleet.now)
    assert write["request_id"] == answer["ResponseMetadata"]["RequestId"]
    assert write["request"] == {
        "EndpointName": "Fraud-Scorer",
        "DesiredWeightsAndCapacities": [{"VariantName": "B", "DesiredInstanceCount": 2}],
    }
    client(fleet).list_endpoints()
    assert fleet.control("writes")[-1] == write


@pytest.mark.parametrize("bad", [{"kind": "explode"}, {"kind": "stall", "seconds": -1}, {"color": "red"}])
def test_mishaps_that_nobody_knows_are_refused(fleet: LocalAws, bad: dict[str, Any]) -> None:
    with pytest.raises(HTTPError) as caught:
        fleet.control("mishaps", [{"operation": RESIZE, **bad}])
    with caught.value:
        assert caught.value.code == 400
