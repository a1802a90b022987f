"""A plan: what a change will do, call by call, before it is done. A value that can be printed, tested and refused."""

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from smtop.metrics.domain.endpoint import address

SCHEMA = 1

Fields = Mapping[str, Any]
"""Parts of a live endpoint by path, as JSON values: `AllTraffic.weight`, `config`. See smtop.metrics.actions.live."""


class Confirm(StrEnum):
    """What the operator must do before a plan is carried out, in rising order."""

    NONE = "none"
    YES = "yes"
    TYPE_NAME = "type-name"
    TYPE_COUNT = "type-count"

    @property
    def level(self) -> int:
        """0 for the least."""
        return list(Confirm).index(self)


class Until(StrEnum):
    """What has to be reached before a plan goes on."""

    IN_SERVICE = "endpoint in service"
    GONE = "endpoint gone"
    COMPONENTS_GONE = "components gone"
    COMPONENTS_IN_SERVICE = "components in service"
    COMPONENTS_SETTLED = "components neither coming nor going"


@dataclass(frozen=True)
class Call:
    """One call to AWS. `params` are JSON values; a time is epoch seconds.

    `once` has to be reached before the call is made, `until` before the next one is. `otherwise` is made instead where
    AWS refuses the call as invalid. `back` are the calls that take this one back if a later call of the plan fails.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    until: Until | None = None
    once: Until | None = None
    otherwise: tuple["Call", ...] = ()
    back: tuple["Call", ...] = ()

    @property
    def name(self) -> str:
        """`sagemaker:UpdateEndpoint`."""
        return f"{self.service}:{self.operation}"

    @property
    def cli(self) -> str:
        """The same as a command of the AWS CLI."""
        words = ["aws", self.service, _dashed(self.operation)]
        for member, value in self.params.items():
            words += _option(member, value)
        return " ".join(words)


POLICY_ARN = "$policy-arn"
"""Stands for the ARN of a scaling policy, which only AWS knows: it is looked up when the call is made."""


def policy_arn(place: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The placeholder for the policy called `name` of a scalable target."""
    return {POLICY_ARN: {**place, "PolicyName": name}}


def _looked_up(placeholder: Mapping[str, Any]) -> str:
    """The same as a command inside a command."""
    place = placeholder[POLICY_ARN]
    options = [f"--{_dashed(name)} {shlex.quote(value)}" for name, value in place.items() if name != "PolicyName"]
    options.append(f"--policy-names {shlex.quote(place['PolicyName'])}")
    asked = "--query ScalingPolicies[0].PolicyARN --output text"
    return f'"$(aws application-autoscaling describe-scaling-policies {" ".join(options)} {asked})"'


def _dashed(name: str) -> str:
    """`update-endpoint` of `UpdateEndpoint`, as the AWS CLI names operations and members."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _option(member: str, value: Any) -> list[str]:
    option = f"--{_dashed(member)}"
    if isinstance(value, bool):
        return [option if value else f"--no-{_dashed(member)}"]
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return [option, *(shlex.quote(one) for one in value)]
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) and POLICY_ARN in one for one in value):
        return [option, *(_looked_up(one) if isinstance(one, Mapping) else shlex.quote(one) for one in value)]
    return [option, shlex.quote(value if isinstance(value, str) else json.dumps(value))]


@dataclass(frozen=True)
class Place:
    """Which AWS: an undo is refused in any other. `endpoint_url` is None for Amazon's own. `label` as in Identity."""

    account: str
    region: str
    endpoint_url: str | None = None
    label: str | None = None
    kind_word: str = ""


