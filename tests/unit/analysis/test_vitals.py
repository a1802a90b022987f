"""The few numbers of a row: merged over variants without averaging what cannot be averaged."""

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.vitals import vitals
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import NO_DATA, Owner, Point, Sample, SampleState, merged, not_collected
from smtop.metrics.domain.snapshot import SaturationKind, Vitals
from tests.support.engine import Values, at, component, hosted, minutes, on, subject, variant_of
from tests.support.fleet import NOW_S

A_AND_B = hosted(variants=(variant_of(name="A"), variant_of(name="B"), variant_of(name="S", shadow=True)))


def of(endpoint: Endpoint, **variants: dict[str, Values]) -> Vitals:
    return vitals(subject(endpoint, {on(endpoint, name): labels for name, labels in variants.items()}), ())


def alone(kind: Kind, labels: dict[str, Values], instance_type: str | None = "ml.m5.xlarge") -> Vitals:
    endpoint = hosted(kind=kind, variants=(variant_of(kind, instance_type=instance_type),))
    return of(endpoint, AllTraffic=labels)


def test_requests_add_up_over_production_variants_and_a_shadow_counts_for_nothing() -> None:
    numbers = of(
        A_AND_B,
        A={"Invocations.Sum": [100.0]},
        B={"Invocations.Sum": [20.0]},
        S={"Invocations.Sum": [120.0], "Invocation5XXErrors.Sum": [120.0], "ModelLatency.p99": [9e9]},
    )
    assert numbers.requests_per_minute.value == 120.0
    assert numbers.p99_ms == NO_DATA


def test_latency_comes_in_milliseconds_and_is_the_largest_of_the_variants() -> None:
    numbers = of(
        A_AND_B,
        A={"ModelLatency.p50": [40_000.0], "ModelLatency.p99": [182_000.0]},
        B={"ModelLatency.p50": [60_000.0], "ModelLatency.p99": [90_000.0]},
    )
    assert (numbers.p50_ms.value, numbers.p99_ms.value) == (60.0, 182.0)


def test_error_ratio_is_errors_per_request_over_the_last_five_settled_minutes() -> None:
    numbers = of(
        A_AND_B,
        A={
            "Invocations.Sum": [1000.0, 100.0, 100.0, 100.0, 100.0, 100.0],
            "Invocation5XXErrors.Sum": [900.0, 0.0, 0.0, 0.0, 0.0, 10.0],
        },
        B={"Invocations.Sum": [100.0] * 5, "Invocation5XXErrors.Sum": [2.0] * 5},
    )
    assert numbers.server_error_ratio.value == pytest.approx(20.0 / 1000.0)


def test_client_errors_have_a_ratio_of_their_own() -> None:
    numbers = of(
        A_AND_B, A={"Invocations.Sum": [50.0], "Invocation4XXErrors.Sum": [5.0], "Invocation5XXErrors.Sum": [0.0]}
    )
    assert (numbers.client_error_ratio.value, numbers.server_error_ratio.value) == (0.1, 0.0)


def test_a_ratio_without_requests_is_undefined_and_not_zero() -> None:
    numbers = of(A_AND_B, A={"Invocations.Sum": [0.0], "Invocation5XXErrors.Sum": [0.0]})
    assert (numbers.server_error_ratio.value, numbers.server_error_ratio.why) == (None, "no requests")


def test_a_ratio_is_undefined_where_neither_requests_nor_errors_are_known() -> None:
    assert of(A_AND_B).server_error_ratio.value is None


def test_late_requests_cannot_make_a_ratio_above_one() -> None:
    numbers = of(A_AND_B, A={"Invocations.Sum": [10.0], "Invocation5XXErrors.Sum": [12.0]})
    assert numbers.server_error_ratio.value == 1.0


def test_refused_errors_are_not_a_ratio_of_zero() -> None:
    endpoint = hosted()
    told = subject(endpoint, {on(endpoint): {"Invocations.Sum": [10.0]}})
    samples = {on(endpoint): {**told.samples[on(endpoint)], "Invocation5XXErrors.Sum": not_collected("denied")}}
    numbers = vitals(Subject(endpoint, samples, told.points, NOW_S, at(2)), ())
    assert numbers.server_error_ratio.state is SampleState.NOT_COLLECTED
    assert numbers.server_error_ratio.why == "denied"


def test_a_value_from_before_the_last_minutes_is_not_the_present_one() -> None:
    numbers = of(A_AND_B, A={"Invocations.Sum": [70.0, None, None, None, None, None]})
    assert numbers.requests_per_minute.value is None
    recent = of(A_AND_B, A={"Invocations.Sum": [70.0, None, None, None, None]})
    assert recent.requests_per_minute.value == 70.0


def test_a_merged_value_is_as_trustworthy_as_its_weakest_part() -> None:
    ok, early = Sample(SampleState.OK, 1.0, at(2)), Sample(SampleState.PROVISIONAL, 2.0, at(1))
    stale = Sample(SampleState.STALE, 4.0, at(9))
    assert merged([ok, early], sum) == Sample(SampleState.PROVISIONAL, 3.0, at(1))
    assert merged([ok, early, stale], sum) == Sample(SampleState.STALE, 7.0, at(1))
    assert merged([ok, NO_DATA, not_collected("denied")], max) == ok


def test_a_merged_nothing_says_the_worst_reason() -> None:
    assert merged([NO_DATA, not_collected("denied")], sum) == not_collected("denied")
    assert merged([], sum) == NO_DATA


