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
from smtop.tui.view_models.why import tells_all, why
from smtop.tui.view_models.why import title as why_title
from smtop.tui.view_state import FeedState
from tests.support.fleet import NOW_S, endpoint, snapshot, variant

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


ALARM = Finding("alarm-firing", Severity.WARNING, "alarm fraud-p99 is firing", ("p99 above 300 ms",))
ADVICE = Finding("image-large", Severity.OK, "the image has 11 GB", ("11.2 GB",), next="Make it smaller.")
MORE = {"errors-4xx": "requests refused", "pc-high": "nearly used up"}
KNOWN = FINDING._replace(muted=Muted("vendor knows", NOW_S + 3600, "ana"))


def box(
    view: EndpointView,
    *,
    width: int = 100,
    height: int = 5,
    shared: tuple[SharedCause, ...] = (),
    headed: bool = False,
) -> list[str]:
    return as_text(why(view, width=width, height=height, paint=PAINT, shared=shared, headed=headed))


def test_all_there_is_to_say_stands_in_few_lines() -> None:
    assert text_of(why_title(FRAUD, width=100, paint=PAINT)).startswith(
        "── WHY fraud ── pc-exhausted  since 14:02Z (9m ago)  high confidence  38 req/min ──"
    )
    assert box(FRAUD, headed=True) == [
        "! provisioned concurrency is used up",
        "  (1) utilisation 100% for 9 min (2) 38 a minute spill over",
        "  LAST 13:58Z config v6 -> v7 (4m before)",
        "  → [F] Raise provisioned concurrency from 5 to 9.",
    ]


@pytest.mark.parametrize(
    ("width", "tail"),
    [
        (83, " ── pc-exhausted  since 14:02Z (9m ago)  high confidence  38 req/min "),
        (68, " ── pc-exhausted  since 14:02Z (9m ago)  38 req/min "),
        (51, " ── since 14:02Z (9m ago)  38 req/min "),
        (40, " ── since 14:02Z (9m ago) "),
        (30, " ── 9m ago "),
        (20, " "),
    ],
)
def test_the_title_has_what_there_is_room_for_and_the_onset_longest(width: int, tail: str) -> None:
    told = text_of(why_title(FRAUD, width=width, paint=PAINT))
    assert told.startswith(f"── WHY fraud{tail}─")
    assert len(told) == width
    assert tells_all(FRAUD, width=width, paint=PAINT) is (width == 83)


def test_without_a_title_above_the_name_has_its_rule_onset_and_weight_beside_it() -> None:
    assert box(FRAUD, width=140)[0] == (
        "! provisioned concurrency is used up  pc-exhausted  since 14:02Z (9m ago)  high confidence  38 req/min"
    )


def test_a_tail_that_is_too_long_for_a_line_is_a_shorter_one() -> None:
    told = [box(FRAUD, width=width, height=9)[1] for width in (66, 60, 40)]
    assert told == [
        "  pc-exhausted  since 14:02Z (9m ago)  high confidence  38 req/min",
        "  pc-exhausted  since 14:02Z (9m ago)  38 req/min",
        "  since 14:02Z (9m ago)  38 req/min",
    ]


def test_a_part_is_named_where_there_are_several_and_the_title_does_not() -> None:
    named = FINDING._replace(title="canary answers 5XX", variant="canary")
    variants = [variant("stable"), variant("canary")]
    for finding, head in ((FINDING, "is used up (AllTraffic)"), (named, "! canary answers 5XX")):
        assert box(endpoint("fraud", variants=variants, findings=[finding]), headed=True)[0].endswith(head)


def test_the_key_stands_only_where_it_plans_that_very_change() -> None:
    second = FINDING._replace(id="pc-high", title="another")
    told = box(endpoint("fraud", findings=[FINDING, second]), height=12)
    assert [line.startswith("  → [F]") for line in told if line.startswith("  →")] == [True, False]


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


def test_of_what_is_long_each_piece_has_a_line_before_one_has_two() -> None:
    long = FINDING._replace(evidence=("utilisation " * 30,), next="raise it " * 30)
    lines = box(endpoint("fraud", findings=[long]), width=80, height=5, headed=True)
    assert [line[:7] for line in lines] == ["! provi", "  utili", "  LAST ", "  → [F]", "       "]
    assert [line.endswith("…") for line in lines] == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("height", "others"),
    [
        (5, ["  … more: alarm-firing, errors-4xx, pc-high"]),
        (6, ["~ alarm fraud-p99 is firing  alarm-firing", "  … more: errors-4xx, pc-high"]),
        (
            7,
            [
                "~ alarm fraud-p99 is firing  alarm-firing",
                "~ requests refused  errors-4xx",
                "~ nearly used up  pc-high",
            ],
        ),
        (
            9,
            [
                "~ alarm fraud-p99 is firing  alarm-firing  high confidence",
                "  p99 above 300 ms",
                "~ requests refused  errors-4xx  high confidence",
                "  p99 above 300 ms",
                "~ nearly used up  pc-high",
            ],
        ),
    ],
)
def test_other_reasons_have_the_lines_that_are_left_and_then_their_names(height: int, others: list[str]) -> None:
    more = [ALARM, *(ALARM._replace(id=name, title=title) for name, title in MORE.items())]
    lines = box(endpoint("fraud", findings=[FINDING, *more]), height=height, headed=True)
    assert lines[3].startswith("  → [F]")
    assert lines[4:] == others


