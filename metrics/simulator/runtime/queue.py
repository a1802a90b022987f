"""Asynchronous invocations: they wait for an instance, are worked on, and leave an object in S3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smtop.metrics.simulator.runtime.endpoints import Endpoints, dimensions_of
from smtop.metrics.simulator.runtime.model import CONTENT_TYPE, answer_to
from smtop.metrics.simulator.sagemaker.resources import Endpoint
from smtop.metrics.simulator.storage.store import Storage, StoredObject, split_uri
from smtop.metrics.simulator.wire.errors import ServiceError

LONGEST_S = 6 * 3600.0
RETRY_S = 60.0


@dataclass(frozen=True)
class Job:
    """One invocation: what it reads, where it writes, and until when it may wait."""

    endpoint: str
    source: str
    output: str
    failure: str | None
    expires: float


@dataclass(frozen=True)
class Queue:
    """The queues of all asynchronous endpoints of a region."""

    endpoints: Endpoints
    storage: Storage

    def add(self, endpoint: Endpoint, request: Mapping[str, Any], now: float) -> dict[str, str]:
        """Line up an invocation; where its answer, and where its failure, will be."""
        paths, name = endpoint.config["AsyncInferenceConfig"]["OutputConfig"], self.endpoints.new_id()
        output = f"{paths['S3OutputPath'].rstrip('/')}/{name}.out"
        failure = f"{paths['S3FailurePath'].rstrip('/')}/{name}-error.out" if "S3FailurePath" in paths else None
        expires = now + float(request.get("RequestTTLSeconds", LONGEST_S))
        job = Job(endpoint.name, request["InputLocation"], output, failure, expires)
        self.endpoints.account.schedule(now + self._lasts_s(endpoint, now), lambda at: self._work(job, at))
        return {"OutputLocation": output} | ({"FailureLocation": failure} if failure else {})

    def _lasts_s(self, endpoint: Endpoint, now: float) -> float:
        """The wait of the moment, and the time of the model."""
        where = dimensions_of(endpoint, endpoint.variants[0])
        waited_ms = self.endpoints.newest("TimeInBacklog", "Average", where, now) or 0.0
        return waited_ms / 1000.0 + self.endpoints.latency_s(where, now)

    def _work(self, job: Job, at: float) -> None:
        endpoint = self.endpoints.account.endpoints.get(job.endpoint)
        if endpoint is None or at > job.expires:
            self._fail(job, "The request expired before it could be processed.", at)
        elif not any(variant.count for variant in endpoint.variants):
            self.endpoints.account.schedule(at + RETRY_S, lambda later: self._work(job, later))
        else:
            self._answer(job, at)

    def _answer(self, job: Job, at: float) -> None:
        try:
            source = self.storage.read(*split_uri(job.source))
        except ServiceError as error:
            self._fail(job, f"Failed to download {job.source}: {error.message}", at)
            return
        self.storage.objects[split_uri(job.output)] = StoredObject(answer_to(source.body), CONTENT_TYPE, at)

    def _fail(self, job: Job, reason: str, at: float) -> None:
        if job.failure is not None:
            self.storage.objects[split_uri(job.failure)] = StoredObject(reason.encode(), "text/plain", at)
