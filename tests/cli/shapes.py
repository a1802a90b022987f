"""Schema 1 of `snapshot --format json`, of plans and their results, and what a document differs in from it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Check = Callable[[Any], bool]

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def truth(value: Any) -> bool:
    return isinstance(value, bool)


def moment(value: Any) -> bool:
    return isinstance(value, str) and _ISO.match(value) is not None


def nullable(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*values: str) -> Check:
    return lambda value: value in values


class Listed:
    """A list whose every entry has this shape."""

    def __init__(self, entry: Any) -> None:
        self.entry = entry


class Mapped:
    """An object with keys of any such text, whose every value has this shape."""

    def __init__(self, key: str, entry: Any) -> None:
        self.key = re.compile(key)
        self.entry = entry


class OrNull:
    """This shape, or null."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


def moving(check: Check) -> dict[str, Check]:
    return {"current": check, "desired": check}


KIND = one_of(
    "realtime",
    "multi-model",
    "multi-container",
    "pipeline",
    "async",
    "serverless",
    "serverless-provisioned",
    "inference-component",
    "unknown",
)
SEVERITIES = ("critical", "warning", "changing", "unknown", "idle", "ok")
SAMPLE = {
    "value": nullable(number),
    "unit": one_of("Microseconds", "Milliseconds", "Seconds", "Percent", "Count", "None"),
    "stat": text,
    "period_s": whole,
    "at": nullable(moment),
    "age_s": nullable(whole),
    "state": one_of("ok", "provisional", "stale", "no-data", "not-collected"),
    "why": nullable(text),
    "filled": truth,
}
METRICS = Mapped(r"[A-Z][A-Za-z0-9]+\.(p\d+|Sum|Average|Minimum|Maximum|SampleCount)$", SAMPLE)
FINDING = {
    "id": text,
    "severity": one_of("critical", "warning", "idle", "ok"),
    "variant": nullable(text),
    "title": text,
    "evidence": Listed(text),
    "since": nullable(moment),
    "next": nullable(text),
}
VERDICT = {
    **FINDING,
    "account": text,
    "region": text,
    "endpoint": text,
    "component": nullable(text),
    "confidence": one_of("high", "medium", "low"),
    "impact_per_minute": nullable(number),
    "changes": Listed({"at": moment, "what": text}),
    "change": lambda value: value is None or text(value["change"]),
    "runbook": nullable(text),
}
SHARED = {**VERDICT, "endpoint": lambda value: value is None, "endpoints": Listed(text)}
COMPONENT = {
    "name": text,
    "variant": nullable(text),
    "status": text,
    "copies": OrNull(moving(nullable(whole))),
    "metrics": METRICS,
}
VARIANT = {
    "name": text,
    "shadow": truth,
    "weight": OrNull(moving(nullable(number))),
    "instances": OrNull({**moving(nullable(whole)), "type": nullable(text), "type_why": nullable(text)}),
    "serverless": OrNull(
        {"memory_mb": whole, "max_concurrency": whole, "provisioned_concurrency": nullable(whole)},
    ),
    "containers": Listed({"name": text, "metrics": METRICS}),
    "metrics": METRICS,
}
ENDPOINT = {
    "name": text,
    "account": text,
    "region": text,
    "arn": text,
    "kind": KIND,
    "status": text,
    "status_reason": nullable(text),
    "config": nullable(text),
    "created_at": moment,
    "modified_at": moment,
    "tags": Mapped(r".+", text),
    "severity": one_of(*SEVERITIES),
    "findings": Listed(FINDING),
    "metrics": METRICS,
    "components": Listed(COMPONENT),
    "variants": Listed(VARIANT),
}
PLACE = {"account": nullable(text), "region": nullable(text)}
PROBLEM = {
    **PLACE,
    "endpoint": nullable(text),
    "kind": text,
    "operation": text,
    "message": text,
}
VERDICTS = {
    "schema": whole,
    "generated_at": moment,
    "findings": lambda value: (
        not any(list(differences(one, SHARED if one["endpoint"] is None else VERDICT)) for one in value)
    ),
    "unjudged": Listed({**PLACE, "endpoint": nullable(text), "why": text}),
    "muted": Listed(
        {**PLACE, "endpoint": text, "id": text, "variant": nullable(text), "reason": text, "until": moment}
    ),
    "problems": Listed(PROBLEM),
}
SNAPSHOT = {
    "schema": whole,
    "generated_at": moment,
    "complete": truth,
    "identities": Listed(
        {"account": text, "region": text, "arn": text, "profile": nullable(text), "label": nullable(text)}
    ),
    "problems": Listed(PROBLEM),
    "spend": {
        "metrics_billed": whole,
        "api_calls": Mapped(r"[A-Z][A-Za-z]+$", whole),
        "usd": number,
        "usd_per_hour": number,
        "usd_per_day": number,
        "usd_by_tier": Mapped(r"[a-z]+$", number),
        "usd_spent_by_tier": Mapped(r"[a-z]+( look)?$", number),
        "asked_through": nullable(text),
        "by_place": Listed(
            {
                "account": nullable(text),
                "region": text,
                "profile": nullable(text),
                "metrics_billed": whole,
                "usd": number,
                "usd_per_hour": number,
                "asked_through": nullable(text),
            }
        ),
    },
    "endpoints": Listed(ENDPOINT),
}


