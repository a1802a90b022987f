"""What is muted: how many endpoints, and the page that lists it."""

from dataclasses import replace

from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.finding import Finding, Muted, Severity
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.header import Shown, as_text, header
from smtop.tui.view_models.muting import muted_lines
from smtop.tui.view_models.speaking import proposal
from smtop.tui.view_state import FeedState, ViewState
from tests.support.fleet import NOW_S, endpoint, snapshot

PAINT = Paint(NOW_S, BLOCKS)
LATER = Finding(
    "errors-5xx", Severity.CRITICAL, "9% fail", variant="canary", muted=Muted("vendor knows", NOW_S + 7200, "ana")
)
SOONER = Finding("latency-high", Severity.WARNING, "slow", muted=Muted("load test", NOW_S + 600, "bo"))
FLEET = snapshot(endpoint("fraud", findings=[LATER]), endpoint("search", findings=[SOONER]), endpoint("calm"))


def test_the_page_says_what_why_by_whom_and_until_when_the_soonest_first() -> None:
    assert as_text(muted_lines(FLEET, 80, PAINT)) == [
        "search  latency-high",
        "  ~ slow",
        "  muted by bo: load test",
        "  until 14:21Z, in 10m",
        "",
        "fraud (canary)  errors-5xx",
        "  ! 9% fail",
        "  muted by ana: vendor knows",
        "  until 16:11Z, in 2h",
        "",
    ]


def test_nothing_muted_is_said() -> None:
    for fleet in (None, snapshot(endpoint("calm"))):
        assert as_text(muted_lines(fleet, 80, PAINT)) == ["Nothing that is found at present is muted."]


def test_the_header_counts_endpoints_with_something_muted() -> None:
    for width in (40, 80, 120):
        counts = as_text(header(FLEET, FeedState(), ViewState(), Shown(3, 3), place="", width=width, paint=PAINT))[1]
        assert counts.endswith("  2 muted")
    calm = replace(FLEET, endpoints=FLEET.endpoints[2:])
    assert (
        "muted" not in as_text(header(calm, FeedState(), ViewState(), Shown(1, 1), place="", width=80, paint=PAINT))[1]
    )


def test_what_is_proposed_is_the_first_change_that_nobody_muted() -> None:
    change = Resize("e", "AllTraffic", count=3)
    hushed, plain = SOONER._replace(change=change), Finding("errors-4xx", Severity.WARNING, "refused")
    told = Finding("cpu-saturated", Severity.WARNING, "full", change=change)
    assert proposal(endpoint("e", findings=[hushed, plain, told])) is told
    assert proposal(endpoint("e", findings=[hushed, plain])) is None
    assert proposal(None) is None
