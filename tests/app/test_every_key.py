"""Every key that the help lists, pressed in every view: it does something that is seen, and nothing breaks."""

from collections.abc import Mapping

import pytest

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.desk import view_of
from smtop.tui.keymap import SCOPES_OF, Action, Scope, of_view
from tests.app.test_endpoint_tabs import details
from tests.support.charting import HOURS_3, history
from tests.support.fleet import endpoint, snapshot, variant, vitals
from tests.support.stage import Stage, stage

WAYS: Mapping[Scope, tuple[str, ...]] = {
    Scope.FLEET: ("0", "g", "j", "j"),
    Scope.CHARTS: ("0", "g", "enter"),
    Scope.DETAILS: ("0", "g", "enter", "1", "j"),
    Scope.CONFIGS: ("0", "g", "enter", "5", "j"),
    Scope.TEXT: ("?", "/", *"sort", "enter", "n"),
    Scope.CHOOSER: ("o", "j"),
}
"""How each view is reached from the fleet, with something above and below the cursor."""

ENDS = {"quit", "quit-anywhere", "suspend"}
"""What would end the test."""

UNSEEN: Mapping[Scope, set[str]] = {
    Scope.FLEET: {"view-triage", "sort-worst", "clear-filter", "unmark", "mark-range", "redraw"},
    Scope.CHARTS: {"choose-2", "choose-6", "charts-up", "step-forward", "leap-forward", "by-variant", "utc"},
    Scope.DETAILS: set(),
    Scope.CONFIGS: {"config-whole"},
    Scope.TEXT: set(),
    Scope.CHOOSER: set(),
}
"""What rightly changes nothing where these ways lead: the tab is open, the order is that, nothing is marked, or all of
the range is, the cursor is on the newest point, and the machine's times are UTC; the fields of configs stand below."""


def fleet_of_many() -> list[EndpointView]:
    variants = [variant("stable"), variant("canary")]
    first = endpoint("fraud", Severity.CRITICAL, variants=variants, numbers=vitals(requests=9.0), age_days=3)
    rest = [
        endpoint(f"e{place:02}", numbers=vitals(requests=float(place % 7), p99=place * 3.0), age_days=place % 5 + 1)
        for place in range(30)
    ]
    return [first, *rest]


async def reach(it: Stage, view: Scope) -> None:
    await it.press("escape")
    await it.app.action_to_fleet()
    await it.press("escape", *WAYS[view])
    if view is Scope.CHARTS:
        page = it.app.endpoint
        assert page is not None
        await it.until(lambda: page.metrics.is_drawn)


def keyed(view: Scope) -> list[Action]:
    """The actions with keys of a view; what works in every view is pressed in the fleet only."""
    scopes = set(SCOPES_OF[view]) if view is Scope.FLEET else {view, Scope.ENDPOINT if view is Scope.CHARTS else view}
    return [action for action in of_view(view) if action.keys and action.scope in scopes and action.id not in ENDS]


@pytest.mark.parametrize("view", WAYS)
async def test_every_key_does_what_is_seen(view: Scope) -> None:
    async with stage(snapshot(*fleet_of_many()), size=(80, 12)) as it:
        it.feed.tell_history(history(), HOURS_3)
        it.feed.known_details["fraud"] = details()
        silent = set()
        for action in keyed(view):
            await reach(it, view)
            assert view_of(it.app.screen) is view
            before = it.text
            await it.press(action.keys[0])
            if it.text == before:
                silent.add(action.id)
        assert silent <= UNSEEN[view]
