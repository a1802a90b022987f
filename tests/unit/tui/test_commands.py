"""The language behind the colon, the line that is typed there, and the palette."""

from collections.abc import Sequence

import pytest

from smtop.tui.commands import Book, CommandError
from smtop.tui.keymap import ACTIONS, Scope
from smtop.tui.keymap.drill import ACTIONS as DRILL
from smtop.tui.view_models.cells import Cell, Paint, text_of, width_of
from smtop.tui.view_models.command_line import Looking, Typing, fault_lines, offer_lines
from smtop.tui.view_models.fmt import ASCII
from smtop.tui.widgets.command_bar import likeness
from tests.support.fleet import NOW_S

PAINT = Paint(NOW_S, ASCII)
VALUES = {"COLUMN": ("worst", "name", "p50", "p99"), "NAME": ("fraud", "fraud-eu", "rec")}


def values(takes: str) -> Sequence[str]:
    return VALUES.get(takes, ())


FLEET = Book(Scope.FLEET, values)
ENDPOINT = Book(Scope.CHARTS, values)


def labels(book: Book, text: str) -> list[str]:
    return [candidate.label for candidate in book.candidates(text)]


@pytest.mark.parametrize("name", [name for action in ACTIONS for name in action.commands])
def test_every_command_completes_and_is_understood(name: str) -> None:
    book = next(book for book in (FLEET, ENDPOINT) if name in labels(book, name))
    action = next(action for action in ACTIONS if name in action.commands)
    assert book.completed(name).startswith(name)
    argument = next(iter(action.values or values(action.takes.strip("[]"))), "some text") if action.takes else ""
    assert book.order(f"{name} {argument}") == (action, argument or None)


def test_arguments_complete_by_their_beginning_or_else_by_any_part() -> None:
    assert labels(FLEET, "sort ") == ["worst", "name", "p50", "p99"]
    assert labels(FLEET, "sort p") == ["p50", "p99"]
    assert labels(FLEET, "ep eu") == ["fraud-eu"]
    assert labels(FLEET, "pause ") == []
    assert labels(ENDPOINT, "range 1") == ["15m", "1h", "12h"]


# A command of two words, each of which is one of those that there are

ANSWERING = Book(Scope.FLEET, lambda takes: {**VALUES, "RULE": ("errors-5xx", "idle")}.get(takes, ()), DRILL)


