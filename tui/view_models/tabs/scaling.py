"""Scaling: between which bounds, by which metric, when next, and what was done so far."""

from collections.abc import Iterator
from datetime import UTC, datetime

from smtop.metrics.domain.details import Topic
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.scaling import (
    Scalable,
    ScaledPart,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    Step,
    Suspension,
)
from smtop.metrics.domain.schedules import Bounds, next_firing
from smtop.tui.view_models import fmt
from smtop.tui.view_models.axes import local
from smtop.tui.view_models.cells import Line
from smtop.tui.view_models.tabs.page import Page, heading, notes, sentence, value, waiting

_WHAT = {
    "sagemaker:variant:DesiredInstanceCount": "instances",
    "sagemaker:variant:DesiredProvisionedConcurrency": "provisioned concurrency",
    "sagemaker:inference-component:DesiredCopyCount": "copies",
}
_SUSPENDED = {
    Suspension.SCALE_IN: "scaling in",
    Suspension.SCALE_OUT: "scaling out",
    Suspension.SCHEDULED: "scheduled actions",
}
_KINDS = {"TargetTrackingScaling": "target tracking", "StepScaling": "steps"}
_REFUSED = "x not collected; the reason is below"


def scaling(page: Page) -> list[Line]:
    """What is registered with Application Auto Scaling, then what SageMaker itself manages."""
    lines = [*waiting(page), *_registered(page), *_managed(page)]
    refused = list(notes(page, Topic.SCALING))
    return [*lines, heading("NOT ASKED"), *refused] if refused else lines


def _registered(page: Page) -> Iterator[Line]:
    if page.details is None:
        return
    scaled = page.details.scaled
    if scaled is None:
        yield from sentence(page, "x It could not be asked what scales.", "warning")
    elif not scaled:
        yield from sentence(page, "Nothing of it is registered with Application Auto Scaling.")
    for part in scaled or ():
        yield from _part(page, part)
        yield ()


def _part(page: Page, part: ScaledPart) -> Iterator[Line]:
    target = part.target
    what = _WHAT.get(target.scalable.dimension, target.scalable.dimension)
    yield heading(f"{page.plain(part_name(target.scalable))}: {page.plain(what)}", "by Application Auto Scaling")
    now = _now(page.view.endpoint, target.scalable) if page.view else ""
    yield from value(page, "bounds", f"{target.least} to {target.most}{now}")
    if target.suspended:
        words = ", ".join(_SUSPENDED[kind] for kind in Suspension if kind in target.suspended)
        yield from value(page, "SUSPENDED", words, "warning")
    yield from _policies(page, part.policies)
    yield from _schedules(page, part.schedules)
    yield from _activities(page, part.activities)


def part_name(scalable: Scalable) -> str:
    """`variant AllTraffic` or `component chat`."""
    kind, *names = scalable.resource.split("/")
    return f"component {names[-1]}" if kind == "inference-component" else f"variant {names[-1]}"


def _now(endpoint: Endpoint, scalable: Scalable) -> str:
    """What of the part there is at present."""
    kind, *names = scalable.resource.split("/")
    if kind == "inference-component":
        copies = [one.copies.current for one in endpoint.components if one.name == names[-1]]
        return f"; {copies[0]} now" if copies and copies[0] is not None else ""
    variant = next((one for one in endpoint.variants if one.name == names[-1]), None)
    if variant is not None and variant.serverless is not None:
        return f"; {variant.serverless.provisioned_concurrency or 0} now"
    count = variant.instances.count.current if variant and variant.instances else None
    return f"; {count} now" if count is not None else ""


def _policies(page: Page, policies: tuple[ScalingPolicy, ...] | None) -> Iterator[Line]:
    if policies is None:
        yield from value(page, "policy", _REFUSED, "warning")
    elif not policies:
        yield from value(page, "policy", "none: nothing changes it but schedules and hands")
    for policy in policies or ():
        yield from value(page, "policy", f"{policy.name}: {_rule(policy)}")