@dataclass(frozen=True)
class Plan:
    """All that the operator gets to see before the change, and all that carrying it out needs.

    `before` and `after` hold the fields that the change touches. `fingerprint` stands for everything live that the plan
    relies on; where it is empty, `expects` are the fields that must still be so. `wanted` is the change itself, as a
    document. `undo` is a change document, None where there is no way back. `usd_per_hour` is the endpoint's cost
    before and after, None where a price is not known.
    """

    id: str
    change: str
    place: Place
    endpoint: str
    arn: str | None
    variant: str | None
    before: Fields
    after: Fields
    calls: tuple[Call, ...]
    confirm: Confirm
    confirm_text: str | None = None
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()
    requests_per_minute: float | None = None
    usd_per_hour: tuple[float | None, float | None] = (None, None)
    fingerprint: str = ""
    expects: Fields = field(default_factory=dict)
    undo: Mapping[str, Any] | None = None
    wanted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """That of its endpoint."""
        return address(self.place.account, self.place.region, self.endpoint)

    @property
    def usd_per_hour_delta(self) -> float | None:
        """What the change costs more an hour; None where a price is not known."""
        before, after = self.usd_per_hour
        return None if before is None or after is None else after - before

    @property
    def every_call(self) -> tuple[Call, ...]:
        """Its calls, and those that may stand for them."""
        return tuple(one for call in self.calls for one in (call, *call.otherwise))

    @property
    def begins_at(self) -> float | None:
        """When it may be carried out (epoch seconds), where it is wanted for a time only."""
        return self.wanted.get("begins_at")

    @property
    def ends_at(self) -> float | None:
        """When it is due to be taken back (epoch seconds), where it is wanted for a time only."""
        return self.wanted.get("ends_at")

    @property
    def is_quick(self) -> bool:
        """Whether one call does it all, so that nothing can be left half done between two."""
        return len(self.calls) == 1 and not self.calls[0].otherwise


def fingerprint(fields: Fields) -> str:
    """The same for the same fields, whatever their order."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan as JSON, as `--format json` prints it and the journal keeps it."""
    return {
        "schema": SCHEMA,
        "id": plan.id,
        "change": plan.change,
        "account": plan.place.account,
        "region": plan.place.region,
        "endpoint_url": plan.place.endpoint_url,
        "label": plan.place.label,
        "account_kind": plan.place.kind_word,
        "endpoint": plan.endpoint,
        "arn": plan.arn,
        "variant": plan.variant,
        "before": dict(plan.before),
        "after": dict(plan.after),
        "calls": [call_document(call) for call in plan.calls],
        "confirm": plan.confirm.value,
        "confirm_text": plan.confirm_text,
        "warnings": list(plan.warnings),
        "blockers": list(plan.blockers),
        "diff": list(plan.diff),
        "requests_per_minute": plan.requests_per_minute,
        "usd_per_hour": list(plan.usd_per_hour),
        "usd_per_hour_delta": plan.usd_per_hour_delta,
        "fingerprint": plan.fingerprint,
        "expects": dict(plan.expects),
        "undo": plan.undo,
        "wanted": dict(plan.wanted),
    }


def plan_of(document: Mapping[str, Any]) -> Plan:
    """The plan that `plan_document` wrote. Raises KeyError or ValueError for anything else."""
    before_usd, after_usd = document["usd_per_hour"]
    place = Place(
        document["account"],
        document["region"],
        document["endpoint_url"],
        document["label"],
        document["account_kind"],
    )
    return Plan(
        id=document["id"],
        change=document["change"],
        place=place,
        endpoint=document["endpoint"],
        arn=document["arn"],
        variant=document["variant"],
        before=document["before"],
        after=document["after"],
        calls=tuple(call_of(call) for call in document["calls"]),
        confirm=Confirm(document["confirm"]),
        confirm_text=document["confirm_text"],
        warnings=tuple(document["warnings"]),
        blockers=tuple(document["blockers"]),
        diff=tuple(document["diff"]),
        requests_per_minute=document["requests_per_minute"],
        usd_per_hour=(before_usd, after_usd),
        fingerprint=document["fingerprint"],
        expects=document["expects"],
        undo=document["undo"],
        wanted=document["wanted"],
    )


def call_document(call: Call) -> dict[str, Any]:
    """A call as JSON; what it does not have is left out."""
    more: dict[str, Any] = {}
    if call.until is not None:
        more["until"] = call.until.value
    if call.once is not None:
        more["once"] = call.once.value
    if call.otherwise:
        more["otherwise"] = [call_document(one) for one in call.otherwise]
    if call.back:
        more["back"] = [call_document(one) for one in call.back]
    return {"service": call.service, "operation": call.operation, "params": dict(call.params), "cli": call.cli, **more}


def call_of(document: Mapping[str, Any]) -> Call:
    """The call that `call_document` wrote."""
    call = Call(document["service"], document["operation"], document["params"])
    return replace(
        call,
        until=Until(document["until"]) if "until" in document else None,
        once=Until(document["once"]) if "once" in document else None,
        otherwise=tuple(call_of(one) for one in document.get("otherwise", ())),
        back=tuple(call_of(one) for one in document.get("back", ())),
    )
