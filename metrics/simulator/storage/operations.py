"""S3's operations on whole objects, and just enough on buckets."""

from collections.abc import Callable, Mapping
from typing import Any

from smtop.metrics.simulator.storage.store import Storage, StoredObject
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.shapes import Record

MOST_KEYS = 1000
StorageHandler = Callable[[Storage, Mapping[str, Any], float], dict[str, Any]]


def storage_operations(storage: Storage) -> Mapping[str, Operation]:
    """The operations on one region's buckets."""
    return {name: Operation(Record(), _bound(handle, storage)) for name, handle in HANDLERS.items()}


def _bound(handle: StorageHandler, storage: Storage) -> Callable[[dict[str, Any], float], dict[str, Any]]:
    return lambda request, now: handle(storage, request, now)


def _list_buckets(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    return {"Buckets": sorted(storage.buckets().items())}


def _create_bucket(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    if request["Bucket"] in storage.buckets():
        text = "Your previous request to create the named bucket succeeded and you already own it."
        raise ServiceError("BucketAlreadyOwnedByYou", text, 409)
    storage.made[request["Bucket"]] = now
    return {}


def _head_bucket(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    storage.find(request["Bucket"])
    return {}


def _put_object(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    storage.find(request["Bucket"])
    stored = StoredObject(request["Body"], request["ContentType"], now)
    storage.objects[request["Bucket"], request["Key"]] = stored
    return {"ETag": stored.etag}


def _read_object(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    return {"Object": storage.read(request["Bucket"], request["Key"])}


def _head_object(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    size = storage.artifact_bytes(request["Bucket"], request["Key"])
    return _read_object(storage, request, now) if size is None else {"ContentLength": size}


def _delete_object(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    storage.find(request["Bucket"])
    storage.objects.pop((request["Bucket"], request["Key"]), None)
    return {}


def _list_objects(storage: Storage, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    bucket, prefix = request["Bucket"], request["Prefix"]
    storage.find(bucket)
    keys = [key for key in storage.keys(bucket, prefix) if key > request["After"]][:MOST_KEYS]
    last = bool(keys) and storage.keys(bucket, prefix)[-1] > keys[-1]
    return {"Objects": [(key, storage.objects[bucket, key]) for key in keys], "Truncated": last}


HANDLERS: Mapping[str, StorageHandler] = {
    "ListBuckets": _list_buckets,
    "CreateBucket": _create_bucket,
    "HeadBucket": _head_bucket,
    "PutObject": _put_object,
    "GetObject": _read_object,
    "HeadObject": _head_object,
    "DeleteObject": _delete_object,
    "ListObjectsV2": _list_objects,
}
