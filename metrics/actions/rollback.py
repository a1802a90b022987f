"""Plans the way to an earlier config: one that smtop saw live, one that a change replaced, or one that is named."""

from dataclasses import replace

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.probes import described
from smtop.metrics.actions.update import diff_lines, plan_config
from smtop.metrics.domain.change import Rollback
from smtop.metrics.domain.configs import stem
from smtop.metrics.errors import AwsError

_LISTED = 8


async def plan_rollback(change: Rollback, ground: Ground, means: Means) -> Draft:
    """Without a name to the newest that is known to have been live; names that are only alike are listed, not taken."""
    known = _known(ground, means)
    to = change.to or next(iter(known), None)
    if to is None:
        return await _nothing_known(ground, means)
    draft = await plan_config(to, ground, means, change.deployment, retain=change.retain)
    others = [name for name in known if name != to]
    if not others:
        return draft
    return replace(draft, warnings=(*draft.warnings, f"Earlier still: {', '.join(others[:_LISTED])}."))


def _known(ground: Ground, means: Means) -> list[str]:
    """Configs that were live on this endpoint, the newest first: those that changes of smtop replaced, those seen."""
    live = ground.endpoint.get("EndpointConfigName")
    created_at = float(ground.endpoint.get("CreationTime") or 0)
    replaced = [
        entry.plan.before["config"]
        for entry in means.journal.entries()
        if entry.plan.arn == ground.arn and entry.planned_at >= created_at and entry.plan.before.get("config")
    ]
    return [name for name in dict.fromkeys((*replaced, *means.seen(ground))) if name != live]


async def _nothing_known(ground: Ground, means: Means) -> Draft:
    """Says which configs could be meant, each with what differs."""
    live = str(ground.endpoint.get("EndpointConfigName", ""))
    try:
        alike = await means.control.entries(
            "sagemaker", "ListEndpointConfigs", "EndpointConfigs", NameContains=stem(live)
        )
    except AwsError as error:
        return blocked(f"No earlier config of {ground.name} is known, and they cannot be listed: {error}")
    names = [one["EndpointConfigName"] for one in alike if one["EndpointConfigName"] != live][:_LISTED]
    if not names:
        return blocked(f"No earlier config of {ground.name} is known. Name one with --to.")
    told: list[str] = []
    for name in names:
        document = await described(means.control, "DescribeEndpointConfig", EndpointConfigName=name)
        told += [f"{name}:", *(f"  {line}" for line in diff_lines(ground, dict(document or {})))]
    why = f"smtop has not seen which config {ground.name} had before. Name one with --to: {', '.join(names)}."
    return replace(blocked(why), diff=tuple(told))
