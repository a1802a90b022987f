"""From a history to curves: units, merging, gaps, zeros, thinning, and the axes."""

import random
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.history import EndpointHistory, SeriesHistory
from smtop.metrics.domain.series import Owner
from smtop.tui.view_models.axes import time_ticks
from smtop.tui.view_models.cells import Cell, text_of, width_of
from smtop.tui.view_models.charts import MOST_CURVES, Chart, charts
from smtop.tui.view_models.curves import Curve, Dot, thinned
from smtop.tui.view_models.fmt import ASCII, BLOCKS, Glyphs
from smtop.tui.view_models.legend import legend
from smtop.tui.view_models.panels import panels_of
from tests.support.engine import component, hosted, variant_of

START = 1_795_000_200 // 1800 * 1800
MINUTE = 60
FRAUD = hosted("fraud")
A = Owner("fraud", "AllTraffic")
B = Owner("fraud", "B")

Values = Sequence[float | None]


def series(
    label: str, values: Values, owner: Owner = A, *, period_s: int = 60, why: str | None = None
) -> SeriesHistory:
    pairs = [(START + index * period_s, value) for index, value in enumerate(values) if value is not None]
    return SeriesHistory(owner, label, [at for at, _ in pairs], [value for _, value in pairs], why=why)


def history(*told: SeriesHistory, period_s: int = 60, notes: tuple[str, ...] = ()) -> EndpointHistory:
    return EndpointHistory("fraud", START, START + 60 * period_s, period_s, told, float(START), notes)


def chart(title: str, *told: SeriesHistory, endpoint: Endpoint = FRAUD, period_s: int = 60) -> Chart:
    return next(one for one in charts(endpoint, history(*told, period_s=period_s)) if one.title == title)


def values(one: Chart, name: str) -> list[float]:
    return [dot.value for curve in one.curves if curve.name == name for dot in curve.dots]


def test_a_sum_over_a_long_period_is_shown_as_a_rate() -> None:
    requests = chart("Requests", series("Invocations.Sum", [3600.0], period_s=1800), period_s=1800)
    assert values(requests, "requests") == [120.0]


def test_latency_is_shown_in_milliseconds_and_the_slowest_variant_counts() -> None:
    two = hosted("fraud", variants=[variant_of(), variant_of(name="B")])
    told = [series("ModelLatency.p99", [80_000.0, None]), series("ModelLatency.p99", [120_000.0, 50_000.0], B)]
    assert values(chart("Model latency", *told, endpoint=two), "p99") == [120.0, 50.0]


def test_requests_of_variants_add_up_and_those_of_a_shadow_do_not_count() -> None:
    two = hosted("fraud", variants=[variant_of(), variant_of(name="B", shadow=True)])
    told = [series("Invocations.Sum", [5.0]), series("Invocations.Sum", [7.0], B)]
    assert values(chart("Requests", *told, endpoint=two), "requests") == [5.0]
    both = hosted("fraud", variants=[variant_of(), variant_of(name="B")])
    assert values(chart("Requests", *told, endpoint=both), "requests") == [12.0]


def test_components_count_where_only_they_report() -> None:
    llm = hosted("fraud", Kind.INFERENCE_COMPONENT, components=(component(),))
    part = Owner("fraud", "AllTraffic", component="llm")
    own = series("Invocations.Sum", [5.0], part)
    assert values(chart("Requests", own, series("Invocations.Sum", []), endpoint=llm), "requests") == [5.0]
    assert values(chart("Requests", own, series("Invocations.Sum", [9.0]), endpoint=llm), "requests") == [9.0]


def test_processors_are_shown_as_a_share_of_all_of_them() -> None:
    assert values(chart("Instances", series("CPUUtilization.Average", [200.0])), "CPU") == [50.0]
    unknown = hosted("fraud", variants=[variant_of(instance_type=None)])
    assert chart("Instances", series("CPUUtilization.Average", [200.0]), endpoint=unknown).curves == ()


def test_a_gap_is_a_gap() -> None:
    [curve] = chart("Requests", series("Invocations.Sum", [1.0, 2.0, None, 4.0, 5.0])).curves
    assert [dot.joined for dot in curve.dots] == [False, True, False, True]


def test_silent_errors_are_none_where_there_were_requests_and_unknown_where_not() -> None:
    requests = series("Invocations.Sum", [9.0, 9.0, None, 9.0])
    errors = chart("Errors", requests, series("Invocation5XXErrors.Sum", [None, 3.0]))
    assert values(errors, "5XX") == [0.0, 3.0, 0.0]
    assert [curve.name for curve in errors.curves] == ["5XX"], "4XX was never asked"


