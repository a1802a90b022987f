"""A quota of the account leaves no room for what scaling may ask for."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.scaling.parts import Part, scaled_parts
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.scaling import INSTANCES, PROVISIONED
from smtop.metrics.domain.surroundings import Quota

_ID = "quota-near"
_SERVERLESS = "serverless"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Nearly used up, and the maximum of the scaling needs more than is left."""
    quotas = subject.around.quotas or {}
    if not any(_is_tight(quota, limits) for quota in quotas.values()):
        return
    for part in scaled_parts(subject):
        what, more = _need(part)
        quota = quotas.get(what)
        if more > 0 and quota is not None and _is_near(subject, part, quota, more, limits):
            yield _finding(part, what, more, quota)


def _is_tight(quota: Quota, limits: Thresholds) -> bool:
    """Whether it may be near at all: most never are."""
    return quota.used is not None and quota.limit > 0 and quota.used / quota.limit >= limits.quota_near.clears


def _need(part: Part) -> tuple[str, int]:
    """What the maximum takes beyond what there is. Serverless concurrency counts by the variant's own maximum."""
    most, variant = part.scaled.target.most, part.variant
    if variant is None:
        return "", 0
    if part.scaled.target.scalable.dimension == PROVISIONED and variant.serverless:
        return _SERVERLESS, most - variant.serverless.max_concurrency
    if part.scaled.target.scalable.dimension != INSTANCES or variant.instances is None:
        return "", 0
    desired = part.size.desired
    return variant.instances.type or "", 0 if desired is None else most - desired


def _is_near(subject: Subject, part: Part, quota: Quota, more: int, limits: Thresholds) -> bool:
    if quota.used is None or not _is_tight(quota, limits):
        return False
    near = limits.quota_near.is_bad(quota.used / quota.limit, is_open=subject.is_open(_ID, part.owner))
    return near and more > quota.limit - quota.used


def _finding(part: Part, what: str, more: int, quota: Quota) -> Finding:
    used = quota.used or 0.0
    left = max(quota.limit - used, 0.0)
    most = part.scaled.target.most
    where = "serverless concurrency" if what == _SERVERLESS else what
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"the quota of {where} leaves {left:,.0f} more: scaling {part.name} out to {most} will fail",
        evidence=(
            f"{used:,.0f} of {quota.limit:,.0f} in use in the account ({quota.name})",
            f"the maximum of {most} {part.units} takes {more} more, {left:,.0f} are left",
        ),
        variant=part.owner.variant,
        next=f"Ask Service Quotas for {used + more:,.0f} or more before the load comes, or give back what is idle.",
    )


RULE = Rule(
    id=_ID,
    title="A quota will block a scale-out",
    severity=Severity.WARNING,
    check=check,
    reads=("quotas", "scaled"),
    limits=("quota_near",),
    help="""\
The account's quota for this instance type (or for serverless concurrency) is nearly used up, and Application Auto
Scaling may ask for more than is left. The scale-out will fail when it is needed.

It is said when the use of the quota is at the threshold and what is missing to the maximum of the scaling is more than
is left; it ends when the use falls clearly below the threshold, or the maximum fits. The use is that of all endpoints
that smtop sees; where it is not known, nothing is said.

A full quota of a type that nothing scales on is no trouble. An instance type that AWS itself is short of is seen only
when scaling fails: `scaling-stuck`.

Ask for a higher quota in Service Quotas: it takes hours to days. Idle endpoints of the same type give some back.
""",
)
