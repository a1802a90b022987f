"""A webhook is sent one document, follows nobody elsewhere, and never tells its address."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from smtop.metrics.webhook import post


class Chat(BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as it is told."""

    heard: ClassVar[list[Any]] = []
    answer: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nobody wants to read it."""


@pytest.fixture
def chat() -> Iterator[str]:
    Chat.heard, Chat.answer = [], 200
    with HTTPServer(("127.0.0.1", 0), Chat) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/secret"
        server.shutdown()
        serving.join()


def test_the_document_arrives(chat: str) -> None:
    assert post(chat, {"text": "fraud: down"}) is None
    assert Chat.heard == [("/secret", "application/json", {"text": "fraud: down"})]


@pytest.mark.parametrize("answer", [302, 403, 500])
def test_what_is_not_taken_is_said_without_the_address(chat: str, answer: int) -> None:
    Chat.answer = answer
    said = post(chat, {})
    assert said == f"The webhook answered {answer}; nobody was told."
    assert len(Chat.heard) == 1


def test_nobody_there_is_said(chat: str) -> None:
    said = post("http://127.0.0.1:1/secret", {})
    assert said
    assert "could not be reached" in said
    assert "secret" not in said
