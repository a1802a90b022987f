"""Changing an endpoint from the screen: the gate, the menu, the form, the plan, what comes of it, and the way back."""

from dataclasses import replace
from pathlib import Path

import pytest

from smtop.metrics.actions.invoke import Invocation
from smtop.metrics.domain.change import Bounds, Delete, Rollback, Undo, Update, Weights
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.plan import Confirm
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.journal import State
from tests.app.test_command_line import typed
from tests.support.changes import applied, entry, weights_plan
from tests.support.fleet import NOW_S, FakeFeed, endpoint, ok, snapshot, variant, vitals
from tests.support.stage import Line, Stage, stage

TWO = (variant("A", 0.9), variant("B", 0.1))
FLEET = snapshot(endpoint("fraud", variants=TWO, numbers=vitals(requests=1900.0)), endpoint("solo"))
PLAN = weights_plan()


def on_screen(it: Stage, *words: str) -> bool:
    text = "\n".join(it.text)
    return all(word in text for word in words)


async def order(it: Stage, line: str) -> None:
    await typed(it, line)
    await it.press("enter")


async def test_the_gate_opens_counts_down_and_shuts() -> None:
    async with stage(FLEET) as it:
        assert "[RO]" in it.text[0]
        await order(it, ":write 15m")
        assert " RW 15m " in it.text[0]
        it.clock.now += 14 * 60 + 15
        await it.until(lambda: " RW 50s " in it.text[0])
        it.clock.now += 60
        await it.until(lambda: "[RO]" in it.text[0])
        await order(it, ":write 1h")
        assert " RW 60m " in it.text[0]
        await order(it, ":ro")
        assert "[RO]" in it.text[0]
        it.feed.changes.forbidden = 'The profile prod is write = "never" in config.toml.'
        await order(it, ":write 5m")
        assert on_screen(it, 'write = "never"', "[RO]")
        await order(it, ":write soon")
        assert on_screen(it, "soon is no length of time")


async def test_weights_from_the_menu_to_the_end_and_back() -> None:
    async with stage(FLEET, size=(100, 40)) as it:
        it.feed.changes.plans = {"fraud": PLAN}
        await order(it, ":write 15m")
        await it.press("a")
        assert on_screen(it, "w weights of variants", "unknown: nobody has tried UpdateEndpointWeights")
        assert on_screen(it, "s serverless: memory, concurrency", "denied: it is not serverless")
        await it.press("w", "right", "right", "right")
        assert on_screen(it, "< 50/50 >", "Share of the traffic: A 90% to 50%, B 10% to 50%.")
        await it.press("enter")
        assert it.feed.changes.planned == [Weights("fraud", {"A": 0.5, "B": 0.5})]
        assert on_screen(it, " PROD ", "A.weight", "0.9", "0.5", "aws sagemaker update-endpoint-weights-and-capacities")
        assert on_screen(
            it, "requests a minute now 1.9k", "$0.230 -> ? an hour", "undo by weights: A.weight 0.9, B.weight 0.1"
        )
        await it.press("enter")
        assert it.feed.changes.applied == []
        await order(it, ":weights A=1 B=1")
        await it.press("tab", "enter")
        assert it.feed.changes.applied == [PLAN]
        it.feed.changes.tell(entry(PLAN, status="Updating"))
        await it.settle()
        assert on_screen(it, "CHANGING", "Updating", "sagemaker:UpdateEndpointWeightsAndCapacities")
        await it.press("escape")
        assert on_screen(it, "* weights fraud: Updating")
        await it.press("q")
        assert on_screen(it, "weights fraud goes on without smtop; the journal keeps it. Once more quits.")
        it.feed.changes.tell(applied(PLAN))
        await it.settle()
        assert not on_screen(it, "* weights fraud")
        assert it.feed.refreshed == 1
        assert on_screen(it, "weights fraud: done. u takes it back.")
        await it.press("a")
        assert on_screen(it, "allowed: AWS has let UpdateEndpointWeightsAndCapacities pass before")
        await it.press("escape")
        it.feed.changes.plans["undo"] = replace(PLAN, id="change-2", change="undo")
        await it.press("u")
        assert it.feed.changes.planned[-1] == Undo()
        assert on_screen(it, "undo fraud")


async def test_what_is_at_stake_wants_the_name_typed() -> None:
    async with stage(FLEET, size=(80, 24)) as it:
        it.feed.changes.plans = {"fraud": weights_plan(confirm=Confirm.TYPE_NAME)}
        await order(it, ":write 15m")
        await order(it, ":weights A=0 B=1")
        assert on_screen(it, "Type fraud PROD to do it:", "[ Cancel ]")
        await it.press("y")
        await it.press("tab", "tab", "enter")
        assert on_screen(it, "Type fraud PROD to do it; nothing was changed.")
        await typed(it, "fraud prod")
        await it.press("enter")
        assert it.feed.changes.applied == []
        await it.press("ctrl+u", *["backspace"] * 10)
        await typed(it, "fraud PROD")
        await it.press("enter")
        assert [plan.endpoint for plan in it.feed.changes.applied] == ["fraud"]


