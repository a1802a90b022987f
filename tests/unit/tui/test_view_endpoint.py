"""The title of an endpoint's page."""

import pytest

from smtop.metrics.domain.finding import Finding, Severity
from smtop.tui.view_models.cells import Paint, text_of, width_of
from smtop.tui.view_models.endpoint import title
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from tests.support.fleet import NOW_S, endpoint

PAINT = Paint(NOW_S, BLOCKS)


def test_the_title_says_what_it_is_and_what_is_worst() -> None:
    finding = Finding("pc-exhausted", Severity.CRITICAL, "Concurrency is used up", ())
    line = text_of(title("fraud", endpoint("fraud", Severity.CRITICAL, findings=[finding]), width=80, paint=PAINT))
    assert line.startswith("! fraud  RT  InService")
    assert line.endswith("Concurrency is used up")
    assert text_of(title("gone", None, width=80, paint=PAINT)) == "? gone"


@pytest.mark.parametrize("width", [40, 80])
def test_a_long_name_is_cut_and_a_foreign_one_is_safe(width: int) -> None:
    name = "very-long-endpoint-name-" * 3
    assert width_of(title(name, endpoint(name), width=width, paint=PAINT)) <= width
    assert text_of(title("a\x1b[31m", None, width=80, paint=Paint(NOW_S, ASCII))).isprintable()
