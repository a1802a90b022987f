"""On which values a finding stands: those cells have its colour. The row's mark says the same without colours."""

from collections.abc import Mapping

from smtop.metrics.domain.snapshot import EndpointView, SaturationKind
from smtop.tui.view_models.cells import SEVERITY_STYLES, Cell
from smtop.tui.view_models.speaking import speaking

COLUMNS: Mapping[str, tuple[str, ...]] = {
    # deploys
    "endpoint-failed": ("status",),
    "update-stuck": ("status",),
    "update-rolled-back": ("status",),
    "alarm-firing": (),
    "metrics-missing": (),
    # traffic
    "bad-canary": ("errors", "4xx", "variants"),
    "errors-5xx": ("errors", "c5xx"),
    "errors-4xx": ("4xx",),
    "latency-near-limit": ("p99",),
    "latency-high": ("p99",),
    "traffic-gone": ("requests", "trend"),
    "weights-drift": ("variants",),
    # queues
    "backlog-without-capacity": ("backlog", "oldest", "no-cap", "saturation"),
    "requests-expiring": ("expired", "oldest"),
    "backlog-never-drains": ("backlog", "oldest", "drain", "saturation"),
    "processing-failing": ("failed",),
    "payload-transfer-failing": ("failed",),
    "backlog-growing": ("backlog", "drain", "saturation"),
    "notifications-failing": (),
    # serverless
    "pc-exhausted": ("pc", "spill", "saturation"),
    "concurrency-limit": ("conc", "4xx", "saturation"),
    "cold-starts": ("cold", "setup"),
    "spillover": ("spill", "saturation"),
    "pc-high": ("pc", "saturation"),
    "serverless-memory": ("errors", "saturation"),
    "pc-stuck-warm": ("provisioned",),
    "pc-wasted": ("provisioned", "pc"),
    # models
    "model-load-failing": ("errors", "cache", "saturation"),
    "cache-thrash": ("cache", "unloads", "wait", "saturation", "errors"),
    "container-skew": ("containers", "slowest", "c5xx"),
    # scaling
    "component-without-capacity": ("copies", "no-room"),
    "scaling-at-max": ("instances",),
    "scaling-stuck": ("instances", "copies"),
    "scaling-fight": ("instances",),
    "quota-near": ("instances",),
    # hosts
    "gpu-saturated": ("gpu", "saturation", "errors"),
    "cpu-saturated": ("saturation", "errors"),
    "memory-saturated": ("cmem", "saturation", "errors"),
    "disk-full": ("errors",),
    "hot-instance": ("instances",),
    # advice
    "max-concurrency-low": (),
    "pc-low": (),
    "serverless-workers": (),
    "image-large": (),
    "single-instance": (),
    "idle": ("requests",),
}
"""The columns that show what a rule stands on, by their ids; none where no column does.

Errors are among them where what is full makes requests fail: that they do is then no finding of its own.
"""

_FULL: Mapping[str, SaturationKind] = {
    "pc-exhausted": SaturationKind.PROVISIONED,
    "pc-high": SaturationKind.PROVISIONED,
    "spillover": SaturationKind.PROVISIONED,
    "concurrency-limit": SaturationKind.CONCURRENCY,
    "serverless-memory": SaturationKind.MEMORY,
    "cache-thrash": SaturationKind.CACHE,
    "model-load-failing": SaturationKind.CACHE,
    "backlog-without-capacity": SaturationKind.BACKLOG,
    "backlog-never-drains": SaturationKind.BACKLOG,
    "backlog-growing": SaturationKind.BACKLOG,
    "gpu-saturated": SaturationKind.GPU,
    "cpu-saturated": SaturationKind.CPU,
    "memory-saturated": SaturationKind.MEMORY,
}
"""What is full, or missing, where a rule stands on the column of saturation, which means something else each time."""


def blamed(cell: Cell, view: EndpointView, column: str) -> Cell:
    """The cell in the colour of the worst finding that stands on it; what is dim or coloured already stays so."""
    if not view.findings or cell.style != "normal":
        return cell
    found = next((one for one in speaking(view) if column in COLUMNS.get(one.id, ())), None)
    return cell._replace(style=SEVERITY_STYLES[found.severity]) if found else cell


def blamed_saturation(cell: Cell, view: EndpointView) -> Cell:
    """The same for the saturation, as far as it measures what the finding is about."""
    shown = view.vitals.saturation
    if not view.findings or shown is None or cell.style != "normal":
        return cell
    found = next((one for one in speaking(view) if _FULL.get(one.id) is shown.kind), None)
    return cell._replace(style=SEVERITY_STYLES[found.severity]) if found else cell
