"""The journal of changes: on the disk before anything is sent, and read back whatever has happened to it."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from smtop.metrics.domain.change import Weights, as_document
from smtop.metrics.domain.plan import Call, Confirm, Place, Plan, Until
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Journal, State
from tests.support.fleet import NOW_S, HandClock
from tests.support.simulated_aws import PROJECT

PARAMS = {"EndpointName": "fraud", "DesiredWeightsAndCapacities": [{"VariantName": "B", "DesiredWeight": 0.3}]}


def planned(name: str = "change-1", **members: Any) -> Plan:
    call = Call("sagemaker", "UpdateEndpointWeightsAndCapacities", PARAMS, until=Until.IN_SERVICE)
    return Plan(
        **{
            "id": name,
            "change": "weights",
            "place": Place("123456789012", "us-east-1"),
            "endpoint": "fraud",
            "arn": "arn:fraud",
            "variant": "B",
            "before": {"B.weight": 0.1},
            "after": {"B.weight": 0.3},
            "calls": (call,),
            "confirm": Confirm.YES,
            "undo": as_document(Weights("fraud", {"B": 0.1})),
            "wanted": as_document(Weights("fraud", {"B": 0.3})),
            **members,
        }
    )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state", HandClock())


def test_what_was_planned_is_read_back_as_it_was(journal: Journal) -> None:
    made = planned()
    entry = journal.begin(made)
    assert (entry.plan, entry.state, entry.planned_at) == (made, State.PLANNED, NOW_S)
    assert entry.by.endswith(f"@{os.uname().nodename}")
    assert (entry.is_pending, journal.leftovers()) == (False, [])


def test_each_event_tells_how_far_it_has_come(journal: Journal) -> None:
    journal.begin(planned())
    told: list[tuple[str, dict[str, Any], State]] = [
        ("begun", {}, State.UNDER_WAY),
        ("calling", {"call": "0"}, State.UNDER_WAY),
        ("called", {"call": "0", "request_id": "r-1"}, State.UNDER_WAY),
        ("sent", {}, State.IN_PROGRESS),
        ("seen", {"status": "Updating"}, State.IN_PROGRESS),
        ("applied", {"left": {"B.weight": 0.3}}, State.APPLIED),
    ]
    for event, members, state in told:
        journal.note("change-1", event, **members)
        assert journal.entry("change-1").state is state
    entry = journal.entry("change-1")
    assert (entry.request_ids, entry.status, entry.left, entry.ended_at) == (
        *(("r-1",), "Updating", {"B.weight": 0.3}),
        NOW_S,
    )
    journal.note("change-1", "undone", change="change-2")
    assert journal.entry("change-1").undone_by == "change-2"


def test_a_line_is_on_the_disk_when_it_is_noted(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fsync saw: the whole plan in the file, then the folder that the file is new in; then each line."""
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append("folder" if is_folder else json.loads(path.read_text().splitlines()[-1])["event"])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    journal.begin(planned())
    assert synced == ["planned", "folder"]
    journal.note("change-1", "begun")
    assert synced == ["planned", "folder", "begun"]


def test_only_its_owner_may_read_it(journal: Journal) -> None:
    journal.begin(planned())
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (journal.folder, *journal.folder.iterdir())]
    assert modes == [0o700, 0o600]


def test_the_same_change_is_not_begun_twice(journal: Journal) -> None:
    journal.begin(planned())
    with pytest.raises(RefusedError, match="Nothing is changed"):
        journal.begin(planned())


@pytest.fixture
def in_the_way(tmp_path: Path) -> Iterator[Path]:
    """A folder for state that cannot be made: for whoever runs the tests as root too."""
    path = tmp_path / "state"
    path.write_text("a file")
    yield path


def test_where_it_cannot_be_written_nothing_is_changed(in_the_way: Path) -> None:
    journal = Journal(in_the_way, HandClock())
    with pytest.raises(RefusedError, match=r"^Nothing is changed, since it cannot be written down first \(.*\)\.$"):
        journal.begin(planned())
    assert (journal.entries(), journal.leftovers()) == ([], [])


