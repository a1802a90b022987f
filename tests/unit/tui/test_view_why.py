"""The verdict box: cause, proof, onset, impact, what changed, and what to do, in whatever room there is."""

from dataclasses import replace

import pytest

from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.finding import Confidence, Finding, Happening, Muted, Severity, SharedCause
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models.cells import Paint, text_of
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.header import as_text
from smtop.tui.view_models.problems import banner
from smtop.tui.view_models.why import title as why_title
from smtop.tui.view_models.why import why
from smtop.tui.view_state import FeedState
from tests.support.fleet import NOW_S, endpoint, snapshot

PAINT = Paint(NOW_S, BLOCKS)
FINDING = Finding(
    "pc-exhausted",
    Severity.CRITICAL,
    "provisioned concurrency is used up",
    ("utilisation 100% for 9 min", "38 a minute spill over"),
    int(NOW_S) - 540,
    "AllTraffic",
    "Raise provisioned concurrency from 5 to 9.",
    Confidence.HIGH,
    38.0,
    Resize("fraud", "AllTraffic", provisioned_concurrency=9),
    (Happening(int(NOW_S) - 780, "config v6 -> v7"),),
)
FRAUD = endpoint("fraud", Severity.CRITICAL, findings=[FINDING])


def box(view: EndpointView, *, width: int = 100, height: int = 5, shared: tuple[SharedCause, ...] = ()) -> list[str]:
    return as_text(why(view, width=width, height=height, paint=PAINT, shared=shared))


def test_all_there_is_to_say_stands_in_few_lines() -> None:
    assert text_of(why_title(FRAUD, width=100, paint=PAINT)).startswith("── WHY fraud ──")
    assert box(FRAUD) == [
        "! provisioned concurrency is used up (AllTraffic)  pc-exhausted  since 14:02Z (9m ago)  high",
        "  (1) utilisation 100% for 9 min (2) 38 a minute spill over",
        "  LAST 13:58Z config v6 -> v7 (4m before)",
        "  → Raise provisioned concurrency from 5 to 9. [F] plans it",
    ]


def test_on_a_wide_line_the_name_has_its_rule_onset_and_weight_beside_it() -> None:
    assert box(FRAUD, width=140)[0] == (
        "! provisioned concurrency is used up (AllTraffic)  pc-exhausted  since 14:02Z (9m ago)  high  38 req/min"
    )


@pytest.mark.parametrize(("width", "height"), [(80, 5), (60, 3), (40, 3), (40, 2)])
def test_with_little_room_the_worst_is_still_named_and_then_what_to_do(width: int, height: int) -> None:
    view = endpoint("fraud", Severity.CRITICAL, findings=[FINDING, FINDING, FINDING])
    lines = box(view, width=width, height=height)
    assert len(lines) <= height
    assert lines[0].startswith("! provisioned concurrency")
    assert max(map(len, lines)) <= width
    assert any(line.startswith("  →") for line in lines) or height < 3


def test_a_lone_line_is_the_name() -> None:
    assert box(FRAUD, width=40, height=1)[0].startswith("! provisioned")


def test_more_reasons_than_room_are_counted() -> None:
    lines = box(endpoint("fraud", findings=[FINDING] * 3), width=140, height=6)
    assert len(lines) == 6
    assert lines[-1].endswith("7 more lines")


def test_an_onset_that_was_not_seen_says_so_and_dates_no_change_before_it() -> None:
    text = " ".join(box(endpoint("fraud", findings=[FINDING._replace(or_earlier=True)]), width=140))
    assert "since 14:02Z or earlier" in text
    assert "before)" not in text


def test_what_is_muted_stays_and_says_by_whom() -> None:
    muted = FINDING._replace(muted=Muted("vendor knows", NOW_S + 3600, "ana"))
    assert "  muted by ana until 15:11Z: vendor knows" in box(endpoint("fraud", findings=[muted]), height=9)


def test_what_it_shares_with_others_comes_first() -> None:
    cause = SharedCause(FINDING._replace(id="shared-cause", title="6 endpoints have errors-5xx"), ("fraud", "search"))
    assert box(FRAUD, height=9, shared=(cause,))[0] == "! 6 endpoints have errors-5xx"
    assert box(endpoint("other"), height=9, shared=(cause,))[0] != "! 6 endpoints have errors-5xx"
    [line] = as_text(banner(replace(snapshot(FRAUD), shared=(cause,)), FeedState(), width=80, paint=PAINT))
    assert line == "! 6 endpoints have errors-5xx, since 14:02Z"


def test_a_hint_is_no_verdict_and_says_why() -> None:
    view = EndpointView(FRAUD.endpoint, Severity.OK, FRAUD.vitals, hints=(FINDING,))
    [line] = box(view)[:1]
    assert line == "  early signal: provisioned concurrency is used up (pc-exhausted), by minutes that may still change"


def test_a_runbook_is_told_where_something_is_wrong() -> None:
    tagged = FRAUD.endpoint._replace(tags={"runbook": "https://wiki.example/fraud"})
    assert "  runbook https://wiki.example/fraud" in box(
        EndpointView(tagged, FRAUD.severity, FRAUD.vitals, (FINDING,)), height=9
    )
    evil = FRAUD.endpoint._replace(tags={"runbook": "javascript:alert(1)"})
    assert not any(
        "runbook" in line for line in box(EndpointView(evil, FRAUD.severity, FRAUD.vitals, (FINDING,)), height=9)
    )


def test_a_failed_endpoint_shows_what_aws_says() -> None:
    failed = endpoint("e", Severity.CRITICAL, status="Failed", status_reason="No \x1b[2Jping.", findings=[FINDING])
    assert "  AWS says: No \\x1b[2Jping." in box(failed, height=9)


def test_what_aws_says_is_said_once() -> None:
    finding = FINDING._replace(evidence=("status Failed", "No ping."))
    failed = endpoint("e", Severity.CRITICAL, status="Failed", status_reason="No ping.", findings=[finding])
    assert "\n".join(as_text(why(failed, width=100, height=9, paint=PAINT))).count("No ping.") == 1


def test_a_reason_older_than_a_day_has_a_date() -> None:
    old = endpoint("e", findings=[FINDING._replace(since=int(NOW_S) - 3 * 86_400)])
    assert "since 2026-11-17 14:11Z (3d ago)" in as_text(why(old, width=120, height=5, paint=PAINT))[0]