CALL = {
    "service": text,
    "operation": text,
    "params": Mapped("[A-Z]", lambda _: True),
    "cli": lambda value: value.startswith("aws "),
    "until": text,
}
"""A call that is waited for."""
PLAN = {
    "schema": lambda value: value == 1,
    "id": lambda value: re.fullmatch(r"\d{8}T\d{6}Z-[a-z0-9]{4}", value) is not None,
    "change": text,
    "account": text,
    "region": text,
    "endpoint_url": nullable(text),
    "label": nullable(text),
    "account_kind": lambda value: isinstance(value, str),
    "endpoint": text,
    "arn": text,
    "variant": nullable(text),
    "before": Mapped(".", lambda _: True),
    "after": Mapped(".", lambda _: True),
    "calls": Listed(CALL),
    "confirm": one_of("none", "yes", "type-name", "type-count"),
    "confirm_text": nullable(text),
    "warnings": Listed(text),
    "blockers": Listed(text),
    "diff": Listed(text),
    "requests_per_minute": nullable(number),
    "usd_per_hour": Listed(nullable(number)),
    "usd_per_hour_delta": nullable(number),
    "fingerprint": text,
    "expects": Mapped(".", lambda _: True),
    "undo": OrNull(Mapped(".", lambda _: True)),
    "wanted": Mapped(".", lambda _: True),
}
RESULT = {
    "schema": lambda value: value == 1,
    "id": text,
    "plan": PLAN,
    "outcome": one_of("applied", "in-progress", "refused", "failed"),
    "request_ids": Listed(text),
    "status": nullable(text),
    "error": nullable(text),
}


def differences(value: Any, shape: Any, path: str = "$") -> Iterator[str]:
    """Where a value does not have this shape: a missing or additional key, a value of another type."""
    if isinstance(shape, OrNull):
        if value is not None:
            yield from differences(value, shape.shape, path)
    elif isinstance(shape, Listed):
        yield from _in_list(value, shape, path)
    elif isinstance(shape, Mapped):
        yield from _in_mapping(value, shape, path)
    elif isinstance(shape, dict):
        yield from _in_object(value, shape, path)
    elif not shape(value):
        yield f"{path}: {value!r}"


def _in_list(value: Any, shape: Listed, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    for index, entry in enumerate(value):
        yield from differences(entry, shape.entry, f"{path}[{index}]")


def _in_mapping(value: Any, shape: Mapped, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    for key, entry in value.items():
        if not shape.key.match(key):
            yield f"{path}: key {key!r}"
        yield from differences(entry, shape.entry, f"{path}.{key}")


def _in_object(value: Any, shape: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    if value.keys() != shape.keys():
        yield f"{path}: keys differ in {sorted(value.keys() ^ shape.keys())}"
    for key in value.keys() & shape.keys():
        yield from differences(value[key], shape[key], f"{path}.{key}")