def test_a_last_line_that_was_cut_off_says_nothing_and_spoils_nothing(journal: Journal) -> None:
    journal.begin(planned())
    journal.note("change-1", "begun")
    (file,) = journal.folder.iterdir()
    with file.open("a") as stream:
        stream.write('{"schema": 1, "event": "cal')
    assert journal.entry("change-1").state is State.UNDER_WAY
    journal.note("change-1", "sent")
    assert journal.entry("change-1").state is State.IN_PROGRESS


@pytest.mark.parametrize("content", ["", "nonsense\n", '{"event": "planned"}\n', "[]\n"])
def test_files_that_are_none_of_its_own_are_left_out(journal: Journal, content: str) -> None:
    journal.begin(planned())
    (journal.folder / "other.jsonl").write_text(content)
    assert [entry.id for entry in journal.entries()] == ["change-1"]
    with pytest.raises(RefusedError, match="no change other that can be read"):
        journal.entry("other")


def test_a_name_does_not_lead_out_of_the_folder(journal: Journal, tmp_path: Path) -> None:
    journal.begin(planned())
    (tmp_path / "state" / "secret.jsonl").write_text("{}")
    assert not journal.has("../secret")
    with pytest.raises(RefusedError):
        journal.entry("../secret")


def test_what_was_begun_and_is_carried_out_by_nobody_is_left_over(journal: Journal) -> None:
    for name in ("change-1", "change-2", "change-3"):
        journal.begin(planned(name))
        journal.note(name, "begun")
    journal.note("change-2", "failed", error="No.")
    with journal.held("change-3"):
        assert [entry.id for entry in journal.leftovers()] == ["change-1"]
    assert [entry.id for entry in journal.leftovers()] == ["change-3", "change-1"]
    journal.note("change-1", "undone", change="change-4")
    assert [entry.id for entry in journal.leftovers()] == ["change-3"]


def test_one_process_at_a_time_carries_a_change_out(journal: Journal) -> None:
    journal.begin(planned())
    other = Journal(journal.folder.parent, HandClock())
    with (
        journal.held("change-1"),
        pytest.raises(RefusedError, match="Another process is carrying out"),
        other.held("change-1"),
    ):
        raise AssertionError("nobody else")
    with other.held("change-1"):
        assert journal.is_held("change-1")
    assert not journal.is_held("change-1")


_WRITER = """
import sys
from pathlib import Path
from smtop.metrics.clock import SystemClock
from smtop.metrics.journal import Journal
journal = Journal(Path(sys.argv[1]), SystemClock())
for number in range(50):
    journal.note("change-1", "seen", status=f"{sys.argv[2]}-{number} " + "x" * 2000)
"""


def test_two_writers_do_not_spoil_each_others_lines(journal: Journal) -> None:
    journal.begin(planned())
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / ".dev")}
    arguments = [sys.executable, "-c", _WRITER, str(journal.folder.parent)]
    writers = [subprocess.Popen([*arguments, name], env=environment) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    (file,) = journal.folder.iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    seen = [line["status"].split(" ")[0] for line in lines if line["event"] == "seen"]
    assert sorted(seen) == sorted(f"{name}-{number}" for name in "ab" for number in range(50))
    for name in "ab":
        assert [one for one in seen if one.startswith(name)] == [f"{name}-{number}" for number in range(50)]


def test_a_line_is_written_whole_where_the_disk_takes_it_in_pieces(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.begin(planned())
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    journal.note("change-1", "begun")
    assert journal.entry("change-1").state is State.UNDER_WAY


async def test_a_follower_hears_what_is_new_until_the_end(journal: Journal) -> None:
    journal.begin(planned())
    heard = []
    rest: Iterator[tuple[str, dict[str, Any]]] = iter([("begun", {}), ("sent", {}), ("applied", {"left": {}})])
    async for entry in journal.follow("change-1"):
        heard.append(entry.state)
        with suppress(StopIteration):
            event, members = next(rest)
            journal.note("change-1", event, **members)
    assert heard == [State.PLANNED, State.UNDER_WAY, State.IN_PROGRESS, State.APPLIED]
