"""Colours on the screen: of the theme, changed while it runs, or none at all."""

import pytest
from rich.color import Color

from smtop.tui.app import SmtopApp
from smtop.tui.terminal import Terminal
from smtop.tui.view_models.palette import PALETTES
from smtop.tui.widgets.chart_grid import ChartGrid
from tests.app.test_fleet_picture import burning_fleet
from tests.support.stage import Stage, stage


def colours(app: SmtopApp) -> tuple[set[Color], set[Color]]:
    """The colours of texts and of grounds."""
    styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip if segment.style]
    fronts = {style.color for style in styles if style.color is not None}
    return fronts, {style.bgcolor for style in styles if style.bgcolor is not None}


def parsed(*names: str) -> set[Color]:
    return {Color.parse(name) for name in names}


@pytest.mark.parametrize("name", [name for name, palette in PALETTES.items() if not palette.is_native])
async def test_a_theme_has_its_own_colours_and_no_others(name: str) -> None:
    palette = PALETTES[name]
    async with stage(burning_fleet(), terminal=Terminal(theme=name)) as one:
        fronts, grounds = colours(one.app)
        assert parsed(palette.text, palette.critical, palette.warning, palette.dim) <= fronts
        assert fronts <= parsed(*palette.colours.values())
        assert grounds == parsed(palette.ground, palette.cursor, palette.warning)


async def test_another_theme_takes_over_at_once_in_every_cell() -> None:
    async with stage(burning_fleet()) as one:
        before = one.text
        for name in ("light", "dark-safe", "dark"):
            one.app.use_theme(name)
            await one.settle()
            fronts, grounds = colours(one.app)
            assert fronts | grounds <= parsed(*PALETTES[name].colours.values())
            assert one.text == before


async def test_with_sixteen_colours_only_the_terminals_own_are_used() -> None:
    async with stage(burning_fleet(), terminal=Terminal(colours=16)) as one:
        fronts, grounds = colours(one.app)
        assert all(colour.is_default or colour.is_system_defined for colour in fronts | grounds)
        assert parsed("red", "yellow") <= fronts
        one.app.action_theme("light")
        await one.settle()
        assert "sixteen colours" in one.text[-1]
        assert all(colour.is_default or colour.is_system_defined for colour in set.union(*colours(one.app)))


async def test_the_command_says_how_to_keep_the_theme() -> None:
    async with stage(burning_fleet()) as one:
        one.app.action_theme("light-safe")
        await one.settle()
        assert 'theme = "light-safe" in the configuration file' in one.text[-1]


async def until_drawn(one: Stage) -> None:
    """Waits until there are charts beside the table and each of them is painted."""
    await one.until(lambda: any("Provisioned concurrency %" in line for line in one.text))
    await one.until(lambda: all(grid.is_drawn for grid in one.app.screen.query(ChartGrid)))
    await one.settle()


async def test_no_color_leaves_no_colour_and_takes_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(burning_fleet()) as one:
        await until_drawn(one)
        coloured = one.text
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("dark", "light", "terminal"):
        async with stage(burning_fleet(), terminal=Terminal(theme=name)) as one:
            await until_drawn(one)
            assert one.text == coloured
            assert all(colour.is_default for colour in set.union(*colours(one.app)))