def test_errors_that_could_not_be_asked_are_not_zero() -> None:
    told = [series("Invocations.Sum", [9.0]), series("Invocation5XXErrors.Sum", [], why="No permission.")]
    errors = chart("Errors", *told)
    assert (errors.curves, errors.said) == ((), "not collected: No permission.")


def test_no_data_not_collected_and_not_measured_are_different_words() -> None:
    assert chart("Requests", series("Invocations.Sum", [])).said == "no data in this time"
    assert chart("Requests", series("Invocations.Sum", [], why="Throttled.")).said == "not collected: Throttled."
    assert chart("Requests").said == "not measured for this endpoint"


def test_what_may_still_change_is_set_apart() -> None:
    one = SeriesHistory(A, "Invocations.Sum", [START, START + 60, START + 120], [1.0, 2.0, 3.0], START + 60.0)
    [curve] = chart("Requests", one).curves
    assert [dot.value for dot in curve.settled] == [1.0]
    assert [dot.value for dot in curve.provisional] == [2.0, 3.0]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_charts_of_series_that_are_asked_of_it(kind: Kind) -> None:
    gpu = hosted("e", kind, variants=[variant_of(kind, instance_type="ml.g5.xlarge")], components=(component(),))
    labels = {ask.label for ask in asks(gpu)}
    panels = panels_of(gpu)
    assert len(panels) == 6
    for panel in panels:
        assert any(curve.label in labels for curve in panel.curves), panel.title
        assert all(curve.zero_beside is None or curve.zero_beside in labels for curve in panel.curves), panel.title


# Thinning


@pytest.mark.parametrize("seed", range(5))
def test_thinning_keeps_the_extremes_and_the_order(seed: int) -> None:
    rng = random.Random(seed)
    dots = [Dot(START + index * MINUTE, rng.random(), joined=index > 0) for index in range(1440)]
    kept = thinned(dots, START, START + 1440 * MINUTE, 60)
    assert len(kept) <= 120
    assert [dot.at for dot in kept] == sorted({dot.at for dot in kept})
    assert max(kept, key=lambda dot: dot.value).value == max(dot.value for dot in dots)
    assert min(kept, key=lambda dot: dot.value).value == min(dot.value for dot in dots)
    assert all(dot.joined for dot in kept[1:])


def test_a_gap_survives_thinning() -> None:
    there = [minute for minute in range(600) if not 200 <= minute < 300]
    dots = [Dot(START + minute * MINUTE, 1.0, minute not in (0, 300)) for minute in there]
    kept = thinned(dots, START, START + 600 * MINUTE, 30)
    assert [dot.at for dot in kept if not dot.joined] == [START, START + 300 * MINUTE]


def test_few_dots_stay_as_they_are() -> None:
    dots = [Dot(START, 1.0, False), Dot(START + 600, 2.0, False)]
    assert thinned(dots, START, START + 3600, 60) == dots


# Axes


@pytest.mark.parametrize(
    ("highest", "top"), [(0.0, 1.0), (0.2, 0.2), (7.0, 8.0), (21.0, 30.0), (101.0, 150.0), (100.0, 100.0)]
)
def test_the_value_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert drawn(highest).top == pytest.approx(top)


def drawn(highest: float, full: float | None = None) -> Chart:
    return Chart("t", "u", START, START + 60, (Curve("c", "accent", (Dot(START, highest, False),), 0.0),), full=full)


def test_a_chart_of_shares_goes_to_full_or_beyond() -> None:
    assert drawn(12.0, 100.0).top == 100.0
    assert drawn(130.0, 100.0).top == 150.0


@pytest.mark.parametrize(
    ("highest", "texts"),
    [(15_000.0, ["0", "7.5k", "15k"]), (2.0, ["0", "1", "2"]), (0.9, ["0", "0.5", "1"]), (100.0, ["0", "50", "100"])],
)
def test_the_value_axis_tells_the_truth_in_few_signs(highest: float, texts: list[str]) -> None:
    assert [mark.text for mark in drawn(highest).marks()] == texts


def at(day: int, hour: int = 0) -> int:
    return 1_761_955_200 + (day - 1) * 86_400 + hour * 3600
    # 2025-11-01 00:00 UTC


