"""Multi-model endpoints: each rule fires, does not fire, and is silent without data."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from smtop.metrics.analysis.rules.models.load_failing import fails_to_load
from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.analysis.thresholds import STANDARD
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Endpoint, Instances, Kind, Moving
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.scaling import Scalable, ScalableTarget, ScaledPart, ScalingActivity
from smtop.metrics.domain.surroundings import Deploy, Surroundings
from tests.support.engine import Values, at, hosted, on
from tests.support.fleet import NOW_S
from tests.support.rules import Labels, open_before, said, seen, the

HITS, LOOKS, CALLS = "ModelCacheHit.Average", "ModelCacheHit.SampleCount", "Invocations.Sum"
UNLOADED, LOADED = "ModelUnloadingTime.SampleCount", "ModelLoadingTime.SampleCount"
WAIT, LONGEST = "ModelLoadingWaitTime.Average", "ModelLoadingWaitTime.Maximum"
FAILED, P99 = "Invocation5XXErrors.Sum", "ModelLatency.p99"

MODELS = hosted(kind=Kind.MULTI_MODEL)
RESOURCE = Scalable("endpoint/fraud/variant/AllTraffic", "sagemaker:variant:DesiredInstanceCount")


def cache(hits: Values, calls: float = 600.0, **more: Values) -> Labels:
    names = {"unloaded": UNLOADED, "loaded": LOADED, "failed": FAILED, "wait": WAIT, "longest": LONGEST, "p99": P99}
    counts = [None if hit is None else calls for hit in hits]
    return {HITS: hits, LOOKS: counts, CALLS: counts, **{names[name]: own for name, own in more.items()}}


THRASH = [0.95, 0.95, 0.6, 0.6, 0.6]

# Cache thrash


def test_calls_that_wait_for_their_models_are_a_warning_with_their_number() -> None:
    finding = the(said("cache-thrash", seen(MODELS, cache(THRASH))))
    assert (finding.severity, finding.variant, finding.since) == (Severity.WARNING, "AllTraffic", at(4))
    assert finding.title == "only 74% of requests find their model loaded"
    assert finding.impact_per_minute == pytest.approx(156.0)
    assert finding.change == Resize("fraud", "AllTraffic", count=3)
    assert finding.confidence is Confidence.MEDIUM
    assert "780 of 3,000 calls in 5 min" in finding.evidence[0]


def test_unloads_prove_it_and_waits_are_told() -> None:
    labels = cache(THRASH, unloaded=[0, 0, 240, 240, 240], wait=[2e6] * 5, longest=[4e6] * 5)
    finding = the(said("cache-thrash", seen(MODELS, labels)))
    assert finding.confidence is Confidence.HIGH
    assert finding.evidence[1:] == (
        "each for 2,000 ms, the longest for 4.0 s",
        "720 models were unloaded meanwhile to make room",
    )


def test_where_nothing_is_unloaded_models_are_new_and_memory_helps_nobody() -> None:
    finding = the(said("cache-thrash", seen(MODELS, cache(THRASH, unloaded=[0] * 5))))
    assert (finding.confidence, finding.change) == (Confidence.LOW, None)


@pytest.mark.parametrize(
    ("labels", "is_critical"),
    [
        (cache([0.4] * 5), False),
        (cache([0.4] * 5, failed=[60] * 5), True),
        (cache([0.4] * 5, longest=[50e6] * 5), True),
        (cache([0.4] * 5, p99=[400e3] * 5), True),
        (cache([0.4] * 5, p99=[110e3] * 5), False),
        (cache([0.6] * 5, failed=[60] * 5), False),
    ],
    ids=["only slow", "5XX", "near the time limit", "far slower than usual", "hardly slower", "not collapsed"],
)
def test_a_collapsed_cache_is_critical_where_calls_suffer(labels: Labels, is_critical: bool) -> None:
    usual = {on(MODELS): {P99: Usual(90e3, 80e3, 100e3)}}
    finding = the(said("cache-thrash", seen(MODELS, labels, usual=usual)))
    assert (finding.severity is Severity.CRITICAL) is is_critical


def moved(**count: int) -> Endpoint:
    (variant,) = MODELS.variants
    instances = Instances(Moving(count["current"], count["desired"]), "ml.m5.xlarge")
    return MODELS._replace(variants=(variant._replace(instances=instances),))


def activity(ago_s: float, status: str = "Successful") -> ScaledPart:
    done = ScalingActivity(RESOURCE, NOW_S - ago_s, status, "Setting desired instance count to 3.", "alarm")
    return ScaledPart(ScalableTarget(RESOURCE, 1, 4), activities=(done,))


NEW: Mapping[str, Subject] = {
    "deployed": seen(hosted(kind=Kind.MULTI_MODEL, age=timedelta(minutes=9)), cache(THRASH)),
    "updating": seen(hosted(kind=Kind.MULTI_MODEL, status="Updating"), cache(THRASH)),
    "growing": seen(moved(current=2, desired=3), cache(THRASH)),
    "grown": seen(MODELS, cache(THRASH), around=Surroundings(scaled=(activity(500),))),
    "new config": seen(MODELS, cache(THRASH), around=Surroundings(deploys=(Deploy("b", NOW_S - 600),))),
}


@pytest.mark.parametrize("one", NEW.values(), ids=NEW)
def test_an_empty_cache_after_a_change_is_no_thrash(one: Subject) -> None:
    assert not said("cache-thrash", one)
    assert said("cache-thrash", open_before(one, "cache-thrash"))


def test_old_changes_and_models_that_push_each_other_out_are_no_excuse() -> None:
    old = Surroundings(scaled=(activity(1800),), deploys=(Deploy("b", NOW_S - 3600),))
    assert said("cache-thrash", seen(MODELS, cache(THRASH), around=old))
    young = hosted(kind=Kind.MULTI_MODEL, age=timedelta(minutes=9))
    assert said("cache-thrash", seen(young, cache(THRASH, unloaded=[240] * 5)))


@pytest.mark.parametrize(
    ("hits", "calls"),
    [
        ([0.95, 0.95, 0.95, 0.95, 0.1], 600.0),
        ([0.81] * 5, 600.0),
        ([0.5] * 5, 2.0),
        ([0.7] * 5, 5.0),
        ([0.1, 0.1, 0.9, 0.9, 0.9], 600.0),
        ([None, None, 0.0, None, None], 1.0),
    ],
    ids=["one minute", "not low", "a handful of calls", "within chance", "over", "one call"],
)
def test_anything_less_is_no_thrash(hits: Values, calls: float) -> None:
    assert not said("cache-thrash", seen(MODELS, cache(hits, calls)))


@pytest.mark.parametrize("labels", [{}, {CALLS: [600.0] * 5}, {HITS: [0.1] * 5, CALLS: [600.0] * 5}])
def test_without_data_nothing_is_said_of_the_cache(labels: Labels) -> None:
    assert not said("cache-thrash", seen(MODELS, labels))


def test_only_multi_model_endpoints_have_such_a_cache() -> None:
    assert not said("cache-thrash", seen(hosted(), cache(THRASH)))


def test_a_thrash_lasts_until_three_minutes_are_clearly_better() -> None:
    still = seen(MODELS, cache([0.5, 0.5, 0.84, 0.9, 0.9]))
    assert not said("cache-thrash", still)
    assert said("cache-thrash", open_before(still, "cache-thrash"))
    assert not said("cache-thrash", open_before(seen(MODELS, cache([0.5, 0.5, 0.9, 0.9, 0.9])), "cache-thrash"))


# Loads that fail

FAILING = cache([1.0, 1.0, 0.9, 0.9, 0.9], failed=[0, 0, 60, 60, 60])


def test_as_many_failures_as_misses_are_models_that_cannot_be_loaded() -> None:
    finding = the(said("model-load-failing", seen(MODELS, FAILING)))
    assert (finding.severity, finding.variant, finding.since) == (Severity.CRITICAL, "AllTraffic", at(4))
    assert finding.title == "models fail to load: 6% of requests fail"
    assert (finding.impact_per_minute, finding.confidence) == (36.0, Confidence.MEDIUM)
    assert not said("cache-thrash", seen(MODELS, FAILING))


def test_where_models_are_loaded_again_and_again_the_misses_without_a_load_count() -> None:
    both = cache([0.6] * 5, failed=[60] * 5, loaded=[180] * 5)
    finding = the(said("model-load-failing", seen(MODELS, both)))
    assert "about as many, 300, did not find" in finding.evidence[0]
    assert said("cache-thrash", seen(MODELS, both))
    assert not said("model-load-failing", seen(MODELS, cache([0.6] * 5, failed=[60] * 5, loaded=[239] * 5)))


def test_loads_that_are_not_timed_make_it_sure() -> None:
    assert the(said("model-load-failing", seen(MODELS, {**FAILING, LOADED: [1.0] * 5}))).confidence is Confidence.HIGH
    many = seen(MODELS, {**FAILING, LOADED: [60.0] * 5})
    assert the(said("model-load-failing", many)).confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    "labels",
    [
        cache([1.0] * 5, failed=[60] * 5),
        cache([0.9] * 5, failed=[300] * 5),
        cache([0.5] * 5, failed=[60] * 5),
        cache([0.97] * 5, failed=[18] * 5),
        cache([1.0, 1.0, 1.0, 1.0, 0.9], failed=[0, 0, 0, 0, 60]),
        cache([0.5] * 5, calls=2.0, failed=[1] * 5),
        cache([0.9] * 5),
        {CALLS: [600.0] * 5, FAILED: [60] * 5},
        {},
    ],
    ids=[
        "loaded models fail",
        "more fail than miss",
        "thrash",
        "few fail",
        "one minute",
        "a handful of calls",
        "no 5XX read",
        "no cache read",
        "nothing",
    ],
)
def test_other_failures_are_not_of_loading(labels: Labels) -> None:
    one = seen(MODELS, labels)
    assert not said("model-load-failing", one)
    assert not fails_to_load(one, on(MODELS), STANDARD)


def test_misses_that_are_usual_do_not_count() -> None:
    usual = {on(MODELS): {HITS: Usual(0.7, 0.65, 0.75)}}
    often = cache([0.7] * 5, failed=[180] * 5)
    assert said("model-load-failing", seen(MODELS, often))
    assert not said("model-load-failing", seen(MODELS, often, usual=usual))
    more = cache([0.6] * 5, failed=[60] * 5)
    assert not said("model-load-failing", seen(MODELS, more))
    assert said("model-load-failing", seen(MODELS, more, usual=usual))


def test_failing_loads_last_until_three_minutes_are_better() -> None:
    still = seen(MODELS, cache([0.9, 0.9, 0.96, 1.0, 1.0], failed=[60, 60, 20, 0, 0]))
    assert not said("model-load-failing", still)
    assert said("model-load-failing", open_before(still, "model-load-failing"))
    over = seen(MODELS, cache([0.9, 0.9, 1.0, 1.0, 1.0], failed=[60, 60, 0, 0, 0]))
    assert not said("model-load-failing", open_before(over, "model-load-failing"))
