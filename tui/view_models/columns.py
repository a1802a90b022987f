"""The columns of the fleet's table as data."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from smtop.metrics.domain.endpoint import Endpoint, Variant
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Sample, SampleState
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.blame import blamed, blamed_saturation
from smtop.tui.view_models.cells import MARKS, MUTED, NOTHING, SEVERITY_STYLES, Cell, Paint, sample
from smtop.tui.view_models.fmt import Glyphs
from smtop.tui.view_models.saturation import fullness, saturation_cell
from smtop.tui.view_models.speaking import in_order, is_quietened

Pick: TypeAlias = Callable[[EndpointView], Sample]
Draw: TypeAlias = Callable[[EndpointView, int, Paint], Cell]
Key: TypeAlias = Callable[[EndpointView], float | str | None]


class Column(NamedTuple):
    """One column. `widths` are in cells, for narrow, middling and wide terminals; 0 takes the room that is left.

    The smaller `priority`, the longer the column stays as the terminal shrinks. `key` is what it is sorted by, in the
    unit that is shown (None: missing); without a key it cannot be sorted by. `pick` is the sample that it shows, if it
    shows one. `metrics` are the metrics that it needs beyond those that every row is asked. `least` is its width on
    the smallest terminals, where that is another one.
    """

    id: str
    title: str
    widths: tuple[int, int, int]
    priority: int
    draw: Draw
    key: Key | None = None
    right: bool = False
    largest_first: bool = False
    pick: Pick | None = None
    metrics: tuple[str, ...] = ()
    least: int = 0


STATUS_CODES: Mapping[str, str] = {
    "InService": "OK",
    "Updating": "UPD",
    "SystemUpdating": "UPD",
    "Creating": "CRE",
    "RollingBack": "RBK",
    "Deleting": "DEL",
    "Failed": "FAIL",
    "OutOfService": "OOS",
    "UpdateRollbackFailed": "URF",
}
_STATUS_WORDS: Mapping[str, str] = {
    "SystemUpdating": "Updating",
    "RollingBack": "Rollback",
    "OutOfService": "OutOfServ",
    "UpdateRollbackFailed": "RB failed",
}
_STATUS_WORD_CELLS = 9


def _mark(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    """A row that is well only because what is wrong was muted does not look like one that is well."""
    if is_quietened(view):
        return Cell(MUTED, "dim")
    return Cell(MARKS[view.severity], SEVERITY_STYLES[view.severity])


def _name(view: EndpointView, width: int, paint: Paint) -> Cell:
    name = paint.plain(view.endpoint.name)
    return Cell(fmt.cut_middle(name, width, paint.glyphs), SEVERITY_STYLES[view.severity])


def _account(view: EndpointView, width: int, paint: Paint) -> Cell:
    return Cell(fmt.cut_middle(paint.plain(_account_name(view)), width, paint.glyphs))


def _account_name(view: EndpointView) -> str:
    return view.endpoint.at.name if view.endpoint.at else view.endpoint.summary.account


def _region(view: EndpointView, width: int, paint: Paint) -> Cell:
    return Cell(fmt.cut(fmt.region(paint.plain(view.endpoint.summary.region), width), width, paint.glyphs))


def _kind(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    return Cell(view.endpoint.kind.code, "normal" if view.endpoint.described else "dim")


def _status(view: EndpointView, width: int, paint: Paint) -> Cell:
    endpoint = view.endpoint
    shorter = _STATUS_WORDS if width >= _STATUS_WORD_CELLS else STATUS_CODES
    fits = len(endpoint.status) <= width
    text = endpoint.status if fits else shorter.get(endpoint.status, endpoint.status)
    return blamed(Cell(fmt.cut(paint.plain(text), width, paint.glyphs), _status_style(endpoint)), view, "status")


def _status_style(endpoint: Endpoint) -> str:
    if endpoint.is_broken:
        return "critical"
    return "changing" if endpoint.is_changing else "normal"


def _variants(view: EndpointView, width: int, paint: Paint) -> Cell:
    endpoint = view.endpoint
    if endpoint.components:
        text = f"{len(endpoint.components)} comp{'s' * (len(endpoint.components) > 1)}"
        return Cell(text)
    if not endpoint.variants:
        return NOTHING
    text = paint.plain(variants_text(endpoint))
    if fmt.cells(text) > width and len(endpoint.variants) > 1:
        text = f"{len(endpoint.variants)} variants"
    return blamed(Cell(fmt.cut(text, width, paint.glyphs)), view, "variants")


def variants_text(endpoint: Endpoint) -> str:
    """`A 90 / B 10` by share of the traffic, `+shadow` for variants that only listen."""
    production = endpoint.production
    total = sum(weight(variant) or 0.0 for variant in production)
    shadows = "+shadow" if len(production) < len(endpoint.variants) else ""
    if len(production) == 1:
        shares = production[0].name
    else:
        shares = " / ".join(_share(variant, total) for variant in production)
    return f"{shares} {shadows}".strip()


def weight(variant: Variant) -> float | None:
    """The weight in force, as far as AWS says it."""
    return variant.weight.current if variant.weight else None


def _share(variant: Variant, total: float) -> str:
    own = weight(variant)
    if own is None or total <= 0:
        return variant.name
    return f"{variant.name} {own / total * 100:.0f}"


ABSENT = Sample(SampleState.NO_DATA, why="the endpoint has no such metric")
"""Stands where there is nothing to be asked: its cell stays blank."""


class Scale(NamedTuple):
    """How a sample is written, and the factor from its own unit to the one that is shown."""

    number: fmt.Number
    factor: float = 1.0


_LEAST_SHARE = 0.005
"""A share below this is not coloured: what is wrong is then another value, or that of one variant alone."""


def _is_hardly_any(told: Sample, scale: Scale) -> bool:
    return scale is PERCENT and (told.value or 0.0) < _LEAST_SHARE


COUNT, MILLISECONDS, PERCENT = Scale(fmt.count), Scale(fmt.milliseconds), Scale(fmt.percent, 100.0)


def measured(
    id: str,  # noqa: A002 - the column's
    title: str,
    widths: tuple[int, int, int],
    priority: int,
    pick: Pick,
    scale: Scale = COUNT,
    *metrics: str,
) -> Column:
    """A column of one sample, flush right, the largest on top."""

    def draw(view: EndpointView, width: int, paint: Paint) -> Cell:
        told = pick(view)
        if told is ABSENT:
            return Cell("")
        cell = sample(told, scale.number, width, paint)
        return cell if _is_hardly_any(told, scale) else blamed(cell, view, id)

    def key(view: EndpointView) -> float | None:
        value = pick(view).value
        return None if value is None else value * scale.factor

    return Column(id, title, widths, priority, draw, key, True, True, pick, metrics)


_GROWS_S = 300
"""The newest minutes are left out: CloudWatch's counts still grow there, and every trend would seem to fall."""