async def test_read_only_shows_the_plan_and_what_to_type_and_rows_keep_their_places() -> None:
    async with stage(FLEET, size=(80, 24)) as it:
        it.feed.changes.plans = {"fraud": PLAN}
        await order(it, ":weights A=1 B=1")
        assert on_screen(it, "Read-only: this is a dry run. Type :write 15m", "[ Close ]")
        assert not on_screen(it, "Do it")
        await it.push(snapshot(endpoint("new", Severity.CRITICAL), *FLEET.endpoints))
        assert it.names[:1] == ["fraud"]
        await order(it, ":write 15m")
        assert on_screen(it, "[ Do it ]")
        await it.press("escape")
        assert it.names[0] == "new"
        assert it.pointed == "fraud"


async def test_a_dry_run_changes_nothing_even_with_the_gate_open() -> None:
    async with stage(FLEET) as it:
        it.feed.changes.plans = {"fraud": PLAN}
        await order(it, ":write 15m")
        await it.press("e", "right", "f8")
        assert on_screen(it, " DRY RUN ", "A dry run: nothing is changed.")
        await it.press("tab", "enter")
        assert it.feed.changes.applied == []


async def test_a_form_says_what_is_wrong_and_is_not_sent() -> None:
    async with stage(FLEET) as it:
        await it.press("e", "enter")
        assert on_screen(it, "Nothing is different yet.")
        await it.press("tab", "x")
        assert on_screen(it, "weight of A: x is no number.")
        await it.press("enter", "backspace", "0", "tab", "0", "enter")
        assert on_screen(it, "All weights would be 0")
        assert it.feed.changes.planned == []
        await it.press("escape")
        assert not on_screen(it, "All weights")


async def test_a_plan_that_cannot_be_made_says_why_and_a_denial_is_remembered() -> None:
    denied = AwsError(FaultKind.PERMISSION, "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpoint is denied.")
    async with stage(FLEET) as it:
        it.feed.changes.plans = {"fraud": denied}
        await order(it, ":write 15m")
        await order(it, ":weights A=1 B=1")
        assert on_screen(it, "sagemaker:DescribeEndpoint is denied.", "[ Close ]")
        await it.press("enter", "f9")
        assert on_screen(it, "denied: AWS has refused DescribeEndpoint before")


async def test_blockers_leave_nothing_to_press() -> None:
    async with stage(FLEET) as it:
        it.feed.changes.plans = {"fraud": replace(PLAN, calls=(), blockers=("The quota is used up. Ask for more.",))}
        await order(it, ":write 15m")
        await order(it, ":weights A=1 B=1")
        assert on_screen(it, "! The quota is used up. Ask for more.", "Nothing can be done", "[ Close ]")


async def test_a_failure_comes_with_its_usual_cause() -> None:
    async with stage(FLEET, size=(100, 40)) as it:
        it.feed.changes.plans = {"fraud": PLAN}
        await order(it, ":write 15m")
        await order(it, ":weights A=1 B=1")
        await it.press("tab", "enter")
        it.feed.changes.tell(entry(PLAN, State.FAILED, error="InsufficientInstanceCapacity: no luck", ended_at=NOW_S))
        await it.settle()
        assert on_screen(it, "failed", "InsufficientInstanceCapacity: no luck", "Usually: AWS has no instance")
        await it.press("u")
        assert it.feed.changes.planned[-1] == Undo("change-1")


async def test_numbers_before_and_after_stand_side_by_side() -> None:
    async with stage(FLEET, size=(100, 40)) as it:
        it.feed.changes.plans = {"fraud": PLAN}
        await order(it, ":write 15m")
        await order(it, ":weights A=1 B=1")
        await it.press("tab", "enter")
        it.feed.changes.tell(applied(PLAN))
        await it.settle()
        assert on_screen(it, "1.9k", "...")
        it.clock.now += 240
        fresh = vitals(requests=ok(2100.0, age_s=-60))
        await it.push(snapshot(endpoint("fraud", variants=TWO, numbers=fresh), endpoint("solo"), at=NOW_S + 240))
        assert on_screen(it, "1.9k", "2.1k")
        it.clock.now += 700
        late = vitals(requests=ok(5.0, age_s=-800))
        await it.push(snapshot(endpoint("fraud", variants=TWO, numbers=late), endpoint("solo"), at=NOW_S + 940))
        assert on_screen(it, "2.1k", "ten minutes after the change")


