"""A serverless container has little memory left, or none."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.rules.serverless.calm import is_calm
from smtop.metrics.analysis.rules.serverless.labels import CALLS, MEMORY, SERVER_ERRORS
from smtop.metrics.analysis.rules.serverless.settings import MEMORY_STEP_MB, MOST_MEMORY_MB, serverless_variants
from smtop.metrics.analysis.rules.serverless.slots import Remedy
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "serverless-memory"
_GOOD_USE = 0.8
_MB = 2**20


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Out of memory, or nearly, or with an artifact that cannot fit; the gravest of them."""
    for owner, settings in serverless_variants(subject):
        if is_calm(subject, owner, MEMORY, below=limits.serverless_memory.clears * 100):
            yield from _too_large(subject, owner, settings)
        elif is_out_of_memory(subject, owner, limits):
            yield _out(subject, owner, settings, limits)
        elif _holds(subject, owner, limits.serverless_memory):
            yield _little(subject, owner, settings, limits)
        else:
            yield from _too_large(subject, owner, settings)


def is_out_of_memory(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether a serverless variant has no memory left and answers 5XX: then that is why."""
    if not subject.endpoint.kind.is_serverless or not _holds(subject, owner, limits.serverless_memory_out):
        return False
    failed, calls = _failed(subject, owner, limits)
    return calls >= limits.least_calls and failed >= limits.server_error_ratio.clears * calls


def _failed(subject: Subject, owner: Owner, limits: Thresholds) -> tuple[float, float]:
    failed = subject.total(owner, SERVER_ERRORS, limits.window_minutes, beside=CALLS)
    return failed, subject.total(owner, CALLS, limits.window_minutes, beside=SERVER_ERRORS)


def _holds(subject: Subject, owner: Owner, share: Band) -> bool:
    newest = subject.newest(owner, MEMORY, DECIDING)
    return holds(newest, _percent(share), is_open=subject.is_open(_ID, owner))


def _percent(share: Band) -> Band:
    return Band(share.fires * 100, share.clears * 100)


def _out(subject: Subject, owner: Owner, settings: Serverless, limits: Thresholds) -> Finding:
    failed, calls = _failed(subject, owner, limits)
    found = _little(subject, owner, settings, limits)
    return found._replace(
        severity=Severity.CRITICAL,
        title=f"out of memory: {failed / calls:.0%} of requests fail with 5XX",
        evidence=(*found.evidence, f"{failed:,.0f} of {calls:,.0f} requests failed in {limits.window_minutes} min"),
        impact_per_minute=failed / limits.window_minutes,
    )


def _little(subject: Subject, owner: Owner, settings: Serverless, limits: Thresholds) -> Finding:
    peak = max(point.value for point in subject.newest(owner, MEMORY, DECIDING)) / 100
    remedy = _remedy(subject, owner, settings, peak * settings.memory_mb / _GOOD_USE)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"memory at {peak:.0%}",
        evidence=(f"peak {peak:.0%} of {settings.memory_mb:,} MB in the last {DECIDING} min",),
        since=subject.onset(owner, MEMORY, _percent(limits.serverless_memory).is_bad),
        variant=owner.variant,
        next=remedy.next,
        impact_per_minute=0.0,
        change=remedy.change,
    )


def _too_large(subject: Subject, owner: Owner, settings: Serverless) -> Iterator[Finding]:
    models = subject.around.models
    if not models:
        return
    variant = next(variant for variant in subject.endpoint.production if variant.name == owner.variant)
    model = models.get(variant.model or "")
    if model is None or model.artifact_bytes is None or model.artifact_bytes / _MB <= settings.memory_mb:
        return
    size_mb = model.artifact_bytes / _MB
    remedy = _remedy(subject, owner, settings, size_mb)
    yield Finding(
        id=_ID,
        severity=Severity.OK,
        title=f"the model of {size_mb:,.0f} MB is larger than the memory of {settings.memory_mb:,} MB",
        evidence=(f"the artifact of {model.name} has {size_mb:,.0f} MB in S3, as a rule compressed",),
        variant=owner.variant,
        next=remedy.next,
        confidence=Confidence.MEDIUM,
        change=remedy.change,
    )


def _remedy(subject: Subject, owner: Owner, settings: Serverless, needed_mb: float) -> Remedy:
    """The smallest memory with enough in it; a new config, and cold starts."""
    sizes = range(settings.memory_mb + MEMORY_STEP_MB, MOST_MEMORY_MB + 1, MEMORY_STEP_MB)
    size = next((size for size in sizes if size >= needed_mb), None)
    if size is None and (not sizes or needed_mb > MOST_MEMORY_MB / _GOOD_USE):
        return Remedy(
            f"Make the model smaller, or host it on an instance: serverless has {MOST_MEMORY_MB:,} MB at most."
        )
    size = size or sizes[-1]
    told = f"Raise the memory from {settings.memory_mb:,} to {size:,} MB, by a new config; expect cold starts."
    return Remedy(told, Resize(subject.endpoint.name, owner.variant, memory_mb=size))


RULE = Rule(
    id=_ID,
    title="Serverless memory",
    severity=Severity.CRITICAL,
    check=check,
    reads=(MEMORY, SERVER_ERRORS, CALLS, "models"),
    limits=("serverless_memory", "serverless_memory_out", "server_error_ratio", "least_calls", "window_minutes"),
    help="""\
A serverless container has little memory left. What goes beyond is killed, and its request fails with 5XX.

It is a warning when the peak of two of the three newest settled minutes was at the threshold, and until three in a row
are clearly below. Where hardly anything is left and requests fail with 5XX, it is critical and taken for the cause. It
is advice where the model's artifact alone is larger than the memory; artifacts are compressed, so that unpacked it is
larger still, but a server need not load all of it.

A leak grows from hour to hour; a model that is simply large has the same use from the first minute on. Several workers
load the model several times: `serverless-workers`.

Raise the memory, 1,024 MB at a time up to 6,144. It is a new config: all containers start anew. More memory comes with
more CPU and costs more for each second of a request.
""",
)