def test_what_is_muted_and_advice_stand_last_and_dim() -> None:
    view = endpoint("fraud", findings=[KNOWN, ADVICE, ALARM])
    lines = why(view, width=100, height=12, paint=PAINT)
    told = as_text(lines)
    heads = [told.index(next(line for line in told if line.startswith(mark))) for mark in ("~ ", "m ", ". ")]
    assert heads == sorted(heads)
    assert {cell.style for line in lines[heads[1] :] for cell in line} == {"dim"}
    assert as_text(why(view, width=100, height=4, paint=PAINT))[-1].startswith("m provisioned") is False


def test_where_it_is_well_only_because_it_was_muted_that_comes_first() -> None:
    view = endpoint("fraud", findings=[KNOWN])
    assert text_of(why_title(view, width=60, paint=PAINT)).startswith("── MUTED fraud ──")
    assert box(view, width=120, height=7) == [
        "m provisioned concurrency is used up  pc-exhausted  since 14:02Z (9m ago)  high confidence  38 req/min",
        "  (1) utilisation 100% for 9 min (2) 38 a minute spill over",
        "  LAST 13:58Z config v6 -> v7 (4m before)",
        "  muted by ana until 15:11Z: vendor knows",
        "  → Raise provisioned concurrency from 5 to 9.",
        "  realtime, InService, config fraud-v1",
        "  AllTraffic, weight 1",
    ]
    assert box(view, width=120, height=2)[1] == "  muted by ana until 15:11Z: vendor knows"


def test_advice_alone_is_nothing_that_is_wrong() -> None:
    view = endpoint("fraud", findings=[ADVICE])
    assert text_of(why_title(view, width=60, paint=PAINT)).startswith("── ABOUT fraud ──")
    told = box(view, height=9)
    assert told[0] == "  realtime, InService, config fraud-v1"
    assert told[2] == ". the image has 11 GB  image-large  high confidence"
    assert box(view, height=2) == told[:2]


def test_an_onset_that_was_not_seen_says_so_and_dates_no_change_before_it() -> None:
    text = " ".join(box(endpoint("fraud", findings=[FINDING._replace(or_earlier=True)]), width=140))
    assert "since 14:02Z or earlier" in text
    assert "before)" not in text


def test_what_is_muted_stays_and_says_by_whom() -> None:
    assert "  muted by ana until 15:11Z: vendor knows" in box(endpoint("fraud", findings=[KNOWN]), height=9)
    long = KNOWN._replace(muted=Muted("vendor knows", NOW_S + 3 * 86_400, "ana"))
    assert "  muted by ana until 2026-11-23 14:11Z: vendor knows" in box(endpoint("fraud", findings=[long]), height=9)


def test_what_it_shares_with_others_comes_first() -> None:
    cause = SharedCause(FINDING._replace(id="shared-cause", title="6 endpoints have errors-5xx"), ("fraud", "search"))
    assert box(FRAUD, height=9, shared=(cause,))[0] == "! 6 endpoints have errors-5xx"
    assert box(endpoint("other"), height=9, shared=(cause,))[0] != "! 6 endpoints have errors-5xx"
    [line] = as_text(banner(replace(snapshot(FRAUD), shared=(cause,)), FeedState(), width=80, paint=PAINT))
    assert line == "! 6 endpoints have errors-5xx, since 14:02Z  [&] marks"


def test_in_a_small_box_what_it_shares_has_what_is_left() -> None:
    cause = SharedCause(FINDING._replace(id="shared-cause", title="6 endpoints have errors-5xx"), ("fraud", "search"))
    assert box(FRAUD, headed=True, shared=(cause,))[-1] == "! 6 endpoints have errors-5xx"
    long = endpoint("fraud", findings=[FINDING._replace(evidence=("utilisation " * 30,)), ALARM])
    assert box(long, headed=True, shared=(cause,))[-1] == "  … more: what it shares with others, alarm-firing"


def test_a_hint_is_no_verdict_and_says_why() -> None:
    view = EndpointView(FRAUD.endpoint, Severity.OK, FRAUD.vitals, hints=(FINDING,))
    *_, line = box(view)
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