def test_a_command_of_two_words_completes_one_after_the_other() -> None:
    assert labels(ANSWERING, "diagnose fr") == ["fraud", "fraud-eu"]
    assert ANSWERING.completed("diagnose r") == "diagnose rec "
    assert labels(ANSWERING, "diagnose rec ") == ["errors-5xx", "idle"]
    assert ANSWERING.completed("diagnose rec e") == "diagnose rec errors-5xx"
    assert labels(ANSWERING, "diagnose rec idle ") == []
    assert ANSWERING.order("diagnose rec idle").argument == "rec idle"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("diagnose rec idel", ":diagnose does not know idel. Nearest: idle."),
        ("diagnose idle rec", ":diagnose does not know idle."),
        ("diagnose rec", ":diagnose needs a NAME RULE."),
        ("diagnose rec idle idle", ":diagnose needs a NAME RULE."),
    ],
)
def test_each_of_two_words_must_be_there_and_be_known(line: str, sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        ANSWERING.order(line)
    assert str(refused.value) == sentence


def test_what_belongs_to_the_fleet_can_be_ordered_from_everywhere() -> None:
    assert ENDPOINT.order("sort p99").argument == "p99"
    assert ENDPOINT.order("q").action.id == "quit"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("sotr p99", "There is no command sotr. Nearest: :sort."),
        ("zzzzzz", "There is no command zzzzzz. Tab lists them all."),
        ("re", "There is no command re. Nearest: :resize, :refresh, :redraw."),
        ("sort", ":sort needs a COLUMN: worst, name, p50, p99."),
        ("ep", ":ep needs a NAME: fraud, fraud-eu, rec."),
        ("sort p98", ":sort does not know p98. Nearest: p99."),
        ("pause now", ":pause takes nothing behind it."),
        ("range 3h", ":range works in the view of one endpoint: Enter opens it."),
    ],
)
def test_what_cannot_be_meant_is_said_with_what_is_near(line: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        FLEET.order(line)
    assert str(caught.value) == sentence


def test_a_text_need_not_be_one_of_a_list() -> None:
    assert FLEET.order(":filter  kind:sl !x ").argument == "kind:sl !x"
    assert FLEET.order("filter").argument is None


def test_tab_goes_as_far_as_is_certain_and_then_walks() -> None:
    line = Typing(FLEET).edited("so").tabbed(1)
    assert (line.text, line.picked) == ("sort ", None)
    line = line.edited("sort p").tabbed(1)
    assert (line.text, line.picked) == ("sort p50", 0)
    assert line.tabbed(1).text == "sort p99"
    assert line.tabbed(1).tabbed(1).text == "sort p50"
    assert line.tabbed(-1).text == "sort p99"
    assert Typing(FLEET).edited("sort p").tabbed(-1).text == "sort p99"
    assert line.edited("sort x").tabbed(1).text == "sort x"


def test_up_and_down_walk_through_what_begins_alike() -> None:
    line = Typing(FLEET, ("pause", "sort p99", "sort name")).edited("so")
    assert line.moved(-1).text == "sort name"
    assert line.moved(-1).moved(-1).moved(-1).text == "sort p99"
    assert line.moved(-1).moved(-1).moved(1).text == "sort name"
    assert line.moved(-1).moved(1).text == "so"
    assert Typing(FLEET, ("pause",)).moved(-1).order().action.id == "pause"


def looking(text: str, book: Book = FLEET) -> Looking:
    return Looking(book, likeness()).edited(text)


def test_the_palette_finds_actions_by_their_words() -> None:
    assert looking("server err").offered[0].what == "sort by share of server errors"
    assert looking("utl").offered[0].what == "sort by utilisation"
    assert looking("qqq").offered == []
    with pytest.raises(CommandError, match="No action is like qqq"):
        looking("qqq").order()


def test_the_palette_runs_what_is_chosen_and_asks_for_what_is_missing() -> None:
    prompt = looking("hold the picture")
    order = prompt.order()
    assert not isinstance(order, Typing)
    assert order.action.id == "pause"
    more = looking("sort by a column").order()
    assert isinstance(more, Typing)
    assert more.text == "sort "


def test_the_palette_of_a_view_offers_what_works_there() -> None:
    ids = {entry.order.action.id for entry in ENDPOINT.entries() if entry.order}
    assert {"charts-down", "range", "attention", "view-triage", "quit"} <= ids
    assert not {"next", "sort-name", "line-down"} & ids
    assert {action.id for action in FLEET.reachable} >= {
        entry.order.action.id for entry in FLEET.entries() if entry.order
    }


def test_choosing_in_the_palette_goes_round() -> None:
    prompt = looking("")
    assert prompt.moved(-1).picked == len(prompt.offered) - 1
    assert prompt.moved(-1).tabbed(1).picked == 0


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("prompt", [Typing(FLEET), Typing(FLEET).edited("sort ").tabbed(1), looking("").moved(-1)])
def test_what_is_offered_fits_and_has_the_chosen_one(prompt: Typing | Looking, width: int) -> None:
    lines = offer_lines(prompt, width=width, height=4, paint=PAINT)
    assert len(lines) == 4
    assert all(width_of(line) <= width for line in lines)
    assert any(cell.style == "reverse" for line in lines for cell in line) is (prompt.picked is not None)
    assert text_of(lines[-1]).rstrip().endswith(f"/{len(prompt.offered)}") or len(prompt.offered) == 4


def test_there_may_be_no_room_to_offer_anything() -> None:
    assert offer_lines(Typing(FLEET), width=40, height=0, paint=PAINT) == []


def test_what_is_wrong_can_be_read_on_a_narrow_terminal() -> None:
    lines = fault_lines("There is no command sotr. Nearest: :sort.", width=20, height=4, paint=PAINT)
    assert " ".join(text_of(line).strip() for line in lines) == "There is no command sotr. Nearest: :sort."
    assert all(width_of(line) <= 20 for line in lines)
    assert fault_lines("one two three", width=6, height=2, paint=PAINT) == [
        (Cell(" one", "warning"),),
        (Cell(" two", "warning"),),
    ]
