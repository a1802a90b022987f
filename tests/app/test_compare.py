"""Two endpoints in the same charts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.series import Owner
from tests.support.charting import DAY, HOURS_3, fleet, history, page, text, until_drawn
from tests.support.stage import Stage, stage


def of_calm(level: float = 0.25) -> EndpointHistory:
    """What another endpoint did at the same time."""
    told = history(level=level)
    series = tuple(replace(one, owner=Owner("calm", "AllTraffic")) for one in told.series)
    return replace(told, endpoint="calm", series=series)


def line_with(it: Stage, words: str) -> str:
    return next(line for line in it.text if words in line)


@asynccontextmanager
async def compared() -> AsyncIterator[Stage]:
    """Fraud and calm, marked and compared."""
    async with stage(fleet(), size=(120, 40)) as it:
        it.feed.tell_history(history(), HOURS_3)
        it.feed.tell_history(of_calm(), HOURS_3)
        await it.press("space", "space", "g", "b")
        await it.until(lambda: it.app.endpoint is not None)
        await until_drawn(it)
        yield it


async def test_two_marked_endpoints_share_their_charts() -> None:
    async with compared() as it:
        assert page(it).endpoint == "fraud"
        assert "beside calm" in it.text[3]
        legend = line_with(it, "Requests a minute")
        assert "* fraud 400" in legend and "o calm 100" in legend
        assert "* fraud 80" in line_with(it, "Model latency") and "o calm 20" in line_with(it, "Model latency")
        assert it.feed.asked_histories == [("fraud", HOURS_3), ("calm", HOURS_3)]


async def test_it_says_how_many_must_be_marked() -> None:
    async with stage(fleet(), size=(120, 40)) as it:
        for keys, count in (((), 0), (("space",), 1), (("space", "space"), 3)):
            await it.press(*keys, "b")
            assert f"Space marks, and {count} are." in it.text[-1]
        assert it.app.endpoint is None


async def test_the_price_of_the_other_is_told_while_it_is_read() -> None:
    async with stage(fleet(), size=(120, 40)) as it:
        it.feed.tell_history(history(), HOURS_3)
        it.feed.quotes["calm", HOURS_3] = Quote(12, 0.00012)
        await it.press("space", "space", "g", "b")
        await it.until(lambda: it.text[3].endswith("reading calm: 12 metrics, $0.00012"))
        it.feed.tell_history(of_calm(), HOURS_3)
        await until_drawn(it)
        assert "reading" not in it.text[3]


async def test_another_range_is_read_of_both_and_old_curves_of_one_do_not_stay() -> None:
    async with compared() as it:
        it.feed.tell_history(history(DAY), DAY)
        await it.press("t", "5")
        await it.until(lambda: "o calm" not in text(it))
        other = replace(of_calm(), start=history(DAY).start, period_s=history(DAY).period_s)
        it.feed.tell_history(other, DAY)
        await until_drawn(it)
        assert it.feed.asked_histories[-2:] == [("fraud", DAY), ("calm", DAY)]


async def test_a_command_lays_another_over_and_takes_it_away() -> None:
    async with stage(fleet(), size=(120, 40)) as it:
        it.feed.tell_history(history(), HOURS_3)
        it.feed.tell_history(of_calm(), HOURS_3)
        await it.press("enter", "B", *"calm", "enter")
        await it.until(lambda: page(it).metrics.state.beside == "calm")
        await until_drawn(it)
        assert "o calm 100" in line_with(it, "Requests a minute")
        await it.press("s")
        await until_drawn(it)
        assert "calm" not in text(it)
        await it.press(":", *"beside nobody", "enter")
        assert any(":beside does not know nobody." in line for line in it.text)
        await it.press("escape", ":", *"beside calm", "enter", ":", *"beside", "enter")
        await it.until(lambda: page(it).metrics.state.beside is None)


async def test_minus_comes_back_to_both() -> None:
    async with compared() as it:
        await it.press("escape", "-")
        await it.until(lambda: it.app.endpoint is not None)
        assert page(it).endpoint == "fraud"
