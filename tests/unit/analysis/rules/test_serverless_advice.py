"""Advice on the settings of serverless endpoints."""

from datetime import timedelta
from typing import Any

import pytest

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Confidence, Severity
from smtop.metrics.domain.surroundings import ModelFacts, Surroundings
from tests.support.engine import Values, at, hosted
from tests.support.fleet import NOW
from tests.support.rules import Labels, open_before, said, seen, the

CALLS = "Invocations.Sum"
CONCURRENCY = "ServerlessConcurrentExecutionsUtilization.Maximum"
COLD = "ModelSetupTime.SampleCount"
SETUP_US = "ModelSetupTime.Average"
MODEL_US = "ModelLatency.Average"
SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"

PROVISIONED = hosted(kind=Kind.SERVERLESS_PROVISIONED)
ON_DEMAND = hosted(kind=Kind.SERVERLESS)


def sized(endpoint: Endpoint, **settings: int) -> Endpoint:
    (variant,) = endpoint.variants
    assert variant.serverless
    return endpoint._replace(variants=(variant._replace(serverless=variant.serverless._replace(**settings)),))


# Maximum concurrency


def busy(*use: float | None, endpoint: Endpoint = ON_DEMAND) -> Subject:
    return seen(endpoint, {CONCURRENCY: use, CALLS: [None if one is None else 60.0 for one in use]})


def test_a_maximum_that_is_often_nearly_reached_is_low() -> None:
    finding = the(said("max-concurrency-low", busy(*[0.5, 0.5, 0.5, 0.85] * 15, 0.5)))
    assert (finding.severity, finding.since) == (Severity.OK, at(59))
    assert finding.evidence == ("80% or more of it at a time in 15 of 60 minutes with requests, 85% at most",)
    assert finding.change == Resize("fraud", "AllTraffic", max_concurrency=24)


def test_a_maximum_is_not_low_by_a_peak_or_by_little_data() -> None:
    assert not said("max-concurrency-low", busy(*[0.5] * 50, *[0.85] * 8, 0.5, 0.5))
    assert not said("max-concurrency-low", busy(*[0.85] * 20))
    assert not said("max-concurrency-low", busy())
    assert not said("max-concurrency-low", busy(*[0.85] * 60, endpoint=sized(ON_DEMAND, max_concurrency=2)))


def test_a_low_maximum_has_hysteresis_and_is_silent_at_the_limit() -> None:
    some = busy(*[0.5] * 50, *[0.85] * 8, 0.5, 0.5)
    assert said("max-concurrency-low", open_before(some, "max-concurrency-low"))
    few = busy(*[0.5] * 55, *[0.85] * 3, 0.5, 0.5)
    assert not said("max-concurrency-low", open_before(few, "max-concurrency-low"))
    assert not said("max-concurrency-low", busy(*[0.85] * 57, 1.0, 1.0, 1.0))


# Few slots

_NAMES = {"starts": COLD, "setup_us": SETUP_US, "model_us": MODEL_US, "spill": SPILL}


def cold_hour(every: int, count: float, calls: float, endpoint: Endpoint = ON_DEMAND, **others: Values) -> Subject:
    """An hour with cold starts of four seconds every so many minutes; a call takes the model 0.1 s."""
    starts: Values = [count if minute % every == 0 else None for minute in range(60)]
    labels: Labels = {
        COLD: starts,
        SETUP_US: [None if one is None else 4e6 for one in starts],
        CALLS: [calls] * 60,
        MODEL_US: [1e5] * 60,
        CONCURRENCY: [0.35] * 60,
        **{_NAMES[name]: values for name, values in others.items()},
    }
    return seen(endpoint, labels)


def test_cold_starts_all_over_the_hour_want_slots() -> None:
    finding = the(said("pc-low", cold_hour(6, 2.0, 20.0)))
    assert (finding.severity, finding.confidence, finding.since) == (Severity.OK, Confidence.MEDIUM, at(61))
    assert finding.title == "20 cold starts of 4.0 s each within the hour"
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=10)
    assert "no provisioned concurrency" in finding.evidence


