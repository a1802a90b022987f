"""The models behind serverless variants, as far as they were looked up."""

from collections.abc import Iterator

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.surroundings import ModelFacts


def serverless_models(subject: Subject) -> Iterator[tuple[str, Serverless, ModelFacts]]:
    """Each serverless production variant whose model is known: its name, its settings, and the model."""
    models = subject.around.models
    if not models or not subject.endpoint.kind.is_serverless:
        return
    for variant in subject.endpoint.production:
        model = models.get(variant.model or "")
        if variant.serverless is not None and model is not None:
            yield variant.name, variant.serverless, model
