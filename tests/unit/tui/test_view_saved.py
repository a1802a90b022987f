"""Views that have a name in the configuration: what smtop begins with, and what it refuses."""

import pytest

from smtop.metrics.config import SavedView
from smtop.metrics.errors import ConfigError
from smtop.tui.view_models.saved import opened
from smtop.tui.view_state import FleetState, ViewState

LEFT = FleetState(views={"triage": ViewState(columns=("name", "p99"), filter_text="old", cursor="fraud")})


def test_it_begins_with_the_filter_and_keeps_the_columns() -> None:
    state = opened(LEFT, "ads", SavedView("tag:team=ads", sort="p99", attention=True))
    view = state.views["triage"]
    assert (view.filter_text, view.sort, view.attention_only, view.columns) == (
        "tag:team=ads",
        "p99",
        True,
        ("name", "p99"),
    )
    assert view.cursor is None


def test_it_may_be_the_view_of_a_kind() -> None:
    state = opened(LEFT, "queues", SavedView(view="as"))
    assert state.view == "as"
    assert state.views["triage"] == LEFT.views["triage"]


@pytest.mark.parametrize("saved", [SavedView(view="nowhere"), SavedView(sort="nothing"), SavedView("p99:>")])
def test_what_there_is_not_is_refused_by_name(saved: SavedView) -> None:
    with pytest.raises(ConfigError, match=r"views\.ads\."):
        opened(LEFT, "ads", saved)