def test_slots_that_are_too_few_are_told_by_any_share_of_cold_starts() -> None:
    finding = the(said("pc-low", cold_hour(6, 1.0, 600.0, PROVISIONED)))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=10)
    assert "provisioned concurrency 5" in finding.evidence
    assert not said("pc-low", cold_hour(6, 1.0, 600.0))


def test_cold_starts_that_do_not_recur_or_matter_want_none() -> None:
    recent = ON_DEMAND._replace(summary=ON_DEMAND.summary._replace(modified_at=NOW - timedelta(minutes=30)))
    fine = {
        "rare": cold_hour(15, 2.0, 20.0),
        "a burst": cold_hour(6, 2.0, 20.0, starts=[None] * 52 + [2.0] * 8),
        "short": cold_hour(6, 2.0, 20.0, setup_us=[5e5] * 60),
        "the model takes as long": cold_hour(6, 2.0, 20.0, model_us=[3e6] * 60),
        "not read": seen(ON_DEMAND, {CALLS: [20.0] * 60}),
        "changed in the hour": cold_hour(6, 2.0, 20.0, recent),
        "a storm": cold_hour(3, 20.0, 20.0),
        "spillover": cold_hour(6, 1.0, 600.0, PROVISIONED, spill=[30.0] * 60),
    }
    assert {why for why, subject in fine.items() if said("pc-low", subject)} == set()


def test_few_slots_have_hysteresis() -> None:
    five = cold_hour(12, 4.0, 20.0)
    assert not said("pc-low", five)
    assert said("pc-low", open_before(five, "pc-low"))
    assert not said("pc-low", open_before(cold_hour(20, 4.0, 20.0), "pc-low"))


# Workers and images


def modelled(kind: Kind = Kind.SERVERLESS, **facts: Any) -> Subject:
    endpoint = hosted(kind=kind)
    endpoint = endpoint._replace(variants=(endpoint.variants[0]._replace(model="m"),))
    return seen(endpoint, {}, around=Surroundings(models={"m": ModelFacts("m", **facts)}))


@pytest.mark.parametrize(
    "name",
    [
        "SAGEMAKER_MODEL_SERVER_WORKERS",
        "MODEL_SERVER_WORKERS",
        "SAGEMAKER_NUM_MODEL_WORKERS",
        "TS_DEFAULT_WORKERS_PER_MODEL",
    ],
)
def test_several_workers_are_told(name: str) -> None:
    finding = the(said("serverless-workers", modelled(environment={name: "4"})))
    assert (finding.severity, finding.variant) == (Severity.OK, "AllTraffic")
    assert finding.evidence == (
        f"{name}=4 in the environment of m",
        "each has a copy of the model, and 512 of 2,048 MB",
    )
    for value in ("1", "0", "", "auto"):
        assert not said("serverless-workers", modelled(environment={name: value}))


@pytest.mark.parametrize(
    ("size_gb", "confidence"), [(10.5, Confidence.HIGH), (6.0, Confidence.MEDIUM), (4.9, None), (None, None)]
)
def test_a_large_image_is_told_by_its_compressed_size(size_gb: float | None, confidence: Confidence | None) -> None:
    size = None if size_gb is None else int(size_gb * 2**30)
    found = said("image-large", modelled(image_bytes=size))
    assert [finding.confidence for finding in found] == ([confidence] if confidence else [])
    assert all("compressed" in the(found).title for _ in found)


@pytest.mark.parametrize("rule", ["serverless-workers", "image-large"])
def test_unknown_models_and_instances_get_no_advice(rule: str) -> None:
    facts: dict[str, Any] = {"environment": {"MODEL_SERVER_WORKERS": "4"}, "image_bytes": 2**40}
    assert said(rule, modelled(**facts))
    assert not said(rule, modelled(Kind.REALTIME, **facts))
    assert not said(rule, seen(ON_DEMAND, {}))
    assert not said(rule, seen(ON_DEMAND, {}, around=Surroundings(models={})))
