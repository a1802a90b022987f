"""How far an endpoint could be judged: by which rules, and why not by the others."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rulebook import STANDARD_TERMS, Terms
from smtop.metrics.analysis.rules import RULES
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import Sample, SampleState
from smtop.metrics.domain.snapshot import EndpointView

_CALLS = ("Invocations.Sum", "Invocation5XXErrors.Sum")
_DECIDING: Mapping[Kind, tuple[str, ...]] = {
    Kind.ASYNC: ("ApproximateBacklogSize.Maximum", "HasBacklogWithoutCapacity.Maximum"),
    Kind.SERVERLESS: (*_CALLS, "ServerlessConcurrentExecutionsUtilization.Maximum"),
    Kind.SERVERLESS_PROVISIONED: (*_CALLS, "ServerlessProvisionedConcurrencyUtilization.Maximum"),
}
"""Without these nobody can say that an endpoint is fine."""


class Outcome(StrEnum):
    """What became of a rule."""

    FOUND = "found"
    QUIET = "quiet"
    UNKNOWN = "not known"
    ELSEWHERE = "not for this kind"
    OFF = "switched off"


class Look(NamedTuple):
    """A rule, what became of it, and why it could not say anything where it could not."""

    rule: Rule
    outcome: Outcome
    why: str | None = None


def unjudged(view: EndpointView) -> str | None:
    """Why an endpoint cannot be called fine; None where it can, or where it is known not to be."""
    endpoint = view.endpoint
    if not endpoint.described:
        return f"It could not be described ({endpoint.status})."
    if view.findings and view.findings[0].severity.rank <= 1:
        return None
    for label in _DECIDING.get(endpoint.kind, _CALLS):
        for sample in _samples(view, label):
            if sample.state in (SampleState.NOT_COLLECTED, SampleState.STALE):
                return f"{label.split('.', maxsplit=1)[0]}: {sample.why or 'the last answer is too old'}."
            if sample.state is SampleState.PROVISIONAL:
                return f"{label.split('.', maxsplit=1)[0]}: the data is too new to be settled."
    return None


def looks(view: EndpointView, terms: Terms = STANDARD_TERMS) -> Iterator[Look]:
    """Every rule with what became of it."""
    found = {finding.id for finding in view.findings}
    for rule in RULES:
        yield _look(rule, view, found, terms)


def _look(rule: Rule, view: EndpointView, found: set[str], terms: Terms) -> Look:
    if rule.id in terms.off:
        return Look(rule, Outcome.OFF)
    if rule.id in found:
        return Look(rule, Outcome.FOUND)
    series = [label for label in rule.reads if "." in label]
    samples = [sample for label in series for sample in _samples(view, label)]
    if series and not samples:
        return Look(rule, Outcome.ELSEWHERE)
    missing = next((sample for sample in samples if sample.state is SampleState.NOT_COLLECTED), None)
    why = missing.why if missing else view.no_baseline if rule.by_baseline else None
    return Look(rule, Outcome.UNKNOWN, why) if missing or why else Look(rule, Outcome.QUIET)


def _samples(view: EndpointView, label: str) -> Sequence[Sample]:
    shadows = _shadows(view.endpoint)
    return [own[label] for owner, own in view.metrics.items() if label in own and owner.variant not in shadows]


def _shadows(endpoint: Endpoint) -> set[str | None]:
    return {variant.name for variant in endpoint.variants if variant.shadow}
