"""The header, the banner, the reasons below the table, the footer and the help."""

from dataclasses import replace
from datetime import timedelta

import pytest

from smtop.metrics.domain.endpoint import (
    ACCOUNT_COLORS,
    Endpoint,
    EndpointSummary,
    Instances,
    Moving,
    Serverless,
    Variant,
)
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Spend
from smtop.metrics.errors import FaultKind
from smtop.tui.view_models.cells import Cell, Paint, text_of, width_of
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.header import Shown, as_text, blank_place, header, role_name
from smtop.tui.view_models.problems import banner, problem_lines, sentences
from smtop.tui.view_models.why import why
from smtop.tui.view_state import FeedState, ViewState
from smtop.tui.widgets.style import STYLES
from tests.support.fleet import IDENTITY, NOW, NOW_S, endpoint, snapshot, variant

PAINT = Paint(NOW_S, BLOCKS)
CALM = FeedState()
FLEET = snapshot(
    endpoint("a", Severity.CRITICAL), endpoint("b", Severity.IDLE), endpoint("c"), endpoint("d"), endpoint("e")
)


def first_and_second(
    fleet: FleetSnapshot | None,
    *,
    feed: FeedState = CALM,
    view: ViewState | None = None,
    width: int = 120,
    paint: Paint = PAINT,
) -> tuple[str, str]:
    lines = header(fleet, feed, view or ViewState(), Shown(2, 5), place="eu-west-1", width=width, paint=paint)
    assert all(width_of(line) <= width for line in lines)
    first, second = as_text(lines)
    return first, second


@pytest.mark.parametrize("width", [60, 80, 120])
def test_in_a_drill_the_header_says_so_and_not_how_many_are_how(width: int) -> None:
    first, second = first_and_second(FLEET, feed=FeedState(drill="Watch."), width=width)
    assert " DRILL " in first
    assert second == "5 ep"


def test_in_a_drill_nobody_is_told_that_all_is_well() -> None:
    drill = FeedState(drill="Watch.")
    assert as_text(banner(FLEET, drill, width=80, paint=PAINT)) == ["Watch."]
    few = ViewState(attention_only=True)
    assert blank_place(FLEET, drill, few, paint=PAINT)[0] == "Which ones need attention is hidden."


def test_the_header_says_who_where_how_fresh_and_how_many() -> None:
    first, second = first_and_second(FLEET)
    assert first.startswith("smtop ml-prod 123456789012 eu-west-1 role/oncall-ro [RO]  LIVE ")
    assert first.endswith("next 20s  cw $0.0042  data 100s")
    assert second == "5 ep  1 CRIT  1 IDLE  3 OK"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_production_account_is_a_word_in_reverse_before_all_else(width: int) -> None:
    who = IDENTITY._replace(kind="prod")
    first, _ = header(replace(FLEET, identity=who), CALM, ViewState(), Shown(2, 5), place="", width=width, paint=PAINT)
    assert first[1] == Cell(" PROD ", "account-red")
    assert STYLES["account-red"].reverse
    assert width_of(first) <= width


def test_the_colour_and_the_word_are_the_operators() -> None:
    def word(**said: str) -> tuple[Cell, str]:
        fleet = replace(FLEET, identity=IDENTITY._replace(**said))
        line = header(fleet, CALM, ViewState(), Shown(2, 5), place="", width=120, paint=PAINT)[0]
        return line[1], text_of(line)

    assert word(kind="staging", color="green")[0] == Cell(" STAGING ", "account-green")
    assert word(kind="dev")[0] == Cell(" DEV ", "reverse")
    assert word(kind="prod", label="PROD")[1].count("PROD") == 1
    assert {f"account-{color}" for color in ACCOUNT_COLORS} <= set(STYLES)


def test_a_wide_header_says_what_an_hour_costs() -> None:
    fleet = replace(FLEET, spend=Spend(420, {}, 0.0042, 0.2512, {"hot": 0.2512}))
    assert first_and_second(fleet)[0].endswith("next 20s  cw $0.0042 $0.251/h  data 100s")
    assert first_and_second(fleet, width=80)[0].endswith("cw $0.004 $0.251/h  data 100s")
    assert first_and_second(fleet, width=52)[0].endswith("data 100s")


