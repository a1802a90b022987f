"""Changing an endpoint from the screen: the gate, the menu, the form, the plan, what comes of it, and the way back."""

from dataclasses import replace

from smtop.metrics.domain.change import Delete, Undo, Weights
from smtop.metrics.domain.plan import Confirm
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.journal import State
from tests.support.changes import applied, entry, weights_plan
from tests.support.fleet import NOW_S, endpoint, snapshot, variant, vitals
from tests.support.stage import Stage, stage
from tests.app.test_command_line import typed

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
        assert on_screen(it, 'write = "never"', ":write 5m")
        await it.press("ctrl+u")
        await typed(it, "write soon")
        await it.press("enter")
        assert on_screen(it, "soon is no length of time")


async def test_weights_from_the_menu_to_the_end_and_back() -> None:
    async with stage(FLEET, size=(100, 40)) as it:
        it.feed.changes.plans = {"fraud": PLAN}
        await order(it, ":write 15m")
        await it.press("a")
        assert on_screen(it, "w weights of variants", "unknown: sagemaker:UpdateEndpointWeightsAndCapacities was not")
        assert on_screen(it, "s serverless: memory, concurrency", "denied: it is not serverless")
        await it.press("w", "right", "right", "right")
        assert on_screen(it, "< 50/50 >", "Share of the traffic: A 90% to 50%, B 10% to 50%.")
        await it.press("enter")
        assert it.feed.changes.planned == [Weights("fraud", {"A": 0.5, "B": 0.5})]
        assert on_screen(it, " PROD ", "A.weight", "0.9", "0.5", "aws sagemaker update-endpoint-weights-and-capacities")
        assert on_screen(it, "requests a minute now 1.9k", "$0.230 -> ? an hour", "u takes it back")
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
        it.feed.changes.tell(applied(PLAN))
        await it.settle()
        assert not on_screen(it, "* weights fraud")
        assert on_screen(it, "weights fraud: done. u takes it back.")
        await it.press("a")
        assert on_screen(it, "allowed: AWS has carried out sagemaker:UpdateEndpointWeightsAndCapacities before")
        await it.press("escape")
        it.feed.changes.plans["undo"] = replace(PLAN, id="change-2", change="undo")
        await it.press("u")
        assert it.feed.changes.planned[-1] == Undo()
        assert on_screen(it, "undo fraud")
