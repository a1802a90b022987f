"""What tells endpoints of several accounts and regions apart: columns, filters, the header, verdicts."""

from dataclasses import replace

import pytest

from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.finding import Finding, Severity, SharedCause
from smtop.metrics.domain.plan import Confirm, Place
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Spend
from smtop.metrics.errors import FaultKind
from smtop.metrics.federation.merging import Part, merged
from smtop.tui.view_models import fmt
from smtop.tui.view_models.announcing import Announced
from smtop.tui.view_models.cells import Paint, text_of, width_of
from smtop.tui.view_models.columns import ACCOUNT, ALWAYS, REGION, where
from smtop.tui.view_models.commands_of_changes import command_of
from smtop.tui.view_models.filter import compile_filter
from smtop.tui.view_models.fleet import deck, ordered, rows
from smtop.tui.view_models.header import Shown, as_text, header
from smtop.tui.view_models.layout import layout
from smtop.tui.view_models.plan_dialog import Question, question_lines
from smtop.tui.view_models.problems import banner, problem_lines
from smtop.tui.view_models.schema import snapshot_csv, snapshot_json
from smtop.tui.view_models.verdicts import missed, verdicts, verdicts_json
from smtop.tui.view_models.views import TRIAGE, VIEWS, chosen
from smtop.tui.view_state import FeedState, ViewState
from tests.support.changes import weights_plan
from tests.support.federated import PAYMENTS, SEARCH, fleet_of, key, source
from tests.support.fleet import NOW, NOW_S, endpoint, snapshot

PAINT = Paint(NOW_S, fmt.BLOCKS)
WEST = PAYMENTS._replace(region="us-west-2")
SLOW = Finding("slow", Severity.CRITICAL, "it is slow", change=Resize("fraud", count=4))
DENIED = Problem(FaultKind.PERMISSION, "sagemaker:ListEndpoints", "sagemaker:ListEndpoints is denied.")


def wide(*pictures: FleetSnapshot) -> FleetSnapshot:
    parts = []
    for one in pictures:
        parts.append(Part(source(one.identity) if one.identity else source(SEARCH)))
        parts[-1].take(one)
    return merged(parts, NOW)


BOTH = wide(
    fleet_of(PAYMENTS, endpoint("fraud", Severity.CRITICAL, findings=[SLOW]), endpoint("calm")),
    fleet_of(SEARCH, endpoint("fraud")),
)
SHUT_OUT = wide(
    fleet_of(PAYMENTS, endpoint("fraud")),
    replace(fleet_of(SEARCH), identity=None, problems=(DENIED,), listed_at=None, complete=False),
)


def test_columns_say_whose_a_row_is_where_there_are_several_and_not_else() -> None:
    assert where(BOTH.endpoints) == (ACCOUNT, REGION)
    assert where(wide(fleet_of(PAYMENTS, endpoint("a")), fleet_of(WEST, endpoint("a"))).endpoints) == (REGION,)
    assert where(wide(fleet_of(PAYMENTS, endpoint("a")), fleet_of(SEARCH)).endpoints) == ()
    assert where(snapshot(endpoint("a")).endpoints) == ()
    assert chosen(TRIAGE, ViewState()) == TRIAGE.columns


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.id)
def test_they_stand_behind_the_name_at_every_width(view: object, width: int) -> None:
    assert view in VIEWS.values()
    slots = layout(width, chosen(view, ViewState(), where(BOTH.endpoints)))  # type: ignore[arg-type]
    assert [slot.column for slot in slots[:4]] == [*ALWAYS, ACCOUNT, REGION]
    assert slots[-1].x + slots[-1].width <= width
    row = rows(deck(BOTH, {}), ViewState())[0]
    cells = [cell.text.strip() for cell in row.cells(slots, PAINT)]
    assert cells[1:4] == ["fraud", "payments", "use1" if width == 80 else "us-east-1"]