def test_what_other_smtops_cost_is_told_beside() -> None:
    fleet = replace(FLEET, spend=Spend(420, {}, 0.0042, 0.25, others=2, others_usd_per_hour=0.5))
    assert first_and_second(fleet)[0].endswith("cw $0.0042 $0.250/h ($0.750/h x3)  data 100s")
    text = " ".join(as_text(problem_lines(fleet, CALM, width=200, paint=PAINT)))
    assert "2 other smtops of yours ask the same for $0.5000 an hour; together that is $0.7500." in text


def test_what_asking_costs_is_told_by_tier_so_far_by_the_hour_and_by_the_day() -> None:
    spend = Spend(420, {}, 0.0042, 0.2512, {"hot": 0.25, "idle": 0.0012}, {"first look": 0.004, "hot": 0.0002})
    text = " ".join(as_text(problem_lines(replace(FLEET, spend=spend), CALM, width=200, paint=PAINT)))
    assert "So far $0.0042 (first look $0.0040, hot $0.0002)." in text
    assert "As things stand $0.2512 an hour (hot $0.2500, idle $0.0012), $6.03 a day." in text


def test_what_is_slowed_down_is_said_after_what_is_wrong() -> None:
    notice = "To stay within $0.2 an hour smtop asks idle endpoints every 60 min."
    spend = Spend(420, {}, 0.0042, 0.2, {"hot": 0.15, "idle": 0.05})
    slowed = replace(FLEET, notices=(notice,), spend=spend)
    assert as_text(banner(slowed, CALM, width=120, paint=PAINT)) == [f"! {notice}"]
    both = replace(slowed, problems=(problem(FaultKind.THROTTLED, "AWS throttles."),))
    assert sentences(both, CALM) == ["AWS throttles.", notice]
    text = " ".join(as_text(problem_lines(slowed, CALM, width=200, paint=PAINT)))
    assert "asked less often   To stay within $0.2" in text
    assert "unverified" not in text


def test_the_price_of_the_sweep_is_said_to_be_unverified() -> None:
    spend = Spend(420, {}, 0.0042, 0.2, {"hot": 0.15, "sweep": 0.05})
    text = " ".join(as_text(problem_lines(replace(FLEET, spend=spend), CALM, width=200, paint=PAINT)))
    assert "sweep $0.0500), $4.80 a day. The price of the sweep is unverified." in text


def test_a_narrow_header_shortens_the_account_and_keeps_the_age_longest() -> None:
    assert first_and_second(FLEET, width=80)[0].startswith("smtop ml-prod 1234..9012 eu-west-1 [RO]  LIVE ")
    assert first_and_second(FLEET, width=80)[0].endswith("cw $0.004  data 100s")
    assert first_and_second(FLEET, width=52)[0].endswith("data 100s")
    assert first_and_second(FLEET, width=60)[1] == "5 ep 1! 1z 3ok"


@pytest.mark.parametrize("width", [1, 20, 40, 60, 80, 120, 200])
def test_the_header_never_leaves_its_width(width: int) -> None:
    first_and_second(FLEET, width=width, view=ViewState(filter_text="x" * 90, attention_only=True, sort="p99"))


@pytest.mark.parametrize(
    ("fleet", "feed", "word"),
    [
        (None, CALM, "READING"),
        (snapshot(cached=True, at=NOW_S - 720), CALM, "CACHED 12 min"),
        (FLEET, CALM, "LIVE"),
        (replace(snapshot(cached=True), remembered_at=None), CALM, "READING"),
        (FLEET, FeedState(fault="gone"), "OFFLINE"),
        (replace(FLEET, problems=(Problem(FaultKind.CREDENTIALS, "sts:x", "Signed out."),)), CALM, "OFFLINE"),
        (FLEET, FeedState(paused=True), "PAUSED"),
    ],
)
def test_the_state_of_the_data_stands_in_reverse(fleet: FleetSnapshot | None, feed: FeedState, word: str) -> None:
    line, _ = header(fleet, feed, ViewState(), Shown(0, 0), place="", width=120, paint=PAINT)
    assert Cell(f" {word} ", "reverse") in line


def test_ages_move_in_tens() -> None:
    texts = {first_and_second(FLEET, paint=Paint(NOW_S + second, BLOCKS))[0] for second in range(1, 7)}
    assert len(texts) == 1
    assert first_and_second(FLEET, paint=Paint(NOW_S + 30, BLOCKS))[0].endswith("next now  cw $0.0042  data 130s")


