"""A CloudWatch that answers from a script, one answer a call, in one protocol; for what no simulator does."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; status 0 hangs up without one. `content_type` is that of the query protocol unless told."""

    status: int
    body: str
    content_type: str = "text/xml"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ScriptedCloudWatch:
    """`requests` are the forms that were posted, in order, and `bodies` the JSON; every reply is given once.

    `to_json` answers requests in JSON; without it they get the script's replies.
    """

    port: int
    replies: list[Reply]
    to_json: Reply | None
    requests: list[dict[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "scripted",
            "AWS_SECRET_ACCESS_KEY": "scripted",
            "AWS_REGION": "us-east-1",
        }


UNKNOWN_OPERATION = Reply(404, '{"__type": "UnknownOperationException"}', "application/x-amz-json-1.0")


@contextmanager
def scripted(*replies: Reply, to_json: Reply | None = UNKNOWN_OPERATION) -> Iterator[ScriptedCloudWatch]:
    """A server on loopback for the length of the block; it knows the query protocol alone unless told otherwise."""
    script = ScriptedCloudWatch(0, list(replies), to_json)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = _reply(script, self.headers, self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.close_connection = True
            if reply.status:
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            body = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(script: ScriptedCloudWatch, headers: Message, body: str) -> Reply:
    """What the script says to a request, which is noted."""
    if "X-Amz-Target" in headers:
        script.bodies.append(json.loads(body))
        if script.to_json is not None:
            return script.to_json
    else:
        form = parse_qs(body, keep_blank_values=True)
        script.requests.append({name: values[0] for name, values in form.items()})
    return script.replies.pop(0) if script.replies else Reply(500, "the script has ended")


def in_json(document: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, json.dumps(document), "application/x-amz-json-1.0")


def result(
    query_id: str,
    points: Sequence[tuple[str, float]] = (),
    *,
    status: str | None = "Complete",
    message: str | None = None,
) -> str:
    """One MetricDataResult; points are (ISO time, value)."""
    said = f"<StatusCode>{status}</StatusCode>" if status else ""
    if message:
        said += f"<Messages><member><Code>c</Code><Value>{escape(message)}</Value></member></Messages>"
    times = "".join(f"<member>{moment}</member>" for moment, _ in points)
    values = "".join(f"<member>{value}</member>" for _, value in points)
    return (
        f"<member><Id>{query_id}</Id><Label>l</Label>{said}"
        f"<Timestamps>{times}</Timestamps><Values>{values}</Values></member>"
    )


def metric_data(*results: str, token: str | None = None, messages: Sequence[str] = ()) -> Reply:
    """A GetMetricData answer."""
    told = "".join(f"<member><Code>c</Code><Value>{escape(message)}</Value></member>" for message in messages)
    content = f"<MetricDataResults>{''.join(results)}</MetricDataResults><Messages>{told}</Messages>{_next(token)}"
    return _answer("GetMetricData", content)


def metric_list(*metrics: tuple[str, str, Sequence[tuple[str, str]]], token: str | None = None) -> Reply:
    """A ListMetrics answer of (namespace, name, dimensions)."""
    members = "".join(
        f"<member><Namespace>{namespace}</Namespace><MetricName>{name}</MetricName>"
        f"<Dimensions>{''.join(_dimension(*pair) for pair in dimensions)}</Dimensions></member>"
        for namespace, name, dimensions in metrics
    )
    return _answer("ListMetrics", f"<Metrics>{members}</Metrics>{_next(token)}")


def refusal(code: str, message: str, status: int = 400) -> Reply:
    """An error in the query protocol."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Reply(status, f'<ErrorResponse xmlns="{_NAMESPACE}">{error}<RequestId>r</RequestId></ErrorResponse>')


def _answer(operation: str, content: str) -> Reply:
    inner = (
        f"<{operation}Result>{content}</{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
    )
    return Reply(200, f'<{operation}Response xmlns="{_NAMESPACE}">{inner}</{operation}Response>')


def _next(token: str | None) -> str:
    return f"<NextToken>{token}</NextToken>" if token else ""


def _dimension(name: str, value: str) -> str:
    return f"<member><Name>{name}</Name><Value>{value}</Value></member>"
