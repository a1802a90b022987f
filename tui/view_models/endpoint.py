"""The page of one endpoint: its title."""

from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, MUTED, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.header import spread
from smtop.tui.view_models.speaking import is_quietened, speaking


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
