"""Variants and components side by side: what each is, what it is given, how it does."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smtop.metrics.domain.details import DeployedVariant, EndpointDetails, Topic
from smtop.metrics.domain.endpoint import Component, Endpoint, Moving, Serverless, Variant
from smtop.metrics.domain.series import Owner
from smtop.metrics.domain.snapshot import EndpointView, Vitals
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, NOTHING, SEVERITY_STYLES, Cell, Line
from smtop.tui.view_models.columns import weight
from smtop.tui.view_models.saturation import saturation_cell
from smtop.tui.view_models.speaking import speaking
from smtop.tui.view_models.tabs.page import NUMBERS, Page, heading, notes, sentence

_LABEL_CELLS = 17
_LEAST_CELLS = 22


class Side(NamedTuple):
    """One column: a title, and a cell by label; labels without a cell stay blank."""

    title: Cell
    cells: dict[str, Cell]


def variants(page: Page) -> list[Line]:
    """Production variants, shadows apart, then components."""
    if page.view is None:
        return list(sentence(page, "It is not in the fleet any more."))
    endpoint = page.view.endpoint
    shadows = [variant for variant in endpoint.variants if variant.shadow]
    return [
        *_block(page, "VARIANTS", [_variant(page, page.view, one) for one in endpoint.production]),
        *_block(page, "SHADOWS", [_variant(page, page.view, one) for one in shadows], "their answers are thrown away"),
        *_block(page, "COMPONENTS", [_component(page, page.view, one) for one in endpoint.components]),
        *notes(page, Topic.ENDPOINT),
    ] or list(sentence(page, "It has not been described yet."))


def _block(page: Page, title: str, sides: Sequence[Side], more: str = "") -> Iterator[Line]:
    """As many side by side as can be read, the rest below."""
    if not sides:
        return
    yield heading(title, more)
    room = page.width - _LABEL_CELLS - 3
    columns = max(min(room // (_LEAST_CELLS + 1), len(sides)), 1)
    cells = min(max(room // columns - 1, 8), _needed(page, sides))
    for first in range(0, len(sides), columns):
        yield from _rows(page, sides[first : first + columns], cells)
        yield ()


def _needed(page: Page, sides: Sequence[Side]) -> int:
    """As wide as the widest text, but no narrower than a gauge."""
    texts = [cell.text for side in sides for cell in (side.title, *side.cells.values())]
    return max(_LEAST_CELLS, *(fmt.cells(page.plain(text)) + 1 for text in texts))


def _rows(page: Page, sides: Sequence[Side], cells: int) -> Iterator[Line]:
    yield (Cell(" " * (_LABEL_CELLS + 3)), *_row([side.title for side in sides], cells, page))
    for label in dict.fromkeys(label for side in sides for label in side.cells):
        row = [side.cells.get(label, Cell("")) for side in sides]
        yield (Cell(f"   {label:<{_LABEL_CELLS}}", "dim"), *_row(row, cells, page))


def _row(row: Sequence[Cell], cells: int, page: Page) -> Iterator[Cell]:
    for cell in row:
        text = fmt.cut_middle(page.plain(cell.text), cells, page.paint.glyphs)
        yield Cell(f"{fmt.pad(text, cells)} ", cell.style)


def _variant(page: Page, view: EndpointView, variant: Variant) -> Side:
    deployed = _deployed(page.details, variant)
    cells = {
        **_traffic(view.endpoint, variant),
        **_capacity(page, variant, deployed),
        "model": Cell(variant.model or "brought by components"),
        **{label: Cell(image) for label, image in _images(deployed)},
        **({"passing through": Cell("; ".join(deployed.statuses), "changing")} if deployed.statuses else {}),
        **_numbers(page, _vitals(view, Owner(view.endpoint.name, variant.name))),
    }
    return Side(_title(view, variant), cells)


def _title(view: EndpointView, variant: Variant) -> Cell:
    """The name, with the mark of the worst that is wrong with this variant alone."""
    worst = next((finding.severity for finding in speaking(view) if finding.variant == variant.name), None)
    return (
        Cell(variant.name, "bold") if worst is None else Cell(f"{MARKS[worst]} {variant.name}", SEVERITY_STYLES[worst])
    )


def _deployed(details: EndpointDetails | None, variant: Variant) -> DeployedVariant:
    return details.deployed_variant(variant.name) if details else DeployedVariant(variant.name)


def _traffic(endpoint: Endpoint, variant: Variant) -> dict[str, Cell]:
    """The share of the calls that its weight amounts to, and the weight itself; a serverless variant has none."""
    own = weight(variant)
    total = sum(weight(one) or 0.0 for one in endpoint.production)
    if variant.shadow:
        return {"share of calls": Cell("a copy of each")}
    if own is None or variant.weight is None:
        return {}
    share = Cell(f"{own / total * 100:.1f} %" if total else "none")
    return {"share of calls": share, "weight": _moving(variant.weight)}


def _moving(pair: Moving[float] | Moving[int]) -> Cell:
    if pair.current is None:
        return Cell("?") if pair.desired is None else Cell(f"{pair.desired:g} wanted", "changing")
    if pair.desired in (None, pair.current):
        return Cell(f"{pair.current:g}")
    return Cell(f"{pair.current:g}, {pair.desired:g} wanted", "changing")


def _capacity(page: Page, variant: Variant, deployed: DeployedVariant) -> dict[str, Cell]:
    if variant.serverless is not None:
        return _serverless(variant.serverless, deployed.wanted or variant.serverless)
    if variant.instances is None:
        return {}
    unknown = f"not known: {variant.instances.type_why or 'not said'}"
    cells = {"instances": _moving(variant.instances.count), "type": Cell(variant.instances.type or unknown)}
    if deployed.managed is not None:
        bounds = f"{deployed.managed.status}, {deployed.managed.least} to {deployed.managed.most}"
        cells["managed scaling"] = Cell(bounds)
    return cells


def _serverless(now: Serverless, wanted: Serverless) -> dict[str, Cell]:
    provisioned = Moving(now.provisioned_concurrency or 0, wanted.provisioned_concurrency or 0)
    return {
        "memory MB": _moving(Moving(now.memory_mb, wanted.memory_mb)),
        "max concurrency": _moving(Moving(now.max_concurrency, wanted.max_concurrency)),
        "provisioned": _moving(provisioned) if provisioned != Moving(0, 0) else Cell("none"),
    }


def _images(deployed: DeployedVariant) -> Iterator[tuple[str, str]]:
    """Without the registry, which is long and says little."""
    for number, image in enumerate(deployed.images, start=1):
        yield ("image" if len(deployed.images) == 1 else f"image {number}"), image.rpartition("/")[2]


def _component(page: Page, view: EndpointView, component: Component) -> Side:
    cells = {
        "variant": Cell(component.variant or "not said"),
        "status": Cell(component.status),
        "copies": _moving(component.copies),
        **_numbers(page, _vitals(view, Owner(view.endpoint.name, component.variant, component=component.name))),
    }
    return Side(Cell(component.name, "bold"), cells)


def _vitals(view: EndpointView, owner: Owner) -> Vitals | None:
    """An only part's numbers are those of the endpoint."""
    return view.parts.get(owner) if view.parts else view.vitals


def _numbers(page: Page, vitals: Vitals | None) -> dict[str, Cell]:
    if vitals is None:
        return {number.label: NOTHING for number in NUMBERS}
    cells = {number.label: number.cell(vitals, page.paint) for number in NUMBERS}
    return cells | {"saturation": saturation_cell(vitals.saturation, _LEAST_CELLS, page.paint)}
