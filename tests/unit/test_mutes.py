"""Findings that somebody knows of: what a mute covers, how it ends, and that two writers lose nothing."""

from pathlib import Path

import pytest

from smtop.metrics.config import Directories, Settings, load_settings
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.mutes import Mute, Mutes, Where
from tests.support.fleet import IDENTITY, NOW_S

ERRORS = Finding("errors-5xx", Severity.CRITICAL, "errors", since=int(NOW_S) - 600)
SLOW = Finding("latency-high", Severity.WARNING, "slow", since=int(NOW_S) - 600)
FRAUD = Where(IDENTITY.account, IDENTITY.region, "fraud")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(directories=Directories(*[tmp_path / name for name in Directories._fields]))


class Time:
    """A wall clock that is moved by hand."""

    now = NOW_S

    def __call__(self) -> float:
        return self.now


def mute(rule: str | None = "errors-5xx", *, hours: float = 2, acknowledged: bool = False) -> Mute:
    until = NOW_S + hours * 3600
    return Mute(FRAUD._replace(rule=rule), "known, vendor is on it", until, "ana", NOW_S if acknowledged else None)


def covered(mutes: Mutes, *found: Finding, endpoint: str = "fraud") -> list[bool]:
    assert mutes.revision
    return [finding.muted is not None for finding in mutes.mark(IDENTITY, endpoint, found)]


def test_a_mute_covers_its_rule_on_its_endpoint_until_it_ends(settings: Settings) -> None:
    time = Time()
    mutes = Mutes(settings, time)
    mutes.add(mute())
    assert covered(mutes, ERRORS, SLOW) == [True, False]
    assert covered(mutes, ERRORS, endpoint="search") == [False]
    [told, _] = mutes.mark(IDENTITY, "fraud", [ERRORS, SLOW])
    assert told.muted
    assert (told.muted.reason, told.muted.by) == ("known, vendor is on it", "ana")
    time.now += 7200
    assert covered(mutes, ERRORS) == [False]
    assert mutes.all() == ()


def test_one_without_a_rule_covers_the_whole_endpoint(settings: Settings) -> None:
    mutes = Mutes(settings, Time())
    mutes.add(mute(None))
    assert covered(mutes, ERRORS, SLOW) == [True, True]


def test_what_is_acknowledged_counts_again_when_it_comes_back(settings: Settings) -> None:
    mutes = Mutes(settings, Time())
    mutes.add(mute(acknowledged=True))
    assert covered(mutes, ERRORS) == [True]
    assert covered(mutes, ERRORS._replace(since=int(NOW_S) + 600)) == [False]
    assert covered(mutes, ERRORS._replace(since=None)) == [True]


def test_it_is_lifted_alone_or_with_all_of_its_endpoint(settings: Settings) -> None:
    mutes = Mutes(settings, Time())
    mutes.add(mute())
    mutes.add(mute("latency-high"))
    assert mutes.lift(FRAUD._replace(rule="errors-5xx"))
    assert covered(mutes, ERRORS, SLOW) == [False, True]
    assert not mutes.lift(FRAUD._replace(rule="errors-5xx"))
    assert mutes.lift(FRAUD)
    assert mutes.all() == ()


def test_two_smtops_see_and_keep_each_others_words(settings: Settings) -> None:
    here, there = Mutes(settings, Time()), Mutes(settings, Time())
    before = there.revision
    here.add(mute())
    assert covered(there, ERRORS) == [True]
    assert there.revision != before
    there.add(mute("latency-high"))
    assert covered(here, ERRORS, SLOW) == [True, True]


def test_a_later_word_takes_the_place_of_an_earlier_one(settings: Settings) -> None:
    mutes = Mutes(settings, Time())
    mutes.add(mute())
    mutes.add(mute(hours=4))
    assert [one.until for one in mutes.all()] == [NOW_S + 4 * 3600]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"mutes": [{}]}', '{"mutes": 3}', "null"])
def test_a_file_that_is_none_says_nothing(settings: Settings, content: str) -> None:
    path = settings.directories.state / "mutes.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    mutes = Mutes(settings, Time())
    assert covered(mutes, ERRORS) == [False]
    mutes.add(mute())
    assert covered(mutes, ERRORS) == [True]


def test_only_this_user_may_read_it(settings: Settings) -> None:
    Mutes(settings, Time()).add(mute())
    path = settings.directories.state / "mutes.json"
    assert path.stat().st_mode & 0o777 == 0o600
