"""All that is known of one endpoint as one text, and what AWS answers about it."""

import json
from collections.abc import Iterator, Sequence

from smtop.metrics.domain.documents import Document
from smtop.tui.keymap import TABS
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.tabs.bar import TEXTS, tab_text
from smtop.tui.view_models.tabs.page import Page

_INDENT = 2


def described(page: Page, said: str) -> list[Line]:
    """The tabs of text one after the other; `said` says why they lack what is read beyond the metrics."""
    lines: list[Line] = [(Cell(part, "warning"),) for part in fmt.wrap(page.plain(said), page.width)]
    for tab in TEXTS:
        lines += [(Cell(TABS[tab].upper(), "reverse"),), *tab_text(tab, page), ()]
    return lines


def answer_lines(documents: Sequence[Document], width: int, paint: Paint) -> list[Line]:
    """Each answer under its operation, or why there is none; long lines go on in the next."""
    return [line for document in documents for line in _lines(document, width, paint)]


def _lines(document: Document, width: int, paint: Paint) -> Iterator[Line]:
    yield (Cell(f"{document.described.value} {paint.plain(document.name)}", "title"),)
    if document.why is not None:
        yield from ((Cell(part, "warning"),) for part in fmt.wrap(paint.plain(document.why), width))
    else:
        for text in _json(document.body).split("\n"):
            yield from ((Cell(part),) for part in fmt.folded(paint.plain(text), width))
    yield ()


def answers_text(documents: Sequence[Document]) -> str:
    """All answers as one JSON object, by operation and by name; null where there is none."""
    told: dict[str, dict[str, object]] = {}
    for document in documents:
        told.setdefault(document.described.value, {})[document.name] = document.body
    return _json(told) + "\n"


def _json(value: object) -> str:
    return json.dumps(value, indent=_INDENT, ensure_ascii=False, default=str)
