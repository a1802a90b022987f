"""A drill on the screen: findings are hidden, answers are judged, and in the end there is a report."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from smtop.metrics.domain.finding import Finding, Severity
from smtop.tui.drill.exercise import Exercise
from smtop.tui.drill.grading import Trouble
from smtop.tui.drill_app import DrillApp
from tests.support.fleet import NOW_S, HandClock, endpoint, snapshot, vitals
from tests.support.stage import Stage, stage

FOUND = Finding("pc-exhausted", Severity.CRITICAL, "provisioned concurrency is used up")
FLEET = snapshot(
    endpoint("sick", Severity.CRITICAL, findings=[FOUND], impact=70.0, numbers=vitals(requests=9.0)), endpoint("calm")
)
TROUBLE = Trouble("sick", "pc-exhausted", "mild", "calls", ("pc-exhausted",), ("spillover",), NOW_S - 120.0, True)


@asynccontextmanager
async def practising(
    troubles: list[Trouble], size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[Stage, Exercise]]:
    def ask() -> Sequence[Trouble]:
        return list(troubles)

    exercise = Exercise(ask, HandClock())
    async with stage(FLEET, size=size, make=partial(DrillApp, exercise, ask_s=3600.0)) as it:
        await it.until(lambda: it.names == ["calm", "sick"] and exercise.troubles != ())
        yield it, exercise


async def _order(it: Stage, line: str) -> None:
    await it.app.action_command(line)
    await it.press("enter")


async def test_numbers_are_seen_and_what_smtop_finds_is_not() -> None:
    async with practising([TROUBLE]) as (it, _):
        everything = "\n".join(it.text)
        assert " DRILL " in it.text[0]
        assert ":diagnose NAME RULE" in everything
        assert "CRIT" not in everything and "used up" not in everything and "70" not in everything
        await it.press("F")
        await it.until(lambda: "What smtop finds is hidden in a drill." in it.text[-1])
        await it.press("!")
        await it.until(lambda: any("Which ones need attention is hidden." in line for line in it.text))


async def test_a_diagnosis_is_judged_and_a_remedy_ends_it_with_the_report_and_all_findings() -> None:
    troubles = [TROUBLE]
    async with practising(troubles) as (it, exercise):
        await _order(it, "diagnose calm idle")
        await it.until(lambda: "No, idle is not what troubles calm. 1 wrong answer so far." in it.text[-1])
        await _order(it, "diagnose sick pc-exhausted")
        await it.until(lambda: "Right, 2.0 min after it began. Now remedy it." in it.text[-1])
        await _order(it, "drill")
        await it.until(lambda: any("sick: not remedied yet" in line for line in it.text))
        troubles[:] = [TROUBLE._replace(ended_at=NOW_S - 60.0)]
        assert isinstance(it.app, DrillApp)
        it.app.ask()
        await it.until(lambda: any("B  sick: pc-exhausted, mild" in line for line in it.text))
        assert not exercise.gave_up
        await it.press("q")
        await it.until(lambda: it.names == ["sick", "calm"])
        assert " DRILL " not in it.text[0] and "CRIT" in it.text[1]


async def test_whoever_gives_up_is_told_what_it_was() -> None:
    async with practising([TROUBLE], size=(80, 24)) as (it, exercise):
        await _order(it, "give-up")
        await it.until(lambda: any("F  sick: pc-exhausted, mild" in line for line in it.text))
        assert any("pc-exhausted (critical)" in line for line in it.text)
        assert exercise.gave_up


async def test_both_words_of_an_answer_complete() -> None:
    async with practising([TROUBLE]) as (it, exercise):
        await it.app.action_command("diagnose s")
        await it.press("tab", *"pc-e", "tab", "enter")
        await it.until(lambda: [answer.rule for answer in exercise.answers] == ["pc-exhausted"])
