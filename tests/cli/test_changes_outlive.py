"""Changes of several calls go on without whoever asked for them; what is cut off is named by the next command."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtop.metrics.journal import State
from tests.cli.changes import changes, forget, hand_of, journal_of, newest, until
from tests.cli.command import PATIENCE_S, Done, Shell
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

NAME = "churn-predictor"
UPDATE = ("update", NAME, "--model", "search-ranker-prod-model", "--write", "--confirm", NAME)


@pytest.fixture(scope="module")
def slow_aws() -> Iterator[SimulatedAws]:
    """An update lasts some seconds."""
    with start_simulated_aws("--speed=20") as aws:
        yield aws


@pytest.fixture
def shell(slow_aws: SimulatedAws, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(slow_aws.environment, tmp_path)
    yield made
    forget(made)


def is_under_way(shell: Shell) -> bool:
    """Whether the newest change has made its first call, and a process of its own carries it out."""
    entry = newest(shell)
    return entry is not None and bool(entry.request_ids) and journal_of(shell).is_held(entry.id)


def is_applied(shell: Shell) -> bool:
    entry = newest(shell)
    return entry is not None and entry.state is State.APPLIED


def undone(shell: Shell) -> Done:
    return shell.smtop("undo", "--confirm", NAME)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGHUP, 129), (signal.SIGINT, 130)], ids=str
)
def test_who_asked_for_it_may_end(shell: Shell, number: signal.Signals, code: int) -> None:
    with shell.started(*UPDATE) as process:
        until(lambda: is_under_way(shell), "the first call")
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out) == (code, "")
    if number is signal.SIGINT:
        (change,) = changes(shell.smtop("journal", "--format", "json").out)
        assert f"The change goes on; it stands in the journal as {change['id']}. See: smtop journal" in err
        assert (change["left_over"], change["outcome"]) in ((False, "in-progress"), (False, "applied"))
    until(lambda: is_applied(shell), "the end of the change")
    done = undone(shell)
    assert (done.code, done.err.count("cut off")) == (0, 0)


def test_what_is_cut_off_is_named_and_can_be_finished(shell: Shell) -> None:
    done = shell.smtop(*UPDATE, "--no-wait")
    assert done.code == 0
    until(lambda: is_under_way(shell), "the first call")
    entry = newest(shell)
    assert entry is not None
    os.kill(hand_of(shell), signal.SIGKILL)
    until(lambda: not journal_of(shell).is_held(entry.id), "the end of the process")
    told = shell.smtop("journal")
    ways = f"smtop journal --finish {entry.id} or smtop undo {entry.id}"
    assert told.sentences[0].startswith(f"Change {entry.id} (update {NAME}) was ")
    assert told.sentences[0].endswith(ways)
    assert "LEFT OVER" in told.out
    finished = shell.smtop("journal", "--finish", entry.id, "--format", "json")
    assert (finished.code, finished.json["outcome"]) == (0, "applied")
    assert shell.smtop("journal").err == ""
    assert undone(shell).code == 0
