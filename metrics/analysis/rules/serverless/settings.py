"""The serverless variants of an endpoint with their settings, what scales them, and what they cost."""

from collections.abc import Iterator

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Kind, Serverless
from smtop.metrics.domain.prices import Prices
from smtop.metrics.domain.scaling import ScaledPart, ScalingPolicy, Suspension
from smtop.metrics.domain.series import Owner

MOST_CONCURRENCY = 200
"""AWS's largest maximum concurrency of a variant (API reference, ProductionVariantServerlessConfig)."""

MEMORY_STEP_MB, MOST_MEMORY_MB = 1024, 6144

PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
"""Application Auto Scaling's dimension."""

HOURS_PER_MONTH = 730


def serverless_variants(subject: Subject) -> Iterator[tuple[Owner, Serverless]]:
    """Each production variant that is serverless."""
    kind = subject.endpoint.kind
    if kind is not Kind.SERVERLESS and kind is not Kind.SERVERLESS_PROVISIONED:
        return
    for variant in subject.endpoint.production:
        if variant.serverless is not None:
            yield Owner(subject.endpoint.name, variant.name), variant.serverless


def provisioned_variants(subject: Subject) -> Iterator[tuple[Owner, Serverless, int]]:
    """Each production variant with provisioned concurrency, and how much that is."""
    if subject.endpoint.kind is not Kind.SERVERLESS_PROVISIONED:
        return
    for owner, settings in serverless_variants(subject):
        if settings.provisioned_concurrency:
            yield owner, settings, settings.provisioned_concurrency


def changed_within(subject: Subject, seconds: float) -> bool:
    """Whether the endpoint was made or modified, or scaled, so shortly ago; one that is changing was."""
    since = subject.now - seconds
    if subject.endpoint.is_changing or subject.endpoint.summary.modified_at.timestamp() > since:
        return True
    activities = (one for part in subject.around.scaled or () for one in part.activities or ())
    return any(activity.started_at > since for activity in activities)


def scaled_part(subject: Subject, owner: Owner) -> ScaledPart | None:
    """What scales the provisioned concurrency of a variant; None where nothing is known to."""
    resource = f"endpoint/{owner.endpoint}/variant/{owner.variant}"
    for part in subject.around.scaled or ():
        if part.target.scalable == (resource, PROVISIONED):
            return part
    return None


def tracking(part: ScaledPart) -> ScalingPolicy | None:
    """The policy that keeps a metric of it at a target."""
    return next((policy for policy in part.policies or () if policy.kind == "TargetTrackingScaling"), None)


def will_grow(subject: Subject, owner: Owner, had: int) -> bool:
    """Whether Application Auto Scaling tracks its use, and may still raise it."""
    part = scaled_part(subject, owner)
    if part is None or had >= part.target.most or Suspension.SCALE_OUT in part.target.suspended:
        return False
    return tracking(part) is not None


def kept_usd_per_month(subject: Subject, settings: Serverless, slots: int) -> float | None:
    """What so many slots cost a month without a request, by list price."""
    region = subject.endpoint.summary.region
    hourly = Prices.load().provisioned_usd_per_hour(settings.memory_mb, slots, region)
    return None if hourly is None else hourly * HOURS_PER_MONTH


def price_line(subject: Subject, settings: Serverless, slots: int) -> tuple[str, ...]:
    """A line of evidence, where the price is known."""
    usd = kept_usd_per_month(subject, settings, slots)
    if usd is None:
        return ()
    return (f"{slots} kept warm cost about ${usd:,.0f} a month by list price ({settings.memory_mb:,} MB each)",)
