"""What is said of a monitoring account that refuses an account, or some of its namespaces."""

from typing import Any, cast

import pytest

from smtop.metrics.aws.link import BARRED_S, Link
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Answers, Completeness
from tests.support.fleet import HandClock

GET = "cloudwatch:GetMetricData"
LEAD = "The metrics of payments are asked through watch."
WAY_OUT = f"Link 444455556666 to 999900001111 as a source of metrics, and allow {GET} there."


class Door:
    """An AwsSession as far as a link uses it."""

    def __init__(self, profile: str, account: str) -> None:
        self.profile = profile
        self._account = account

    async def __aenter__(self) -> "Door":
        return self

    def client(self, _: str) -> "Door":
        return self

    def belongs_to(self, account: str) -> None:
        """Its pace is nobody's concern here."""

    async def get_caller_identity(self) -> dict[str, Any]:
        return {"Account": self._account}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def link(clock: HandClock) -> Link:
    home, watch = (cast(AwsSession, Door(*told)) for told in (("payments", "444455556666"), ("watch", "999900001111")))
    made = Link(home, watch, clock)
    assert await made.owner() == "444455556666"
    return made


def answers(**verdicts: Completeness) -> Answers:
    """By namespace, whose slash is an underscore here."""
    keys = {SeriesKey(MetricId(name.replace("_", "/"), "M", ()), "Sum"): said for name, said in verdicts.items()}
    return Answers.of({key: Answer.of(said, message="No way.") for key, said in keys.items()})


async def test_what_refuses_the_account_refuses_all_of_its_queries(link: Link) -> None:
    with pytest.raises(AwsError) as refused, link.told():
        raise AwsError(FaultKind.INVALID, GET, f"{GET} was refused: MetricDataQueries.member.1.AccountId is unknown.")
    assert refused.value.kind is FaultKind.PERMISSION
    assert str(refused.value).startswith(f"{LEAD} {GET} was refused")
    assert str(refused.value).endswith(WAY_OUT)


@pytest.mark.parametrize("kind", [FaultKind.INVALID, FaultKind.THROTTLED, FaultKind.CREDENTIALS])
async def test_any_other_fault_stays_what_it_is_and_names_both(link: Link, kind: FaultKind) -> None:
    with pytest.raises(AwsError) as refused, link.told():
        raise AwsError(kind, GET, "Something else.")
    assert (refused.value.kind, str(refused.value)) == (kind, f"{LEAD} Something else.")


@pytest.mark.parametrize("shared", [{"AWS_SageMaker": Completeness.COMPLETE}, {}], ids=["beside-others", "alone"])
async def test_a_namespace_that_is_not_shared_is_named_and_the_rest_is_kept(link: Link, shared: Any) -> None:
    partly = answers(**shared, aws_sagemaker_Endpoints=Completeness.FORBIDDEN)
    assert link.refused(partly) == (
        f"{LEAD} CloudWatch gives none of aws/sagemaker/Endpoints there: No way. {WAY_OUT}",
    )
    assert link.refused(answers(AWS_SageMaker=Completeness.PARTIAL)) == ()
    assert await link.owner()


async def test_an_account_that_is_refused_is_left_alone_for_a_while(link: Link, clock: HandClock) -> None:
    with pytest.raises(AwsError, match="CloudWatch gives none of AWS/SageMaker, Other there: No way") as refused:
        link.refused(answers(AWS_SageMaker=Completeness.FORBIDDEN, Other=Completeness.FORBIDDEN))
    assert refused.value.kind is FaultKind.PERMISSION
    assert str(refused.value).endswith(f"{WAY_OUT} It is tried again after 5 minutes.")
    clock.now += BARRED_S - 1
    with pytest.raises(AwsError, match="gives none of AWS/SageMaker"):
        await link.owner()
    clock.now += 1
    assert await link.owner() == "444455556666"