def test_two_of_one_name_are_two_rows_that_can_be_sorted_by_where_they_are() -> None:
    assert set(deck(BOTH, {})) == {key(PAYMENTS, "fraud"), key(SEARCH, "fraud"), key(PAYMENTS, "calm")}
    by_name = [view.key for view in ordered(BOTH.endpoints, ViewState(sort="name"))]
    assert by_name == [key(PAYMENTS, "calm"), key(PAYMENTS, "fraud"), key(SEARCH, "fraud")]
    by_account = [view.endpoint.at for view in ordered(BOTH.endpoints, ViewState(sort="account"))]
    assert by_account == [SEARCH, PAYMENTS, PAYMENTS]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("account:payments", 2),
        ("account:pay", 2),
        ("account:4444", 1),
        ("account:prod", 1),
        ("region:eu-", 1),
        ("!region:eu-", 2),
        ("eu-west", 1),
        ("444455556666", 1),
        ("^eu|calm", 2),
        ("-f paymt", 2),
        ("-f euwst", 1),
        ("-f frdeu", 0),
        ("fraud account:find", 1),
    ],
)
def test_a_filter_finds_accounts_and_regions(text: str, found: int) -> None:
    matches = compile_filter(text)
    assert sum(matches(view) for view in BOTH.endpoints) == found


def test_of_a_single_place_a_filter_looks_at_names_alone() -> None:
    fleet = snapshot(endpoint("a"))
    assert not any(map(compile_filter("eu-west"), fleet.endpoints))
    assert all(map(compile_filter("region:eu-west account:1234"), fleet.endpoints))


def told(fleet: FleetSnapshot, width: int = 120) -> str:
    lines = header(fleet, FeedState(), ViewState(), Shown(2, 2), place="", width=width, paint=PAINT)
    assert all(width_of(line) <= width for line in lines)
    return as_text(lines)[0]


def test_the_header_counts_what_there_are_several_of_and_names_the_rest() -> None:
    assert told(BOTH).startswith("smtop  PROD  2 accounts 2 regions [RO]  LIVE ")
    two_regions = wide(fleet_of(PAYMENTS, endpoint("a")), fleet_of(WEST, endpoint("a")))
    assert told(two_regions).startswith("smtop payments 2 regions [RO]  LIVE ")
    one_region = wide(fleet_of(PAYMENTS), fleet_of(SEARCH._replace(region="us-east-1")))
    assert "2 accounts us-east-1" in told(one_region, 80)


def test_one_that_cannot_be_asked_leaves_the_others_live_and_is_named() -> None:
    out = wide(
        fleet_of(PAYMENTS, endpoint("a")),
        replace(fleet_of(SEARCH), identity=None, problems=(DENIED._replace(kind=FaultKind.CREDENTIALS),)),
    )
    assert " LIVE 1/2 " in told(out)
    assert " LIVE 1/2 " in told(SHUT_OUT), "nor is one live whose list is denied"
    [line] = as_text(banner(out, FeedState(), width=120, paint=PAINT))
    assert line == "! find eu-west-1: sagemaker:ListEndpoints is denied."


def test_what_asking_costs_is_told_by_place_and_where_its_price_is_not_known() -> None:
    china = PAYMENTS._replace(region="cn-north-1", arn="arn:aws-cn:sts::111122223333:assumed-role/ro/ana")
    spent = wide(fleet_of(china, spend=Spend(usd=0.5, usd_per_hour=0.25)), fleet_of(SEARCH, spend=Spend(usd=0.25)))
    page = " ".join(text_of(line).strip() for line in problem_lines(spent, FeedState(), width=200, paint=PAINT))
    assert "So far $0.7500." in page
    assert "payments cn-north-1 $0.5000 so far, $0.2500 an hour; find eu-west-1 $0.2500 so far" in page
    assert "The prices of cn-north-1 are not known: these are those of other regions." in page