@pytest.mark.parametrize(
    ("zone", "texts"),
    [("UTC", ["00:00", "01:00", "02:00"]), ("Asia/Kathmandu", ["06:00", "07:00", "08:00"])],
)
def test_times_are_round_in_local_time(zone: str, texts: list[str]) -> None:
    assert [tick.text for tick in time_ticks(at(1), at(1, 3), 30, ZoneInfo(zone))] == texts


def test_days_have_names_and_ticks_do_not_crowd() -> None:
    ticks = time_ticks(at(1), at(8), 120, ZoneInfo("UTC"))
    assert [tick.text for tick in ticks][:3] == ["Sat 01", "Sun 02", "Mon 03"]
    for cells in (20, 40, 66, 200):
        assert len(time_ticks(at(1), at(8), cells, ZoneInfo("UTC"))) * 9 <= cells + 9


def test_the_clock_change_moves_labels_and_no_data() -> None:
    change = 1_761_436_800  # 2025-10-26 00:00 UTC; Berlin goes back an hour at 01:00 UTC
    ticks = time_ticks(change, change + 3 * 3600, 30, ZoneInfo("Europe/Berlin"))
    assert [(tick.at - change, tick.text) for tick in ticks] == [(0, "02:00"), (3600, "02:00"), (7200, "03:00")]


# Variants, shadows, earlier days

TWO = hosted("fraud", variants=[variant_of(), variant_of(name="B")])
SHADOWED = hosted("fraud", variants=[variant_of(), variant_of(name="B", shadow=True)])


def split(endpoint: Endpoint, *told: SeriesHistory) -> dict[str, Chart]:
    return {one.title: one for one in charts(endpoint, history(*told), by_variant=True)}


def test_every_variant_has_a_curve_with_a_mark_and_a_style_of_its_own() -> None:
    one = split(TWO, series("Invocations.Sum", [5.0]), series("Invocations.Sum", [7.0], B))["Requests"]
    assert [(curve.name, curve.mark, [dot.value for dot in curve.dots]) for curve in one.curves] == [
        ("AllTraffic", "*", [5.0]),
        ("B", "o", [7.0]),
    ]
    assert len({curve.style for curve in one.curves}) == 2


def test_by_variant_the_first_curve_that_has_values_stands_for_the_panel() -> None:
    told = [series("ModelLatency.p50", [1000.0]), series("ModelLatency.p50", [2000.0], B)]
    assert "Model latency, p50" in split(TWO, *told)
    assert "Model latency, p99" in split(
        TWO, *told, series("ModelLatency.p99", [3000.0]), series("ModelLatency.p99", [4000.0], B)
    )


def test_what_has_no_variants_stays_as_it_is() -> None:
    one = split(FRAUD, series("Invocations.Sum", [5.0]))["Requests"]
    assert [curve.name for curve in one.curves] == ["requests"]


def test_components_are_split_where_only_they_report() -> None:
    llm = hosted("fraud", Kind.INFERENCE_COMPONENT, components=(component(), component("other")))
    told = [series("Invocations.Sum", [5.0], Owner("fraud", "AllTraffic", component=name)) for name in ("llm", "other")]
    assert [curve.name for curve in split(llm, *told)["Requests"].curves] == ["llm", "other"]


def test_a_shadow_stands_beside_production_and_is_named() -> None:
    told = [series("Invocations.Sum", [5.0]), series("Invocations.Sum", [7.0], B)]
    together = chart("Requests", *told, endpoint=SHADOWED)
    assert values(together, "requests") == [5.0] and values(together, "shadow requests") == [7.0]
    assert [curve.mark for curve in together.curves] == ["*", "s"]
    assert [curve.name for curve in split(SHADOWED, *told)["Requests"].curves] == ["AllTraffic", "shadow B"]


def test_more_variants_than_can_be_told_apart_are_counted() -> None:
    many = hosted("fraud", variants=[variant_of(name=f"v{number}") for number in range(9)])
    told = [series("Invocations.Sum", [float(number)], Owner("fraud", f"v{number}")) for number in range(9)]
    one = split(many, *told)["Requests"]
    assert [curve.name for curve in one.curves] == ["v3", "v4", "v5", "v6", "v7", "v8"], "the highest, in their order"
    assert one.left_out == 3
    assert len({curve.mark for curve in one.curves}) == MOST_CURVES


DAY = 86_400


def yesterday(*told: SeriesHistory) -> EndpointHistory:
    moved = [replace(one, times=[at - DAY for at in one.times]) for one in told]
    return EndpointHistory("fraud", START - DAY, START - DAY + 3600, 60, tuple(moved))


