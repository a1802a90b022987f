"""A fleet whose every text tries to break the screen: markup, escape sequences, letters that reorder or vanish."""

from collections.abc import Iterator
from dataclasses import replace

from smtop.metrics.domain.endpoint import Component, Identity, Instances, Kind, Moving, Serverless, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.plan import Call, Place, Plan
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Problem
from smtop.metrics.errors import FaultKind
from smtop.metrics.journal import Entry, Made, State
from tests.support.changes import entry, weights_plan
from tests.support.fleet import IDENTITY, NOW_S, endpoint, snapshot

TEXTS = (
    "\x1b[2J\x1b[31mred",
    "\x1b]52;c;aGFja2Vk\x07",
    "\x1b]0;title\x1b\\",
    "\x9b31m\x90q\x9c",
    "a\rb\nc\td\x08e\x00f\x7fg",
    "[bold red]x[/] [@click=app.quit]y[/]",
    "pay\u202egnp\u2066x\u2069\u200f",
    "\u05d0\u05d1\u05d2 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 42",
    "a\u200bb\u200db\ufeffc\u2060d\u00ad",
    "e\u0301" + "\u0336" * 40,
    "日本語の端点" * 12,
    "\U0001f468\u200d\U0001f469\u200d\U0001f466 \U0001f44d\U0001f3fd \U0001f1ea\U0001f1fa \u2764\ufe0f",
    "\u1100\u1161\u11a8 \u3164\uffa0 \u2630 \ue000 \U0010ffff",
    "\u2028\u2029\x85x",
    "x" * 400,
)


def hostile_fleet() -> FleetSnapshot:
    """Every text that AWS may hand over, hostile in each of the ways."""
    problems = [
        Problem(kind, text, f"{text} {text}. {text}", text) for kind, text in zip(_kinds(), TEXTS, strict=False)
    ]
    who = Identity(
        IDENTITY.account, IDENTITY.region, f"arn:aws:sts::1:assumed-role/{TEXTS[0]}/{TEXTS[6]}", label=TEXTS[3]
    )
    fleet = snapshot(*_endpoints(), problems=problems, identity=who)
    return replace(fleet, notices=TEXTS)


def hostile_plan(endpoint: str, change_id: str = "change-1") -> Plan:
    """A plan in which every text is hostile."""
    plan = weights_plan(endpoint, change_id, place=Place("1", TEXTS[6], label=TEXTS[3], kind_word=TEXTS[7]))
    params = {"EndpointName": endpoint, "Names": list(TEXTS), "Text": "".join(TEXTS)}
    values = {f"{text}.weight": text for text in TEXTS}
    return replace(
        plan,
        before=values,
        after={path: f"{value}!" for path, value in values.items()},
        calls=(Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params),),
        warnings=TEXTS,
    )


def hostile_entry(plan: Plan) -> Entry:
    """What AWS may say of it."""
    calls = {"0": Made(True, TEXTS[0])}
    return entry(plan, State.UNDER_WAY, status=TEXTS[2], error=" ".join(TEXTS), turning_back=TEXTS[4], calls=calls)


def _kinds() -> Iterator[FaultKind]:
    while True:
        yield from FaultKind


def _endpoints() -> Iterator[EndpointView]:
    for number, text in enumerate(TEXTS):
        severity = list(Severity)[number % len(Severity)]
        found = Finding("pc-exhausted", severity, text, (text, text), int(NOW_S) - 60, next=text, variant=text)
        view = endpoint(
            f"{number}{text}",
            severity,
            kind=list(Kind)[number % len(Kind)],
            status=text if number % 2 else "InService",
            status_reason=text,
            variants=_variants(text),
            tags={text: text},
            findings=[found] if number % 3 else [],
        )
        components = (Component(text, text, text, Moving(1, 2)),) if number % 4 == 0 else ()
        yield replace(view, endpoint=view.endpoint._replace(components=components, config=text))


def _variants(text: str) -> tuple[Variant, ...]:
    behind = Instances(Moving(1, 2), text, None)
    return (
        Variant(text, weight=Moving(1.0, 2.0), instances=behind, model=text),
        Variant(f"b{text}", shadow=True, serverless=Serverless(1024, 5, 2), containers=(text,)),
    )
