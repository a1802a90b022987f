"""Commands that change something, as a script sees them: plans, confirmation, exit codes, JSON, the journal."""

import fcntl
import json
import os
import pty
import subprocess
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli.changes import changes, newest
from tests.cli.command import PATIENCE_S, SMTOP, Done, Shell, count_sentences
from tests.cli.shapes import PLAN, RESULT, differences
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

FRAUD = "fraud-scorer-prod"
HALF = ("weights", FRAUD, "canary=0.5", "AllTraffic=0.5")


@pytest.fixture(scope="module")
def quick_aws() -> Iterator[SimulatedAws]:
    """The default fleet, in which a minute is half a second."""
    with start_simulated_aws("--speed=120") as aws:
        yield aws


@pytest.fixture
def shell(quick_aws: SimulatedAws, tmp_path: Path) -> Iterator[Shell]:
    yield Shell(quick_aws.environment, tmp_path)
    quick_aws.faults()


def plan_of(done: Done) -> dict[str, Any]:
    plan: dict[str, Any] = done.json
    assert list(differences(plan, PLAN)) == []
    return plan


def assert_told(done: Done, *words: str) -> None:
    """It is told in three sentences at most, the last line with these words."""
    assert "Traceback" not in done.err
    assert all(count_sentences(sentence) <= 3 for sentence in done.sentences), done.sentences
    assert [word for word in words if word not in done.sentences[-1]] == [], done.err


# A plan


def test_a_plan_needs_no_write_and_changes_nothing(shell: Shell, quick_aws: SimulatedAws) -> None:
    before = quick_aws.writes()
    done = shell.smtop(*HALF, "--dry-run", "--format", "json")
    plan = plan_of(done)
    assert (done.code, done.sentences) == (0, [])
    assert (plan["change"], plan["endpoint"], plan["confirm"], plan["blockers"]) == ("weights", FRAUD, "yes", [])
    assert (plan["before"]["canary.weight"], plan["after"]["canary.weight"]) == (0.2, 0.5)
    assert [call["operation"] for call in plan["calls"]] == ["UpdateEndpointWeightsAndCapacities"]
    assert plan["undo"]["change"] == "weights"
    assert quick_aws.writes() == before
    assert newest(shell) is None


def test_a_plan_with_blockers_is_printed_and_exits_with_1(shell: Shell) -> None:
    done = shell.smtop("weights", FRAUD, "canari=0.5", "--dry-run")
    assert done.code == 1
    assert f"  ! {FRAUD} has no production variant canari; it has" in done.out
    assert "call:" not in done.out
    done = shell.smtop("weights", FRAUD, "canari=0.5", "--write", "--yes")
    assert (done.code, done.out) == (1, "")
    assert_told(done, "has no production variant canari")


