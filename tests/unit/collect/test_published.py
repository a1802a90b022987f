"""What CloudWatch has metrics for."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from smtop.metrics.collect import published as module
from smtop.metrics.collect.published import EVERY_S, Published
from smtop.metrics.domain.series import MetricId
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.engine import HastyClock, ScriptedMetrics, fault

VARIANT = (("EndpointName", "fraud"), ("VariantName", "AllTraffic"))
COMPONENT = (("InferenceComponentName", "chat"),)
ON_INSTANCE = (("EndpointName", "fraud"), ("InstanceId", "i-1"), ("VariantName", "AllTraffic"))


def listing(*metrics: MetricId) -> ScriptedMetrics:
    source = ScriptedMetrics()
    source.listable = list(metrics)
    return source


FRAUD = MetricId("AWS/SageMaker", "Invocations", VARIANT)
CHAT = MetricId("/aws/sagemaker/InferenceComponents", "CPUUtilizationNormalized", COMPONENT)


async def test_dimensions_of_all_three_namespaces_are_known_after_a_refresh() -> None:
    source = listing(FRAUD, CHAT)
    known = Published(source, HastyClock())
    assert VARIANT not in known
    await known.refresh()
    assert VARIANT in known
    assert COMPONENT in known
    assert (("EndpointName", "other"), ("VariantName", "AllTraffic")) not in known
    assert sorted(source.list_calls) == [
        "/aws/sagemaker/Endpoints",
        "/aws/sagemaker/InferenceComponents",
        "AWS/SageMaker",
    ]


async def test_sets_that_multiply_with_instances_are_left_out() -> None:
    known = Published(listing(MetricId("/aws/sagemaker/Endpoints", "CPUUtilization", ON_INSTANCE)), HastyClock())
    await known.refresh()
    assert ON_INSTANCE not in known
    assert VARIANT not in known


async def test_a_metric_is_lacking_only_once_a_whole_list_was_read() -> None:
    source = listing(FRAUD)
    known = Published(source, HastyClock())
    other = MetricId("AWS/SageMaker", "ModelSetupTime", VARIANT)
    lacking = [known.lacks(other)]
    source.list_fault = fault(FaultKind.THROTTLED, "cloudwatch:ListMetrics")
    with pytest.raises(AwsError):
        await known.refresh()
    lacking.append(known.lacks(other))
    source.list_fault = None
    await known.refresh()
    lacking += [known.lacks(other), known.lacks(FRAUD)]
    assert lacking == [False, False, True, False]


async def test_a_metric_that_is_no_longer_listed_stays_known() -> None:
    source = listing(FRAUD)
    known = Published(source, HastyClock())
    await known.refresh()
    source.listable = []
    await known.refresh()
    assert not known.lacks(FRAUD)


async def test_a_failure_keeps_what_was_known() -> None:
    source = listing(FRAUD)
    known = Published(source, HastyClock())
    await known.refresh()
    source.list_fault = fault(FaultKind.PERMISSION, "cloudwatch:ListMetrics")
    with pytest.raises(AwsError, match="ListMetrics"):
        await known.refresh()
    assert VARIANT in known


async def test_it_is_due_at_first_and_again_after_a_quarter_of_an_hour() -> None:
    clock = HastyClock()
    known = Published(listing(), clock)
    due = [known.is_due]
    await known.refresh()
    for passed_s in (0, EVERY_S, 1):
        clock.move(passed_s)
        due.append(known.is_due)
    assert due == [True, False, False, True]


@pytest.mark.parametrize("kind", [FaultKind.CREDENTIALS, FaultKind.UNREACHABLE])
async def test_a_list_that_could_not_be_asked_for_at_all_is_due_at_once(kind: FaultKind) -> None:
    source = listing()
    source.list_fault = fault(kind, "cloudwatch:ListMetrics")
    known = Published(source, HastyClock())
    with pytest.raises(AwsError):
        await known.refresh()
    assert known.is_due


async def test_a_denied_list_is_not_asked_for_every_minute() -> None:
    source = listing()
    source.list_fault = fault(FaultKind.PERMISSION, "cloudwatch:ListMetrics")
    known = Published(source, HastyClock())
    with pytest.raises(AwsError):
        await known.refresh()
    assert not known.is_due


class Endless(ScriptedMetrics):
    """A list whose second page never comes."""

    async def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        yield [FRAUD]
        await asyncio.Event().wait()


async def test_a_list_that_takes_too_long_is_given_up_and_what_came_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    known = Published(Endless(), HastyClock())
    with pytest.raises(AwsError, match="counters without datapoints") as caught:
        await known.refresh()
    assert (caught.value.kind, caught.value.operation) == (FaultKind.SERVICE, "cloudwatch:ListMetrics")
    assert VARIANT in known
