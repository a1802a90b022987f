"""A production endpoint on one instance, and so in one availability zone."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Bounds, Resize
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint, Kind, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.scaling import INSTANCES, ScaledPart

_ID = "single-instance"
_TAGS = frozenset({"env", "environment", "stage"})
_PRODUCTION = "prod"
_ENOUGH = 2


def check(subject: Subject, _: Thresholds) -> Iterator[Finding]:
    """All production variants that take traffic have one instance together."""
    endpoint = subject.endpoint
    if not _is_production(subject):
        return
    serving = [variant for variant in endpoint.production if _takes_traffic(variant)]
    if len(serving) != 1 or endpoint.status != IN_SERVICE or endpoint.kind is Kind.ASYNC:
        return
    (variant,) = serving
    if variant.instances is None or variant.instances.count.desired != 1:
        return
    yield Finding(
        id=_ID,
        severity=Severity.OK,
        title="one instance only, in production",
        evidence=(
            f"{variant.name} has 1 x {variant.instances.type or 'an unknown type'}, and nothing in a second zone",
            "where that instance or its availability zone fails, nothing answers until another has started",
        ),
        variant=variant.name,
        next="Give it a second instance: SageMaker places it in another availability zone.",
        change=_second(subject, variant),
    )


def _takes_traffic(variant: Variant) -> bool:
    return variant.weight is None or variant.weight.desired != 0


def _is_production(subject: Subject) -> bool:
    """What its tags env, environment or stage say, by values that begin with prod; without any, what its account is."""
    stages = [value for key, value in subject.endpoint.tags.items() if key.lower() in _TAGS]
    return any(value.lower().startswith(_PRODUCTION) for value in stages) if stages else subject.is_production


def _second(subject: Subject, variant: Variant) -> Resize | Bounds:
    """A second instance; where something scales it, a minimum of two, lest it is taken away again."""
    scaled = next((part for part in subject.around.scaled or () if _is_of(part, subject.endpoint, variant)), None)
    if scaled is None or subject.endpoint.components:
        return Resize(subject.endpoint.name, variant.name, count=_ENOUGH)
    most = scaled.target.most
    return Bounds(subject.endpoint.name, variant.name, least=_ENOUGH, most=None if most >= _ENOUGH else _ENOUGH)


def _is_of(part: ScaledPart, endpoint: Endpoint, variant: Variant) -> bool:
    scalable = part.target.scalable
    return scalable.dimension == INSTANCES and scalable.resource == f"endpoint/{endpoint.name}/variant/{variant.name}"


RULE = Rule(
    id=_ID,
    title="One production instance only",
    severity=Severity.OK,
    check=check,
    reads=("scaled",),
    help="""\
A production endpoint runs on a single instance. When that instance or its availability zone fails, nothing answers for
the minutes until SageMaker has started another.

It is said of an endpoint in service whose traffic goes to one variant with one desired instance, when a tag env,
environment or stage says prod, or where there is no such tag and the account is configured with a kind that begins with
prod. It is advice, and changes no row.

Serverless endpoints have no instances, and asynchronous ones keep requests in a queue meanwhile: nothing is said of
them. Nor of endpoints for tests, whose owners know.

Two instances are placed in different zones by SageMaker, and cost twice as much. Where Application Auto Scaling scales
the variant, the minimum has to be two, or it takes the second away again.
""",
)