async def test_marked_rows_make_one_plan_each_and_one_count_to_type() -> None:
    plans = {name: replace(weights_plan(name, f"change-{name}"), change="delete") for name in ("fraud", "solo")}
    async with stage(FLEET, size=(100, 40)) as it:
        it.feed.changes.plans = dict(plans)
        await order(it, ":write 15m")
        await it.press("*", "a")
        assert on_screen(it, "2 marked: fraud, solo")
        await it.press("x", "enter")
        assert it.feed.changes.planned == [Delete("fraud"), Delete("solo")]
        assert on_screen(it, "2 changes, one after the other: fraud, solo", "Type 2 PROD to do it:")
        await it.press("tab", *"2", "space", *"PROD", "enter")
        assert [plan.endpoint for plan in it.feed.changes.applied] == ["fraud"]
        it.feed.changes.tell(entry(plans["fraud"], State.FAILED, error="No."))
        await it.settle()
        assert [plan.endpoint for plan in it.feed.changes.applied] == ["fraud"]
        assert on_screen(it, "DONE", "failed", "waiting")
        await it.press("escape", "a", "x", "enter", "tab", *"2", "space", *"PROD", "tab", "space", "tab", "enter")
        it.feed.changes.tell(entry(plans["fraud"], State.FAILED, error="No."))
        await it.settle()
        assert [plan.endpoint for plan in it.feed.changes.applied] == ["fraud", "fraud", "solo"]


async def test_what_does_not_fit_is_counted_and_can_be_scrolled_to() -> None:
    many = tuple(f"Warning number {number}." for number in range(30))
    async with stage(FLEET, size=(80, 24)) as it:
        it.feed.changes.plans = {"fraud": replace(PLAN, warnings=many)}
        await order(it, ":weights A=1 B=1")
        assert on_screen(it, "Warning number 0.", "more lines below: j, PgDn", "[ Close ]")
        assert not on_screen(it, "undo by weights")
        await it.press("pagedown", "pagedown", "pagedown", "pagedown")
        assert on_screen(it, "undo by weights", "the end; k, PgUp")


async def test_what_was_left_half_done_is_named_and_can_be_taken_back() -> None:
    left = entry(weights_plan("old", "20261120T100000Z-aaaa"), State.UNDER_WAY)
    feed = FakeFeed(FLEET)
    feed.changes.entries, feed.changes.left = [left, applied(PLAN)], frozenset({left.id})
    async with stage(connect=Line([feed])) as it:
        assert on_screen(it, "weights old of", "was left half done (20261120T100000Z-aaaa)")
        await order(it, ":changes")
        assert on_screen(it, "LEFT HALF DONE", "weights          fraud  applied")
        await it.press("j", "enter")
        assert on_screen(it, "DONE", "done     sagemaker:UpdateEndpointWeightsAndCapacities  request-0")
        await it.press("escape", "k", "u")
        assert feed.changes.planned == [Undo(left.id)]
        await it.press("escape", "f")
        assert on_screen(it, "weights old", "Read-only: this is a dry run.")
        await order(it, ":write 15m")
        await it.press("tab", "enter")
        assert (feed.changes.finished, feed.changes.applied) == ([left.id], [])
        feed.changes.tell(applied(left.plan))
        await it.settle()
        assert on_screen(it, "weights old  done")


@pytest.fixture
def payload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a file in the folder where smtop runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "payload.json").write_text("[1, 2]")
    return "payload.json"


async def test_a_test_invocation_is_sent_with_the_gate_open_only(payload: str) -> None:
    async with stage(FLEET, size=(100, 40)) as it:
        await order(it, f":invoke {payload} variant=A")
        assert on_screen(it, "smtop is read-only")
        await order(it, ":write 15m")
        await it.press("a", "t", "enter")
        assert on_screen(it, "Name the file that has the payload.")
        await typed(it, f"{payload}x")
        await it.press("enter")
        assert on_screen(it, "The payload cannot be read: No such file or directory")
        await order(it, f":invoke {payload} variant=A")
        await it.until(lambda: on_screen(it, "Answer of fraud"))
        assert it.feed.changes.invoked == [Invocation("fraud", b"[1, 2]", variant="A")]
        assert on_screen(it, "183 ms", "answered by A", '{"score": 0.97}')


async def test_the_page_of_an_endpoint_acts_on_it() -> None:
    async with stage(FLEET, size=(100, 40)) as it:
        await it.press("enter", "a")
        assert on_screen(it, "fraud", "w weights of variants")
        await it.press("escape")
        await order(it, ":resize count=four")
        assert on_screen(it, "count=four: four is no number.")
        await it.press("escape")
        for line in (":update config=fraud-v0", ":rollback fraud-v0", ":scaling min=1", ":delete with-config"):
            await order(it, line)
            await it.press("escape")
        assert it.feed.changes.planned == [
            Update("fraud", config="fraud-v0"),
            Rollback("fraud", "fraud-v0"),
            Bounds("fraud", least=1),
            Delete("fraud", with_config=True),
        ]
