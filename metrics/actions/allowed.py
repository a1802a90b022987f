"""Whether an endpoint can be changed in some way now: allowed, denied with the reason, or unknown. Never guessed.

Allowed is only what AWS has let these credentials do before: what nobody has tried is unknown, not allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from smtop.metrics.domain.endpoint import BROKEN, TRANSITIONAL, Endpoint, Kind

UPDATABLE_BROKEN = frozenset({"UpdateRollbackFailed"})


class Act(StrEnum):
    """Ways to change an endpoint."""

    WEIGHTS = "weights"
    RESIZE = "resize"
    SERVERLESS = "serverless"
    SCALING = "scaling"
    UPDATE = "update"
    ROLLBACK = "rollback"
    INVOKE = "invoke"
    DELETE = "delete"


class Standing(StrEnum):
    """How it stands with an act."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Verdict(NamedTuple):
    """`reason` is a sentence without its full stop."""

    standing: Standing
    reason: str


@dataclass(frozen=True)
class Rights:
    """What is known of what may be changed. `closed` says why the write gate is shut, None while it is open.

    `refused` are operations that AWS did not permit in this run, with its sentence; `granted` those that it has carried
    out. Operations are named as IAM names them: `sagemaker:UpdateEndpoint`.
    """

    closed: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    granted: frozenset[str] = frozenset()


def verdict(act: Act, endpoint: Endpoint, rights: Rights) -> Verdict:
    """The first of what stands against it: its kind, its state, an earlier refusal, the write gate."""
    if not endpoint.described and act is not Act.DELETE:
        return Verdict(Standing.UNKNOWN, "the endpoint is not described yet")
    operation = _operation(act, endpoint)
    denied = obstacle(act, endpoint) or _refusal(operation, rights)
    if denied or rights.closed:
        return Verdict(Standing.DENIED, denied or _first_sentence(rights.closed or ""))
    if operation in rights.granted:
        return Verdict(Standing.ALLOWED, f"AWS has let {_name(operation)} pass before")
    return Verdict(Standing.UNKNOWN, f"nobody has tried {_name(operation)} yet")


def obstacle(act: Act, endpoint: Endpoint) -> str | None:
    """What its kind or state says against it, whatever anybody permits."""
    return _against(act, endpoint) or _state(act, endpoint)


def _name(operation: str) -> str:
    return operation.partition(":")[2]


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


_SILENT = frozenset({"Creating", "Deleting", "Failed", "OutOfService"})
"""States without anything that would answer; while it is updated an endpoint does."""

_OPERATIONS: Mapping[Act, str] = {
    Act.WEIGHTS: "sagemaker:UpdateEndpointWeightsAndCapacities",
    Act.RESIZE: "sagemaker:UpdateEndpointWeightsAndCapacities",
    Act.SERVERLESS: "sagemaker:UpdateEndpointWeightsAndCapacities",
    Act.SCALING: "application-autoscaling:RegisterScalableTarget",
    Act.UPDATE: "sagemaker:UpdateEndpoint",
    Act.ROLLBACK: "sagemaker:UpdateEndpoint",
    Act.INVOKE: "sagemaker:InvokeEndpoint",
    Act.DELETE: "sagemaker:DeleteEndpoint",
}
"""What an act can never do without."""

_GROUND = "sagemaker:DescribeEndpoint"
"""Every plan begins with it."""


def _operation(act: Act, endpoint: Endpoint) -> str:
    if act is Act.RESIZE and endpoint.components:
        return "sagemaker:UpdateInferenceComponentRuntimeConfig"
    if act is Act.INVOKE and endpoint.kind is Kind.ASYNC:
        return "sagemaker:InvokeEndpointAsync"
    return _OPERATIONS[act]


def _refusal(operation: str, rights: Rights) -> str | None:
    refused = next((one for one in (operation, _GROUND) if one in rights.refused), None)
    return f"AWS has refused {_name(refused)} before" if refused else None


def _state(act: Act, endpoint: Endpoint) -> str | None:
    if act is Act.INVOKE:
        return f"it is {endpoint.status}, and answers nobody" if endpoint.status in _SILENT else None
    if endpoint.status in TRANSITIONAL:
        return f"it is {endpoint.status}, and AWS takes no change until that has ended"
    if act is not Act.DELETE and endpoint.status in BROKEN - UPDATABLE_BROKEN:
        return f"it is {endpoint.status}: AWS lets it be deleted, and nothing else"
    return None


def _weights(endpoint: Endpoint) -> str | None:
    if endpoint.kind.is_serverless:
        return "serverless has one variant, and so no weights"
    return "it has one production variant, which gets all of the traffic" if len(endpoint.production) < 2 else None


def _resize(endpoint: Endpoint) -> str | None:
    return "it is serverless and has no instances: s changes memory and concurrency" if _serverless(endpoint) else None


def _serverless(endpoint: Endpoint) -> bool:
    return endpoint.kind.is_serverless


def _memory(endpoint: Endpoint) -> str | None:
    return None if _serverless(endpoint) else "it is not serverless"


def _scaling(endpoint: Endpoint) -> str | None:
    if endpoint.kind is Kind.SERVERLESS:
        return "serverless scales by itself; only provisioned concurrency can be scaled"
    return None


_Complaint: TypeAlias = Callable[[Endpoint], str | None]
_KINDS: Mapping[Act, _Complaint] = {
    Act.WEIGHTS: _weights,
    Act.RESIZE: _resize,
    Act.SERVERLESS: _memory,
    Act.SCALING: _scaling,
}


def _against(act: Act, endpoint: Endpoint) -> str | None:
    """What the kind of the endpoint says against it."""
    complaint = _KINDS.get(act)
    return complaint(endpoint) if complaint else None
