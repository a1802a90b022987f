"""The page of one endpoint: how it is found by its name, and its title."""

from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.commands import CommandError
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, MUTED, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.header import spread
from smtop.tui.view_models.speaking import is_quietened, speaking


def called(name: str, snapshot: FleetSnapshot | None) -> EndpointView:
    """The endpoint of this key, or the only one of this name. Raises CommandError."""
    views = snapshot.endpoints if snapshot else ()
    found = [view for view in views if view.key == name] or [view for view in views if view.endpoint.name == name]
    if not found:
        raise CommandError(f"There is no endpoint {name} here.")
    if len(found) > 1:
        keys = ", ".join(view.key for view in found)
        raise CommandError(f"There are {len(found)} endpoints called {name}: {keys}.")
    return found[0]


def title(name: str, view: EndpointView | None, *, width: int, paint: Paint) -> Line:
    """What the endpoint is, and the worst that is wrong with it."""
    if view is None:
        return (Cell(f"? {fmt.cut_middle(paint.plain(name), max(width - 30, 10), paint.glyphs)}", "unknown"),)
    style = SEVERITY_STYLES[view.severity]
    shown = fmt.cut_middle(paint.plain(view.endpoint.title), max(width // 2, 10), paint.glyphs)
    facts = f"  {view.endpoint.kind.code}  {paint.plain(view.endpoint.status)}"
    mark = MUTED if is_quietened(view) else MARKS[view.severity]
    left = (Cell(f"{mark} {shown}", style), Cell(facts))
    right = tuple(Cell(paint.plain(one.title), style) for one in speaking(view)[:1])
    return spread(left, right, width, paint)
