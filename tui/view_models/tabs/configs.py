"""Config: every config that an endpoint has or may have had, and how two of them differ."""

from collections.abc import Iterator, Sequence

from smtop.metrics.domain.configs import THE_REST, Difference, EndpointConfig, KnownConfig, Standing, differences
from smtop.metrics.domain.details import Topic
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.tabs.page import Page, heading, notes, sentence, waiting

_STANDING_CELLS = 12
_STYLES = {Standing.LIVE: "bold", Standing.ROLLING_OUT: "changing", Standing.PERHAPS: "dim"}
_MARK_STYLES = {"~": "warning", "+": "ok", "-": "warning", " ": "dim"}


def configs(page: Page) -> list[Line]:
    """The list, newest first behind what AWS names; below it the config under the cursor beside another."""
    known = page.details.configs if page.details else ()
    return [
        heading("CONFIGS", "AWS keeps no history: each says how smtop knows it"),
        *waiting(page),
        *(line for one in known for line in _entry(page, one)),
        *_search(page),
        *notes(page, Topic.CONFIGS, Topic.ENDPOINT),
        (),
        *_compared(page, known),
    ]


def next_config(page: Page, step: int) -> str | None:
    """The name of the config so many lines from the cursor, or of the last one there; None without any."""
    known = page.details.configs if page.details else ()
    current = under_cursor(page)
    if not known or current is None:
        return None
    return known[min(max(known.index(current) + step, 0), len(known) - 1)].name


def under_cursor(page: Page) -> KnownConfig | None:
    """The chosen config, or the one that serves."""
    known = page.details.configs if page.details else ()
    return (
        next((one for one in known if one.name == page.state.config), None) or _live(known) or next(iter(known), None)
    )


def _live(known: Sequence[KnownConfig]) -> KnownConfig | None:
    return next((one for one in known if one.standing is Standing.LIVE), None)


def _entry(page: Page, known: KnownConfig) -> Iterator[Line]:
    current = under_cursor(page)
    pointer = ">" if current is known else " "
    compared = "=" if known.name == page.state.against else " "
    name_cells = min(max(page.width - 60, 24), 63)
    name = fmt.pad(fmt.cut_middle(page.plain(known.name), name_cells, page.paint.glyphs), name_cells)
    style = _STYLES.get(known.standing, "normal")
    head = (Cell(f"{pointer}{compared} "), Cell(f"{known.standing.value:<{_STANDING_CELLS}}", style), Cell(name, style))
    about = page.plain(_about(page, known))
    room = page.width - 3 - _STANDING_CELLS - name_cells - 2
    if fmt.cells(about) <= room:
        yield (*head, Cell(f"  {about}", "dim"))
    else:
        yield head
        yield from sentence(page, about, "dim", lead=" " * (3 + _STANDING_CELLS))


def _about(page: Page, known: KnownConfig) -> str:
    """When it was made, when it was seen, and how that is known."""
    now = page.paint.now
    made = [f"made {fmt.age(now - known.created_at)} ago"] if known.created_at is not None else []
    seen = [_seen(known.seen, now)] if known.seen and known.standing is Standing.SEEN else []
    why = [f"x {known.why}"] if known.why else []
    return ", ".join([*made, *seen, known.how, *why])


def _seen(seen: tuple[float, float], now: float) -> str:
    return f"live at least from {fmt.age(now - seen[0])} to {fmt.age(now - seen[1])} ago"


def _search(page: Page) -> Iterator[Line]:
    if page.details is not None and page.details.search:
        found = any(one.standing is Standing.PERHAPS for one in page.details.configs)
        verdict = "looked for" if found else "found no other"
        yield from sentence(page, f"{verdict} {page.details.search}; AWS cannot be asked by model", "dim")


def _compared(page: Page, known: Sequence[KnownConfig]) -> Iterator[Line]:
    chosen = under_cursor(page)
    if chosen is None:
        return
    if chosen.config is None:
        yield from sentence(page, f"{chosen.name} cannot be shown: {chosen.why or 'it was not read'}", "warning")
        return
    other = _other(page, chosen, known)
    if other is None or other.config is None:
        yield heading(page.plain(chosen.name), "all fields")
        yield from _differences(page, differences(chosen.config, chosen.config), (chosen.config,), whole=True)
        return
    older, newer = sorted((chosen.config, other.config), key=lambda one: one.created_at)
    yield from _difference(page, older, newer)


def _other(page: Page, chosen: KnownConfig, known: Sequence[KnownConfig]) -> KnownConfig | None:
    """The config to compare with: the one that was set, else the live one."""
    wanted = next((one for one in known if one.name == page.state.against), None) or _live(known)
    return None if wanted is chosen else wanted


def _difference(page: Page, older: EndpointConfig, newer: EndpointConfig) -> Iterator[Line]:
    found = differences(older, newer)
    changed = sum(one.before != one.after for one in found)
    arrow = page.paint.glyphs.arrow
    title = f"{page.plain(older.name)} {arrow} {page.plain(newer.name)}"
    yield heading(title, f"{changed} of {len(found)} fields differ")
    if not changed:
        yield from sentence(page, "They are the same but for name and time.")
    yield from _differences(page, found, (older, newer), whole=page.state.whole)


def _differences(
    page: Page, found: Sequence[Difference], both: Sequence[EndpointConfig], *, whole: bool
) -> Iterator[Line]:
    shown = [one for one in found if whole or one.before != one.after]
    name_cells = min(max((fmt.cells(one.name) for one in shown), default=0), max(page.width // 2, 16))
    for part in dict.fromkeys(one.part for one in shown):
        yield (Cell(f"   {page.plain(part if part != THE_REST else 'the config itself')}", "bold"),)
        for one in (one for one in shown if one.part == part):
            yield from _field(page, one, name_cells, _is_unknown(one, both))


def _is_unknown(one: Difference, both: Sequence[EndpointConfig]) -> bool:
    """Whether the SDK has never heard of the field; it goes by the last part of its path."""
    tails = {path.rpartition(".")[2] for config in both for path in config.unknown}
    return any(piece.partition("[")[0] in tails for piece in one.name.split("."))


def _field(page: Page, one: Difference, name_cells: int, unknown: bool) -> Iterator[Line]:
    style = _MARK_STYLES[one.mark]
    name = fmt.pad(fmt.cut_middle(page.plain(one.name), name_cells, page.paint.glyphs), name_cells)
    lead = (Cell(f" {one.mark}   ", style), Cell(f"{name}  ", style))
    taken = 7 + name_cells
    note = "  (new to this SDK)" if unknown else ""
    parts = fmt.wrap(f"{page.plain(_values(one, page.paint.glyphs.arrow))}{note}", max(page.width - taken, 10)) or [""]
    for number, part in enumerate(parts):
        yield (*(lead if number == 0 else (Cell(" " * taken),)), Cell(part, "normal" if one.mark != " " else "dim"))


def _values(one: Difference, arrow: str) -> str:
    if one.before == one.after:
        return one.after or ""
    if one.before is None:
        return f"not there {arrow} {one.after}"
    return f"{one.before} {arrow} {'not there' if one.after is None else one.after}"