def test_a_merged_value_is_filled_only_if_all_of_it_is() -> None:
    zero, two = Sample(SampleState.OK, 0.0, at(2), filled=True), Sample(SampleState.OK, 2.0, at(2))
    assert merged([zero, zero], sum).filled
    assert not merged([zero, two], sum).filled


COMPONENTS = hosted("llm", Kind.INFERENCE_COMPONENT, components=(component("a"), component("b")))


def with_components(variants: dict[str, Values], **components: dict[str, Values]) -> Vitals:
    owners = {Owner("llm", "AllTraffic", component=name): labels for name, labels in components.items()}
    return vitals(subject(COMPONENTS, {on(COMPONENTS): variants, **owners}), ())


def test_components_count_where_only_they_report_requests() -> None:
    numbers = with_components(
        {}, a={"Invocations.Sum": [30.0], "ModelLatency.p99": [5000.0]}, b={"Invocations.Sum": [12.0]}
    )
    assert (numbers.requests_per_minute.value, numbers.p99_ms.value) == (42.0, 5.0)


def test_requests_of_a_variant_and_of_its_components_are_not_added() -> None:
    numbers = with_components({"Invocations.Sum": [42.0]}, a={"Invocations.Sum": [30.0]}, b={"Invocations.Sum": [12.0]})
    assert numbers.requests_per_minute.value == 42.0


def test_an_async_endpoint_counts_what_it_processed() -> None:
    endpoint = hosted("batch", Kind.ASYNC)
    labels: dict[str, Values] = {"InvocationsProcessed.Sum": [20.0], "Invocation5XXErrors.Sum": [5.0]}
    own: dict[str, Values] = {"ApproximateBacklogSize.Maximum": [4812.0]}
    numbers = vitals(subject(endpoint, {on(endpoint): labels, Owner("batch"): own}), ())
    assert numbers.requests_per_minute.value == 20.0
    assert numbers.server_error_ratio.value == 0.25
    assert numbers.saturation is not None
    assert (numbers.saturation.kind, numbers.saturation.sample.value) == (SaturationKind.BACKLOG, 4812.0)


@pytest.mark.parametrize(
    ("kind", "instance_type", "labels", "saturation", "value"),
    [
        (Kind.REALTIME, "ml.m5.xlarge", {"CPUUtilization.Average": [200.0]}, SaturationKind.CPU, 0.5),
        (Kind.PIPELINE, "ml.c5.18xlarge", {"CPUUtilization.Average": [7200.0]}, SaturationKind.CPU, 1.0),
        (
            Kind.REALTIME,
            "ml.g5.12xlarge",
            {"CPUUtilization.Average": [480.0], "GPUUtilization.Average": [300.0]},
            SaturationKind.GPU,
            0.75,
        ),
        (
            Kind.MULTI_CONTAINER,
            "ml.g5.xlarge",
            {"CPUUtilization.Average": [360.0], "GPUUtilization.Average": [10.0]},
            SaturationKind.CPU,
            0.9,
        ),
        (Kind.MULTI_MODEL, "ml.m5.xlarge", {"ModelCacheHit.Average": [0.62]}, SaturationKind.CACHE, 0.62),
        (
            Kind.SERVERLESS,
            None,
            {"ServerlessConcurrentExecutionsUtilization.Maximum": [0.93]},
            SaturationKind.CONCURRENCY,
            0.93,
        ),
        (
            Kind.INFERENCE_COMPONENT,
            "ml.g5.12xlarge",
            {"GPUUtilizationNormalized.Average": [81.0]},
            SaturationKind.GPU,
            0.81,
        ),
    ],
)
def test_saturation_is_of_the_resource_that_the_kind_runs_out_of(
    kind: Kind, instance_type: str | None, labels: dict[str, Values], saturation: SaturationKind, value: float
) -> None:
    found = alone(kind, labels, instance_type).saturation
    assert found is not None
    assert found.kind is saturation
    assert found.sample.value == pytest.approx(value)
    assert found.spillover_per_minute is None


def test_provisioned_concurrency_comes_with_its_spillover() -> None:
    found = alone(
        Kind.SERVERLESS_PROVISIONED,
        {
            "ServerlessProvisionedConcurrencyUtilization.Maximum": [1.0],
            "ServerlessProvisionedConcurrencySpilloverInvocations.Sum": [38.0],
        },
    ).saturation
    assert found is not None
    assert (found.kind, found.sample.value, found.spillover_per_minute) == (SaturationKind.PROVISIONED, 1.0, 38.0)


def test_cpu_of_an_unknown_type_is_no_share_and_says_why() -> None:
    found = alone(Kind.REALTIME, {"CPUUtilization.Average": [200.0]}, None).saturation
    assert found is not None
    assert (found.sample.value, found.sample.why) == (None, "the instance type is not known")


def test_the_fullest_variant_speaks_for_the_endpoint_whatever_its_size() -> None:
    endpoint = hosted(variants=(variant_of(name="A"), variant_of(name="B", instance_type="ml.c5.18xlarge")))
    found = of(endpoint, A={"CPUUtilization.Average": [380.0]}, B={"CPUUtilization.Average": [720.0]}).saturation
    assert found is not None
    assert found.sample.value == pytest.approx(0.95)


def test_an_endpoint_that_was_only_listed_has_no_saturation() -> None:
    assert of(hosted(variants=())).saturation is None


def test_the_trend_is_handed_through() -> None:
    trend = minutes(1.0, None, 3.0)
    assert vitals(subject(hosted(), {}), trend).trend == trend
    assert Point(at(4), 1.0) in trend