def _trend(view: EndpointView, width: int, paint: Paint) -> Cell:
    drawn = _drawn_trend(view, width, fmt.spark_end(paint.now - _GROWS_S, width), paint.glyphs)
    cell = blamed(Cell(drawn), view, "trend")
    return cell if cell.style != "normal" else cell._replace(style="dim")


@lru_cache(maxsize=256)
def _drawn_trend(view: EndpointView, width: int, end: int, glyphs: Glyphs) -> str:
    """Kept, because it is the dearest cell of all and moves by a cell only every few minutes."""
    return fmt.spark(view.vitals.trend, width, end, glyphs)


def _fullness(view: EndpointView) -> float | None:
    return fullness(view.vitals.saturation)


def _saturation(view: EndpointView, width: int, paint: Paint) -> Cell:
    return blamed_saturation(saturation_cell(view.vitals.saturation, width, paint), view)


def _an_hour_of_requests(view: EndpointView) -> float | None:
    return sum(point.value for point in view.vitals.trend) if view.vitals.trend else None


def _instances(view: EndpointView, width: int, paint: Paint) -> Cell:
    """`2 ml.m5.xlarge +1`: the instances of the first variant, and how many other variants have some."""
    hosted = [variant.instances for variant in view.endpoint.production if variant.instances]
    if not hosted:
        return NOTHING
    count = "?" if hosted[0].count.current is None else hosted[0].count.current
    more = f" +{len(hosted) - 1}" if len(hosted) > 1 else ""
    kind = paint.plain(hosted[0].type or "?").removeprefix("ml.")
    return blamed(Cell(fmt.cut(f"{count} {kind}{more}", width, paint.glyphs)), view, "instances")


