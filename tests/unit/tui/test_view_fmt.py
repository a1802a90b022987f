"""Numbers, ages and foreign text."""

import pytest

from smtop.metrics.domain.series import Point
from smtop.tui.view_models import fmt
from smtop.tui.view_models.fmt import ASCII, BLOCKS, Glyphs
from tests.support.fleet import NOW_S, trend


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.01, "<0.1"),
        (0.4, "0.4"),
        (3, "3"),
        (9.96, "10"),
        (880.2, "880"),
        (999.6, "1.0k"),
        (1900.0, "1.9k"),
        (41_230.0, "41.2k"),
        (1_200_000.0, "1.2M"),
    ],
)
def test_a_count_says_its_size_in_few_cells(value: float, text: str) -> None:
    assert fmt.count(value)[0] == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.0, "0.0"), (0.0001, "<0.1"), (0.062, "6.2"), (0.9999, "100"), (1.0, "100"), (0.99, "99.0")]
)
def test_a_small_share_of_errors_never_looks_like_none(ratio: float, text: str) -> None:
    assert fmt.percent(ratio)[0] == text


@pytest.mark.parametrize(("value", "text"), [(4.21, "4.2"), (95.0, "95"), (2410.0, "2,410"), (12_345.0, "12.3k")])
def test_a_latency_keeps_its_digits_below_ten_seconds(value: float, text: str) -> None:
    assert fmt.milliseconds(value)[0] == text


def test_a_narrow_cell_gets_the_most_precise_form_that_fits() -> None:
    assert [fmt.fit(fmt.milliseconds(2410.0), width) for width in (5, 4, 2, 1)] == ["2,410", "2.4k", "2k", None]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (9, "0s"), (47, "40s"), (60, "1m"), (3599, "59m"), (7300, "2h"), (200_000, "2d")]
)
def test_ages_move_in_steps(seconds: float, text: str) -> None:
    assert fmt.age(seconds) == text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb", "a\\nb"),
        ("pay\u202egnp", "pay\\u202egnp"),
        ("a\u200bb", "a\\u200bb"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("team \u05d0\u05d1", "team \\u05d0\\u05d1"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d\\U0001f3fd"),
        ("\U0001f1ea\U0001f1fa", "\\U0001f1ea\\U0001f1fa"),
        ("a\u1160\u3164b", "a\\u1160\\u3164b"),
        ("e\u0301", "é"),
        ("x\u0301", "x\\u0301"),
        ("a\u00a0b", "a b"),
    ],
)
def test_what_is_invisible_is_shown_as_its_escape(hostile: str, shown: str) -> None:
    assert fmt.plain(hostile) == shown


def test_ascii_only_leaves_nothing_else() -> None:
    assert fmt.plain("zürich-日本", ascii_only=True) == "z\\xfcrich-\\u65e5\\u672c"


def test_wide_characters_take_two_cells() -> None:
    assert fmt.cells("日本") == 4
    assert fmt.pad("日本", 3) == "日 "


def test_a_long_name_keeps_both_ends() -> None:
    short = fmt.cut_middle("credit-limits-blue-deployment-0042", 15, BLOCKS)
    assert short == "credit…ent-0042"
    assert fmt.cut_middle("credit-limits-blue-deployment-0042", 15, ASCII) == short.replace("…", "~")
    assert fmt.cut_middle("short", 15, BLOCKS) == "short"


def test_lines_break_between_words_and_inside_a_longer_one() -> None:
    assert fmt.wrap("no such permission abcdefghijkl", 10) == ["no such", "permission", "abcdefghij", "kl"]


@pytest.mark.parametrize("glyphs", [BLOCKS, ASCII])
def test_a_bar_is_full_at_one_only_and_empty_at_zero_only(glyphs: Glyphs) -> None:
    full, empty = glyphs.bar[-1] * 8, glyphs.bar[0] * 8
    assert fmt.bar(1.0, 8, glyphs) == fmt.bar(1.7, 8, glyphs) == full
    assert fmt.bar(0.0, 8, glyphs) == empty
    assert fmt.bar(0.999, 8, glyphs) != full
    assert fmt.bar(0.001, 8, glyphs) != empty
    assert all(len(fmt.bar(step / 100, 8, glyphs)) == 8 for step in range(130))


def test_a_spark_rises_with_its_points_and_leaves_gaps_blank() -> None:
    start = 3600 * 1000
    values = [10.0] * 10 + [20.0] * 10 + [30.0] * 10 + [None] * 20 + [40.0] * 10
    points = [Point(start + minute * 60, value) for minute, value in enumerate(values) if value is not None]
    assert fmt.spark(points, 6, fmt.spark_end(start + 3599, 6), ASCII) == ".-=  #"
    assert fmt.spark(points, 6, fmt.spark_end(start + 3599 + 600, 6), ASCII) == "-=  # "


def test_a_spark_of_zeros_is_flat_and_one_of_nothing_blank() -> None:
    assert set(fmt.spark(trend(*[0.0] * 60), 8, fmt.spark_end(NOW_S, 8), ASCII).strip()) == {"_"}
    assert fmt.spark((), 8, fmt.spark_end(NOW_S, 8), ASCII) == " " * 8


def test_a_spark_does_not_shimmer_within_a_cell() -> None:
    points = trend(*[float(minute % 7) for minute in range(60)])
    start = NOW_S // 600 * 600
    assert fmt.spark(points, 6, fmt.spark_end(start, 6), BLOCKS) == fmt.spark(
        points, 6, fmt.spark_end(start + 599, 6), BLOCKS
    )
