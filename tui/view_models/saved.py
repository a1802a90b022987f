"""A named way to look at the fleet, as the configuration file has it, on top of how the fleet was left."""

from smtop.metrics.config import SavedView
from smtop.metrics.errors import ConfigError
from smtop.tui.view_models.filter import compile_filter
from smtop.tui.view_models.views import TRIAGE, VIEWS
from smtop.tui.view_state import WORST_FIRST, FilterError, FleetState


def opened(state: FleetState, name: str, saved: SavedView) -> FleetState:
    """The fleet as the saved view shows it. Raises ConfigError where it names what there is not."""
    view = VIEWS.get(saved.view or TRIAGE.id)
    if view is None:
        raise ConfigError(f"views.{name}.view must be one of {', '.join(VIEWS)}.")
    sorts = (WORST_FIRST, *(column.id for column in view.all_columns if column.key is not None))
    if saved.sort is not None and saved.sort not in sorts:
        raise ConfigError(f"views.{name}.sort must be one of {', '.join(sorts)}.")
    try:
        compile_filter(saved.filter)
    except FilterError as error:
        raise ConfigError(f"views.{name}.filter: {error}") from error
    wanted = state.views.get(view.id, view.start)._replace(
        filter_text=saved.filter, attention_only=saved.attention, sort=saved.sort or WORST_FIRST, cursor=None
    )
    return state._replace(view=view.id).having(view.id, wanted)
