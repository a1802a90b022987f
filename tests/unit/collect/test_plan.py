"""What is asked for a fleet, and how it is packed: exact dimensions, CloudWatch's limits, statistics kept together."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlencode

import pytest

from smtop.metrics.collect.plan import MAX_DATAPOINTS, asks, pack, window
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.endpoint import Component, Endpoint, Kind, Variant
from smtop.metrics.domain.series import MetricId, Owner, SeriesKey
from smtop.metrics.ports import Batch, Window
from tests.support.engine import component, hosted, key_of, on, series, variant_of
from tests.support.fleet import NOW_S

SHORT = window(NOW_S, 300)
HOUR = window(NOW_S, 3600)
LIMIT_QUERIES = 500
LIMIT_BYTES = 614_400

TYPES = ("ml.m5.xlarge", "ml.g5.12xlarge", None)


def dimension_names(endpoint: Endpoint) -> dict[tuple[str, ...], set[str]]:
    """Names of the metrics asked with each set of dimension names."""
    found: dict[tuple[str, ...], set[str]] = {}
    for ask in asks(endpoint):
        names = tuple(name for name, _ in ask.key.metric.dimensions)
        found.setdefault(names, set()).add(ask.key.metric.name)
    return found


BACKLOG = {
    "ApproximateBacklogSize",
    "ApproximateBacklogSizePerInstance",
    "ApproximateAgeOfOldestRequest",
    "HasBacklogWithoutCapacity",
}


@pytest.mark.parametrize("kind", Kind)
def test_nothing_but_an_async_backlog_is_asked_with_the_endpoint_name_alone(kind: Kind) -> None:
    endpoint = hosted(kind=kind, components=(component(),), variants=(variant_of(kind), variant_of(kind, "B")))
    alone = dimension_names(endpoint).get(("EndpointName",), set())
    assert alone == (BACKLOG if kind is Kind.ASYNC else set())


def test_the_backlog_is_never_asked_of_a_variant() -> None:
    assert not BACKLOG & dimension_names(hosted(kind=Kind.ASYNC))[("EndpointName", "VariantName")]


def test_a_series_has_exactly_the_dimensions_of_what_it_describes() -> None:
    endpoint = hosted("llm", Kind.INFERENCE_COMPONENT, components=(component("chat"),))
    key = key_of(endpoint, "Invocations.Sum", Owner("llm", "AllTraffic", component="chat"))
    assert key.metric.dimensions == (("InferenceComponentName", "chat"),)
    pipeline = hosted("two", Kind.PIPELINE)
    key = key_of(pipeline, "ContainerLatency.Average", Owner("two", "AllTraffic", "second"))
    assert key.metric.dimensions == (
        ("ContainerName", "second"),
        ("EndpointName", "two"),
        ("VariantName", "AllTraffic"),
    )


def test_every_dimension_has_a_value() -> None:
    for endpoint in fleet(random.Random(3), 100):
        assert all(value for ask in asks(endpoint) for _, value in ask.key.metric.dimensions)


def test_shadow_variants_are_asked_too() -> None:
    endpoint = hosted(variants=(variant_of(name="Live"), variant_of(name="Shadow", shadow=True)))
    assert key_of(endpoint, "Invocations.Sum", on(endpoint, "Shadow"))


def test_an_endpoint_is_asked_nothing_before_it_is_described() -> None:
    assert asks(hosted()._replace(described=False)) == ()


def test_a_described_endpoint_of_unknown_kind_is_asked_as_a_plain_one() -> None:
    unknown, plain = hosted(kind=Kind.UNKNOWN), hosted(kind=Kind.REALTIME)
    assert [ask.key for ask in asks(unknown)] == [ask.key for ask in asks(plain)]


@pytest.mark.parametrize(
    ("instance_type", "asked"),
    [("ml.m5.xlarge", False), ("ml.inf2.xlarge", False), ("ml.g5.xlarge", True), ("ml.p99.xlarge", True), (None, True)],
)
def test_gpu_metrics_are_spared_where_there_is_surely_no_gpu(instance_type: str | None, asked: bool) -> None:
    kind = Kind.INFERENCE_COMPONENT
    endpoint = hosted(kind=kind, variants=(variant_of(instance_type=instance_type),), components=(component(),))
    found = {ask.key.metric.namespace for ask in asks(endpoint) if "GPU" in ask.key.metric.name}
    assert found == ({"/aws/sagemaker/Endpoints", "/aws/sagemaker/InferenceComponents"} if asked else set())


def test_gpu_metrics_of_a_component_whose_variant_is_unknown_are_asked() -> None:
    endpoint = hosted(kind=Kind.INFERENCE_COMPONENT, components=(component(variant="gone"),))
    assert any("GPU" in ask.key.metric.name for ask in asks(endpoint) if ask.owner.component)


def test_both_spellings_of_a_metric_are_asked_under_one_label() -> None:
    found = [ask for ask in asks(hosted(kind=Kind.ASYNC)) if ask.label == "InvocationsProcessed.Sum"]
    assert [ask.key.metric.name for ask in found] == ["InvocationsProcessed", "InvocationsProcesssed"]


def test_no_series_of_a_fleet_is_asked_twice() -> None:
    for endpoint in fleet(random.Random(4), 100):
        counts = Counter(ask.key for ask in asks(endpoint))
        assert all(count == 1 for count in counts.values())


# Windows


@pytest.mark.parametrize("span_s", [60, 300, 900, 3600])
@pytest.mark.parametrize("second", [0.0, 0.5, 29.9, 59.999])
def test_a_window_is_whole_minutes_and_ends_after_the_one_under_way(span_s: int, second: float) -> None:
    now = NOW_S // 60 * 60 + second
    found = window(now, span_s)
    assert found.start % 60 == found.end % 60 == 0
    assert found.end - 60 <= now < found.end
    assert found.end - found.start == span_s + 60


def test_consecutive_windows_overlap() -> None:
    assert window(NOW_S + 60, 300).start < window(NOW_S, 300).end


# Packing


def fleet(rng: random.Random, size: int) -> list[Endpoint]:
    return [random_endpoint(rng) for _ in range(size)]


def random_endpoint(rng: random.Random) -> Endpoint:
    kind = rng.choice(list(Kind))
    name = random_name(rng)
    variants = [random_variant(rng, kind) for _ in range(rng.randint(1, 4))]
    components = [random_component(rng, variants) for _ in range(rng.randint(0, 5))]
    return hosted(name, kind, variants=variants, components=components)


def random_name(rng: random.Random) -> str:
    """A name within SageMaker's 63 characters; the digits make it unique."""
    return f"{rng.getrandbits(60):x}".ljust(rng.randint(16, 63), "n")


