"""Buckets and the objects in them."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.wire.errors import ServiceError

_LEAST_ARTIFACT_BYTES, _MOST_ARTIFACT_BYTES = 40_000_000, 900_000_000


@dataclass(frozen=True)
class StoredObject:
    """An object as it was put; `modified` is simulated time in epoch seconds."""

    body: bytes
    content_type: str
    modified: float

    @property
    def etag(self) -> str:
        """What S3 calls the MD5 of an object that came in one piece."""
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


@dataclass
class Storage:
    """The buckets of one region. Those that an asynchronous endpoint writes to are there without being made."""

    account: Account
    made: dict[str, float] = field(default_factory=dict)
    objects: dict[tuple[str, str], StoredObject] = field(default_factory=dict)

    def buckets(self) -> dict[str, float]:
        """Every bucket, and when it came into being."""
        mentioned = {_bucket(uri): stored.created for stored in self.account.configs.values() for uri in _uris(stored)}
        return mentioned | self.made

    def find(self, bucket: str) -> None:
        """Raises NoSuchBucket."""
        if bucket not in self.buckets():
            raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)

    def read(self, bucket: str, key: str) -> StoredObject:
        """Raises NoSuchBucket and NoSuchKey."""
        self.find(bucket)
        if (bucket, key) not in self.objects:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        return self.objects[bucket, key]

    def artifact_bytes(self, bucket: str, key: str) -> int | None:
        """The size of what a model of the account loads from there, of which nobody ever reads the body."""
        uri = f"s3://{bucket}/{key}"
        if (bucket, key) in self.objects or not any(
            uri in _artifacts(stored) for stored in self.account.models.values()
        ):
            return None
        return _LEAST_ARTIFACT_BYTES + int(hashlib.sha256(uri.encode()).hexdigest()[:8], 16) % _MOST_ARTIFACT_BYTES

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """The keys of a bucket that begin with `prefix`, in order."""
        return sorted(key for owner, key in self.objects if owner == bucket and key.startswith(prefix))


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _bucket(uri: str) -> str:
    return split_uri(uri)[0]


def _uris(stored: Any) -> list[str]:
    output = stored.request.get("AsyncInferenceConfig", {}).get("OutputConfig", {})
    return [output[member] for member in ("S3OutputPath", "S3FailurePath") if member in output]


def _artifacts(stored: Any) -> list[str]:
    request = stored.request
    containers = [request["PrimaryContainer"]] if "PrimaryContainer" in request else request.get("Containers", ())
    return [container["ModelDataUrl"] for container in containers if "ModelDataUrl" in container]
