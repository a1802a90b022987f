"""All that the first picture does without.

Whoever needs one of these modules imports it where it is needed, inside the function. As soon as the first picture
stands, the app imports this one in a thread: then all of them are there, and no key waits for them.
"""

from smtop.tui import (
    copying,
    deputy,
    desk,
    dossiers,
    exporter,
    foreman,
    gatekeeper,
    guide,
    muter,
    porter,
    tester,
    text_pages,
)
from smtop.tui.screens import action_menu, change_form, columns, endpoint, pages, past, plan_dialog, watch
from smtop.tui.view_models import exports, filter, muting, rule_page  # noqa: A004 - the module of that name
from smtop.tui.widgets import chart_grid, filter_bar

__all__ = [
    "action_menu",
    "change_form",
    "chart_grid",
    "columns",
    "copying",
    "deputy",
    "desk",
    "dossiers",
    "endpoint",
    "exporter",
    "exports",
    "filter",
    "filter_bar",
    "foreman",
    "gatekeeper",
    "guide",
    "muter",
    "muting",
    "pages",
    "past",
    "plan_dialog",
    "porter",
    "rule_page",
    "tester",
    "text_pages",
    "watch",
]
