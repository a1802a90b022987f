"""Opening an account with endpoints that have been there for a while.

Seeds are trusted: they are stored as they are written, without the rules that a client's request has to pass.
"""

from collections.abc import Sequence
from typing import Any

from smtop.metrics.simulator.resources import Deployment, EndpointSeed
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.endpoint_configs import keep_config
from smtop.metrics.simulator.sagemaker.resources import Component, Endpoint, Rollout, Variant, variants_of
from smtop.metrics.simulator.sagemaker.rollout import begin_creation, begin_resize, begin_update, plan
from smtop.metrics.simulator.sagemaker.tags import tag

# A fleet is opened in the middle of things: what moves then goes on moving long enough to be seen.
MOVES_ON_S = 1800.0


def open_account(region: str, seeds: Sequence[EndpointSeed], now: float) -> Account:
    """An account whose endpoints stand as the seeds describe."""
    account = Account(region, now)
    for seed in seeds:
        _plant(account, seed, now)
    return account


def _plant(account: Account, seed: EndpointSeed, now: float) -> None:
    created = now - seed.created_ago_s
    for model in seed.models:
        account.keep_model(model["ModelName"], {key: value for key, value in model.items() if key != "Tags"}, created)
        tag(account, account.arn("model", model["ModelName"]), model)
    ages_s = seed.configs_ago_s or [seed.created_ago_s] * len(seed.configs)
    for config, ago_s in zip(seed.configs, ages_s, strict=True):
        keep_config(account, config, now - ago_s)
        tag(account, account.arn("endpoint-config", config["EndpointConfigName"]), config)
    if seed.absent:
        return
    endpoint = _endpoint(account, seed, now)
    account.endpoints[seed.name] = endpoint
    account.tags[account.arn("endpoint", seed.name)] = dict(seed.tags)
    for component in seed.components:
        _place(account, component, created)
    if seed.history:
        account.recall(seed.name, seed.history)
    elif endpoint.variants:
        account.deploy(endpoint, created)


def _endpoint(account: Account, seed: EndpointSeed, now: float) -> Endpoint:
    updating = seed.status == "Updating" and len(seed.configs) > 1
    name = seed.configs[-2 if updating else -1]["EndpointConfigName"]
    config = account.configs[name].request
    modified = now - min(seed.modified_ago_s, seed.created_ago_s)
    endpoint = Endpoint(seed.name, name, config, now - seed.created_ago_s, modified, seed.status)
    endpoint.failure_reason = seed.failure_reason
    if seed.status not in {"Creating", "Failed"}:  # neither has ever served
        endpoint.variants = _as_deployed(variants_of(config), seed.history)
    if updating:
        begin_update(
            account, endpoint, _rollout(account, seed.name, seed.configs[-1]["EndpointConfigName"], modified, now)
        )
    elif seed.status == "Updating":
        begin_resize(account, endpoint, modified, lasts_s=now - modified + MOVES_ON_S)
    elif seed.status == "Creating":
        begin_creation(account, endpoint, _rollout(account, seed.name, name, modified, now))
    return endpoint


def _as_deployed(variants: list[Variant], history: Sequence[Deployment]) -> list[Variant]:
    """Variants with the weights and counts of the newest deployment: a config only says how they began."""
    live = {variant.name: variant for variant in history[-1].variants} if history else {}
    for variant in variants:
        if variant.name in live:
            variant.desired_count = live[variant.name].instances
            variant.desired_weight = live[variant.name].weight
            variant.arrive()
    return variants


def _rollout(account: Account, endpoint: str, name: str, started: float, now: float) -> Rollout:
    variants = variants_of(account.configs[name].request)
    return plan(account, endpoint, name, variants, started, provision_s=now - started + MOVES_ON_S)


def _place(account: Account, request: Any, created: float) -> None:
    copies = int(request.get("RuntimeConfig", {}).get("CopyCount", 1))
    endpoint = request["EndpointName"]
    variant = request.get("VariantName", account.endpoints[endpoint].variants[0].name)
    name = request["InferenceComponentName"]
    account.place(
        Component(name, endpoint, variant, request["Specification"], created, created, "InService", copies, copies)
    )
    tag(account, account.arn("inference-component", name), request)
