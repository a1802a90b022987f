"""The serverless variants of an endpoint with their settings."""

from collections.abc import Iterator

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.series import Owner


def serverless_variants(subject: Subject) -> Iterator[tuple[Owner, Serverless]]:
    """Each production variant that is serverless."""
    for variant in subject.endpoint.production:
        if variant.serverless is not None:
            yield Owner(subject.endpoint.name, variant.name), variant.serverless
