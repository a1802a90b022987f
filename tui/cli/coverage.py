"""What `doctor --catalogue` prints: a comparison of names, and how late CloudWatch is, for people and for scripts."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtop.metrics.reports.coverage import Coverage, Expected, KindCoverage, Unknown
    from smtop.metrics.reports.lag import Lag, Measured
    from smtop.metrics.reports.near_miss import Near, Shape

_SAYS = {
    "published": "",
    "partly": "not for all",
    "not-for-these": "not for these endpoints; others have it",
    "never": "never published",
    "too-young": "too young to tell",
}
_APART = ("they differ in case only", "one dimension has another name", "the names are nearly the same")
_LIMITS = (
    "CloudWatch lists a metric up to 15 minutes after its first value, and no more after two weeks of silence: "
    "what is not listed may be new, idle, or without anything to count."
)


def coverage_text(coverage: "Coverage") -> Iterator[str]:
    """The comparison for people."""
    yield f"{coverage.endpoints} endpoints. CloudWatch lists {coverage.listed:,} metrics in SageMaker's namespaces."
    for kind in coverage.kinds:
        yield from _kind_text(kind)
    yield from _unknown_text(coverage.unknown)
    if not coverage.is_whole:
        yield ""
        yield _LIMITS
    if coverage.young:
        yield f"Endpoints created or changed in the last 30 minutes: {coverage.young}."


def _kind_text(kind: "KindCoverage") -> Iterator[str]:
    yield ""
    yield f"{kind.kind.value}: {_counted(kind.endpoints, 'endpoint')}"
    for (namespace, dimensions), group in groupby(kind.expected, lambda one: (one.shape[0], one.shape[2])):
        yield f"  {namespace} by {', '.join(dimensions)}"
        for one in group:
            yield f"    {one.spec.name:<53}{one.seen:>5} of {one.planned:<5}{_told(one)}".rstrip()


def _told(one: "Expected") -> str:
    says = [_SAYS[one.presence.value]]
    if one.young and one.presence.value == "partly":
        says.append(f"{one.young} too young to tell")
    if one.listed_as and one.listed_as != (one.spec.name,):
        says.append(f"published as {', '.join(one.listed_as)}")
    return "; ".join(filter(None, says))


def _unknown_text(unknown: Sequence["Unknown"]) -> Iterator[str]:
    if unknown:
        yield ""
        yield "Published, and unknown to the catalogue:"
    for one in unknown:
        example = ", ".join(f"{name}={value}" for name, value in one.example.dimensions)
        on_purpose = "; left out on purpose, as it multiplies with the hosts" if one.per_host else ""
        yield f"  {_shape_text(one.shape)}: {one.series:,} series, as {example}{on_purpose}"
        if one.near:
            yield from _near_text(one.near)


def _near_text(near: "Near") -> Iterator[str]:
    yield f"    The catalogue says {_shape_text(near.expected)}: {_APART[near.likeness]}. Override with"
    yield from (f"      {line}" for line in near.snippet.splitlines())


def _shape_text(shape: "Shape") -> str:
    return f"{shape.namespace} {shape.name} by {', '.join(shape.dimensions) or 'nothing'}"


def measured_text(measured: "Measured") -> Iterator[str]:
    """The lags for people, in whole seconds."""
    yield ""
    if not measured.lags:
        yield "No minute was seen to appear: watch for longer, or while there is traffic."
        return
    yield f"{'SECONDS AFTER THE END OF THE MINUTE':<57}{'FIRST SEEN':^21}{'SETTLED':^21}".rstrip()
    yield f"{'METRIC':<57}{'N':>5}{'P50':>8}{'P95':>8}{'N':>5}{'P50':>8}{'P95':>8}"
    by_namespace = sorted(measured.lags, key=lambda lag: lag.metric[0])
    for namespace, lags in groupby(by_namespace, lambda lag: lag.metric[0]):
        yield f"  {namespace}"
        yield from map(_lag_text, lags)
    yield "By this machine's clock. Settled is what did not change for two minutes; what takes longer than the watch is"
    yield "not seen."


def _lag_text(lag: "Lag") -> str:
    seen = f"{lag.samples:>5}{_seconds(lag.p50_s)}{_seconds(lag.p95_s)}"
    settled = f"{lag.settled_samples:>5}{_seconds(lag.settled_p50_s)}{_seconds(lag.settled_p95_s)}"
    return f"    {lag.metric[1]:<53}{seen}{settled}"


def _seconds(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:.0f}':>8}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def coverage_json(coverage: "Coverage", measured: "Measured | None") -> dict[str, Any]:
    """The comparison for scripts; `lags` is null where none were measured."""
    return {
        "schema": 1,
        "endpoints": coverage.endpoints,
        "listed": coverage.listed,
        "young_endpoints": coverage.young,
        "kinds": [
            {"kind": kind.kind.value, "endpoints": kind.endpoints, "expected": list(map(_expected_json, kind.expected))}
            for kind in coverage.kinds
        ],
        "unknown": [_unknown_json(one) for one in coverage.unknown],
        "lags": None if measured is None else list(map(_lag_json, measured.lags)),
    }


def _expected_json(one: "Expected") -> dict[str, Any]:
    return {
        "metric": one.spec.name,
        **_shape_json(one.shape),
        "presence": one.presence.value,
        "planned": one.planned,
        "seen": one.seen,
        "young": one.young,
        "listed_as": list(one.listed_as),
    }


def _unknown_json(one: "Unknown") -> dict[str, Any]:
    return {
        **_shape_json(one.shape),
        "series": one.series,
        "example": dict(one.example.dimensions),
        "per_host": one.per_host,
        "near": one.near
        and {
            "metric": one.near.spec.name,
            **_shape_json(one.near.expected),
            "likeness": one.near.likeness.name.lower(),
            "override": one.near.snippet,
        },
    }


def _shape_json(shape: "Shape") -> dict[str, Any]:
    """Names as CloudWatch has them, or would have them."""
    return {"namespace": shape.namespace, "name": shape.name, "dimensions": list(shape.dimensions)}


def _lag_json(lag: "Lag") -> dict[str, Any]:
    namespace, name = lag.metric
    return {
        "namespace": namespace,
        "metric": name,
        "samples": lag.samples,
        "p50_s": _rounded(lag.p50_s),
        "p95_s": _rounded(lag.p95_s),
        "settled_samples": lag.settled_samples,
        "settled_p50_s": _rounded(lag.settled_p50_s),
        "settled_p95_s": _rounded(lag.settled_p95_s),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
