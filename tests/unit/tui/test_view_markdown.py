"""An endpoint as Markdown."""

from dataclasses import replace

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Muted, Severity, SharedCause
from smtop.metrics.domain.series import not_collected
from smtop.metrics.domain.snapshot import EndpointView, SaturationKind
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.markdown import TEXTS
from tests.support.fleet import NOW_S, endpoint, saturation, snapshot, stale, vitals
from tests.support.hostile import TEXTS as HOSTILE
from tests.support.hostile import hostile_fleet

PAINT = Paint(NOW_S, BLOCKS)


def fraud() -> EndpointView:
    finding = Finding(
        "pc-exhausted",
        Severity.CRITICAL,
        "Provisioned concurrency is used up",
        ("utilisation 1.00 for 9 minutes", "38 requests a minute spill over"),
        int(NOW_S) - 540,
        variant="AllTraffic",
        next="Raise provisioned concurrency.",
    )
    numbers = vitals(
        requests=1900.0,
        errors=0.062,
        client_errors=not_collected("denied"),
        p99=stale(2410.0, minutes=7),
        saturation=saturation(SaturationKind.PROVISIONED, 1.0, 38.0),
    )
    kind = Kind.SERVERLESS_PROVISIONED
    return endpoint("fraud", Severity.CRITICAL, kind=kind, findings=[finding], numbers=numbers)


def markdown(what: str) -> str:
    return TEXTS[what](fraud(), snapshot(fraud()), PAINT)


def test_name_and_arn_are_nothing_but_that() -> None:
    assert markdown("name") == "fraud"
    assert markdown("arn") == "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/fraud"


def test_a_row_is_a_table() -> None:
    assert markdown("row").splitlines() == [
        "| ENDPOINT | KIND | STATUS | SEVERITY | REQ/m | 4XX % | 5XX % | P50 ms | P99 ms | SATURATION |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| fraud | serverless-provisioned | InService | critical | 1.9k | x | 6.2 | - | 2,410 7m | PC 100% +38/m |",
    ]


def test_the_summary_says_who_where_how_old_and_why() -> None:
    assert markdown("summary").splitlines() == [
        "### fraud: critical",
        "",
        "* ml-prod 123456789012 eu-west-1",
        "* serverless-provisioned, InService, config fraud-v1",
        "* arn:aws:sagemaker:eu-west-1:123456789012:endpoint/fraud",
        "* at 14:11Z, from data 1m old",
        "",
        "| REQ/m | 4XX % | 5XX % | P50 ms | P99 ms | SATURATION |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 1.9k | x | 6.2 | - | 2,410 7m | PC 100% +38/m |",
        "",
        "**critical: Provisioned concurrency is used up (AllTraffic)** (`pc-exhausted`, since 14:02Z)",
        "",
        "* utilisation 1.00 for 9 minutes",
        "* 38 requests a minute spill over",
        "* Confidence: high",
        "* Next: Raise provisioned concurrency.",
    ]


def test_texts_of_others_are_neither_markup_nor_lines_of_their_own() -> None:
    fleet = hostile_fleet()
    for view in fleet.endpoints:
        texts = {what: make(view, fleet, PAINT) for what, make in TEXTS.items()}
        assert all(character == "\n" or character.isprintable() for text in texts.values() for character in text)
        assert len(texts["name"].splitlines()) == len(texts["arn"].splitlines()) == 1
        assert len(texts["row"].splitlines()) == 3
        assert texts["row"].splitlines()[2].replace("\\|", "").count("|") == 11
    markup = next(view for view in fleet.endpoints if HOSTILE[5] in view.endpoint.name)
    assert "\\[bold red\\]x\\[/\\]" in TEXTS["row"](markup, fleet, PAINT)


def test_the_summary_has_what_is_shared_what_is_muted_advice_and_what_may_come() -> None:
    known = Muted("vendor knows", NOW_S + 3600, "ana")
    copies = Finding("component-without-capacity", Severity.CRITICAL, "no copy", component="chat", muted=known)
    advice = Finding("image-large", Severity.OK, "11 GB")
    hint = Finding("errors-5xx", Severity.CRITICAL, "9% fail")
    view = replace(fraud(), findings=(advice, copies, *fraud().findings), hints=(hint,))
    cause = SharedCause(Finding("shared-cause", Severity.CRITICAL, "6 endpoints have pc-exhausted"), ("fraud", "x"))
    other = SharedCause(Finding("shared-cause", Severity.CRITICAL, "9 others"), ("x", "y"))
    told = TEXTS["summary"](view, replace(snapshot(view), shared=(cause, other)), PAINT)
    heads = [line for line in told.splitlines() if line.startswith(("**", "Early"))]
    assert [head.partition("*" * 2 + " (")[0].strip("*") for head in heads] == [
        "critical: 6 endpoints have pc-exhausted",
        "critical: Provisioned concurrency is used up (AllTraffic)",
        "critical: no copy (chat)",
        "advice: 11 GB",
        "Early signal, by minutes that may still change: 9% fail (`errors-5xx`)",
    ]
    assert "* Muted by ana until 15:11Z: vendor knows" in told
