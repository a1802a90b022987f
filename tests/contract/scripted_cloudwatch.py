"""A CloudWatch that answers from a script, one answer a call, in the query protocol; for what no simulator does."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; status 0 hangs up without one."""

    status: int
    body: str


@dataclass
class ScriptedCloudWatch:
    """`requests` are the forms that were posted, in order; every reply is given once."""

    port: int
    replies: list[Reply]
    requests: list[dict[str, str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "scripted",
            "AWS_SECRET_ACCESS_KEY": "scripted",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def scripted(*replies: Reply) -> Iterator[ScriptedCloudWatch]:
    """A server on loopback for the length of the block."""
    script = ScriptedCloudWatch(0, list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
            script.requests.append({name: values[0] for name, values in form.items()})
            reply = script.replies.pop(0) if script.replies else Reply(500, "the script has ended")
            self.close_connection = True
            if reply.status:
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            body = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
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