def random_variant(rng: random.Random, kind: Kind) -> Variant:
    made = variant_of(kind, random_name(rng), instance_type=rng.choice(TYPES))
    if not made.containers:
        return made
    return made._replace(containers=tuple(random_name(rng) for _ in range(rng.randint(2, 15))))


def random_component(rng: random.Random, variants: Sequence[Variant]) -> Component:
    return component(random_name(rng), rng.choice(variants).name)


def fleet_keys(seed: int, size: int) -> list[SeriesKey]:
    keys = [ask.key for endpoint in fleet(random.Random(seed), size) for ask in asks(endpoint)]
    random.Random(seed).shuffle(keys)
    return keys


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 5), (3, 40), (4, 150), (5, 150)])
def test_packing_keeps_every_series_and_every_limit_and_splits_no_metric(seed: int, size: int) -> None:
    keys = fleet_keys(seed, size)
    batches = pack(keys, HOUR)
    assert Counter(key for batch in batches for key in batch.series) == Counter(keys)
    assert all(batch.window == HOUR for batch in batches)
    assert max(len(batch.series) for batch in batches) <= LIMIT_QUERIES
    assert max(map(body_bytes, batches)) < LIMIT_BYTES
    homes: dict[MetricId, set[int]] = {}
    for index, batch in enumerate(batches):
        for key in batch.series:
            homes.setdefault(key.metric, set()).add(index)
    assert all(len(found) == 1 for found in homes.values())
    assert sum(metrics_billed(batch.series) for batch in batches) == metrics_billed(keys)


def body_bytes(batch: Batch) -> int:
    """What a request weighs on the wire: the form encoding of the query protocol, or JSON if that is more.

    Each query names the account that it is about, as in a monitoring account.
    """
    form: dict[str, str | int] = {"Action": "GetMetricData", "Version": "2010-08-01"}
    for number, key in enumerate(batch.series, 1):
        member = f"MetricDataQueries.member.{number}"
        stat = f"{member}.MetricStat"
        form |= {f"{member}.AccountId": "123456789012"}
        form |= {f"{member}.Id": f"q{number}", f"{stat}.Period": 60, f"{stat}.Stat": key.stat}
        form |= {f"{stat}.Metric.Namespace": key.metric.namespace, f"{stat}.Metric.MetricName": key.metric.name}
        for index, (name, value) in enumerate(key.metric.dimensions, 1):
            dimension = f"{stat}.Metric.Dimensions.member.{index}"
            form |= {f"{dimension}.Name": name, f"{dimension}.Value": value}
    return max(len(urlencode(form)), len(json.dumps(form)))


def sizes(keys: Sequence[SeriesKey], over: Window) -> list[int]:
    return [len(batch.series) for batch in pack(keys, over)]


def test_one_query_more_than_the_limit_makes_a_second_request() -> None:
    assert sizes([series(f"M{index}") for index in range(501)], SHORT) == [500, 1]
    assert sizes([series(f"M{index}") for index in range(500)], SHORT) == [500]


def test_a_metric_that_does_not_fit_goes_to_the_next_request_whole() -> None:
    keys = [series(f"M{index}") for index in range(498)] + [series("Last", stat) for stat in ("p50", "p99", "Average")]
    assert sizes(keys, SHORT) == [498, 3]


@pytest.mark.parametrize("span_s", [900, 3600, 10_800, 86_400])
def test_the_longer_the_window_the_fewer_queries_a_request(span_s: int) -> None:
    keys = fleet_keys(6, 20)
    batches = pack(keys, window(NOW_S, span_s))
    assert max(batch.datapoints for batch in batches) <= MAX_DATAPOINTS < 100_800
    assert sum(len(batch.series) for batch in batches) == len(keys)
    assert len(batches) <= -(-sum(batch.datapoints for batch in batches) // MAX_DATAPOINTS) * 2


def test_a_metric_whose_window_is_too_long_for_a_request_is_asked_in_one_all_the_same() -> None:
    assert sizes([series("M", "p50"), series("M", "p99"), series("N")], Window(0, MAX_DATAPOINTS * 60)) == [2, 1]


def test_long_names_make_a_request_end_before_the_count_does() -> None:
    dimensions = tuple((f"Dimension{index}{'x' * 40}", "v" * 63) for index in range(5))
    keys = [SeriesKey(MetricId("AWS/SageMaker", f"M{index}", dimensions), "Sum") for index in range(500)]
    batches = pack(keys, HOUR)
    assert len(batches) > 1
    assert max(map(body_bytes, batches)) < LIMIT_BYTES


def test_a_series_that_is_named_twice_is_asked_once() -> None:
    [batch] = pack([series("M"), series("M")], HOUR)
    assert batch.series == (series("M"),)


def test_nothing_to_ask_is_no_request() -> None:
    assert pack([], Window(0, 60)) == []
