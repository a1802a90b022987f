"""S3's protocol: the method and the path say what is meant, objects are bodies, everything else is XML."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from xml.sax.saxutils import escape

from smtop.metrics.simulator.storage.store import StoredObject
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.messages import Call, WireAnswer, WireRequest

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_OF_AN_OBJECT = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
_OF_A_BUCKET = {"PUT": "CreateBucket", "GET": "ListObjectsV2", "HEAD": "HeadBucket"}
_BODILESS = {"HeadObject", "HeadBucket"}
# Sub-resources that a query names, e.g. ?acl, are other operations, which are not here.
_KNOWN_QUERY = {"list-type", "prefix", "continuation-token", "start-after", "max-keys", "encoding-type", "delimiter"}
_KNOWN_QUERY |= {"x-id", "fetch-owner"}


class S3:
    """The path-style protocol of S3."""

    def identify(self, request: WireRequest) -> Call:
        bucket, _, key = request.path.removeprefix("/").partition("/")
        members: dict[str, Any] = {name: value for name, value in (("Bucket", bucket), ("Key", key)) if value}
        of = _OF_AN_OBJECT if key else _OF_A_BUCKET if bucket else {"GET": "ListBuckets"}
        operation = of.get(request.method)
        if operation is None or set(request.query) - _KNOWN_QUERY:
            text = "A header you provided implies functionality that is not implemented."
            raise ServiceError("NotImplemented", text, 501)
        if operation == "PutObject":
            members |= {"Body": _body(request), "ContentType": request.content_type}
        if operation == "ListObjectsV2":
            after = request.query.get("continuation-token", request.query.get("start-after", ""))
            members |= {"Prefix": request.query.get("prefix", ""), "After": after}
        return Call("s3", operation, members)

    def success(self, request: WireRequest, call: Call, result: dict[str, Any], request_id: str) -> WireAnswer:
        headers = {"x-amz-request-id": request_id}
        stored = result.get("Object")
        if isinstance(stored, StoredObject):
            headers |= {"ETag": stored.etag, "Last-Modified": formatdate(stored.modified, usegmt=True)}
            return WireAnswer(200, stored.body, stored.content_type, headers)
        if "ContentLength" in result:
            headers["Content-Length"] = str(result["ContentLength"])
        if "ETag" in result:
            headers["ETag"] = result["ETag"]
        status = 204 if call.operation == "DeleteObject" else 200
        return WireAnswer(status, _listing(call, result), "application/xml", headers)

    def refusal(self, request: WireRequest, call: Call | None, error: ServiceError, request_id: str) -> WireAnswer:
        body = (
            f"<Error><Code>{escape(error.query_code)}</Code><Message>{escape(error.message)}</Message>"
            f"<RequestId>{request_id}</RequestId></Error>"
        ).encode()
        status = error.query_status or error.status
        bodiless = call is not None and call.operation in _BODILESS
        return WireAnswer(status, b"" if bodiless else body, "application/xml", {"x-amz-request-id": request_id})


def _listing(call: Call, result: Mapping[str, Any]) -> bytes:
    if "Buckets" in result:
        inside = "".join(
            f"<Bucket><Name>{escape(name)}</Name><CreationDate>{_iso(made)}</CreationDate></Bucket>"
            for name, made in result["Buckets"]
        )
        return (
            f'<ListAllMyBucketsResult xmlns="{NAMESPACE}"><Buckets>{inside}</Buckets></ListAllMyBucketsResult>'.encode()
        )
    if "Objects" in result:
        return _objects(call, result).encode()
    return b""


def _objects(call: Call, result: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>{_iso(stored.modified)}</LastModified>"
        f"<ETag>{escape(stored.etag)}</ETag><Size>{len(stored.body)}</Size></Contents>"
        for key, stored in result["Objects"]
    )
    truncated = result["Truncated"]
    token = f"<NextContinuationToken>{escape(result['Objects'][-1][0])}</NextContinuationToken>" if truncated else ""
    return (
        f'<ListBucketResult xmlns="{NAMESPACE}"><Name>{escape(call.members["Bucket"])}</Name>'
        f"<Prefix>{escape(call.members['Prefix'])}</Prefix><KeyCount>{len(result['Objects'])}</KeyCount>"
        f"<IsTruncated>{str(truncated).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
    )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _body(request: WireRequest) -> bytes:
    """The object, out of the chunks that a client signs or sums up one by one, where it does."""
    if "aws-chunked" not in request.headers.get("Content-Encoding", ""):
        return request.body
    parts, left = [], request.body
    while left:
        head, _, left = left.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if size == 0:
            break
        parts.append(left[:size])
        left = left[size + 2 :]
    return b"".join(parts)
