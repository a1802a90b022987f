"""Every fault has its place on the screen: what failed and what to do in the banner, the rest where it is missed."""

import re
from pathlib import Path

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import not_collected
from smtop.metrics.domain.snapshot import Problem
from smtop.metrics.errors import FaultKind
from tests.app.test_live import Cloud, cloud, watching
from tests.support.fleet import endpoint, snapshot, stale, vitals
from tests.support.stage import stage

__all__ = ["cloud"]

PLACES = {
    FaultKind.CREDENTIALS: ("sts:GetCallerIdentity", "The sign-in has expired. Run: aws sso login", "OFFLINE"),
    FaultKind.PERMISSION: ("cloudwatch:GetMetricData", "It is denied; ask for this permission.", "LIVE"),
    FaultKind.THROTTLED: ("cloudwatch:ListMetrics", "AWS throttles it. Wait.", "LIVE"),
    FaultKind.UNREACHABLE: ("sagemaker:ListEndpoints", "It cannot be reached. Check the network.", "OFFLINE"),
    FaultKind.NOT_FOUND: ("sagemaker:DescribeModel", "It is gone.", "LIVE"),
    FaultKind.INVALID: ("cloudwatch:GetMetricData", "It was refused.", "LIVE"),
    FaultKind.BUSY: ("sagemaker:UpdateEndpoint", "Somebody else is changing it. Wait.", "LIVE"),
    FaultKind.LIMIT: ("sagemaker:UpdateEndpoint", "A quota is used up. Ask for more.", "LIVE"),
    FaultKind.TOO_LARGE: ("cloudwatch:GetMetricData", "It was too large a request.", "LIVE"),
    FaultKind.BUSY: ("sagemaker:UpdateEndpoint", "A change is under way. Wait until it has ended.", "LIVE"),
    FaultKind.LIMIT: ("sagemaker:UpdateEndpoint", "A quota does not allow it.", "LIVE"),
    FaultKind.SERVICE: ("sagemaker:DescribeEndpoint", "AWS failed. Look at the AWS Health Dashboard.", "LIVE"),
}
"""For each kind of fault: an operation, the sentence above the table, and the word in the header."""


def test_no_kind_of_fault_is_forgotten() -> None:
    assert set(PLACES) == set(FaultKind)


async def test_every_kind_of_fault_has_its_place() -> None:
    numbers = vitals(requests=stale(35.0, minutes=7), errors=not_collected("denied"))
    rows = (endpoint("fraud", Severity.UNKNOWN, numbers=numbers),)
    async with stage(snapshot(*rows)) as one:
        for kind, (operation, sentence, state) in PLACES.items():
            await one.push(snapshot(*rows, problems=[Problem(kind, operation, sentence, "fraud")]))
            assert f" {state} " in one.text[0]
            assert "data 100s" in one.text[0]
            assert one.text[3].startswith(f"! {sentence}")
            assert re.search(r"35 7m.* x ", one.table_lines[0])
            await one.press("f12")
            assert f"{kind.value}: {operation} for fraud" in one.text[1]
            await one.press("escape")
        await one.push(snapshot(*rows))
        assert not one.text[3].startswith("!")


FAULTS = (
    ({"throttle": {"cloudwatch:GetMetricData": {"rate": 0.001, "burst": 0}}}, ("throttles", "quota")),
    ({"fail": {"cloudwatch:GetMetricData": 503}}, ("cloudwatch:GetMetricData failed", "Health Dashboard")),
    ({"deny": ["sagemaker:ListEndpoints"]}, ("sagemaker:ListEndpoints is denied", "ask for this permission")),
)


async def test_faults_of_aws_come_and_go_and_leave_the_rows(cloud: Cloud, tmp_path: Path) -> None:
    async with watching(cloud, tmp_path) as watch:
        await watch.until_well()
        rows = len(watch.rows)
        for faults, words in FAULTS:
            cloud.aws.faults(**faults)
            await watch.until_told(*words)
            assert len(watch.rows) == rows
        cloud.aws.faults()
        await watch.until_well()


async def test_without_a_place_to_write_everything_else_works(cloud: Cloud, tmp_path: Path) -> None:
    for place in ("config", "state", "cache", "data"):
        (tmp_path / place).touch()
    async with watching(cloud, tmp_path) as watch:
        await watch.until_well()