# Not changed: 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*HALF, "--yes"), ("smtop is read-only", "--write")),
        ((*HALF, "--write"), ("Not confirmed; nothing was changed", "Give --yes.")),
        (("delete", FRAUD, "--write", "--yes"), ("Not confirmed", f'Give --confirm "{FRAUD}".')),
        (("update", FRAUD, "--config", "nowhere", "--write"), ("There is no config nowhere",)),
        (("weights", "nobody", "A=1", "--write", "--yes"), ("Could not find endpoint",)),
        (("undo", "--yes"), ("no change of this user",)),
        (("journal", "--finish", "20260101T000000Z-abcd"), ("The journal has no change",)),
    ],
    ids=lambda value: "-".join(value)[:40],
)
def test_what_is_not_changed_exits_with_1(
    shell: Shell, quick_aws: SimulatedAws, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    before = quick_aws.writes()
    done = shell.smtop(*arguments)
    assert (done.code, done.out) == (1, "")
    assert_told(done, *words)
    assert quick_aws.writes() == before
    assert newest(shell) is None


@pytest.mark.parametrize("never", ['[profiles.audit]\nwrite = "never"\n', '[accounts.123456789012]\nwrite = "never"\n'])
def test_where_the_configuration_says_never(shell: Shell, never: str) -> None:
    names = ("aws_access_key_id", "aws_secret_access_key")
    keys = "\n".join(f"{name} = {shell.environment[name.upper()]}" for name in names)
    (shell.home / "aws-config").write_text(f"[profile audit]\nregion = us-east-1\n{keys}\n")
    (shell.home / "smtop.toml").write_text(never)
    there = ("--config", str(shell.home / "smtop.toml"), "--profile", "audit")
    done = shell.smtop(*HALF, "--write", "--yes", *there)
    assert done.code == 1
    assert_told(done, "The configuration says that nothing is changed")
    assert newest(shell) is None


# Wrongly asked: 2; not answered: 3; denied: 4


@pytest.mark.parametrize(
    "arguments",
    [
        ("weights", FRAUD),
        ("weights", FRAUD, "canary"),
        ("weights", FRAUD, "canary=much"),
        ("update", FRAUD, "--policy", "slowly"),
        ("invoke", FRAUD),
        ("scaling", FRAUD, "suspend", "sideways"),
        ("delete", FRAUD, "--timeout", "-1"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_understood_exits_with_2(nowhere: Shell, arguments: tuple[str, ...]) -> None:
    assert nowhere.smtop(*arguments).code == 2


def test_aws_that_does_not_answer_exits_with_3_and_one_that_denies_with_4(
    shell: Shell, quick_aws: SimulatedAws
) -> None:
    done = shell.smtop(*HALF, "--dry-run", AWS_ACCESS_KEY_ID="SOMEBODYELSE")
    assert done.code == 3
    assert_told(done, "AWS does not accept these credentials")
    quick_aws.faults(deny=["sagemaker:DescribeEndpoint"])
    done = shell.smtop(*HALF, "--dry-run")
    assert done.code == 4
    assert_told(done, "sagemaker:DescribeEndpoint is denied")


def test_a_change_that_fails_exits_with_1_and_says_why(shell: Shell, quick_aws: SimulatedAws) -> None:
    quick_aws.faults(deny=["sagemaker:UpdateEndpointWeightsAndCapacities"])
    done = shell.smtop(*HALF, "--write", "--yes", "--format", "json")
    assert (done.code, done.json["outcome"]) == (1, "failed")
    assert list(differences(done.json, RESULT)) == []
    assert done.sentences == [done.json["error"]]
    assert_told(done, "UpdateEndpointWeightsAndCapacities is denied; ask for this permission.", "Nothing was changed.")


# There and back


def test_a_change_is_made_and_taken_back(shell: Shell) -> None:
    done = shell.smtop(*HALF, "--write", "--yes", "--format", "json")
    assert list(differences(done.json, RESULT)) == []
    assert (done.code, done.json["outcome"], done.json["status"], done.sentences) == (0, "applied", "InService", [])
    assert len(done.json["request_ids"]) == 1
    back = shell.smtop("undo", "--yes")
    assert (back.code, back.out) == (0, "")
    assert back.sentences[0].endswith(": applied, InService")
    again = shell.smtop("undo", done.json["id"], "--yes")
    assert again.code == 1
    assert_told(again, f"Change {done.json['id']} was taken back already")
    undo, weights = changes(shell.smtop("journal", "--format", "json").out)
    assert (weights["id"], weights["state"], weights["undone_by"]) == (done.json["id"], "applied", undo["id"])
    assert (undo["plan"]["change"], undo["left_over"], weights["left_over"]) == ("undo", False, False)
    assert f"{weights['id']}  weights  {FRAUD}  applied  taken back by {undo['id']}" in shell.smtop("journal").out


def test_what_needs_the_name_is_confirmed_by_it(shell: Shell) -> None:
    """A whole round by a process of its own: another model, rolled back by hand."""
    update = ("update", "churn-predictor", "--model", "search-ranker-prod-model", "--write")
    done = shell.smtop(*update, "--confirm", "churn-predictor", "--format", "json")
    assert (done.code, done.json["outcome"]) == (0, "applied")
    config = done.json["plan"]["before"]["config"]
    back = shell.smtop("rollback", "churn-predictor", "--to", config, "--write", "--confirm", "churn-predictor")
    assert back.code == 0
    assert_told(back, "Take it back with: smtop undo ")


def test_scaling_is_changed_and_shown(shell: Shell) -> None:
    bounds = ("scaling", "churn-predictor", "bounds", "--min", "1", "--max", "6", "--write", "--yes")
    assert shell.smtop(*bounds).code == 0
    shown = shell.smtop("scaling", "churn-predictor", "show", "--format", "json").json
    (target,) = shown["targets"]
    assert (shown["schema"], target["MinCapacity"], target["MaxCapacity"]) == (1, 1, 6)
    assert shell.smtop("undo", "--yes").code == 0


# On a terminal


@pytest.mark.parametrize(
    ("arguments", "asked", "answer", "code"),
    [
        (HALF, b"Do it? [y/N]:", b"n\n", 1),
        (("delete", FRAUD), b"Type fraud-scorer-prod to do it:", b"fraud\n", 1),
        (("delete", FRAUD), b"Type fraud-scorer-prod to do it:", b"\x03", 130),
    ],
    ids=["no", "another-name", "ctrl-c"],
)
def test_a_terminal_is_asked_on_standard_error_below_the_plan(
    shell: Shell, quick_aws: SimulatedAws, arguments: tuple[str, ...], asked: bytes, answer: bytes, code: int
) -> None:
    before = quick_aws.writes()
    side, theirs = pty.openpty()
    with subprocess.Popen(
        [SMTOP, *arguments, "--write", "--format", "json"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=shell.variables({}),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - Ctrl-C needs a controlling terminal
    ) as process:
        try:
            os.close(theirs)
            seen = bytearray()
            while asked not in seen:
                seen += os.read(side, 65_536)
            out = answered(process, side, answer)
            assert process.returncode == code
        finally:
            process.kill()
            os.close(side)
    assert seen.index(b"requests a minute now") < seen.index(b"call: aws sagemaker") < seen.index(asked)
    assert (json.loads(out)["endpoint"] == FRAUD) if code == 1 else out == b""
    assert quick_aws.writes() == before


def answered(process: subprocess.Popen[bytes], side: int, answer: bytes) -> bytes:
    """What it prints until it ends.

    Ctrl+C between a question and the reading of its answer interrupts no reading; anybody would press it again.
    """
    for _ in range(PATIENCE_S):
        os.write(side, answer)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=1.0)[0]
    raise TimeoutError("it does not end")


# Policies and test invocations


def test_policies_are_printed(shell: Shell, nowhere: Shell) -> None:
    operator = nowhere.smtop("policy", "--operator")
    assert operator.code == 0
    assert "sagemaker:UpdateEndpoint" in json.dumps(operator.json)
    assert "sagemaker:UpdateEndpoint" not in nowhere.smtop("policy").out
    [elsewhere] = nowhere.smtop("policy", "--monitoring").json["Statement"]
    assert elsewhere["Action"] == ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
    (statement,) = shell.smtop("policy", "--invoke", FRAUD).json["Statement"]
    assert statement["Resource"].endswith(f":endpoint/{FRAUD}")


def test_an_invocation_prints_the_answer_and_needs_write(shell: Shell) -> None:
    payload = shell.home / "one.json"
    payload.write_text('{"amount": 12}')
    invoke = ("invoke", FRAUD, "--payload", str(payload))
    done = shell.smtop(*invoke, "--variant", "canary", "--write")
    assert done.code == 0
    assert done.out
    assert_told(done, "Answered by canary after", "the way there and back included")
    document = shell.smtop(*invoke, "--write", "--format", "json").json
    assert document.keys() == {"schema", "seconds", "variant", "where", "content_type", "body_base64"}
    refused = shell.smtop(*invoke)
    assert (refused.code, refused.out) == (1, "")
    assert_told(refused, "smtop is read-only")
