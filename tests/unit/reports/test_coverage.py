"""What CloudWatch lists, beside what is expected."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.catalogue import COMPONENTS_NAMESPACE, HOSTS_NAMESPACE, INVOCATIONS_NAMESPACE, STANDARD
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.overrides import Override, overridden
from smtop.metrics.domain.series import MetricId
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.reports.coverage import Coverage, Expected, Presence, compare, list_published
from tests.support.engine import ScriptedMetrics, component, fault, hosted
from tests.support.fleet import NOW_S

FRAUD, ADS, QUEUE = hosted("fraud"), hosted("ads"), hosted("queue", Kind.ASYNC)
KINDS = [kind for kind in Kind if kind is not Kind.UNKNOWN]


def listing(*endpoints: Endpoint, without: Iterable[str] = ()) -> set[MetricId]:
    """All that is planned for these endpoints, less metrics of these names."""
    left_out = {*without, "InvocationsProcesssed"}
    return {ask.key.metric for one in endpoints for ask in asks(one) if ask.key.metric.name not in left_out}


def expected(coverage: Coverage, kind: Kind, name: str, dimensions: int = 2) -> Expected:
    [found] = [
        one
        for covered in coverage.kinds
        if covered.kind is kind
        for one in covered.expected
        if one.spec.name == name and len(one.shape.dimensions) == dimensions
    ]
    return found


def compared(endpoints: Iterable[Endpoint], listed: Iterable[MetricId]) -> Coverage:
    return compare(list(endpoints), set(listed), STANDARD, NOW_S)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_which_everything_is_listed_is_covered(kind: Kind) -> None:
    one = hosted("one", kind, components=[component()] if kind is Kind.INFERENCE_COMPONENT else [])
    coverage = compared([one], listing(one))
    assert coverage.is_whole
    assert coverage.unknown == ()
    [covered] = coverage.kinds
    assert (covered.kind, covered.endpoints) == (kind, 1)
    assert {one.shape for one in covered.expected} >= {
        (metric.namespace, metric.name, tuple(name for name, _ in metric.dimensions)) for metric in listing(one)
    }


def test_endpoints_that_have_a_metric_are_counted_among_those_that_should() -> None:
    listed = listing(FRAUD) | listing(ADS, without=["ModelLatency"])
    found = expected(compared([FRAUD, ADS], listed), Kind.REALTIME, "ModelLatency")
    assert (found.presence, found.seen, found.planned) == (Presence.PARTLY, 1, 2)


def test_never_published_is_not_the_same_as_not_for_these() -> None:
    coverage = compared([FRAUD, QUEUE], listing(QUEUE) | listing(FRAUD, without=["ModelLatency", "OverheadLatency"]))
    assert expected(coverage, Kind.REALTIME, "ModelLatency").presence is Presence.NOT_FOR_THESE
    assert expected(coverage, Kind.ASYNC, "ModelLatency").presence is Presence.PUBLISHED
    assert expected(coverage, Kind.REALTIME, "OverheadLatency").presence is Presence.NEVER
    assert not coverage.is_whole


def test_other_dimensions_are_another_metric() -> None:
    backlog = MetricId(INVOCATIONS_NAMESPACE, "Invocations", (("EndpointName", "fraud"),))
    coverage = compared([FRAUD], {backlog})
    assert expected(coverage, Kind.REALTIME, "Invocations").presence is Presence.NEVER
    [unknown] = coverage.unknown
    assert (unknown.shape.dimensions, unknown.near) == (("EndpointName",), None)


def test_a_young_endpoint_is_not_judged() -> None:
    young = hosted("young", age=timedelta(minutes=10))
    coverage = compared([young, QUEUE], listing(QUEUE))
    found = expected(coverage, Kind.REALTIME, "Invocations")
    assert (found.presence, found.young, coverage.young) == (Presence.TOO_YOUNG, 1, 1)


def test_of_several_the_young_ones_are_told_apart() -> None:
    young = hosted("young", age=timedelta(minutes=10))
    found = expected(compared([FRAUD, ADS, young], listing(FRAUD)), Kind.REALTIME, "Invocations")
    assert (found.presence, found.seen, found.young, found.planned) == (Presence.PARTLY, 1, 1, 3)


def test_gpu_metrics_are_expected_only_where_there_are_gpus() -> None:
    names = {one.spec.name for kind in compared([FRAUD], []).kinds for one in kind.expected}
    assert "CPUUtilization" in names
    assert "GPUUtilization" not in names


def test_a_second_spelling_counts_and_is_told() -> None:
    odd = MetricId(
        INVOCATIONS_NAMESPACE, "InvocationsProcesssed", (("EndpointName", "queue"), ("VariantName", "AllTraffic"))
    )
    coverage = compared([QUEUE], listing(QUEUE, without=["InvocationsProcessed"]) | {odd})
    found = expected(coverage, Kind.ASYNC, "InvocationsProcessed")
    assert (found.presence, found.listed_as) == (Presence.PUBLISHED, ("InvocationsProcesssed",))
    assert coverage.unknown == ()


def test_a_metric_that_is_known_but_not_read_is_neither_expected_nor_unknown() -> None:
    known = MetricId(INVOCATIONS_NAMESPACE, "MidStreamErrors", (("EndpointName", "fraud"), ("VariantName", "A")))
    assert compared([FRAUD], listing(FRAUD) | {known}).unknown == ()


def test_what_is_unknown_is_counted_with_an_example() -> None:
    new = [MetricId(HOSTS_NAMESPACE, "FanSpeed", (("EndpointName", name),)) for name in ("fraud", "ads")]
    [unknown] = compared([FRAUD, ADS], listing(FRAUD, ADS) | set(new)).unknown
    assert (unknown.shape.name, unknown.series, unknown.example) == ("FanSpeed", 2, new[1])
    assert not unknown.per_host


def test_sets_that_multiply_with_hosts_are_left_out_on_purpose() -> None:
    dimensions = (("EndpointName", "fraud"), ("InstanceId", "i-1"), ("VariantName", "AllTraffic"))
    [unknown] = compared([FRAUD], {MetricId(HOSTS_NAMESPACE, "CPUUtilization", dimensions)}).unknown
    assert (unknown.per_host, unknown.near) == (True, None)


def test_a_near_miss_is_told_and_its_override_ends_it() -> None:
    listed = {
        metric._replace(name="invocations") if metric.name == "Invocations" else metric for metric in listing(FRAUD)
    }
    [unknown] = compared([FRAUD], listed).misnamed
    assert unknown.near
    assert unknown.near.snippet == '[catalogue.Invocations]\nname = "invocations"'
    mended = compare([FRAUD], listed, overridden({"Invocations": Override(name="invocations")}), NOW_S)
    assert mended.is_whole
    assert mended.unknown == ()


def test_nothing_is_misnamed_while_the_expected_name_is_listed_too() -> None:
    twin = {metric._replace(name="invocations") for metric in listing(FRAUD) if metric.name == "Invocations"}
    coverage = compared([FRAUD], listing(FRAUD) | twin)
    assert len(coverage.unknown) == 1
    assert coverage.misnamed == ()


def test_a_component_in_another_case_is_the_same() -> None:
    llm = hosted("llm", Kind.INFERENCE_COMPONENT, components=[component("Chat")])
    lower = {
        metric._replace(dimensions=tuple((name, value.replace("Chat", "chat")) for name, value in metric.dimensions))
        for metric in listing(llm)
    }
    assert compared([llm], lower).is_whole


def test_an_endpoint_that_could_not_be_described_is_left_out() -> None:
    coverage = compared([Endpoint(FRAUD.summary)], [])
    assert (coverage.endpoints, coverage.kinds) == (0, ())


async def test_all_namespaces_are_read_and_the_one_that_may_be_meant() -> None:
    source = ScriptedMetrics()
    source.listable = list(listing(FRAUD))
    assert await list_published(source, STANDARD) == listing(FRAUD)
    assert set(source.list_calls) == {
        INVOCATIONS_NAMESPACE,
        HOSTS_NAMESPACE,
        COMPONENTS_NAMESPACE,
        "aws/sagemaker/Endpoints",
    }


async def test_a_list_that_is_refused_is_no_empty_list() -> None:
    source = ScriptedMetrics()
    source.list_fault = fault(FaultKind.PERMISSION, "cloudwatch:ListMetrics")
    with pytest.raises(AwsError):
        await list_published(source, STANDARD)
