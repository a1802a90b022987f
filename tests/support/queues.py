"""Asynchronous endpoints with their queues, for tests of rules."""

from dataclasses import replace
from typing import Any

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Endpoint, Instances, Kind, Moving
from smtop.metrics.domain.series import Owner
from tests.support.engine import Values, hosted, on, subject
from tests.support.rules import Labels

WAITING = "HasBacklogWithoutCapacity.Maximum"
BACKLOG, OLDEST = "ApproximateBacklogSize.Maximum", "ApproximateAgeOfOldestRequest.Maximum"
PROCESSED, EXPIRED = "InvocationsProcessed.Sum", "ExpiredRequests.Sum"
FAILED, ERRORS = "InvocationFailures.Sum", "Invocation5XXErrors.Sum"
DOWNLOADS, UPLOADS = "RequestDownloadFailures.Sum", "ResponseUploadFailures.Sum"
NOTIFICATIONS = "NotificationFailures.Sum"


def with_instances(current: int, desired: int) -> Endpoint:
    plain = hosted("batch", Kind.ASYNC)
    (variant,) = plain.variants
    instances = Instances(Moving(current, desired), "ml.g5.xlarge")
    return plain._replace(variants=(variant._replace(instances=instances),))


BATCH, ASLEEP = with_instances(2, 2), with_instances(0, 0)
QUEUE = Owner("batch")


def queue(
    endpoint: Endpoint = BATCH,
    waiting: Values = (),
    oldest_s: Values = (),
    processed: Values = (),
    of_variant: Labels | None = None,
    idle: Values = (),
    **more: Any,
) -> Subject:
    """An asynchronous endpoint with its queue; `idle` is whether it has a backlog and no capacity."""
    own: dict[str, Values] = {BACKLOG: waiting, OLDEST: oldest_s, WAITING: idle}
    told = {label: values for label, values in own.items() if values}
    work: dict[str, Values] = {PROCESSED: processed} if processed else {}
    return replace(subject(endpoint, {QUEUE: told, on(endpoint): {**work, **(of_variant or {})}}), **more)