def test_what_narrows_the_table_stands_in_the_header() -> None:
    view = ViewState(filter_text="fraud", attention_only=True, sort="p99")
    assert first_and_second(FLEET, view=view)[1].endswith("sort P99ms v  attention only  /fraud  2/5 shown")


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sts::1:assumed-role/oncall/ana", "role/oncall"),
        ("arn:aws:iam::1:user/ana", "user/ana"),
        ("arn:aws:iam::1:root", "root"),
    ],
)
def test_an_identity_is_its_role_or_user(arn: str, name: str) -> None:
    assert role_name(arn) == name


@pytest.mark.parametrize(
    ("fleet", "feed", "view", "start"),
    [
        (None, CALM, ViewState(), "Reading the fleet…"),
        (snapshot(cached=True), CALM, ViewState(), "Reading the fleet…"),
        (None, FeedState(fault="x"), ViewState(), "Nothing could be read yet."),
        (snapshot(), CALM, ViewState(), "No SageMaker endpoints in 123456789012 / eu-west-1."),
        (FLEET, CALM, ViewState(filter_text="zz"), "No endpoint matches /zz"),
        (FLEET, CALM, ViewState(attention_only=True), "No endpoint needs attention."),
    ],
)
def test_an_empty_table_says_why_it_is_empty(
    fleet: FleetSnapshot | None, feed: FeedState, view: ViewState, start: str
) -> None:
    assert blank_place(fleet, feed, view, paint=PAINT)[0].startswith(start)


def problem(kind: FaultKind, message: str) -> Problem:
    return Problem(kind, "sagemaker:ListTags", message)


def test_the_banner_leads_with_what_matters_most() -> None:
    fleet = snapshot(
        problems=[
            problem(FaultKind.SERVICE, "AWS failed."),
            problem(FaultKind.THROTTLED, "Too many requests."),
            problem(FaultKind.PERMISSION, "Not allowed."),
            problem(FaultKind.CREDENTIALS, "Sign in again."),
            problem(FaultKind.CREDENTIALS, "Sign in again."),
        ]
    )
    assert as_text(banner(fleet, CALM, width=80, paint=PAINT)) == ["! Sign in again.  +3 more (F12)"]
    assert sentences(fleet, FeedState(fault="Gone."))[:2] == ["Gone.", "Sign in again."]
    assert banner(FLEET, CALM, width=80, paint=PAINT) == []


def test_a_long_sentence_takes_two_lines_and_says_where_the_rest_is() -> None:
    fleet = snapshot(problems=[problem(FaultKind.PERMISSION, "word " * 60)])
    lines = as_text(banner(fleet, CALM, width=40, paint=PAINT))
    assert len(lines) == 2
    assert lines[1].endswith("…  (F12)")
    assert max(map(len, lines)) <= 40


def test_the_list_of_problems_has_every_one_in_full() -> None:
    fleet = snapshot(problems=[problem(FaultKind.PERMISSION, "word " * 60), problem(FaultKind.SERVICE, "AWS failed.")])
    text = " ".join(as_text(problem_lines(fleet, FeedState(fault="Gone."), width=40, paint=PAINT)))
    assert text.count("word") == 60
    assert "Gone." in text
    assert "service: sagemaker:ListTags" in text
    assert as_text(problem_lines(FLEET, CALM, width=80, paint=PAINT))[0] == "Everything that was asked was answered."


def test_the_facts_of_a_healthy_endpoint() -> None:
    view = endpoint(
        "e",
        variants=[
            Variant("A", weight=Moving(1.0, 1.0), instances=Instances(Moving(1, 2), "ml.m5.xlarge"), model="m-1"),
            Variant("B", serverless=Serverless(2048, 20, 5)),
            variant("S", shadow=True),
        ],
    )
    assert as_text(why(view, width=100, height=5, paint=PAINT)) == [
        "  realtime, InService, config e-v1",
        "  A, weight 1, 1 of 2 wanted x ml.m5.xlarge, model m-1",
        "  B, 2048 MB, max concurrency 20, provisioned concurrency 5",
        "  shadow S, weight 1",
    ]


def test_the_age_of_the_data_is_that_of_its_newest_minute() -> None:
    fleet = replace(FLEET, data_until=NOW - timedelta(seconds=190))
    assert first_and_second(fleet)[0].endswith("data 190s")


def test_an_endpoint_that_was_only_listed_says_so() -> None:
    listed = Endpoint(EndpointSummary("e", "arn", "Creating", NOW, NOW - timedelta(days=1)))
    lines = why(replace(endpoint("e"), endpoint=listed), width=80, height=6, paint=PAINT)
    assert as_text(lines)[0] == "  Creating; not described yet"
