"""Operations that tell what scales, a page at a time."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from smtop.metrics.simulator.autoscaling.scaling import ROLE, Key, Scaling, Target, shown_activity
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem

Request = Mapping[str, Any]


def describe_targets(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Registered resources in the order in which they were registered."""
    found = [(key, target) for key, target in _matching(scaling, request, now) if _is_named(request, key)]
    return _page("ScalableTargets", [_target(key, target) for key, target in found], request, 50)


def describe_policies(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Policies of all registered resources that match."""
    names = request.get("PolicyNames")
    found = [
        policy
        for _, target in _matching(scaling, request, now)
        for name, policy in target.policies.items()
        if not names or name in names
    ]
    return _page("ScalingPolicies", found, request, 10)


def describe_actions(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Scheduled actions of all registered resources that match."""
    names = request.get("ScheduledActionNames")
    found = [
        action
        for _, target in _matching(scaling, request, now)
        for name, action in target.actions.items()
        if not names or name in names
    ]
    return _page("ScheduledActions", found, request, 50)


def describe_activities(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """What was done in the last six weeks, the newest first, whether the resource is still registered or not."""
    scaling.existing(now)
    own = (one for one in scaling.activities if _is_about(request, Key(one["ResourceId"], one["ScalableDimension"])))
    if not request.get("IncludeNotScaledActivities", False):
        own = (one for one in own if "NotScaledReasons" not in one)
    newest_first = sorted(own, key=lambda one: -one["StartTime"])
    found = newest_first if request["ServiceNamespace"] == "sagemaker" else []
    return _page("ScalingActivities", [shown_activity(one, now) for one in found], request, 50)


def _matching(scaling: Scaling, request: Request, now: float) -> Iterator[tuple[Key, Target]]:
    if request["ServiceNamespace"] != "sagemaker":
        return
    for key, target in scaling.existing(now).items():
        if _is_about(request, key):
            yield key, target


def _is_about(request: Request, key: Key) -> bool:
    wanted = request.get("ResourceId", key.resource), request.get("ScalableDimension", key.dimension)
    return wanted == key


def _is_named(request: Request, key: Key) -> bool:
    named = request.get("ResourceIds")
    return not named or key.resource in named


def _target(key: Key, target: Target) -> dict[str, Any]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": key.resource,
        "ScalableDimension": key.dimension,
        "MinCapacity": target.least,
        "MaxCapacity": target.most,
        "RoleARN": ROLE,
        "CreationTime": target.created,
        "SuspendedState": target.suspended,
    }


def _page(member: str, entries: Iterable[Mapping[str, Any]], request: Request, default: int) -> dict[str, Any]:
    shown, size = list(entries), int(request.get("MaxResults", default))
    first = _first(request)
    page: dict[str, Any] = {member: shown[first : first + size]}
    if len(shown) > first + size:
        page["NextToken"] = issue([first + size], request)
    return page


def _first(request: Request) -> int:
    if not request.get("NextToken"):
        return 0
    try:
        (first,) = redeem(request["NextToken"], request)
    except BadTokenError:
        raise ServiceError("InvalidNextTokenException", "The next token is invalid.") from None
    return int(first)