def _instance_count(view: EndpointView) -> float | None:
    hosted = [variant.instances for variant in view.endpoint.production if variant.instances]
    return float(sum(one.count.current or 0 for one in hosted)) if hosted else None


def _finding(view: EndpointView, width: int, paint: Paint) -> Cell:
    """The id of the first, and how many more there are; dim where none of them counts."""
    found = in_order(view)
    if not found:
        return NOTHING
    first, others = found[0], len(found) - 1
    text = f"{first.id} +{others}" if others else first.id
    counts = first.muted is None and first.severity is not Severity.OK
    return Cell(fmt.cut(text, width, paint.glyphs), SEVERITY_STYLES[first.severity] if counts else "dim")


def _first_finding(view: EndpointView) -> str | None:
    return next((one.id for one in in_order(view)), None)


def _age(view: EndpointView, _width: int, paint: Paint) -> Cell:
    return Cell(fmt.age(paint.now - created_at(view)))


def created_at(view: EndpointView) -> float:
    """Epoch seconds; what the age is sorted by, the youngest on top."""
    return view.endpoint.summary.created_at.timestamp()


def _requests(view: EndpointView) -> Sample:
    return view.vitals.requests_per_minute


def _client_errors(view: EndpointView) -> Sample:
    return view.vitals.client_error_ratio


def _server_errors(view: EndpointView) -> Sample:
    return view.vitals.server_error_ratio


def _p50(view: EndpointView) -> Sample:
    return view.vitals.p50_ms


def _p99(view: EndpointView) -> Sample:
    return view.vitals.p99_ms


def _impact(view: EndpointView) -> Sample:
    return view.impact


MARK = Column("mark", "", (1, 1, 1), 1, _mark)
NAME = Column("name", "NAME", (0, 0, 0), 0, _name, lambda view: view.endpoint.name)
KIND = Column("kind", "KIND", (4, 4, 5), 6, _kind, lambda view: view.endpoint.kind.code)
STATUS = Column("status", "STATUS", (4, 9, 14), 7, _status, lambda view: view.endpoint.status)
VARIANTS = Column("variants", "VARIANTS", (11, 11, 20), 9, _variants, lambda view: variants_text(view.endpoint) or None)
REQUESTS = measured("requests", "REQ/m", (7, 7, 7), 5, _requests)
CLIENT_ERRORS = measured("4xx", "4XX%", (5, 5, 6), 11, _client_errors, PERCENT)
ERRORS = measured("errors", "ERR%", (5, 5, 6), 3, _server_errors, PERCENT)
P50 = measured("p50", "P50ms", (7, 7, 8), 10, _p50, MILLISECONDS)
P99 = measured("p99", "P99ms", (7, 7, 8), 4, _p99, MILLISECONDS)
IMPACT = measured("impact", "IMPACT", (7, 7, 7), 12, _impact)
SATURATION = Column("saturation", "SATURATION", (16, 21, 26), 2, _saturation, _fullness, largest_first=True, least=13)
TREND = Column("trend", "TREND 1h", (8, 8, 12), 8, _trend, _an_hour_of_requests, largest_first=True)
AGE = Column("age", "AGE", (4, 4, 4), 13, _age, created_at, right=True, largest_first=True)
INSTANCES = Column("instances", "INST", (13, 13, 18), 13, _instances, _instance_count, largest_first=True)
FINDING = Column("finding", "FINDING", (16, 20, 28), 13, _finding, _first_finding)

ACCOUNT = Column("account", "ACCOUNT", (8, 12, 14), 1, _account, _account_name)
REGION = Column("region", "REGION", (6, 12, 14), 1, _region, lambda view: view.endpoint.summary.region)

ALWAYS = (MARK, NAME)
"""Columns that cannot be taken away, moved or scrolled."""


def where(views: Iterable[EndpointView]) -> tuple[Column, ...]:
    """The columns that tell endpoints of several accounts and regions apart: those with more than one value."""
    places = {view.endpoint.at for view in views} - {None}
    accounts, regions = {at.account for at in places if at}, {at.region for at in places if at}
    return (*(ACCOUNT,) * (len(accounts) > 1), *(REGION,) * (len(regions) > 1))
