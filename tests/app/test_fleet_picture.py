"""The whole screen as text, compared with a stored picture.

After a deliberate change of the looks, copy the received text over the stored file and read the difference.
"""

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import not_collected
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, SaturationKind
from smtop.metrics.errors import FaultKind
from smtop.tui.app import SmtopApp
from tests.support.fleet import (
    NOW_S,
    FakeFeed,
    HandClock,
    endpoint,
    saturation,
    snapshot,
    stale,
    trend,
    variant,
    vitals,
)
from tests.support.pictures import stored


def burning_fleet() -> FleetSnapshot:
    finding = Finding(
        "pc-exhausted",
        Severity.CRITICAL,
        "Provisioned concurrency is used up",
        ("utilisation 1.00 for 9 minutes", "38 requests a minute spill over"),
        int(NOW_S) - 540,
        next="Raise provisioned concurrency.",
    )
    fraud = vitals(
        requests=1900.0,
        errors=0.0,
        p50=170.0,
        p99=2410.0,
        saturation=saturation(SaturationKind.PROVISIONED, 1.0, 38.0),
        points=trend(*[float(minute**2) for minute in range(60)]),
    )
    ranker = vitals(
        requests=880.0,
        errors=0.062,
        p50=88.0,
        p99=410.0,
        saturation=saturation(SaturationKind.CPU, 0.61),
        points=trend(*[50.0] * 30, *[None] * 15, *[100.0] * 15),
    )
    embed = vitals(
        requests=stale(35.0, minutes=7),
        errors=stale(0.0, minutes=7),
        saturation=saturation(SaturationKind.BACKLOG, 412.0),
    )
    lite = vitals(requests=not_collected("denied"))
    return snapshot(
        endpoint(
            "fraud-scorer", Severity.CRITICAL, kind=Kind.SERVERLESS_PROVISIONED, findings=[finding], numbers=fraud
        ),
        endpoint("rec-ranker", Severity.CRITICAL, variants=[variant("A", 9), variant("B", 1)], numbers=ranker),
        endpoint("doc-embed", Severity.WARNING, kind=Kind.ASYNC, numbers=embed),
        endpoint("img-tagger-blue-deployment-experiment-0042", Severity.CHANGING, status="Updating"),
        endpoint("ocr-lite", Severity.UNKNOWN, kind=Kind.SERVERLESS, numbers=lite),
        endpoint("churn", Severity.IDLE, numbers=vitals(requests=0.0, points=trend(*[0.0] * 60))),
        endpoint("geo-parse"),
        problems=[Problem(FaultKind.PERMISSION, "sagemaker:ListTags", "No permission for sagemaker:ListTags.")],
    )


async def picture(width: int, height: int, *, ascii_only: bool) -> str:
    feed = FakeFeed(burning_fleet())

    async def connect() -> FakeFeed:
        return feed

    app = SmtopApp(connect, ascii_only=ascii_only, clock=HandClock())
    async with app.run_test(size=(width, height)) as pilot:
        while not feed.is_drained:
            await pilot.pause()
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        return "".join("".join(segment.text for segment in strip).rstrip() + "\n" for strip in strips)


async def test_the_screen_at_80x24_in_ascii() -> None:
    shown = await picture(80, 24, ascii_only=True)
    assert shown == stored("fleet_80x24_ascii.txt", shown)


async def test_the_screen_at_120x40_in_blocks() -> None:
    shown = await picture(120, 40, ascii_only=False)
    assert shown == stored("fleet_120x40.txt", shown)
