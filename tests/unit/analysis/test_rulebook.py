"""Thresholds of the operator's own: for the fleet, a kind, a tag, an endpoint; and rules that are switched off."""

from typing import Any

import pytest

from smtop.metrics.analysis.rulebook import rulebook_of
from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.analysis.thresholds import STANDARD, Band, Thresholds, table
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.errors import ConfigError
from tests.support.engine import hosted

FRAUD = hosted(kind=Kind.SERVERLESS)._replace(tags={"team": "ads"})
OTHER = hosted("search")


def test_without_a_word_everything_is_standard() -> None:
    assert rulebook_of({}).terms(FRAUD).limits == STANDARD


def test_the_more_special_word_wins() -> None:
    book = rulebook_of(
        {
            "least_calls": 50,
            "idle_minutes": 90,
            "kind": {"serverless": {"least_calls": 10, "scaling_fights": 4}},
            "tag": {"team=ads": {"scaling_fights": 5, "update_minutes": 10}},
            "endpoint": {"fraud": {"update_minutes": 20}},
        }
    )
    limits = book.terms(FRAUD).limits
    assert (limits.idle_minutes, limits.least_calls, limits.scaling_fights, limits.update_minutes) == (90, 10, 5, 20)
    assert book.terms(OTHER).limits == STANDARD._replace(least_calls=50, idle_minutes=90)


def test_one_number_keeps_the_hysteresis_in_proportion_and_two_say_it() -> None:
    book = rulebook_of({"server_error_ratio": 0.1, "cache_hits": [0.5, 0.7]})
    limits = book.terms(OTHER).limits
    assert limits.server_error_ratio == pytest.approx(Band(0.1, 0.06))
    assert limits.cache_hits == Band(0.5, 0.7)


def test_rules_are_switched_off_where_any_word_says_so() -> None:
    book = rulebook_of({"off": ["spillover"], "endpoint": {"fraud": {"off": ["pc-high"]}}})
    assert book.terms(FRAUD).off == {"spillover", "pc-high"}
    assert book.terms(OTHER).off == {"spillover"}


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"least_cals": 5}, "least_cals"),
        ({"least_calls": "many"}, "least_calls"),
        ({"least_calls": True}, "least_calls"),
        ({"least_calls": -1}, "least_calls"),
        ({"cache_hits": [1.0]}, "two numbers"),
        ({"off": ["pc-hihg"]}, "off"),
        ({"off": "pc-high"}, "off"),
        ({"kind": {"serverles": {}}}, "serverles"),
        ({"tag": {"ads": {}}}, "ads"),
        ({"tag": {"team=ads": 3}}, "team=ads"),
        ({"endpoint": []}, "endpoint"),
    ],
)
def test_what_no_rule_knows_is_refused_by_name(said: dict[str, Any], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        rulebook_of(said)


# The tables


def test_every_threshold_stands_in_the_table_with_its_meaning() -> None:
    assert [name for name, _, _ in table()] == list(Thresholds._fields)
    assert all(meaning for _, _, meaning in table())


def test_every_rule_names_thresholds_that_there_are_and_explains_itself() -> None:
    for rule in BY_ID.values():
        assert set(rule.limits) <= set(Thresholds._fields), rule.id
        assert rule.title


def test_a_band_is_bad_from_one_end_and_good_beyond_the_other() -> None:
    high, low = Band(0.8, 0.7), Band(0.8, 0.85)
    assert [high.is_bad(value) for value in (0.8, 0.79)] == [True, False]
    assert [high.is_bad(value, is_open=True) for value in (0.7, 0.69)] == [True, False]
    assert [low.is_bad(value) for value in (0.8, 0.81)] == [True, False]
    assert [low.is_bad(value, is_open=True) for value in (0.85, 0.86)] == [True, False]
