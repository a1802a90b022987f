"""The table of actions as data, and the footer and the help that are made from it."""

from collections import Counter
from collections.abc import Mapping

import pytest
from textual.actions import parse

from smtop.tui.app import SmtopApp
from smtop.tui.keymap import ACTIONS, SCOPES_OF, Action, Scope, of_view, shown, usage
from smtop.tui.remap import canonical, remapped
from smtop.tui.screens.action_menu import ActionMenu
from smtop.tui.screens.change_form import ChangeForm
from smtop.tui.screens.columns import ColumnChooser
from smtop.tui.screens.endpoint import EndpointScreen
from smtop.tui.screens.fleet_actions import FleetScreen
from smtop.tui.screens.pages import PageScreen
from smtop.tui.screens.past import PastScreen
from smtop.tui.screens.plan_dialog import PlanDialog
from smtop.tui.screens.watch import WatchPanel
from smtop.tui.view_models.cells import Paint, text_of, width_of
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from smtop.tui.view_models.header import as_text
from smtop.tui.view_models.keys import footer, help_lines
from tests.support.fleet import NOW_S

PAINT = Paint(NOW_S, BLOCKS)
VIEWS = tuple(SCOPES_OF)
OF_ENDPOINT = (Scope.ENDPOINT, Scope.CHARTS, Scope.DETAILS, Scope.CONFIGS)
OF_SCOPE: Mapping[Scope, tuple[type, ...]] = {
    Scope.FLEET: (FleetScreen,),
    **dict.fromkeys(OF_ENDPOINT, (EndpointScreen,)),
    Scope.PAGES: (FleetScreen, EndpointScreen),
    Scope.CHOOSER: (ColumnChooser,),
    Scope.TEXT: (PageScreen,),
    Scope.MENU: (ActionMenu,),
    Scope.FORM: (ChangeForm,),
    Scope.PLAN: (PlanDialog,),
    Scope.WATCH: (WatchPanel,),
    Scope.PAST: (PastScreen,),
}


def repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_ids_and_commands_are_unique() -> None:
    assert repeated([action.id for action in ACTIONS]) == []
    assert repeated([command for action in ACTIONS for command in action.commands]) == []


@pytest.mark.parametrize("view", VIEWS)
def test_no_key_does_two_things_in_one_view(view: Scope) -> None:
    assert repeated([key for action in of_view(view) for key in action.keys]) == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_done_explained_and_reached(action: Action) -> None:
    destination, method, _ = parse(action.run)
    owners = (SmtopApp,) if destination == "app" else OF_SCOPE.get(action.scope, (SmtopApp,))
    assert all(hasattr(owner, f"action_{method}") for owner in owners)
    assert action.what and action.group
    assert action.keys or action.commands
    assert action.keys or not action.essential
    assert action.commands or not action.takes


def test_keys_are_written_as_the_configuration_file_may_write_them() -> None:
    for action in ACTIONS:
        assert [canonical(key) for key in action.keys] == list(action.keys)
        assert remapped({action.id: action.keys}, "file").notes == ()


def test_no_essential_action_needs_a_chord() -> None:
    needed = [action for action in ACTIONS if action.essential and action.scope is not Scope.ALWAYS]
    assert all(any("+" not in key for key in action.keys) for action in needed)


def test_a_view_can_be_left_and_explained_by_plain_keys() -> None:
    for view, scopes in SCOPES_OF.items():
        keys = {key for action in of_view(view) for key in action.keys}
        assert {"escape" if view is Scope.FORM else "q", "ctrl+c"} <= keys, "letters are typed into a form"
        assert {"?", "f1", ":"} <= keys or Scope.VIEWS not in scopes, "only a dialog may do without"


@pytest.mark.parametrize(
    ("view", "elsewhere"),
    [
        (Scope.FLEET, "the charts below"),
        (Scope.CHARTS, "sort by age"),
        (Scope.CONFIGS, "the charts below"),
        (Scope.DETAILS, "all fields of two configs, or what differs"),
        (Scope.TEXT, "sort by age"),
    ],
)
def test_the_help_of_a_view_has_its_keys_and_commands_and_no_others(view: Scope, elsewhere: str) -> None:
    actions = of_view(view)
    text = "\n".join(as_text(help_lines(actions, 130, PAINT)))
    for action in actions:
        assert all(shown(key) in text for key in action.keys), action
        assert usage(action) in text
        assert action.what in text
    assert any(elsewhere in action.what for action in ACTIONS)
    assert elsewhere not in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_help_fits(width: int) -> None:
    for view in VIEWS:
        assert max(map(width_of, help_lines(of_view(view), width, PAINT))) <= width


def test_the_help_is_ascii_where_it_must_be() -> None:
    assert all(text.isascii() for text in as_text(help_lines(ACTIONS, 80, Paint(NOW_S, ASCII))))


@pytest.mark.parametrize(
    ("view", "first"),
    [
        (Scope.FLEET, " Enter open  / filter "),
        (Scope.CHARTS, " Esc back  ? help "),
        (Scope.CONFIGS, " Esc back  ? help "),
        (Scope.TEXT, " Esc close  / find "),
    ],
)
def test_the_footer_has_the_most_important_keys_first_and_fits(view: Scope, first: str) -> None:
    actions = of_view(view)
    ranks = {action.footer: action.rank for action in actions if action.footer}
    shown_words = [cell.text.strip() for cell in footer(200, actions)][1::2]
    assert [ranks[word] for word in shown_words] == sorted(ranks.values())
    assert text_of(footer(22, actions)) == first
    assert all(width_of(footer(width, actions)) <= width for width in (40, 60, 80))


def test_the_footer_shows_keys_in_force_and_forgets_what_has_none() -> None:
    mine = remapped({"filter": ["f"], "attention": []}, "file").actions
    text = text_of(footer(200, of_view(Scope.FLEET, mine)))
    assert " f filter " in text
    assert "attention" not in text


def test_what_can_be_done_just_now_stands_behind_the_other_keys_and_moves_none_of_them() -> None:
    fleet = of_view(Scope.FLEET)
    for width in (20, 40, 80, 200):
        plain, offering = text_of(footer(width, fleet)), text_of(footer(width, fleet, "fix"))
        assert offering.endswith(" F fix ")
        assert plain.startswith(offering.removesuffix(" F fix "))
    assert len(text_of(footer(200, fleet, "fix"))) == len(text_of(footer(200, fleet))) + len(" F fix ")
