"""Which findings speak for an endpoint, and in which order they are read."""

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView


def speaking(view: EndpointView) -> list[Finding]:
    """What is wrong and counts, worst first: nobody has muted it, and it is more than advice."""
    return [one for one in view.findings if one.muted is None and one.severity is not Severity.OK]


def muted(view: EndpointView) -> list[Finding]:
    """What somebody knows of already."""
    return [one for one in view.findings if one.muted is not None]


def advice(view: EndpointView) -> list[Finding]:
    """What could be better, and changes no row."""
    return [one for one in view.findings if one.muted is None and one.severity is Severity.OK]


def in_order(view: EndpointView) -> list[Finding]:
    """All of it: what counts, then what is muted, advice last."""
    return [*speaking(view), *muted(view), *advice(view)]


def proposal(view: EndpointView | None) -> Finding | None:
    """The first that has a change which can be planned, of those that nobody has muted."""
    found = [*speaking(view), *advice(view)] if view else []
    return next((one for one in found if one.change is not None), None)


def is_quietened(view: EndpointView) -> bool:
    """Whether a row looks well, or idle, only because somebody has muted what is wrong with it."""
    grave = (Severity.CRITICAL, Severity.WARNING)
    return view.severity.rank >= Severity.IDLE.rank and any(one.severity in grave for one in muted(view))
