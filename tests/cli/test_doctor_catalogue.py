"""`smtop doctor --catalogue` as a process: names compared on the simulated AWS, and what a price and a limit say."""

from collections import Counter
from pathlib import Path

import pytest

from tests.cli.command import Done, Shell
from tests.support.simulated_aws import SimulatedAws


@pytest.fixture(scope="module")
def told(fleet_aws: SimulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The comparison of the default fleet, for scripts."""
    shell = Shell(fleet_aws.environment, tmp_path_factory.mktemp("home"))
    return shell.smtop("doctor", "--catalogue", "--format", "json")


def test_every_kind_is_compared_and_nothing_is_billed(told: Done) -> None:
    assert (told.code, told.err) == (0, "")
    report = told.json
    kinds = {kind["kind"]: kind for kind in report["kinds"]}
    assert set(kinds) == {
        "realtime", "multi-model", "multi-container", "pipeline",
        "async", "serverless", "serverless-provisioned", "inference-component",
    }  # fmt: skip
    assert report["endpoints"] == sum(kind["endpoints"] for kind in kinds.values()) == 40
    assert report["lags"] is None
    presences = Counter(one["presence"] for kind in kinds.values() for one in kind["expected"])
    assert presences["published"] > 80
    assert presences["never"] == 0


def test_what_is_seen_is_never_more_than_what_is_planned(told: Done) -> None:
    for kind in told.json["kinds"]:
        for one in kind["expected"]:
            assert 0 <= one["seen"] <= one["planned"] <= kind["endpoints"]
            assert (one["presence"] == "published") == (one["seen"] == one["planned"])


def test_the_comparison_asks_for_lists_only(shell: Shell, small_aws: SimulatedAws) -> None:
    before = small_aws.calls()
    done = shell.smtop("doctor", "--catalogue")
    after = small_aws.calls()
    asked = {name for name, count in after["calls"].items() if count > before["calls"].get(name, 0)}
    assert "cloudwatch:ListMetrics" in asked
    assert "cloudwatch:GetMetricData" not in asked
    assert done.out.startswith("8 endpoints. CloudWatch lists ")
    assert max(map(len, done.out.splitlines())) <= 200


def test_a_name_that_aws_spells_otherwise_is_a_finding_with_the_lines_that_mend_it(
    shell: Shell, tmp_path: Path
) -> None:
    """The simulated AWS is right; smtop is told wrong, and finds out."""
    config = tmp_path / "wrong.toml"
    config.write_text('[catalogue.ModelLatency]\nname = "modellatency"\n', encoding="utf-8")
    done = shell.smtop("doctor", "--catalogue", "--config", str(config))
    assert done.code == 1
    assert "never published" in done.out
    assert "after two weeks of silence" in done.out
    _, _, advice = done.out.partition("they differ in case only. Override with\n")
    assert advice.startswith('      [catalogue.ModelLatency]\n      name = "ModelLatency"\n')
    config.write_text("\n".join(advice.splitlines()[:2]), encoding="utf-8")
    mended = shell.smtop("doctor", "--catalogue", "--format", "json", "--config", str(config))
    assert mended.code == 0
    assert not [one for one in mended.json["unknown"] if one["near"]]


def test_an_override_is_what_the_fleet_is_asked(shell: Shell, tmp_path: Path) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text('[catalogue.ModelLatency]\nname = "Nonsense"\n', encoding="utf-8")
    fleet = shell.snapshot("--config", str(config)).json
    variants = [one["metrics"] for endpoint in fleet["endpoints"] for one in endpoint["variants"]]
    assert [one["OverheadLatency.Average"]["value"] for one in variants if "OverheadLatency.Average" in one] != []
    assert {one["ModelLatency.Average"]["value"] for one in variants} == {None}


def test_a_metric_that_nobody_knows_is_a_sentence_with_near_ones(shell: Shell, tmp_path: Path) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text('[catalogue.ModelLatencies]\nname = "X"\n', encoding="utf-8")
    done = shell.smtop("doctor", "--catalogue", "--config", str(config))
    assert (done.code, done.out) == (2, "")
    assert f"{config}: The catalogue has no metric ModelLatencies. Near: ModelLatency" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--catalogue", "--cost"], "one at a time"),
        (["--cost", "--measure", "5"], "--measure goes with --catalogue"),
        (["--catalogue", "--measure", "0"], "--measure"),
        (["--catalogue", "--measure", "5", "--max-usd", "0"], "--max-usd"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(shell: Shell, arguments: list[str], says: str) -> None:
    done = shell.smtop("doctor", *arguments)
    assert done.code == 2
    assert says in done.err


def test_too_little_money_is_told_before_anything_is_spent(shell: Shell, small_aws: SimulatedAws) -> None:
    before = small_aws.calls()["billed_metrics"]
    done = shell.smtop("doctor", "--catalogue", "--measure", "5", "--max-usd", "0.0001")
    assert (done.code, done.out) == (2, "")
    assert done.sentences == ["--max-usd 0.0001 does not pay for a single metric over 5 min."]
    assert small_aws.calls()["billed_metrics"] == before


def test_a_denied_list_is_a_denial(shell: Shell, faulty: SimulatedAws) -> None:
    faulty.faults(deny=["cloudwatch:ListMetrics"])
    done = shell.smtop("doctor", "--catalogue")
    assert (done.code, done.out) == (4, "")
    assert "cloudwatch:ListMetrics" in done.err
