"""The tabs of an endpoint's page as text."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from smtop.metrics.domain.configs import KnownConfig, Standing
from smtop.metrics.domain.details import Deployed, DeployedVariant, EndpointDetails, Note, Topic
from smtop.metrics.domain.endpoint import Component, Instances, Kind, Moving, Serverless, Variant
from smtop.metrics.domain.finding import Finding, Happening, Muted, Severity
from smtop.metrics.domain.scaling import (
    ManagedScaling,
    Scalable,
    ScalableTarget,
    ScaledPart,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    Step,
    Suspension,
)
from smtop.metrics.domain.series import Owner, not_collected
from smtop.metrics.domain.snapshot import EndpointView, SaturationKind
from smtop.tui.keymap import TABS
from smtop.tui.view_models.cells import Line, Paint, text_of, width_of
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from smtop.tui.view_models.tabs.bar import METRICS, TEXTS, next_tab, tab_line, tab_text
from smtop.tui.view_models.tabs.configs import configs
from smtop.tui.view_models.tabs.overview import overview
from smtop.tui.view_models.tabs.page import Page
from smtop.tui.view_models.tabs.scaling import scaling
from smtop.tui.view_models.tabs.variants import variants
from smtop.tui.view_state import PageState
from tests.support.details import config, scalable, target
from tests.support.fleet import NOW_S, endpoint, saturation, vitals

DAY, HOUR = 86_400.0, 3600.0
CET = timezone(timedelta(hours=1), "CET")
EMPTY = EndpointDetails("fraud", NOW_S - 60, Deployed("fraud-v1"), scaled=())


def page(
    view: EndpointView | None = None, details: EndpointDetails | None = EMPTY, width: int = 100, **state: object
) -> Page:
    shown = view or endpoint("fraud")
    return Page(shown, details, PageState(**state), width, Paint(NOW_S, BLOCKS), CET)  # type: ignore[arg-type]


def text(lines: Sequence[Line]) -> str:
    return "\n".join(text_of(line) for line in lines)


def styles(lines: Sequence[Line], words: str) -> set[str]:
    return {cell.style for line in lines for cell in line if words in cell.text}


# Tabs


def test_tabs_have_numbers_and_the_open_one_has_brackets() -> None:
    line = text_of(tab_line("scaling", (), width=80, paint=Paint(NOW_S, BLOCKS)))
    assert line.rstrip() == " 1 Overview  2 Metrics  3 Variants [4 Scaling] 5 Config"


def test_every_tab_has_a_key_and_a_text_but_the_charts() -> None:
    assert len(TABS) <= 8
    assert set(TABS) == {*TEXTS, METRICS}


def test_on_a_narrow_terminal_only_the_open_tab_has_its_name() -> None:
    line = tab_line("overview", (), width=40, paint=Paint(NOW_S, BLOCKS))
    assert text_of(line).rstrip() == "[1 Overview] 2  3  4  5"
    assert width_of(line) <= 40


def test_tabs_go_round() -> None:
    assert [next_tab("overview", step) for step in (1, -1)] == ["metrics", "config"]
    assert next_tab("config", 1) == "overview"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("glyphs", [BLOCKS, ASCII])
def test_no_tab_is_wider_than_the_terminal(width: int, glyphs: object) -> None:
    hostile = "x\x1b[31m\u202e\u200b[red]" * 12
    many = [Variant(f"{hostile}{number}", weight=Moving(1.0, 2.0), model=hostile) for number in range(7)]
    view = endpoint(hostile, variants=many, tags={hostile: hostile}, status_reason=hostile)
    known = tuple(KnownConfig(hostile, standing, hostile, NOW_S, config=config(hostile)) for standing in Standing)
    part = ScaledPart(target(hostile), activities=(ScalingActivity(scalable("x"), NOW_S, hostile, hostile, hostile),))
    details = EndpointDetails("x", NOW_S, Deployed("c"), known, hostile, (part,), (Note(Topic.CONFIGS, hostile),))
    paint = Paint(NOW_S, glyphs)  # type: ignore[arg-type]
    for tab in TABS:
        lines = tab_text(tab, Page(view, details, PageState(), width, paint, UTC))
        assert all(width_of(line) <= width for line in lines), tab
        assert "\x1b" not in text(lines) and "\u202e" not in text(lines)


@pytest.mark.parametrize("tab", TABS)
def test_before_anything_was_read_no_tab_claims_anything(tab: str) -> None:
    lines = tab_text(tab, page(details=None))
    assert "Nothing" not in text(lines) and "found no" not in text(lines)


# Overview


def test_the_overview_says_who_it_is_and_what_is_wrong() -> None:
    finding = Finding("errors-5xx", Severity.CRITICAL, "34% fail", ("9 of 10",), next="Read the log.")
    view = endpoint("fraud", Severity.CRITICAL, findings=[finding], tags={"team": "risk"}, status_reason="Out of GPUs")
    shown = text(overview(page(view)))
    for words in ("fraud", "arn:aws:sagemaker", "realtime (RT)", "30d ago", "team=risk", "34% fail", "Read the log."):
        assert words in shown
    assert "AWS says      Out of GPUs" in shown
    assert "NOT ASKED" not in shown


def test_the_overview_has_every_finding_with_all_that_is_known_of_it() -> None:
    finding = Finding(
        "errors-5xx",
        Severity.CRITICAL,
        "34% fail",
        ("9 of 10",),
        int(NOW_S) - 540,
        impact_per_minute=38.0,
        changes=(Happening(int(NOW_S) - 780, "config v6 -> v7"),),
    )
    hushed = Finding("latency-high", Severity.WARNING, "slow", muted=Muted("load test", NOW_S + 600, "bo"))
    advice = Finding("image-large", Severity.OK, "the image has 11 GB", next="Make it smaller.")
    tags = {"runbook": "https://wiki.example/fraud"}
    shown = text(overview(page(endpoint("fraud", findings=[advice, finding, hushed], tags=tags))))
    for words in (
        "high confidence  38 req/min",
        "LAST 13:58Z config v6 -> v7 (4m before)",
        "runbook https",
    ):
        assert words in shown
    places = [shown.index(head) for head in ("WHAT IS WRONG", "34% fail", "MUTED", "by bo", "ADVICE", "Make it")]
    assert places == sorted(places)
    assert "WHAT IS WRONG" not in text(overview(page(endpoint("fraud", findings=[advice]))))


def test_the_overview_tells_values_from_their_absence() -> None:
    numbers = vitals(requests=880.0, errors=0.062, p99=not_collected("denied by IAM"))
    shown = text(overview(page(endpoint("fraud", numbers=numbers)))).splitlines()
    assert "   requests/min  880" in shown
    assert "   errors 5xx %  6.2" in shown
    assert "   p99 ms        x  denied by IAM" in shown
    assert "   p50 ms        -" in shown


def test_the_overview_shows_settings_as_aws_describes_them_and_a_rollout() -> None:
    settings = {"DataCaptureConfig": {"EnableCapture": True, "CurrentSamplingPercentage": 20}}
    deployed = Deployed("fraud-v1", "fraud-v2", settings=settings)
    shown = text(overview(page(details=replace(EMPTY, deployed=deployed))))
    assert "config        fraud-v1, being replaced by fraud-v2" in shown
    assert "DataCaptureConfig.CurrentSamplingPercentage: 20" not in shown
    assert "   CurrentSamplingPercentage: 20" in shown and "   EnableCapture: true" in shown


def test_the_overview_says_once_what_could_not_be_asked() -> None:
    denied = "sagemaker:ListEndpointConfigs is denied; ask for this permission."
    noted = replace(EMPTY, notes=(Note(Topic.CONFIGS, denied), Note(Topic.CONFIGS, denied)))
    assert text(overview(page(details=noted))).count(f" x {denied}") == 1


# Variants


def instances(name: str, weight: float, now: int, wanted: int, **more: object) -> Variant:
    own = Instances(Moving(now, wanted), "ml.m5.large")
    return Variant(name, weight=Moving(weight, weight), instances=own, model=f"model-{name}", **more)  # type: ignore[arg-type]


def test_variants_stand_side_by_side_with_their_share_and_what_is_on_its_way() -> None:
    a, b = instances("A", 3.0, 2, 4), instances("B", 1.0, 1, 1)._replace(weight=Moving(1.0, 0.5))
    by_part = {
        Owner("fraud", "A"): vitals(requests=900.0, saturation=saturation(SaturationKind.CPU, 0.5)),
        Owner("fraud", "B"): vitals(requests=300.0, errors=0.5),
    }
    view = replace(endpoint("fraud", variants=[a, b]), parts=by_part)
    rows = {line[3:20].strip(): line[20:].split("  ") for line in text(variants(page(view))).splitlines()}
    cells = {label: [cell.strip() for cell in row if cell.strip()] for label, row in rows.items()}
    assert cells["share of calls"] == ["75.0 %", "25.0 %"]
    assert cells["weight"] == ["3", "1, 0.5 wanted"]
    assert cells["instances"] == ["2, 4 wanted", "1"]
    assert cells["requests/min"] == ["900", "300"]
    assert cells["errors 5xx %"] == ["-", "50.0"]


def test_the_variant_that_is_in_trouble_has_its_mark() -> None:
    finding = Finding("errors-5xx", Severity.CRITICAL, "34% fail", variant="B")
    both = [instances("A", 1.0, 1, 1), instances("B", 1.0, 1, 1)]
    lines = variants(page(endpoint("fraud", Severity.CRITICAL, variants=both, findings=[finding])))
    assert text_of(lines[1]).split() == ["A", "!", "B"]
    assert styles(lines, "! B") == {"critical"}


def test_a_shadow_stands_apart_and_has_no_share() -> None:
    shown = text(
        variants(page(endpoint("fraud", variants=[instances("A", 1.0, 1, 1), instances("S", 1.0, 1, 1, shadow=True)])))
    )
    assert shown.index("VARIANTS") < shown.index("100.0 %") < shown.index("SHADOWS") < shown.index("a copy of each")


def test_serverless_settings_show_what_they_move_to() -> None:
    view = endpoint(
        "fraud", kind=Kind.SERVERLESS_PROVISIONED, variants=[Variant("A", serverless=Serverless(2048, 20, 5))]
    )
    deployed = Deployed("c", variants=(DeployedVariant("A", wanted=Serverless(2048, 40, 8)),))
    shown = text(variants(page(view, replace(EMPTY, deployed=deployed))))
    for words in ("memory MB        2048", "max concurrency  20, 40 wanted", "provisioned      5, 8 wanted"):
        assert words in shown
    assert "share of calls" not in shown


def test_an_unknown_type_says_why_and_images_go_without_their_registry() -> None:
    own = Instances(Moving(1, 1), None, "the config fraud-v1 is gone")
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/app:5"
    deployed = Deployed("c", variants=(DeployedVariant("A", (image,), ("Baking",), ManagedScaling("ENABLED", 1, 4)),))
    shown = text(
        variants(page(endpoint("fraud", variants=[Variant("A", instances=own)]), replace(EMPTY, deployed=deployed)))
    )
    assert "not known: the config fraud-v1 is gone" in shown
    assert "image            app:5" in shown
    assert "passing through  Baking" in shown
    assert "ENABLED, 1 to 4" in shown


def test_components_have_columns_of_their_own_and_too_many_go_below() -> None:
    parts = tuple(Component(f"part-{number}", "A", "InService", Moving(number, 3)) for number in range(4))
    view = endpoint("pool", kind=Kind.INFERENCE_COMPONENT)
    view = replace(view, endpoint=view.endpoint._replace(components=parts))
    lines = text(variants(page(view, width=80))).splitlines()
    titles = [line.split() for line in lines if "part-" in line]
    assert titles == [["part-0", "part-1"], ["part-2", "part-3"]]
    assert any("0, 3 wanted" in line for line in lines)


# Scaling


def test_nothing_registered_and_not_asked_look_different() -> None:
    nothing = text(scaling(page()))
    assert "Nothing of it is registered" in nothing and "x " not in nothing
    denied = Note(Topic.SCALING, "application-autoscaling:DescribeScalableTargets is denied; ask for this permission.")
    refused = text(scaling(page(details=replace(EMPTY, scaled=None, notes=(denied,)))))
    assert "It could not be asked what scales." in refused
    assert "x application-autoscaling:DescribeScalableTargets is denied" in refused
    assert "Nothing of it is registered" not in refused


def test_a_target_has_bounds_policies_and_what_is_suspended() -> None:
    own = scalable("fraud")
    part = ScaledPart(
        ScalableTarget(own, 2, 8, frozenset({Suspension.SCALE_OUT})),
        (
            ScalingPolicy(
                own, "calls", "TargetTrackingScaling", "InvocationsPerInstance", 70.0, 60, 300, never_in=True
            ),
            ScalingPolicy(own, "wake", "StepScaling", adjustment="ChangeInCapacity", steps=(Step(0.0, None, 1),)),
        ),
    )
    view = endpoint("fraud", variants=[instances("AllTraffic", 1.0, 5, 5)])
    lines = scaling(page(view, replace(EMPTY, scaled=(part,)), width=150))
    shown = text(lines)
    assert "variant AllTraffic: instances" in shown
    assert "bounds        2 to 8; 5 now" in shown
    assert styles(lines, "scaling out") == {"warning"}
    assert (
        "calls: target tracking, keeps InvocationsPerInstance at 70, cooldown 60 s out, 300 s in, never scales in"
        in shown
    )
    assert "wake: steps, ChangeInCapacity: +1 from 0 to any past the threshold" in shown
    assert "nothing in the six weeks" in shown


def test_the_next_firing_is_in_utc_and_in_local_time_the_soonest_first() -> None:
    own = scalable("fraud")
    actions = (
        ScheduledAction(own, "later", "cron(0 18 * * ? *)", "America/New_York", 8, 12),
        ScheduledAction(own, "sooner", "cron(0 22 * * ? *)", "Europe/Berlin", 1),
        ScheduledAction(own, "over", "at(2026-01-01T00:00:00)", "UTC", 1, 2),
        ScheduledAction(own, "odd", "whenever", "UTC", 1, 2),
    )
    shown = text(
        scaling(page(details=replace(EMPTY, scaled=(ScaledPart(target("fraud"), schedules=actions),)), width=150))
    )
    assert "sooner: cron(0 22 * * ? *) Europe/Berlin, at least 1\n" in shown
    assert "next Fri 2026-11-20 21:00Z = Fri 22:00 CET, in 6h" in shown
    assert "next Fri 2026-11-20 23:00Z = Sat 00:00 CET, in 8h" in shown
    assert shown.index("sooner") < shown.index("later") < shown.index("over")
    assert "next firing: none any more" in shown
    utc = replace(page(details=replace(EMPTY, scaled=(ScaledPart(target("fraud"), schedules=actions),))), zone=UTC)
    assert "next Fri 2026-11-20 21:00Z, in 6h" in text(scaling(utc))
    assert "next firing not known: whenever is no at(), rate() or cron()" in shown


def test_activities_say_when_what_and_why_and_how_they_failed() -> None:
    own = scalable("fraud")
    done = (
        ScalingActivity(own, NOW_S - 2 * HOUR, "Successful", "Setting desired instance count to 3.", "alarm high"),
        ScalingActivity(
            own, NOW_S - DAY, "Failed", "Setting desired instance count to 9.", "alarm high", message="no GPUs"
        ),
    )
    lines = scaling(page(details=replace(EMPTY, scaled=(ScaledPart(target("fraud"), activities=done),))))
    assert "2h ago: Setting desired instance count to 3." in text(lines)
    assert "Failed: no GPUs (alarm high)" in text(lines)
    assert styles(lines, "to 9.") == {"warning"} and styles(lines, "to 3.") == {"normal"}


def test_what_of_a_part_could_not_be_asked_is_marked_there() -> None:
    part = ScaledPart(target("fraud"), None, None, None)
    lines = text(scaling(page(details=replace(EMPTY, scaled=(part,))))).splitlines()
    assert [line.split()[0] for line in lines if "x not collected" in line] == ["policy", "schedule", "done"]


def test_copies_and_managed_scaling() -> None:
    copies = Scalable("inference-component/chat", "sagemaker:inference-component:DesiredCopyCount")
    view = endpoint("pool", kind=Kind.INFERENCE_COMPONENT)
    part = Component("chat", "A", "InService", Moving(3, 3))
    view = replace(view, endpoint=view.endpoint._replace(components=(part,)))
    deployed = Deployed("c", variants=(DeployedVariant("A", managed=ManagedScaling("ENABLED", 0, 4)),))
    details = replace(EMPTY, deployed=deployed, scaled=(ScaledPart(ScalableTarget(copies, 0, 6)),))
    shown = text(scaling(page(view, details)))
    assert "component chat: copies" in shown and "0 to 6; 3 now" in shown
    assert "variant A: instances  by SageMaker itself" in shown and "0 to 4" in shown


# Config

OLD, NEW = (
    config("fraud-v1", "fraud-1", created_at=NOW_S - 9 * DAY),
    config("fraud-v2", "fraud-2", created_at=NOW_S - DAY),
)
HISTORY = (
    KnownConfig("fraud-v2", Standing.LIVE, "DescribeEndpoint names it", NEW.created_at, config=NEW),
    KnownConfig(
        "fraud-v1", Standing.SEEN, "smtop saw it live", OLD.created_at, (NOW_S - 8 * DAY, NOW_S - 2 * DAY), config=OLD
    ),
    KnownConfig("fraud-v0", Standing.SEEN, "smtop saw it live", why="it was deleted"),
)
KNOWN = replace(EMPTY, configs=HISTORY, search='configs named like "fraud"')


def test_the_history_says_how_each_config_is_known_and_how_old_it_is() -> None:
    lines = text(configs(page(details=KNOWN, width=150))).splitlines()
    assert lines[1].startswith(">  live        fraud-v2") and "made 1d ago, DescribeEndpoint names it" in lines[1]
    assert "seen        fraud-v1" in lines[2]
    assert "made 9d ago, live at least from 8d to 2d ago, smtop saw it live" in lines[2]
    assert "x it was deleted" in lines[3]
    assert 'found no other configs named like "fraud"' in lines[4]


def test_without_a_choice_the_live_config_is_shown_whole() -> None:
    shown = text(configs(page(details=KNOWN)))
    assert "fraud-v2  all fields" in shown
    assert "     InstanceType  ml.m5.large" in shown


def test_another_config_is_compared_with_the_live_one_from_old_to_new() -> None:
    shown = text(configs(page(details=KNOWN, config="fraud-v1")))
    assert "fraud-v1 → fraud-v2  1 of 2 fields differ" in shown
    assert " ~   ModelName  fraud-1 → fraud-2" in shown
    assert "InstanceType" not in shown


def test_all_fields_can_be_shown_and_two_chosen_configs_compared() -> None:
    whole = text(configs(page(details=KNOWN, config="fraud-v1", whole=True)))
    assert "     InstanceType  ml.m5.large" in whole and "1 of 2 fields differ" in whole
    against = text(configs(page(details=KNOWN, config="fraud-v2", against="fraud-v1")))
    assert " = seen        fraud-v1" in against
    assert " ~   ModelName  fraud-1 → fraud-2" in against


def test_added_and_removed_fields_are_told_without_colour() -> None:
    more = config("fraud-v2", "fraud-1", created_at=NOW_S, VolumeSizeInGB=8)
    less = replace(OLD, document=config("fraud-v1", KmsKeyId="key").document)
    history = (replace(HISTORY[0], config=more), replace(HISTORY[1], config=less))
    shown = text(configs(page(details=replace(EMPTY, configs=history), config="fraud-v1")))
    assert " +   VolumeSizeInGB  not there → 8" in shown
    assert " -   KmsKeyId        key → not there" in shown


def test_fields_that_the_sdk_does_not_know_are_marked() -> None:
    news = replace(config("fraud-v2", Pools=[{"Size": 3}]), unknown=frozenset({"ProductionVariants[1].Pools"}))
    shown = text(configs(page(details=replace(EMPTY, configs=(replace(HISTORY[0], config=news),)))))
    assert "Pools[1].Size  3 (new to this SDK)" in shown
    assert "InstanceType   ml.m5.large\n" in f"{shown}\n"


def test_a_config_that_is_gone_and_two_that_are_the_same_say_so() -> None:
    assert "fraud-v0 cannot be shown: it was deleted" in text(configs(page(details=KNOWN, config="fraud-v0")))
    twin = replace(HISTORY[1], config=replace(NEW, name="fraud-v1"))
    same = text(configs(page(details=replace(EMPTY, configs=(HISTORY[0], twin)), config="fraud-v1")))
    assert "They are the same but for name and time." in same
