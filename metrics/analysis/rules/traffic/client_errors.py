"""The callers' requests are refused: 4XX."""

from collections.abc import Iterator

from smtop.metrics.analysis.failures import Failures, bad_client_errors, failures
from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "errors-4xx"
_ERRORS = "Invocation4XXErrors.Sum"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """4XX of a variant at or above the ratio and more than usual for it; throttles are told from them by `causes`."""
    for owner in subject.variant_owners():
        told = failures(subject, owner, "4XX", bad_client_errors(limits), limits)
        if told is not None and not _is_usual(subject, owner):
            yield _finding(owner, told)


def _is_usual(subject: Subject, owner: Owner) -> bool:
    """Whether the newest minutes have no more 4XX than this variant has at this hour anyway."""
    usual = subject.usual.get(owner, {}).get(_ERRORS)
    if usual is None:
        return False
    newest = subject.newest(owner, _ERRORS, DECIDING)
    return sum(point.value > usual.high for point in newest) < min(2, len(newest))


def _finding(owner: Owner, told: Failures) -> Finding:
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"{told.ratio:.0%} of requests are refused with 4XX",
        evidence=(f"{owner.variant}: {told.sentence}",),
        since=told.since,
        variant=owner.variant,
        next="Find out who calls and with what: the container's log has the refusals, CloudTrail no invocations.",
        confidence=Confidence.MEDIUM,
        impact_per_minute=told.per_minute,
    )


RULE = Rule(
    id=_ID,
    title="Requests refused with 4XX",
    severity=Severity.WARNING,
    check=check,
    reads=(_ERRORS, "Invocations.Sum", "InvocationsProcessed.Sum"),
    limits=("client_error_ratio", "client_errors_least", "failures_chance", "window_minutes", "least_calls"),
    help="""\
The endpoint refuses requests with 4XX: the payload, its content type or the model that is asked for is not what the
container takes.

Two of the three newest settled minutes with calls must have a ratio at the threshold, and so must the newest five
minutes together, or fifteen where five have few calls. The few of one noisy client are nothing, nor are as many as this
variant has at this hour anyway. It lasts until three minutes in a row are clearly better.

While the concurrency of a serverless endpoint is used up, 4XX are throttles: `concurrency-limit` takes them in. If only
the new one of several variants refuses, see `bad-canary`.

Look at who calls and with what. If a deployment came just before, its contract has changed: roll it back or tell the
callers.
""",
)
