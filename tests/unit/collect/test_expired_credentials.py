"""Credentials that expire while smtop runs: read anew once, and otherwise told, without spending anything."""

from smtop.metrics.collect.plan import asks
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Batch
from tests.support.engine import EXPIRED, OFFLINE, fault, hosted, rig

FRAUD = hosted("fraud")


async def test_refused_credentials_are_renewed_once_and_polling_resumes_at_once() -> None:
    made = rig(FRAUD)
    made.inventory.faults["identity"] = [EXPIRED]
    snapshot = await made.cycle()
    assert (made.renewed, snapshot.complete, snapshot.problems) == (1, True, ())


async def test_credentials_that_are_refused_again_are_told_and_not_renewed_twice() -> None:
    made = rig(FRAUD)
    made.inventory.faults["identity"] = [EXPIRED] * 2
    snapshot = await made.cycle()
    assert (made.renewed, snapshot.endpoints) == (1, ())
    assert await made.kinds() == [FaultKind.CREDENTIALS]
    snapshot = await made.cycle()
    assert (made.renewed, snapshot.complete) == (1, True)


async def test_credentials_that_expire_between_requests_cost_no_answer_twice() -> None:
    """The first batch is answered, the others are refused until the credentials are read anew."""
    fleet = [hosted(f"e{index:03}") for index in range(100)]
    made = rig(*fleet)
    answered: list[Batch] = []

    def refuse(batch: Batch) -> AwsError | None:
        if answered and not made.renewed:
            return EXPIRED
        answered.append(batch)
        return None

    made.source.refuse = refuse
    snapshot = await made.cycle()
    assert (made.renewed, snapshot.complete, snapshot.problems) == (1, True, ())
    asked = [key for batch in answered for key in batch.series]
    assert len(asked) == len(set(asked)) == sum(len(asks(one)) for one in fleet)


async def test_with_no_way_to_sign_in_nothing_is_asked_of_cloudwatch() -> None:
    made = rig(FRAUD)
    await made.cycle()
    made.renewal_fails = fault(FaultKind.CREDENTIALS, "sts:GetCallerIdentity", "Run: aws sso login")
    made.inventory.faults["list"] = [EXPIRED] * 10
    made.source.requests.clear()
    for _ in range(10):
        made.clock.move(60)
        snapshot = await made.cycle()
    assert made.source.requests == []
    assert [problem.message for problem in snapshot.problems] == ["Run: aws sso login"]
    made.renewal_fails = None
    assert (await made.cycle()).problems == ()
    assert made.source.requests


async def test_a_renewal_that_fails_is_told_and_tried_again_with_every_cycle() -> None:
    made = rig(FRAUD)
    made.renewal_fails = fault(FaultKind.CREDENTIALS, "sts:GetCallerIdentity", "Run: aws sso login")
    made.inventory.faults["identity"] = [EXPIRED] * 3
    for _ in range(3):
        snapshot = await made.cycle()
    assert made.renewed == 3
    assert "aws sso login" in snapshot.problems[0].message
    assert made.source.requests == []
    made.renewal_fails = None
    assert (await made.cycle()).complete


async def test_other_faults_renew_nothing() -> None:
    made = rig(FRAUD)
    made.inventory.faults["list"] = [OFFLINE]
    await made.cycle()
    assert made.renewed == 0
