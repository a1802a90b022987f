"""Clones the live config with something else in it: what AWS cannot change in place needs a new config.

The clone carries what is live, weights, counts and concurrency, instead of what the config once began with.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import ROLES, variants_in
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.recipe import own_tags, tag_list
from smtop.metrics.domain.configs import stem
from smtop.metrics.domain.names import LONGEST
from smtop.metrics.domain.plan import Call
from smtop.metrics.errors import AwsError

_NEVER_CLONED = frozenset({"EndpointConfigName", "EndpointConfigArn", "CreationTime"})
_CAPACITY = {"DesiredWeight": "InitialVariantWeight", "DesiredInstanceCount": "InitialInstanceCount"}
_CONCURRENCY = ("MaxConcurrency", "ProvisionedConcurrency")

Config = dict[str, Any]
Edit = Callable[[Config], None]


@dataclass(frozen=True)
class Clone:
    """The call that makes it, under `name`; `notes` are what could not be carried over, each in a sentence."""

    name: str
    call: Call
    notes: tuple[str, ...] = ()


def clone_blockers(ground: Ground) -> tuple[str, ...]:
    """Why the live config cannot be cloned; nothing where it can."""
    if ground.config is None:
        return (f"The live config of {ground.name} cannot be read, and so not be changed into another.",)
    if ground.config.unknown:
        fields = ", ".join(sorted(ground.config.unknown))
        return (f"The live config has fields that this SDK would drop ({fields}). Make the new config in another way.",)
    return ()


async def clone(ground: Ground, means: Means, edit: Edit) -> Clone:
    """The live config of an endpoint that has no `clone_blockers`, as `edit` leaves it, under a new name."""
    if ground.config is None:
        raise AssertionError("see clone_blockers")
    document = copy.deepcopy(dict(ground.config.document))
    name = new_name(str(document["EndpointConfigName"]), means.new_id())
    tags, notes = await _tags(str(document.get("EndpointConfigArn", "")), means)
    config = {member: value for member, value in document.items() if member not in _NEVER_CLONED}
    _carry_live_over(config, ground)
    edit(config)
    params = {"EndpointConfigName": name, **config, **({"Tags": tags} if tags else {})}
    return Clone(name, Call("sagemaker", "CreateEndpointConfig", params, back=(_deletion(name),)), notes)


def new_name(config: str, change_id: str) -> str:
    """`fraud-cfg-20261120t141132z-k3f9` of `fraud-cfg-17`, cut where AWS's names end."""
    suffix = change_id.lower()
    return f"{stem(config)[: LONGEST - len(suffix) - 1].rstrip('-')}-{suffix}"


def _deletion(name: str) -> Call:
    return Call("sagemaker", "DeleteEndpointConfig", {"EndpointConfigName": name})


def _carry_live_over(config: Config, ground: Ground) -> None:
    live = {variant["VariantName"]: variant for variant in variants_in(ground.endpoint)}
    specs: list[Config] = [spec for role in ROLES for spec in config.get(role) or ()]
    for spec in specs:
        variant = live.get(spec["VariantName"], {})
        for desired, initial in _CAPACITY.items():
            # A config begins with one instance at least; RetainAllVariantProperties keeps a live zero.
            if initial in spec and variant.get(desired):
                spec[initial] = variant[desired]
        settings = variant.get("DesiredServerlessConfig") or variant.get("CurrentServerlessConfig") or {}
        if "ServerlessConfig" in spec:
            spec["ServerlessConfig"] |= {name: settings[name] for name in _CONCURRENCY if settings.get(name)}


async def _tags(arn: str, means: Means) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The tags that an operator may set, and what is to be said where they cannot be read."""
    try:
        found = await means.control.entries("sagemaker", "ListTags", "Tags", ResourceArn=arn) if arn else ()
    except AwsError as error:
        return [], (f"The new config has no tags: {error}",)
    return tag_list(own_tags({tag["Key"]: tag["Value"] for tag in found})), ()
