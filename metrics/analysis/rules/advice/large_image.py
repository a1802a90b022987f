"""An image near or above the size that serverless takes."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.advice.serverless_models import serverless_models
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Confidence, Finding, Severity

_ID = "image-large"
_GB = 2**30

_UNPACKED = 2.0
"""Layers are about half as large compressed; images with much native code less so."""


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """By the compressed size, which is all that the registry tells."""
    for variant, _, model in serverless_models(subject):
        if model.image_bytes is None or model.image_bytes * _UNPACKED < limits.image_gb * _GB:
            continue
        size_gb = model.image_bytes / _GB
        sure = size_gb >= limits.image_gb
        unpacked = "" if sure else f", about {size_gb * _UNPACKED:.0f} GB unpacked"
        yield Finding(
            id=_ID,
            severity=Severity.OK,
            title=f"image of {size_gb:.1f} GB compressed{unpacked}",
            evidence=(
                f"the image of {model.name} has {size_gb:.1f} GB in the registry, where it is compressed",
                f"serverless takes {limits.image_gb:.0f} GB unpacked; the larger, the longer a cold start",
            ),
            variant=variant,
            next="Make the image smaller: a slim base, no build tools, no model inside.",
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        )


RULE = Rule(
    id=_ID,
    title="Large serverless image",
    severity=Severity.OK,
    check=check,
    reads=("models",),
    limits=("image_gb",),
    help="""\
Serverless takes images of at most 10 GB, unpacked. A larger one cannot be updated or started, and one near the limit
starts slowly: a cold start loads it.

The registry tells the compressed size only. It is said when that alone is above the limit, with high confidence, and
when twice that is, with medium confidence: images shrink to about a half, and it depends on what is in them.

The model itself is better kept in S3 than in the image; its own size is judged by `serverless-memory`.

Make the image smaller: a slim base, a build in stages, no package caches, no drivers and libraries for GPUs, which
serverless does not have.
""",
)