def test_through_whom_metrics_are_asked_is_told_with_what_they_cost() -> None:
    through = Spend(usd=0.5, usd_per_hour=0.25, asked_through="watch")
    both = wide(fleet_of(PAYMENTS, spend=through), fleet_of(SEARCH, spend=Spend(usd=0.25)))
    page = " ".join(text_of(line).strip() for line in problem_lines(both, FeedState(), width=200, paint=PAINT))
    assert "so far, $0.2500 an hour, asked through watch; find eu-west-1 $0.2500 so far, $0.0000 an hour." in page
    alone = replace(snapshot(endpoint("a")), spend=through)
    page = " ".join(text_of(line).strip() for line in problem_lines(alone, FeedState(), width=200, paint=PAINT))
    assert "It is asked through watch." in page


# Scripts


def test_a_snapshot_lists_all_who_ask_and_says_whose_each_endpoint_and_problem_is() -> None:
    document = snapshot_json(SHUT_OUT)
    assert [(one["account"], one["region"]) for one in document["identities"]] == [("111122223333", "us-east-1")]
    assert [(one["account"], one["region"]) for one in document["problems"]] == [(None, "eu-west-1")]
    places = [(one["account"], one["region"], one["name"]) for one in snapshot_json(BOTH)["endpoints"]]
    assert ("444455556666", "eu-west-1", "fraud") in places
    assert ("444455556666", "eu-west-1") in [(row["account"], row["region"]) for row in snapshot_csv(BOTH)]


def test_a_verdict_says_where_and_its_command_works_from_anywhere() -> None:
    [verdict] = verdicts(BOTH)
    assert verdict.where == "fraud (payments us-east-1)"
    assert verdict.command == "smtop resize fraud --count 4 --profile pay --region us-east-1 --write"
    assert command_of(Resize("fraud", count=4)) == "smtop resize fraud --count 4 --write"
    [finding] = verdicts_json(BOTH, [verdict], [])["findings"]
    assert (finding["account"], finding["region"], finding["endpoint"]) == ("111122223333", "us-east-1", "fraud")


def test_a_place_that_could_not_be_listed_is_not_judged() -> None:
    [place] = [one for one in missed(SHUT_OUT) if one.endpoint is None]
    assert (place.where, place.why) == ("find eu-west-1", "its endpoints could not be listed")
    assert (place.account, place.region) == (None, "eu-west-1")


def test_the_same_finding_in_another_region_is_news() -> None:
    announced = Announced()
    announced.news(BOTH)
    ill = fleet_of(SEARCH, endpoint("fraud", Severity.CRITICAL, findings=[SLOW]))
    later = wide(fleet_of(PAYMENTS, endpoint("fraud", Severity.CRITICAL, findings=[SLOW])), ill)
    assert [one.endpoint for one in announced.news(later)] == [key(SEARCH, "fraud")]


def test_a_shared_cause_of_one_account_is_told_by_bare_names() -> None:
    cause = SharedCause(SLOW, ("fraud",))
    fleet = wide(fleet_of(PAYMENTS, endpoint("fraud")), fleet_of(SEARCH, endpoint("fraud"), shared=(cause,)))
    [verdict] = verdicts(fleet)
    [finding] = verdicts_json(fleet, [verdict], [])["findings"]
    assert (finding["account"], finding["endpoints"]) == ("444455556666", ["fraud"])


# Changes


def test_several_plans_say_where_each_is_and_any_account_for_production_must_be_typed() -> None:
    here = weights_plan(change_id="1", place=Place("111122223333", "us-east-1", label="payments"))
    there = weights_plan(change_id="2", place=Place("444455556666", "eu-west-1", kind_word="PROD"))
    question = Question((here, there))
    assert (question.confirm, question.confirm_text) == (Confirm.TYPE_COUNT, "2 PROD")
    first, *_ = (text_of(line) for line in question_lines(question, 160, PAINT))
    assert first.endswith("fraud in payments 111122223333 us-east-1, fraud in 444455556666 eu-west-1")
