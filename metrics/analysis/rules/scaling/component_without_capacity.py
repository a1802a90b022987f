"""An inference component has no copy to answer with, or fewer than it should."""

from collections.abc import Iterator

from smtop.metrics.analysis.activities import FAILED, moves
from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.rules.scaling.parts import part_of
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since, quoted
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import IN_SERVICE, Component, Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.scaling import ScaledPart
from smtop.metrics.domain.series import Owner

_ID = "component-without-capacity"
_FAILURES = "NoCapacityInvocationFailures.Sum"
_CALLS = "Invocations.Sum"
_FAILED = "Failed"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Requests that met no copy, a component that failed, or too few copies for too long."""
    if subject.endpoint.kind is not Kind.INFERENCE_COMPONENT:
        return
    for component in subject.endpoint.components:
        finding = _finding(subject, component, limits)
        if finding is not None:
            yield finding


def is_without_capacity(subject: Subject, component: Component, limits: Thresholds) -> bool:
    """Whether this is what ails a component: other rules then need not speak of its copies."""
    return _finding(subject, component, limits) is not None


def _finding(subject: Subject, component: Component, limits: Thresholds) -> Finding | None:
    if component.status == _FAILED:
        return _broken(subject, component)
    owner = _owner(subject, component)
    if _fails(subject, owner):
        return _refusing(subject, component, limits)
    since = subject.around.uneven_since.get((component.variant, component.name))
    if since is None or not _is_short(component) or minutes_since(since, subject.now) < limits.scaling_minutes:
        return None
    return _short(subject, component, since)


def _owner(subject: Subject, component: Component) -> Owner:
    return Owner(subject.endpoint.name, component.variant, component=component.name)


def _is_short(component: Component) -> bool:
    current, desired = component.copies
    return current is not None and desired is not None and current < desired


def _fails(subject: Subject, owner: Owner) -> bool:
    """In two of the three newest settled minutes; it lasts as long as one of three does."""
    if _FAILURES not in subject.points.get(owner, {}):
        return False
    bad = [point for point in subject.newest(owner, _FAILURES, DECIDING, beside=_CALLS) if point.value > 0]
    return len(bad) >= (1 if subject.is_open(_ID, owner) else 2)


def _refusing(subject: Subject, component: Component, limits: Thresholds) -> Finding:
    """Critical at once where no copy is on its way, else once the first takes too long."""
    owner = _owner(subject, component)
    since = subject.onset(owner, _FAILURES, lambda value: value > 0)
    minutes = minutes_since(since, subject.now) if since is not None else 0
    failed = subject.total(owner, _FAILURES, limits.window_minutes, beside=_CALLS) / limits.window_minutes
    rests = component.copies.desired == 0
    waits = not rests or _scales(subject, component)
    patient = waits and minutes < limits.start_allowance_minutes
    return Finding(
        id=_ID,
        severity=Severity.WARNING if patient else Severity.CRITICAL,
        title=f"{component.name} refuses {failed:,.0f} requests a minute: it has no copy",
        evidence=(
            f"{failed:,.1f} requests a minute met no copy, for {lasted(minutes)}",
            _copies(component),
            *_attempts(subject, component),
        ),
        since=since,
        variant=component.variant,
        component=component.name,
        next="Wait for the first copy, which is asked for; should it not come, see the room on the instances."
        if patient
        else "Give it one copy, and see why nothing scales it out from zero."
        if rests
        else "Make room for a copy: add an instance to the variant, or let other components have fewer copies.",
        impact_per_minute=failed,
        change=Resize(subject.endpoint.name, component=component.name, copies=1)
        if rests and component.status == IN_SERVICE
        else None,
    )


def _broken(subject: Subject, component: Component) -> Finding:
    serves = bool(component.copies.current)
    return Finding(
        id=_ID,
        severity=Severity.WARNING if serves else Severity.CRITICAL,
        title=f"component {component.name} is Failed with {component.copies.current or 0} copies",
        evidence=(quoted(component.reason), _copies(component), *_attempts(subject, component)),
        variant=component.variant,
        component=component.name,
        next="Read AWS's reason and the container's log, then update the component or make it anew.",
    )


def _short(subject: Subject, component: Component, since: float) -> Finding:
    current, desired = component.copies.current or 0, component.copies.desired or 0
    minutes = lasted(minutes_since(since, subject.now))
    return Finding(
        id=_ID,
        severity=Severity.WARNING if current else Severity.CRITICAL,
        title=f"{component.name} has {current} of {desired} copies for {minutes}",
        evidence=(
            f"{_copies(component)}, for {minutes}",
            *((quoted(component.reason),) if component.reason else ()),
            *_attempts(subject, component),
        ),
        since=int(since),
        variant=component.variant,
        component=component.name,
        next="Make room for its copies: add an instance to the variant, or let other components have fewer copies.",
        change=_one_more(subject, component),
    )


def _one_more(subject: Subject, component: Component) -> Resize | None:
    """One instance more, where their number is known and AWS is not just changing it."""
    variant = next((one for one in subject.endpoint.production if one.name == component.variant), None)
    count = variant.instances.count if variant and variant.instances else None
    if variant is None or count is None or count.desired is None or count.current != count.desired:
        return None
    if subject.endpoint.status != IN_SERVICE:
        return None
    return Resize(subject.endpoint.name, variant.name, count=count.desired + 1)


def _copies(component: Component) -> str:
    current, desired = component.copies
    return f"{'?' if current is None else current} of {'?' if desired is None else desired} copies ({component.status})"


def _scaled(subject: Subject, component: Component) -> ScaledPart | None:
    parts = ((scaled, part_of(subject.endpoint, scaled)) for scaled in subject.around.scaled or ())
    return next((scaled for scaled, part in parts if part is not None and part.component is component), None)


def _scales(subject: Subject, component: Component) -> bool:
    """Whether something will bring it back from zero, as far as is known."""
    if subject.around.scaled is None:
        return True
    scaled = _scaled(subject, component)
    return scaled is not None and (scaled.policies is None or bool(scaled.policies))


def _attempts(subject: Subject, component: Component) -> Iterator[str]:
    """What Application Auto Scaling last failed with."""
    scaled = _scaled(subject, component)
    newest = next(moves(scaled), None) if scaled else None
    if newest is not None and newest.activity.status in FAILED:
        yield f"scaling to {newest.to} failed. {quoted(newest.activity.message)}"


RULE = Rule(
    id=_ID,
    title="A component has no capacity",
    severity=Severity.CRITICAL,
    check=check,
    reads=(_FAILURES, _CALLS, "scaled", "uneven_since"),
    limits=("start_allowance_minutes", "scaling_minutes"),
    help="""\
An inference component has no copy that could answer, and refuses requests; or it failed; or it waits for copies that
find no room on the variant's instances.

It is said when requests met no copy in two of the three newest settled minutes, and until three in a row are better; at
once for a component that AWS calls Failed; and when copies are missing for a quarter of an hour. It is critical without
any copy, and a warning while some answer, or while the first copy may still be on its way.

A component that scales to zero refuses the first requests by design, for minutes: until the allowance for a start is
over that is a warning. Copies that start in time are nothing.

Without a policy on NoCapacityInvocationFailures nothing leaves zero: give it a copy. Where copies find no room, add an
instance, let other components have fewer copies, or ask for less of the instance for each.
""",
)
