"""STS: who the printed credentials belong to."""

from collections.abc import Mapping

from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID, CALLER_ARN
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.shapes import Record


def sts_operations() -> Mapping[str, Operation]:
    """GetCallerIdentity, which needs no permission."""
    identity = {"Arn": CALLER_ARN, "UserId": "AROASIMULATED:smtop-demo", "Account": ACCOUNT_ID}
    return {"GetCallerIdentity": Operation(Record(), lambda request, now: dict(identity))}
