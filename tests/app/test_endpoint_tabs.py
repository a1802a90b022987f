"""The tabs of an endpoint's page under their keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from smtop.metrics.domain.configs import KnownConfig, Standing
from smtop.metrics.domain.details import Deployed, DeployedVariant, EndpointDetails, Note, Topic
from smtop.metrics.domain.endpoint import Instances, Moving, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.history import EndpointHistory
from smtop.metrics.domain.scaling import ScalableTarget, ScaledPart, ScalingActivity, ScalingPolicy, ScheduledAction
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, SaturationKind
from smtop.tui.keymap import TABS
from smtop.tui.view_models.chart_page import Reading
from tests.support.details import config, scalable
from tests.support.fleet import NOW, NOW_S, endpoint, saturation, snapshot, vitals
from tests.support.pictures import stored
from tests.support.stage import Stage, stage

DAY = 86_400.0


def variant(name: str, weight: float, count: int, model: str) -> Variant:
    return Variant(
        name, weight=Moving(weight, weight), instances=Instances(Moving(count, count), "ml.m5.large"), model=model
    )


def fraud() -> EndpointView:
    finding = Finding(
        "errors-5xx", Severity.CRITICAL, "34% of requests fail with 5XX", ("1,360 of 4,000",), variant="canary"
    )
    both = [variant("stable", 0.8, 4, "fraud-1"), variant("canary", 0.2, 1, "fraud-2")]
    stable = vitals(requests=800.0, errors=0.0, p50=21.0, p99=51.0, saturation=saturation(SaturationKind.CPU, 0.4))
    canary = vitals(requests=200.0, errors=0.34, p50=30.0, p99=90.0, saturation=saturation(SaturationKind.CPU, 0.64))
    view = endpoint(
        "fraud",
        Severity.CRITICAL,
        variants=both,
        findings=[finding],
        numbers=vitals(requests=1000.0, errors=0.068),
        tags={"team": "risk"},
    )
    return replace(view, parts={Owner("fraud", "stable"): stable, Owner("fraud", "canary"): canary})


def fleet(view: EndpointView | None = None) -> FleetSnapshot:
    return replace(
        snapshot(view or fraud(), endpoint("calm"), endpoint("other")), data_until=NOW - timedelta(seconds=60)
    )


def details(*notes: Note) -> EndpointDetails:
    old = config("fraud-v1", "fraud-1", created_at=NOW_S - 9 * DAY, InitialInstanceCount=2)
    mid = config("fraud-v2", "fraud-1", created_at=NOW_S - 5 * DAY, InitialInstanceCount=4)
    new = config("fraud-v3", "fraud-2", created_at=NOW_S - DAY, InitialInstanceCount=4)
    known = (
        KnownConfig("fraud-v3", Standing.LIVE, "DescribeEndpoint names it", new.created_at, config=new),
        KnownConfig(
            "fraud-v2", Standing.SEEN, "smtop saw it live", mid.created_at, (NOW_S - 4 * DAY, NOW_S - DAY), mid
        ),
        KnownConfig("fraud-v1", Standing.PERHAPS, "its name is alike, same model fraud-1", old.created_at, config=old),
    )
    own = scalable("fraud", "stable")
    part = ScaledPart(
        ScalableTarget(own, 2, 8),
        (ScalingPolicy(own, "calls", "TargetTrackingScaling", "InvocationsPerInstance", 70.0, 60, 300),),
        (ScheduledAction(own, "night", "cron(0 22 * * ? *)", "Europe/Berlin", 1, 4),),
        (ScalingActivity(own, NOW_S - 7200, "Successful", "Setting desired instance count to 4.", "alarm high"),),
    )
    deployed = Deployed("fraud-v3", variants=(DeployedVariant("stable", ("registry/app:5",)),))
    return EndpointDetails("fraud", NOW_S - 40, deployed, known, 'configs named like "fraud"', (part,), notes)


@asynccontextmanager
async def opened(*keys: str, size: tuple[int, int] = (120, 40), ascii_only: bool = False) -> AsyncIterator[Stage]:
    async with stage(fleet(), size=size, ascii_only=ascii_only, zone=UTC) as it:
        it.feed.known_details["fraud"] = details()
        await it.press("enter", *keys)
        yield it


def text(it: Stage) -> str:
    return "\n".join(it.text)


def open_tab(it: Stage) -> str:
    return it.text[2].partition("[")[2].partition("]")[0]


async def test_digits_and_tab_turn_to_the_tabs_and_the_charts_are_where_one_begins() -> None:
    async with opened() as it:
        assert open_tab(it) == "2 Metrics"
        for key, tab in (("1", "1 Overview"), ("3", "3 Variants"), ("4", "4 Scaling"), ("5", "5 Config")):
            await it.press(key)
            assert open_tab(it) == tab
        await it.press("tab")
        assert open_tab(it) == "1 Overview"
        await it.press("shift+tab", "shift+tab")
        assert open_tab(it) == "4 Scaling"
        await it.press("8")
        assert open_tab(it) == "4 Scaling"


async def test_the_way_back_leads_to_the_fleet_as_it_was_from_every_tab() -> None:
    async with stage(fleet(), zone=UTC) as it:
        it.feed.known_details["calm"] = replace(details(), endpoint="calm")
        await it.press("N")
        before = it.text
        for place in range(1, len(TABS) + 1):
            await it.press("enter", str(place), "j", "escape")
            assert it.app.endpoint is None
            assert it.text == before


async def test_details_are_asked_when_a_tab_needs_them_and_with_every_picture_then() -> None:
    async with opened() as it:
        assert it.feed.asked_details == []
        await it.press("1")
        await it.press("3")
        await it.push(fleet())
        assert it.feed.asked_details == [("fraud", False)] * 3
        await it.press("2")
        await it.push(fleet())
        assert len(it.feed.asked_details) == 3


async def test_ctrl_r_reads_them_anew_and_so_does_a_change_of_the_endpoint() -> None:
    async with opened("5") as it:
        await it.press("ctrl+r")
        assert it.feed.asked_details[-1] == ("fraud", True)
        assert it.feed.refreshed == 1
        view = fraud()
        summary = view.endpoint.summary._replace(modified_at=NOW)
        await it.push(fleet(replace(view, endpoint=view.endpoint._replace(summary=summary))))
        assert it.feed.asked_details[-1] == ("fraud", True)
        await it.push(fleet(replace(view, endpoint=view.endpoint._replace(summary=summary))))
        assert it.feed.asked_details[-1] == ("fraud", False)


async def test_charts_are_not_asked_while_another_tab_is_looked_at() -> None:
    async with opened("1") as it:
        it.feed.tell_history(EndpointHistory("fraud", 0, 60, 60), 3 * 3600)
        await it.settle()
        asked = len(it.feed.asked_histories)
        await it.push(replace(fleet(), data_until=NOW))
        assert len(it.feed.asked_histories) == asked
        await it.press("2")
        assert len(it.feed.asked_histories) == asked + 1


async def test_the_overview_is_there_before_anything_was_read() -> None:
    async with stage(fleet(), zone=UTC) as it:
        gate = asyncio.Event()

        async def never(name: str, *, anew: bool = False) -> EndpointDetails:
            await gate.wait()
            raise AssertionError((name, anew))

        it.feed.details = never  # type: ignore[method-assign, assignment]
        await it.press("enter", "1")
        assert it.text[2].endswith("reading")
        for words in ("realtime (RT)", "34% of requests fail with 5XX", "team=risk", "requests/min  1.0k"):
            assert words in text(it)
        await it.press("escape")
        assert it.app.endpoint is None


async def test_variants_stand_side_by_side() -> None:
    async with opened("3") as it:
        lines = {line[3:20].strip(): line[20:].split() for line in it.text}
        assert lines["share of calls"] == ["80.0", "%", "20.0", "%"]
        assert lines["requests/min"] == ["800", "200"]
        assert lines["errors 5xx %"] == ["0.0", "34.0"]
        assert lines["model"] == ["fraud-1", "fraud-2"]


async def test_scaling_tells_bounds_policies_and_the_next_firing() -> None:
    async with opened("4") as it:
        for words in ("2 to 8; 4 now", "keeps InvocationsPerInstance at 70", "next Fri 2026-11-20 21:00Z", "to 4."):
            assert words in text(it)


async def test_the_cursor_of_the_configs_chooses_what_is_compared() -> None:
    async with opened("5") as it:
        assert "fraud-v3  all fields" in text(it)
        await it.press("j")
        assert "fraud-v2 → fraud-v3  1 of 3 fields differ" in text(it)
        assert " ~   ModelName  fraud-1 → fraud-2" in it.text
        await it.press("down", "j")
        assert "fraud-v1 → fraud-v3  2 of 3 fields differ" in text(it)
        await it.press("space", "k")
        assert "fraud-v1 → fraud-v2  1 of 3 fields differ" in text(it)
        await it.press("f")
        assert any("InstanceType" in line for line in it.text)
        await it.press("j", "space", "k", "k")
        assert "fraud-v3  all fields" in text(it)


async def test_a_choice_stays_while_other_tabs_and_newer_details_come() -> None:
    async with opened("5", "j") as it:
        await it.press("1", "5")
        assert any(line.startswith(">  seen        fraud-v2") for line in it.text)
        it.feed.known_details["fraud"] = details(Note(Topic.CONFIGS, "sagemaker:ListEndpointConfigs is denied."))
        await it.press("ctrl+r")
        assert any(line.startswith(">  seen        fraud-v2") for line in it.text)
        assert any("x sagemaker:ListEndpointConfigs is denied." in line for line in it.text)


async def test_a_tab_that_is_longer_than_the_terminal_scrolls() -> None:
    async with opened("1", size=(80, 24)) as it:
        top = it.text[3:-1]
        assert top[0].startswith(" WHAT IS WRONG")
        await it.press("j")
        assert it.text[3:-2] == top[1:]
        await it.press("G")
        assert not any("WHAT IS WRONG" in line for line in it.text)
        await it.press("g", "pagedown", "pageup")
        assert it.text[3:-1] == top
        await it.press("G", "4")
        assert it.text[3].startswith(" variant stable: instances")


@pytest.mark.parametrize("key", ["space", "f"])
async def test_keys_of_the_configs_do_nothing_elsewhere(key: str) -> None:
    async with opened("1") as it:
        before = it.text
        await it.press(key)
        assert it.text == before


async def test_a_digit_belongs_to_an_open_menu_first() -> None:
    async with opened("t", "1") as it:
        assert open_tab(it) == "2 Metrics"
        assert it.feed.asked_histories[-1] == ("fraud", 900)
        await it.press("1")
        assert open_tab(it) == "1 Overview"


async def test_an_endpoint_that_vanishes_keeps_its_tabs() -> None:
    async with opened("3") as it:
        await it.push(snapshot(endpoint("calm")))
        assert "share of calls" in text(it)


async def test_without_a_connection_it_says_so() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async with stage(first=fleet(), connect=never, zone=UTC) as it:  # type: ignore[arg-type]
        await it.press("enter", "4")
        assert it.text[2].endswith("not connected to AWS yet")
        assert "not read yet" in text(it)


async def test_a_fault_of_our_own_is_shown() -> None:
    async with stage(fleet(), zone=UTC) as it:

        async def broken(name: str, *, anew: bool = False) -> EndpointDetails:
            raise ZeroDivisionError

        it.feed.details = broken  # type: ignore[method-assign, assignment]
        await it.press("enter", "5")
        assert "a fault of smtop's own: ZeroDivisionError" in it.text[2]


async def test_every_tab_fits_every_terminal() -> None:
    async with opened() as it:
        for size in ((40, 12), (60, 20), (80, 24), (200, 60)):
            await it.pilot.resize_terminal(*size)
            for place in range(1, len(TABS) + 1):
                await it.press(str(place))
                assert len(it.text) == size[1]
                assert it.text[2].count("[") == 1
                assert it.text[-1].strip()


@pytest.mark.parametrize(("key", "tab"), [("1", "overview"), ("3", "variants"), ("4", "scaling"), ("5", "config")])
async def test_each_tab_at_80x24_in_ascii(key: str, tab: str) -> None:
    async with opened(key, "j" if tab == "config" else "g", size=(80, 24), ascii_only=True) as it:
        shown = text(it) + "\n"
        assert shown.isascii()
        assert shown == stored(f"endpoint_{tab}_80x24_ascii.txt", shown)


async def test_what_is_told_to_a_page_that_was_closed_meanwhile_goes_nowhere() -> None:
    async with stage(fleet()) as it:
        await it.press("enter")
        page = it.app.endpoint
        assert page is not None
        await it.press("escape")
        await it.until(lambda: not page.is_running)
        page.metrics.set_reading(Reading())
        page.metrics.set_prices({})
        page.show(fleet())
