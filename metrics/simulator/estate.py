"""The default fleet in good health: forty endpoints of every kind, then as many ordinary ones as are asked for."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.blueprint import DAY_S, Blueprint, ModelBlueprint, Remark
from smtop.metrics.simulator.builders import (
    EMBEDDER,
    LLM,
    RANKER,
    SMALL,
    TABULAR,
    VISION,
    asynchronous,
    components,
    containers,
    multi_model,
    real_time,
    serverless,
)
from smtop.metrics.simulator.scaled import Schedule, by_backlog, by_calls, by_calls_per_copy, by_provisioned_use
from smtop.metrics.simulator.workload import Shift

_PRIME_TIME: Final = Schedule("prime-time", "0 18 * * ? *", "America/New_York", 8, 12)
_SMALL_HOURS: Final = Schedule("small-hours", "30 1 * * ? *", "America/New_York", 6, 12)
_NIGHT_SHIFT: Final = Schedule("night-shift", "0 22 ? * MON-FRI *", "Europe/Berlin", 1, 4)
_DAY_OFF: Final = Schedule("day-off", "0 5 ? * TUE-SAT *", "Europe/Berlin", 0, 4)
_SPARSE_PER_MIN: Final = 0.1
_OUTLASTS_ITS_SETUP: Final = 38.0


def default_estate(now: float) -> tuple[Blueprint, ...]:
    """The forty endpoints of an account that opens at `now`, none of them in trouble."""
    return (
        *_on_cpus(),
        *_look_alikes(now),
        *_on_gpus(),
        *_several_models(),
        *_queued(now),
        *_on_serverless(),
        *_quiet(),
        *_changing(),
    )


def _on_cpus() -> Iterator[Blueprint]:
    yield real_time("fraud-scorer-prod", TABULAR, "ml.c6i.2xlarge", 4, busy=0.4)
    yield _split(real_time("rec-ranker-v7", RANKER, "ml.c6i.4xlarge", 3, busy=0.3), "candidate", weight=0.25)
    yield real_time("price-elasticity-eu", RANKER, "ml.m5.2xlarge", 2, busy=0.3)
    yield _shadowed(real_time("eta-predictor", TABULAR, "ml.c6i.xlarge", 3, busy=0.4))
    yield real_time("customer-lifetime-value-regression-eu-central-1-prod-blue-green", TABULAR, "ml.m5.xlarge", 2)
    yield real_time("KYC-DocCheck-EU", RANKER, "ml.m6i.2xlarge", 2, busy=0.25)
    yield real_time("pricing-engine-v3", TABULAR, "ml.c5.2xlarge", 3, busy=0.35)
    yield real_time("translation-v4", RANKER, "ml.c6i.4xlarge", 1, busy=0.3)


def _look_alikes(now: float) -> Iterator[Blueprint]:
    hour_utc = now % DAY_S / 3600.0
    yield _canary_that_is_fine(real_time("checkout-risk", TABULAR, "ml.c6i.2xlarge", 3, busy=0.35))
    yield _deployed_an_hour_ago(real_time("churn-predictor", RANKER, "ml.m5.2xlarge", 2, busy=0.3))
    search = real_time("search-ranker-prod", RANKER, "ml.c6i.4xlarge", 2, busy=0.35)
    yield _scaled_out(by_calls(search, 2, 8), now)
    clicks = real_time("ad-click-ctr-prod", TABULAR, "ml.c6i.4xlarge", 6, busy=0.4)
    yield (
        by_calls(clicks, 6, 12, _PRIME_TIME, _SMALL_HOURS)
        .called(swing=0.6, peak_hour_utc=hour_utc)
        .remarked(Remark("daily-peak", "ok", "the day's peak, as every day"))
    )
    yield (
        serverless("promo-eligibility-slpc", SMALL, load=6.0, max_concurrency=40, provisioned=20)
        .called(swing=0.08)
        .remarked(Remark("pc-headroom", "ok", "provisioned concurrency is about 70 % used, nothing spills over"))
    )


def _on_gpus() -> Iterator[Blueprint]:
    yield real_time("vision-defect-detect", VISION, "ml.g4dn.xlarge", 3, busy=0.45).called(swing=0.1)
    yield (
        real_time("product-embeddings", EMBEDDER, "ml.g5.xlarge", 2, busy=0.45).called(
            swing=0.01, week_swing=0.0, jitter=0.004
        )
    )
    yield real_time("llm-support-chat", LLM, "ml.g5.12xlarge", 2, busy=0.45)
    yield _split(real_time("Image-Moderation-v2", VISION, "ml.g4dn.xlarge", 2, busy=0.4), "fp16", weight=1.0)
    yield real_time("research-llm-sandbox", LLM, "ml.g5.12xlarge", 1, busy=0.2)
    yield real_time("speech-diarizer-old", VISION, "ml.g4dn.2xlarge", 2, busy=0.25)


def _several_models() -> Iterator[Blueprint]:
    yield multi_model("tenant-forecasts", "ml.m5.2xlarge", 2, models=180, calls_per_min=1900)
    yield multi_model("per-store-demand", "ml.m5.2xlarge", 2, models=210, calls_per_min=900)
    yield multi_model("regional-propensity", "ml.r5.xlarge", 2, models=90, calls_per_min=400)
    yield containers("nlp-toolkit-direct", ("tokenizer", "ner", "sentiment"), "ml.c6i.2xlarge", direct=True)
    yield containers("credit-pipeline", ("preprocess", "predict", "explain"), "ml.m5.2xlarge", direct=False)
    genai = {"chat-8b": (LLM, 4), "rerank-xs": (EMBEDDER, 2), "guardrail-tiny": (EMBEDDER, 1)}
    pool = components("shared-genai-pool", "ml.g5.12xlarge", 2, genai)
    yield by_calls_per_copy(pool, pool.live[0].components[0].name, 1, 6)
    tabular = {"credit-limit": (TABULAR, 4), "next-best-offer": (RANKER, 3)}
    yield components("shared-tabular-pool", "ml.m5.4xlarge", 2, tabular)


def _queued(now: float) -> Iterator[Blueprint]:
    yield by_backlog(asynchronous("video-transcribe-async", "ml.g4dn.xlarge", 2), 0, 3)
    yield asynchronous("doc-ocr-async", "ml.g5.xlarge", 2, busy=0.5)
    nightly = by_backlog(asynchronous("nightly-embeddings-async", "ml.g4dn.2xlarge", 3), 0, 4, _NIGHT_SHIFT, _DAY_OFF)
    (variant,) = nightly.live
    yield (
        nightly.called(shifts=(Shift(now - 3 * 3600.0, 0.0),))
        .then(2.0 * 3600.0, replace(variant, instances=0), in_place=True)
        .remarked(Remark("scaled-to-zero", "ok", "no instance and nothing to do", 2.0 * 3600.0))
    )


def _on_serverless() -> Iterator[Blueprint]:
    chat = replace(SMALL, median_ms=420.0, setup_s=_OUTLASTS_ITS_SETUP, memory_mb=4600)
    yield serverless("faq-answerer-sls", chat, load=0.6, max_concurrency=12)
    yield serverless(
        "invoice-parser-sls", replace(SMALL, median_ms=700.0, memory_mb=2300), load=2.5, max_concurrency=30
    )
    yield _sparse(serverless("webhook-classifier-sls", SMALL, load=1.0, max_concurrency=5))
    checkout = serverless("checkout-fraud-slpc", SMALL, load=8.0, max_concurrency=120, provisioned=26)
    yield by_provisioned_use(checkout, 10, 26).called(swing=0.1)
    yield (
        serverless("sentiment-slpc", SMALL, load=3.0, max_concurrency=60, provisioned=14).called(
            swing=0.04, week_swing=0.0, jitter=0.02
        )
    )
    yield (serverless("session-intent-slpc", SMALL, load=2.0, max_concurrency=120, provisioned=12).called(swing=0.1))


def _quiet() -> Iterator[Blueprint]:
    yield _sparse(real_time("lead-scoring-dev", TABULAR, "ml.m5.large", 1))
    yield _silent(real_time("geo-normalizer-dev", TABULAR, "ml.t2.medium", 1))
    yield _silent(real_time("LoanPricing-UAT", RANKER, "ml.m5.xlarge", 2))


def _changing() -> Iterator[Blueprint]:
    rollout = real_time("basket-affinity", RANKER, "ml.c6i.2xlarge", 2, busy=0.3)
    (variant,) = rollout.live
    fresh = ModelBlueprint("basket-affinity-v2")
    yield replace(
        rollout,
        status="Updating",
        updated_ago_s=40.0,
        models=(*rollout.models, fresh),
        rolling_out=(replace(variant, model=fresh.name),),
    )
    created = real_time("ner-multilingual", RANKER, "ml.c6i.xlarge", 1, busy=0.2)
    yield replace(created, status="Creating", created_ago_s=8.0, serving=False)


def _split(plain: Blueprint, name: str, weight: float) -> Blueprint:
    """Two variants side by side since a week."""
    (variant,) = plain.live
    model = replace(plain.models[0], name=f"{plain.name}-{name}")
    parts = (replace(variant, name="current"), replace(variant, name=name, model=model.name, weight=weight))
    return replace(plain, models=(*plain.models, model)).then(7 * DAY_S, *parts)


def _shadowed(plain: Blueprint) -> Blueprint:
    """A shadow variant that gets a copy of every call."""
    (variant,) = plain.live
    model = replace(plain.models[0], name=f"{plain.name}-next")
    shadow = replace(variant, name="shadow-next", model=model.name, shadow=True)
    return replace(plain, models=(*plain.models, model)).then(3 * DAY_S, variant, shadow)


def _canary_that_is_fine(plain: Blueprint) -> Blueprint:
    (variant,) = plain.live
    model = replace(plain.models[0], name=f"{plain.name}-v12")
    canary = replace(variant, name="canary", model=model.name, instances=1, weight=0.1)
    remark = Remark("good-canary", "ok", "a canary at 9 % that answers as well as the old model", 1500.0, "canary")
    return replace(plain, models=(*plain.models, model)).then(1500.0, variant, canary).remarked(remark)


def _deployed_an_hour_ago(plain: Blueprint) -> Blueprint:
    (variant,) = plain.live
    model = replace(plain.models[0], name=f"{plain.name}-v3")
    remark = Remark("clean-deploy", "ok", "a new model since an hour, as good as the old one", 3600.0)
    serving = replace(variant, model=model.name)
    return replace(plain, models=(*plain.models, model)).then(3600.0, serving).remarked(remark)


def _scaled_out(plain: Blueprint, now: float) -> Blueprint:
    (variant,) = plain.live
    grown = plain.called(shifts=(Shift(now - 45 * 60.0, 2.2, ramp_s=600.0),))
    remark = Remark("scale-out", "ok", "twice the calls since 45 minutes, absorbed by a scale-out", 2400.0)
    return grown.then(2400.0, replace(variant, instances=5), in_place=True).remarked(remark)


def _sparse(plain: Blueprint) -> Blueprint:
    remark = Remark("sparse", "ok", "a call every ten minutes or so")
    return plain.called(calls_per_min=_SPARSE_PER_MIN).remarked(remark)


def _silent(plain: Blueprint) -> Blueprint:
    return plain.called(calls_per_min=0.0).remarked(
        Remark("never-called", "idle", "nobody has ever called it", 14 * DAY_S)
    )


_DOMAINS: Final = (
    "cart",
    "claims",
    "credit",
    "fleet",
    "fraud",
    "hotel",
    "media",
    "menu",
    "parcel",
    "risk",
    "sku",
    "travel",
)
_TASKS: Final = ("classifier", "demand", "embedder", "forecast", "intent", "matcher", "ranker", "scorer", "tagger")
_CPU_TYPES: Final = ("ml.m5.xlarge", "ml.c6i.2xlarge", "ml.m6i.2xlarge", "ml.c5.xlarge")
_GPU_TYPES: Final = ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g5.2xlarge")


def ordinary(number: int, seed: int) -> Blueprint:
    """The healthy endpoint of a number, the same for the same seed."""
    stream = noise.key(seed, "ordinary", number)
    domain, task = _DOMAINS[stream % len(_DOMAINS)], _TASKS[(stream >> 8) % len(_TASKS)]
    name = f"{domain}-{task}-{number:04d}"
    busy = 0.15 + 0.3 * ((stream >> 16) % 100) / 100.0
    peak_hour = float((stream >> 24) % 24)
    return _ordinary_kind(name, (stream >> 32) % 100, busy, stream >> 40).called(peak_hour_utc=peak_hour)


def _ordinary_kind(name: str, percentile: int, busy: float, pick: int) -> Blueprint:
    instances = 1 + pick % 4
    cpu, gpu = _CPU_TYPES[pick % len(_CPU_TYPES)], _GPU_TYPES[pick % len(_GPU_TYPES)]
    makers: tuple[tuple[int, Callable[[], Blueprint]], ...] = (
        (50, lambda: real_time(name, (TABULAR, RANKER)[pick % 2], cpu, instances, busy)),
        (64, lambda: real_time(name, (VISION, EMBEDDER)[pick % 2], gpu, instances, busy)),
        (76, lambda: serverless(name, SMALL, load=4.0 * busy, max_concurrency=20)),
        (82, lambda: serverless(name, SMALL, load=8.0 * busy, max_concurrency=60, provisioned=18)),
        (88, lambda: asynchronous(name, gpu, instances, busy)),
        (92, lambda: multi_model(name, "ml.m5.2xlarge", instances, models=60, calls_per_min=500.0 * busy)),
        (96, lambda: containers(name, ("prepare", "predict"), cpu, direct=bool(pick % 2), busy=busy)),
        (
            100,
            lambda: components(name, "ml.m5.4xlarge", 2, {f"{name}-part": (TABULAR, 3)}, busy),
        ),
    )
    return next(make for limit, make in makers if percentile < limit)()