def _rule(policy: ScalingPolicy) -> str:
    kind = _KINDS.get(policy.kind, policy.kind)
    if policy.target is not None:
        kind += f", keeps {policy.metric or 'its metric'} at {policy.target:g}"
    if policy.steps:
        kind += f", {policy.adjustment}: " + "; ".join(_step(step) for step in policy.steps)
    sides = (("out", policy.scale_out_cooldown_s), ("in", policy.scale_in_cooldown_s))
    waits = ", ".join(f"{seconds} s {side}" for side, seconds in sides if seconds is not None)
    cooldown = [f"cooldown {waits}"] if waits else []
    never = ["never scales in"] if policy.never_in else []
    return ", ".join([kind, *cooldown, *never])


def _step(step: Step) -> str:
    lower = "any" if step.lower is None else f"{step.lower:g}"
    upper = "any" if step.upper is None else f"{step.upper:g}"
    return f"{step.adjustment:+d} from {lower} to {upper} past the threshold"


def _schedules(page: Page, schedules: tuple[ScheduledAction, ...] | None) -> Iterator[Line]:
    if schedules is None:
        yield from value(page, "schedule", _REFUSED, "warning")
    for action in sorted(schedules or (), key=lambda one: _firing(page, one) or float("inf")):
        yield from value(page, "schedule", f"{action.name}: {action.schedule} {action.timezone}, {_bounds(action)}")
        yield from value(page, "", f"next {_next(page, action)}", "accent")


def _bounds(action: ScheduledAction) -> str:
    named = (("at least", action.least), ("at most", action.most))
    return ", ".join(f"{words} {bound}" for words, bound in named if bound is not None)


def _firing(page: Page, action: ScheduledAction) -> float | None:
    try:
        return _when(page, action)
    except ValueError:
        return None


def _when(page: Page, action: ScheduledAction) -> float | None:
    bounds = Bounds(action.starts_at, action.ends_at, action.created_at)
    return next_firing(action.schedule, action.timezone, page.paint.now, bounds)


def _next(page: Page, action: ScheduledAction) -> str:
    try:
        at = _when(page, action)
    except ValueError as error:
        return f"firing not known: {error}"
    if at is None:
        return "firing: none any more"
    here = local(at, page.zone)
    about = "about " if action.schedule.startswith("rate") else ""
    wait = fmt.age(at - page.paint.now)
    also = f" = {here:%a %H:%M %Z}" if here.utcoffset() else ""
    return f"{about}{datetime.fromtimestamp(at, UTC):%a %Y-%m-%d %H:%MZ}{also}, in {wait}"


def _activities(page: Page, activities: tuple[ScalingActivity, ...] | None) -> Iterator[Line]:
    if activities is None:
        yield from value(page, "done", _REFUSED, "warning")
    elif not activities:
        yield from value(page, "done", "nothing in the six weeks that AWS remembers")
    for activity in activities or ():
        ended_well = activity.status == "Successful"
        style = "normal" if ended_well else "changing" if activity.status in _UNDER_WAY else "warning"
        yield from value(page, "done", f"{page.ago(activity.started_at)}: {activity.description}", style)
        yield from value(page, "", _why(activity), "dim")


_UNDER_WAY = ("Pending", "InProgress")


def _why(activity: ScalingActivity) -> str:
    """The cause; how it ended where it did not end well."""
    if activity.status == "Successful":
        return activity.cause
    return f"{activity.status}: {activity.message or 'no reason given'} ({activity.cause})"


def _managed(page: Page) -> Iterator[Line]:
    deployed = page.details.deployed if page.details else None
    for variant in deployed.variants if deployed else ():
        if variant.managed is not None:
            yield heading(f"variant {page.plain(variant.name)}: instances", "by SageMaker itself (managed scaling)")
            yield from value(page, "bounds", f"{variant.managed.least} to {variant.managed.most}")
            yield from value(page, "status", variant.managed.status)
            yield ()
