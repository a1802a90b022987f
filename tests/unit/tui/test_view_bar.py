"""The line of views: which are named, how, and on which terminals."""

import pytest

from smtop.tui.keymap import ACTIONS
from smtop.tui.view_models.cells import text_of
from smtop.tui.view_models.view_bar import has_room, view_bar
from smtop.tui.view_models.views import TRIAGE, VIEWS


def test_views_are_named_with_their_keys_and_the_rest_by_their_commands() -> None:
    assert text_of(view_bar(TRIAGE, ACTIONS)).startswith("[1 Triage] 2 All  ")
    assert text_of(view_bar(VIEWS["sl"], ACTIONS)).startswith(" 1 Triage  2 All ")


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_there_and_the_open_one_is_called_by_its_name(name: str) -> None:
    bar = view_bar(VIEWS[name], ACTIONS)
    assert len(bar) == len(VIEWS)
    assert [cell.text for cell in bar if cell.style == "bold"] == [cell.text for cell in bar if cell.text[0] == "["]
    assert f"{VIEWS[name].title}]" in text_of(bar)


def test_another_key_is_told_and_a_view_without_its_key_has_its_command() -> None:
    keys = {"view-triage": ("7",), "view-all": ()}
    actions = [action._replace(keys=keys.get(action.id, action.keys)) for action in ACTIONS]
    assert text_of(view_bar(TRIAGE, actions)).startswith("[7 Triage] :all ")


@pytest.mark.parametrize(
    ("size", "has_one"), [((80, 24), False), ((99, 60), False), ((200, 33), False), ((100, 34), True)]
)
def test_it_takes_no_row_of_a_small_terminal(size: tuple[int, int], has_one: bool) -> None:
    assert has_room(*size) is has_one
