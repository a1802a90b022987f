"""A multi-model endpoint loads models instead of serving them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity

_HITS = "ModelCacheHit.Average"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """The hit ratio below the threshold in most of the window's minutes that had requests."""
    for owner in subject.variant_owners():
        points = subject.newest(owner, _HITS, limits.window_minutes)
        missing = [point for point in points if point.value < limits.cache_hits.fires]
        if not missing or 2 * len(missing) <= len(points):
            continue
        worst = min(point.value for point in missing)
        mean = sum(point.value for point in points) / len(points)
        yield Finding(
            id="cache-thrash",
            severity=Severity.WARNING,
            title=f"only {mean:.0%} of requests find their model loaded",
            evidence=(
                f"below {limits.cache_hits.fires:.0%} in {len(missing)} of {len(points)} min, {worst:.0%} worst",
            ),
            since=subject.onset(owner, _HITS, lambda value: value < limits.cache_hits.fires),
            variant=owner.variant,
            next="Give the endpoint more memory or instances, or spread the models over several endpoints.",
        )


RULE = Rule(
    id="cache-thrash",
    title="Models are loaded again and again",
    severity=Severity.WARNING,
    check=check,
    reads=("ModelCacheHit.Average",),
    limits=("cache_hits",),
    help="""\

""",
)
