"""What came back from a test invocation."""

from collections.abc import Iterator

from smtop.metrics.actions.invoke import Answer
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.plan_dialog import wrapped

MOST_BYTES = 16_384
"""How much of an answer is shown."""


def reply_lines(answer: Answer, width: int, paint: Paint) -> list[Line]:
    """How long it took, who answered, and the beginning of what was said."""
    return [*_head(answer, width, paint), (), *_body(answer, width, paint)]


def _head(answer: Answer, width: int, paint: Paint) -> Iterator[Line]:
    yield (Cell(f"{answer.seconds * 1000:,.0f} ms", "bold"), Cell("  the way there and back included", "dim"))
    for word, text in (("answered by", answer.variant), ("type", answer.content_type), ("lies in", answer.where)):
        if text:
            yield from wrapped(f"{word} ", text, width, paint, "dim")


def _body(answer: Answer, width: int, paint: Paint) -> Iterator[Line]:
    if answer.body is None:
        yield from wrapped(
            "", "There is no answer yet. It will lie where the line above says.", width, paint, "warning"
        )
        return
    shown = answer.body[:MOST_BYTES].decode("utf-8", errors="backslashreplace")
    for line in shown.splitlines() or [""]:
        yield from wrapped("", line, width, paint)
    if len(answer.body) > MOST_BYTES:
        yield (Cell(f"{len(answer.body):,} bytes; the first {MOST_BYTES:,} are shown.", "dim"),)