def test_an_earlier_day_lies_over_the_same_hours() -> None:
    earlier = {DAY: yesterday(series("Invocations.Sum", [50.0, 60.0]))}
    [one, *_] = charts(FRAUD, history(series("Invocations.Sum", [5.0, 6.0])), earlier)
    today, before = one.curves
    assert [dot.at for dot in before.dots] == [dot.at for dot in today.dots]
    assert (before.name, before.mark, before.is_past) == ("-1d", ":", True)
    assert one.top >= 60.0, "the axis has room for both"
    assert one.newest == START + 60


def test_an_earlier_day_never_runs_beyond_the_chart() -> None:
    late = replace(yesterday(series("Invocations.Sum", [1.0] * 60)), end=START - DAY + 7200)
    moved = [replace(one, times=[at + 1800 for at in one.times]) for one in late.series]
    [one, *_] = charts(FRAUD, history(series("Invocations.Sum", [5.0])), {DAY: replace(late, series=tuple(moved))})
    assert max(dot.at for dot in one.curves[1].dots) < START + 3600


def test_what_could_not_be_collected_stays_in_the_legend() -> None:
    told = [series("ModelLatency.p50", [1000.0]), series("ModelLatency.p99", [], why="Refused.")]
    one = chart("Model latency", *told)
    assert [(curve.name, bool(curve.dots), curve.why) for curve in one.curves] == [
        ("p99", False, "Refused."),
        ("p50", True, None),
    ]


# Legends


def legend_of(
    one: Chart, at: int | None = None, width: int = 80, glyphs: Glyphs = BLOCKS, *, colours: bool = True
) -> str:
    line = legend(one, at, width, glyphs, colours=colours)
    assert width_of(line) <= width
    return text_of(line)


def test_a_legend_tells_the_newest_settled_value_or_those_at_the_cursor() -> None:
    p99 = SeriesHistory(A, "ModelLatency.p99", [START, START + 60, START + 120], [80_000.0, 90_000.0, 1.0], START + 120)
    one = chart("Model latency", p99, series("ModelLatency.p50", [30_000.0, None, None]))
    assert legend_of(one) == " Model latency ms  * p99 90  o p50 -"
    assert legend_of(one, START) == " Model latency ms  * p99 80  o p50 30"
    assert legend_of(one, START + 600) == " Model latency ms  * p99 -  o p50 -"


def test_a_value_that_may_still_change_is_dim() -> None:
    one = chart("Requests", SeriesHistory(A, "Invocations.Sum", [START], [8.0], START - 60))
    assert legend(one, START, 80, BLOCKS, colours=True)[-1] == Cell("8", "dim")


def test_not_collected_and_no_data_differ() -> None:
    told = [series("ModelLatency.p50", [1000.0, None]), series("ModelLatency.p99", [], why="Refused.")]
    assert legend_of(chart("Model latency", *told), START + 60).endswith("ms  p99 x  ─ p50 -")


def test_signs_are_those_that_the_curves_are_drawn_with() -> None:
    one = chart("Model latency", series("ModelLatency.p99", [80_000.0]), series("ModelLatency.p50", [30_000.0]))
    assert "─ p99 80  o p50 30" in legend_of(one, colours=False)
    assert "* p99 80  o p50 30" in legend_of(one, glyphs=ASCII, colours=False)
    assert "─ requests 5" in legend_of(chart("Requests", series("Invocations.Sum", [5.0])))


def test_a_legend_that_is_too_long_is_drawn_closer_and_then_cut() -> None:
    many = hosted("fraud", variants=[variant_of(name=f"variant-{number}") for number in range(9)])
    told = [series("Invocations.Sum", [5.0], Owner("fraud", f"variant-{number}")) for number in range(9)]
    one = split(many, *told)["Requests"]
    assert legend_of(one, width=200).endswith("and 3 more")
    two = chart("Model latency", series("ModelLatency.p99", [80_000.0]), series("ModelLatency.p50", [30_000.0]))
    assert legend_of(two, width=len(legend_of(two)) - 1) == " Model latency ms * p99 80 o p50 30"
    for width in (10, 20, 40, 60):
        legend_of(one, width=width)
    hostile = hosted("fraud", variants=[variant_of(), variant_of(name="B\x1b[2J")])
    told = [series("Invocations.Sum", [5.0]), series("Invocations.Sum", [5.0], Owner("fraud", "B\x1b[2J"))]
    assert "\x1b" not in legend_of(split(hostile, *told)["Requests"])
