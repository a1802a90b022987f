"""Where one failure mode explains another, the cause speaks and the symptom is its evidence."""

from collections.abc import Iterator, Mapping, Sequence

from smtop.metrics.domain.finding import Finding

CAUSES: Mapping[str, frozenset[str]] = {
    "errors-5xx": frozenset(
        {
            "bad-canary",
            "cpu-saturated",
            "disk-full",
            "gpu-saturated",
            "memory-saturated",
            "model-load-failing",
            "serverless-memory",
        }
    ),
    "errors-4xx": frozenset({"bad-canary", "concurrency-limit"}),
    "latency-near-limit": frozenset(
        {"bad-canary", "cpu-saturated", "gpu-saturated", "hot-instance", "memory-saturated"}
    ),
    "latency-high": frozenset(
        {
            "bad-canary",
            "cache-thrash",
            "cold-starts",
            "concurrency-limit",
            "container-skew",
            "cpu-saturated",
            "model-load-failing",
            "gpu-saturated",
            "hot-instance",
            "latency-near-limit",
            "memory-saturated",
            "pc-exhausted",
        }
    ),
}
"""Symptoms, and the findings that explain each. A cause explains what is no graver than itself, or one of its
CONSEQUENCES."""

_OVERLOAD = frozenset({"cpu-saturated", "gpu-saturated", "latency-near-limit"})
CONSEQUENCES: Mapping[str, frozenset[str]] = {
    "hot-instance": frozenset({"latency-near-limit"}),
    "scaling-at-max": _OVERLOAD,
    "scaling-fight": _OVERLOAD,
    "scaling-stuck": _OVERLOAD,
}
"""Causes that are as grave as what comes of them, so that it never stands above them."""

ALARM = "alarm-firing"
"""Whatever is found explains why somebody's alarm fires."""


def explained(found: Sequence[Finding]) -> list[Finding]:
    """Without the symptoms whose cause is there too; the cause takes over their evidence, severity and impact."""
    by_cause: dict[int, list[Finding]] = {}
    for finding in found:
        if finding.id in CAUSES or finding.id == ALARM:
            cause = min(_causes(finding, found), key=lambda place: found[place].id in CAUSES, default=None)
            if cause is not None:
                by_cause.setdefault(cause, []).append(finding)
    symptoms = {id(symptom) for told in by_cause.values() for symptom in told}
    return [
        _with(finding, by_cause.get(place, ())) for place, finding in enumerate(found) if id(finding) not in symptoms
    ]


def _causes(symptom: Finding, found: Sequence[Finding]) -> Iterator[int]:
    """Places of what explains a symptom: at the same variant, and at least as grave or made so by it."""
    for place, cause in enumerate(found):
        is_as_grave = cause.severity.rank <= symptom.severity.rank or symptom.id in CONSEQUENCES.get(cause.id, ())
        if is_as_grave and _explains(cause, symptom):
            yield place


def _explains(cause: Finding, symptom: Finding) -> bool:
    if symptom.id == ALARM:
        return cause.id != ALARM and (symptom.variant is None or cause.variant in (symptom.variant, None))
    return cause.id in CAUSES[symptom.id] and cause.variant in (symptom.variant, None)


def _with(cause: Finding, symptoms: Sequence[Finding]) -> Finding:
    if not symptoms:
        return cause
    lines = list(cause.evidence)
    for line in (line for symptom in symptoms for line in symptom.evidence):
        if not any(line.endswith(known) for known in lines):
            lines.append(line)
    return _as_grave(cause, symptoms)._replace(evidence=tuple(lines))


def weighed(found: Sequence[Finding]) -> list[Finding]:
    """With the causes of CONSEQUENCES as grave as those of them that stand beside them."""
    return [_as_grave(one, list(_brought(one, found))) if one.id in CONSEQUENCES else one for one in found]


def _brought(cause: Finding, found: Sequence[Finding]) -> Iterator[Finding]:
    return (one for one in found if one.id in CONSEQUENCES[cause.id] and cause.variant in (one.variant, None))


def _as_grave(cause: Finding, others: Sequence[Finding]) -> Finding:
    """The cause with the gravest severity and the largest impact of all."""
    gravest = min((cause, *others), key=lambda one: one.severity.rank)
    impacts = [one.impact_per_minute for one in (cause, *others) if one.impact_per_minute is not None]
    return cause._replace(severity=gravest.severity, impact_per_minute=max(impacts, default=None))
