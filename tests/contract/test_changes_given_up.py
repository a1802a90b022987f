"""Changes that somebody else gets into, and deployments that AWS gives up: what the operator is told."""

from collections.abc import Sequence

import pytest

from smtop.metrics.actions.apply import carry_out
from smtop.metrics.domain.change import Deployment, Update, Weights
from smtop.metrics.journal import State
from tests.cli.command import count_sentences
from tests.contract.leaping import PATIENCE_S, Local, Meddled, hands

WEIGHTS = Weights("Fraud-Scorer", {"B": 0.75})
MODEL = Update("batch", model="search")


async def test_two_operators_collide(local: Local) -> None:
    """The other one is quicker by a moment: after this one has looked at the ground, before its call arrives."""
    made = await local.operator.plan(WEIGHTS)
    local.operator.journal.begin(made)

    async def meddle() -> None:
        local.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="Fraud-Scorer", DesiredWeightsAndCapacities=[{"VariantName": "B", "DesiredWeight": 0.5}]
        )

    entry = await carry_out(hands(local, Meddled(local.operator.control, {1: meddle})), made.id)
    assert entry.state is State.FAILED
    assert entry.error == (
        "Somebody else is changing Fraud-Scorer (Updating), and AWS takes no second change. "
        "Wait until that has ended. Nothing was changed."
    )
    await put_back(local)


async def test_an_update_that_another_operator_gets_into_is_taken_back(local: Local) -> None:
    before = local.described()
    made = await local.operator.plan(MODEL)
    local.operator.journal.begin(made)

    async def meddle() -> None:
        local.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="batch", DesiredWeightsAndCapacities=[{"VariantName": "Main", "DesiredWeight": 1.0}]
        )

    entry = await carry_out(hands(local, Meddled(local.operator.control, {2: meddle})), made.id)
    assert entry.state is State.FAILED
    assert entry.error == (
        "Somebody else is changing batch (Updating), and AWS takes no second change. "
        "Wait until that has ended. What was done before that was taken back."
    )
    local.aws.pass_time(60)
    assert local.described() == before


async def test_a_ground_that_has_moved_is_told_field_by_field(local: Local) -> None:
    made = await local.operator.plan(WEIGHTS)
    local.operator.journal.begin(made)
    await local.go(Weights("Fraud-Scorer", {"B": 0.5}))
    entry = await local.operator.go_on(made.id, PATIENCE_S)
    assert entry.state is State.REFUSED
    assert entry.error == (
        "Fraud-Scorer was changed meanwhile (B.weight is 0.5 and was 0.25). Nothing was sent: plan it anew."
    )
    await put_back(local)


async def put_back(local: Local) -> None:
    local.aws.pass_time(60)
    await local.go(Weights("Fraud-Scorer", {"B": 0.25}))


# Deployments that AWS gives up


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        ("capacity", ("InsufficientInstanceCapacity", "take another instance type")),
        ("health-check", ("did not pass the ping health check", "read its newest log stream")),
        ("image-pull", ("could not be pulled", "ecr:BatchGetImage")),
        ("s3-access", ("Failed to download model data", "s3:GetObject")),
        ("quota", ("'ml.m5.large for endpoint usage' was exceeded", "ask Service Quotas for more")),
        ("A comet. Nobody knows.", ("A comet; Nobody knows", "smtop does not know this reason")),
    ],
)
async def test_a_reason_is_told_with_its_usual_cause(local: Local, fails: str, words: Sequence[str]) -> None:
    before = local.described()
    made = await local.operator.plan(MODEL)
    local.operator.journal.begin(made)
    local.aws.control("rollouts", {"batch": {"fails": fails}})
    entry = await local.operator.go_on(made.id, PATIENCE_S)
    told = str(entry.error)
    assert entry.state is State.FAILED
    assert told.startswith("AWS took batch back to batch-1: ")
    assert [word for word in words if word not in told] == []
    assert told.endswith(" What was done before that was taken back.")
    assert (count_sentences(told), "Please" in told) == (3, False)
    assert local.described() == before


async def test_an_alarm_that_takes_an_update_back_is_named(local: Local) -> None:
    local.aws.control("alarms", {"batch-5xx": "OK", "batch-slow": "OK"})
    alarms = Deployment(policy="canary", alarms=("batch-5xx", "batch-slow"))
    made = await local.operator.plan(Update("batch", model="search", deployment=alarms))
    assert made.blockers == ()
    local.operator.journal.begin(made)

    async def trip() -> None:
        local.aws.control("alarms", {"batch-slow": "ALARM"})

    entry = await carry_out(hands(local, Meddled(local.operator.control, {2: trip})), made.id)
    local.aws.control("alarms", {"batch-5xx": None, "batch-slow": None})
    assert entry.state is State.FAILED
    assert "The alarm batch-slow went into ALARM, and with that SageMaker takes an update back; look at" in str(
        entry.error
    )
    assert count_sentences(str(entry.error)) == 3


async def test_where_aws_cannot_go_back_either_the_config_stays(local: Local) -> None:
    made = await local.operator.plan(MODEL)
    local.operator.journal.begin(made)
    local.aws.control("rollouts", {"batch": {"fails": "quota", "rollback_fails": True}})
    entry = await local.operator.go_on(made.id, PATIENCE_S)
    assert entry.state is State.FAILED
    assert str(entry.error).startswith("batch is UpdateRollbackFailed: ")
    assert str(entry.error).endswith("go back with: smtop rollback batch --to batch-1")
    assert count_sentences(str(entry.error)) == 3
    local.sagemaker.describe_endpoint_config(EndpointConfigName=made.calls[0].params["EndpointConfigName"])
