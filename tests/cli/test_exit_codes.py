"""What a script sees of `smtop` when something is wrong: an exit code, and a sentence or two that name the remedy."""

import os
import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import PATIENCE_S, Done, Shell, count_sentences
from tests.support.simulated_aws import SimulatedAws

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ONE_ATTEMPT = {"AWS_MAX_ATTEMPTS": "1"}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken and not listened on: whoever connects is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def assert_told(done: Done, *words: str) -> None:
    """Every line of narration is one or two sentences; the first one has these words; there is no traceback."""
    assert "Traceback" not in done.err
    assert done.sentences
    for sentence in done.sentences:
        assert count_sentences(sentence) <= 2, sentence
        assert ".." not in sentence and "  " not in sentence, sentence
    for word in words:
        assert word in done.sentences[0]


def problem_of(done: Done) -> dict[str, Any]:
    """The only problem of a snapshot."""
    (problem,) = done.json["problems"]
    assert done.sentences == [problem["message"]]
    return dict(problem)


# 2: usage and configuration


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "xml"], ["--format", "xml", "table"]),
        (["--nonsense"], ["--nonsense"]),
        (["--sort", "nonsense"], ["--sort", "saturation"]),
        (["-n", "-1"], ["-n"]),
        (["--max-usd-per-hour", "0"], ["--max-usd-per-hour"]),
        (["surplus"], ["surplus"]),
    ],
)
def test_a_wrong_option_is_a_usage_error(nowhere: Shell, arguments: list[str], words: list[str]) -> None:
    done = nowhere.smtop("snapshot", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert all(word in done.err for word in words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--region", "us-east-1", "--profile", "a", "--profile", "b"], ["profile", "(a)", "--profile"]),
        (["--filter", "p99:>fast", "--region", "us-east-1"], ["p99", "needs a number"]),
        (["--filter", "kind:rocket", "--region", "us-east-1"], ["rocket", "RT"]),
        (["--filter", "p99:", "--region", "us-east-1"], ["p99", "needs a value"]),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(nowhere: Shell, arguments: list[str], words: list[str]) -> None:
    done = nowhere.smtop("snapshot", *arguments)
    assert (done.code, done.out) == (2, "")
    assert_told(done, *words)


def test_no_region(shell: Shell) -> None:
    done = shell.without("AWS_REGION", "AWS_DEFAULT_REGION").smtop("snapshot")
    assert (done.code, done.out) == (2, "")
    assert_told(done, "--region", "AWS_REGION", "profile")


def test_an_unknown_profile(shell: Shell) -> None:
    done = shell.smtop("snapshot", "--profile", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert_told(done, "nowhere", "--profile")


def test_an_aws_config_file_that_cannot_be_parsed(shell: Shell) -> None:
    (shell.home / "aws-config").write_text("no section\n")
    done = shell.smtop("snapshot")
    assert (done.code, done.out) == (2, "")
    assert_told(done, "aws-config", "AWS_CONFIG_FILE")


@pytest.mark.parametrize("url", ["nonsense", "ftp//host"])
def test_an_endpoint_url_that_cannot_be_one(shell: Shell, url: str) -> None:
    done = shell.smtop("snapshot", AWS_ENDPOINT_URL=url)
    assert (done.code, done.out) == (2, "")
    assert_told(done, url, "AWS_ENDPOINT_URL")


def test_a_region_that_cannot_be_one(shell: Shell) -> None:
    done = shell.without("AWS_ENDPOINT_URL").smtop("snapshot", "--region", "us east 1")
    assert (done.code, done.out) == (2, "")
    assert_told(done, "us east 1", "--region")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("= 1", ["cannot be read", "line 1"]),
        ("colour = 'red'", ["colour", "max_usd_per_hour"]),
        ("region = 7", ["region", "text"]),
        ("max_usd_per_hour = -1", ["max_usd_per_hour", "above 0"]),
    ],
)
def test_a_bad_configuration_file(shell: Shell, content: str, words: list[str]) -> None:
    """The default file and a named one alike; both are named in the sentence."""
    default = shell.home / "config" / "smtop" / "config.toml"
    default.parent.mkdir(parents=True)
    default.write_text(content)
    named = shell.home / "other.toml"
    named.write_text(content)
    for done, file in ((shell.smtop("snapshot"), default), (shell.smtop("snapshot", "--config", str(named)), named)):
        assert (done.code, done.out) == (2, "")
        assert_told(done, str(file), *words)


def test_a_configuration_file_that_is_not_there(shell: Shell) -> None:
    done = shell.smtop("snapshot", "--config", str(shell.home / "none.toml"))
    assert (done.code, done.out) == (2, "")
    assert_told(done, "none.toml", "does not exist")


def test_debug_shows_the_traceback_as_well(shell: Shell) -> None:
    done = shell.smtop("--debug", "snapshot", AWS_PROFILE="nowhere")
    assert done.code == 2
    assert "Traceback (most recent call last)" in done.err
    assert done.sentences


# 3: credentials, connection, throttling


def test_no_credentials(shell: Shell) -> None:
    done = shell.without(*KEYS).installed("snapshot", "--format", "json")
    assert (done.code, done.json["endpoints"]) == (3, [])
    assert_told(done, "aws sso login", "--profile", "AWS_ACCESS_KEY_ID")
    assert problem_of(done)["kind"] == "credentials"


def test_half_of_the_credentials(shell: Shell) -> None:
    done = shell.without("AWS_SECRET_ACCESS_KEY").smtop("snapshot")
    assert (done.code, done.out) == (3, "")
    assert_told(done, "AWS_SECRET_ACCESS_KEY", "aws sts get-caller-identity")


def test_a_profile_that_asks_for_an_mfa_code_never_prompts(shell: Shell, tmp_path: Path) -> None:
    """A prompt underneath the screen would wait for ever."""
    (tmp_path / "aws-config").write_text(
        "[profile base]\nregion = us-east-1\naws_access_key_id = a\naws_secret_access_key = b\n"
        "[profile guarded]\nregion = us-east-1\nsource_profile = base\n"
        "role_arn = arn:aws:iam::123456789012:role/oncall\nmfa_serial = arn:aws:iam::123456789012:mfa/ana\n"
    )
    done = shell.without(*KEYS).snapshot("--profile", "guarded", AWS_CONFIG_FILE=str(tmp_path / "aws-config"))
    assert done.code == 3
    assert_told(done, "MFA code", "export-credentials")


def test_credentials_that_aws_does_not_know(shell: Shell) -> None:
    done = shell.snapshot(AWS_ACCESS_KEY_ID="AKIAUNKNOWN")
    assert (done.code, done.json["endpoints"]) == (3, [])
    assert_told(done, "aws sts get-caller-identity")
    assert problem_of(done)["kind"] == "credentials"


def test_an_expired_token(shell: Shell, faulty: SimulatedAws) -> None:
    (shell.home / "aws-config").write_text("[profile prod]\nregion = us-east-1\n")
    (shell.home / "aws-credentials").write_text(
        "[prod]\n" + "".join(f"{name.lower()} = {faulty.environment[name]}\n" for name in KEYS)
    )
    faulty.faults(expired=True)
    done = shell.without(*KEYS).snapshot("--profile", "prod")
    assert (done.code, done.json["endpoints"]) == (3, [])
    assert_told(done, "expired", "aws sso login --profile prod")
    assert problem_of(done)["kind"] == "credentials"


def test_nobody_listens(shell: Shell, closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    done = shell.snapshot(AWS_ENDPOINT_URL=url, **ONE_ATTEMPT)
    assert (done.code, done.json["endpoints"]) == (3, [])
    assert_told(done, url, "region", "network", "AWS_ENDPOINT_URL")
    assert problem_of(done)["kind"] == "unreachable"


def test_throttled_out(shell: Shell, faulty: SimulatedAws) -> None:
    faulty.faults(throttle={"sagemaker:ListEndpoints": {"rate": 0.001, "burst": 0}})
    done = shell.snapshot(**ONE_ATTEMPT)
    assert (done.code, done.json["endpoints"]) == (3, [])
    assert_told(done, "throttles", "sagemaker:ListEndpoints", "quota")
    assert problem_of(done)["kind"] == "throttled"


def test_the_list_fails_on_the_side_of_aws(shell: Shell, faulty: SimulatedAws) -> None:
    faulty.faults(fail={"sagemaker:ListEndpoints": 500})
    done = shell.snapshot(**ONE_ATTEMPT)
    assert (done.code, done.json["endpoints"]) == (3, [])
    assert_told(done, "sagemaker:ListEndpoints")
    assert problem_of(done)["kind"] == "service"


# 4: denied


@pytest.mark.parametrize("operation", ["sagemaker:ListEndpoints", "sts:GetCallerIdentity"])
def test_the_inventory_is_denied(shell: Shell, faulty: SimulatedAws, operation: str) -> None:
    faulty.faults(deny=[operation])
    done = shell.snapshot()
    assert (done.code, done.json["endpoints"]) == (4, [])
    assert_told(done, operation, "ask for this permission")
    assert (problem_of(done)["kind"], problem_of(done)["operation"]) == ("permission", operation)


# 0: less than everything, with problems


@pytest.mark.parametrize(
    "operation",
    ["cloudwatch:GetMetricData", "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig"],
)
def test_one_denied_operation_costs_only_what_it_would_have_told(
    shell: Shell, faulty: SimulatedAws, operation: str
) -> None:
    faulty.faults(deny=[operation])
    done = shell.snapshot()
    assert (done.code, len(done.json["endpoints"])) == (0, 8)
    assert done.json["complete"] is False
    assert_told(done, operation, "ask for this permission")
    assert (problem_of(done)["kind"], problem_of(done)["operation"]) == ("permission", operation)
    lost, kept = LOSSES[operation]
    assert not any(lost(endpoint) for endpoint in done.json["endpoints"])
    assert any(kept(endpoint) for endpoint in done.json["endpoints"])


def test_what_is_only_nice_to_have_may_all_be_denied(shell: Shell, faulty: SimulatedAws) -> None:
    """Each refusal is a problem of its own; the numbers are there all the same."""
    denied = {"cloudwatch:ListMetrics", "sagemaker:ListTags", "sagemaker:DescribeModel"}
    faulty.faults(deny=sorted(denied))
    done = shell.snapshot()
    assert (done.code, len(done.json["endpoints"]), done.json["complete"]) == (0, 8, False)
    assert {problem["operation"] for problem in done.json["problems"]} == denied
    assert {problem["kind"] for problem in done.json["problems"]} == {"permission"}
    assert len(done.json["problems"]) == len(done.sentences) == 3
    assert_told(done)
    assert not any(endpoint["tags"] for endpoint in done.json["endpoints"])
    assert any(_has_values(endpoint) for endpoint in done.json["endpoints"])


def _values(endpoint: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    samples = [sample for variant in endpoint["variants"] for sample in variant["metrics"].values()]
    return [sample for sample in samples if sample["value"] is not None]


def _has_values(endpoint: Mapping[str, Any]) -> bool:
    return bool(_values(endpoint))


def _has_type(endpoint: Mapping[str, Any]) -> bool:
    return any(variant["instances"] and variant["instances"]["type"] for variant in endpoint["variants"])


def _says_why_no_type(endpoint: Mapping[str, Any]) -> bool:
    return any(variant["instances"] and variant["instances"]["type_why"] for variant in endpoint["variants"])


def _is_listed(endpoint: Mapping[str, Any]) -> bool:
    return bool(endpoint["status"])


def _is_described(endpoint: Mapping[str, Any]) -> bool:
    return bool(endpoint["variants"])


LOSSES = {
    "cloudwatch:GetMetricData": (_has_values, _has_type),
    "sagemaker:DescribeEndpoint": (_is_described, _is_listed),
    "sagemaker:DescribeEndpointConfig": (_has_type, _says_why_no_type),
}
"""What no endpoint may have without the operation, and what some endpoint still has."""


def test_one_endpoint_may_not_be_described(shell: Shell, faulty: SimulatedAws) -> None:
    closed = "fraud-scorer-prod"
    faulty.faults(deny_endpoints={"sagemaker:DescribeEndpoint": [closed]})
    done = shell.snapshot()
    assert done.code == 0
    assert_told(done, "sagemaker:DescribeEndpoint", closed)
    assert problem_of(done)["endpoint"] == closed
    variants = {endpoint["name"]: len(endpoint["variants"]) for endpoint in done.json["endpoints"]}
    assert variants.pop(closed) == 0
    failed = {endpoint["name"] for endpoint in done.json["endpoints"] if endpoint["status"] == "Failed"}
    assert all(count > 0 for name, count in variants.items() if name not in failed)


def test_an_empty_account_is_told_from_a_failure(shell: Shell) -> None:
    """Another region of the simulated account has no endpoints."""
    done = shell.snapshot("--region", "eu-west-1")
    assert (done.code, done.json["endpoints"], done.json["problems"]) == (0, [], [])
    assert_told(done, "no SageMaker endpoints", "123456789012", "eu-west-1")


# the faults of a bad day


def test_cloudwatch_is_out(shell: Shell, faulty: SimulatedAws) -> None:
    """Every number is missing, says why, and is no zero; the fleet itself is there."""
    faulty.faults(fail={"cloudwatch:GetMetricData": 503})
    done = shell.snapshot(**ONE_ATTEMPT)
    assert (done.code, done.json["complete"]) == (0, False)
    assert_told(done, "cloudwatch:GetMetricData", "ServiceUnavailable")
    assert problem_of(done)["kind"] == "service"
    samples = [
        sample
        for endpoint in done.json["endpoints"]
        for variant in endpoint["variants"]
        for sample in variant["metrics"].values()
    ]
    assert samples
    assert {(sample["value"], sample["state"]) for sample in samples} == {(None, "not-collected")}
    assert all("GetMetricData" in sample["why"] for sample in samples)


def test_throttled_calls_are_only_slower(shell: Shell, faulty: SimulatedAws) -> None:
    """Two refusals, which a single call would bear: a rate would refuse what the speed of the machine makes of it."""
    before = faulty.calls()["refused"].get("sagemaker:DescribeEndpoint", 0)
    faulty.mishaps({"operation": "sagemaker:DescribeEndpoint", "kind": "throttle", "calls": 2})
    done = shell.snapshot()
    assert (done.code, done.err, done.json["complete"]) == (0, "", True)
    assert faulty.calls()["refused"]["sagemaker:DescribeEndpoint"] == before + 2


def test_slow_answers_are_waited_for(shell: Shell, faulty: SimulatedAws) -> None:
    faulty.faults(latency_ms=60)
    done = shell.snapshot()
    assert (done.code, done.err, done.json["complete"]) == (0, "", True)


# 130: interrupted


def test_an_interrupt_ends_it_quietly(shell: Shell) -> None:
    """The interrupt comes while an answer is awaited that never comes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE_S)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with shell.started("snapshot", AWS_ENDPOINT_URL=url) as process:
            connection, _ = silent.accept()
            with connection:
                assert connection.recv(1)
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err.strip()) == (130, "", "")


# which region


def test_aws_region_comes_before_aws_default_region(shell: Shell) -> None:
    """botocore alone would not look at the first. Every region answers; none but us-east-1 has endpoints."""
    done = shell.snapshot(AWS_REGION="r-first", AWS_DEFAULT_REGION="r-second")
    assert done.code == 0
    assert [identity["region"] for identity in done.json["identities"]] == ["r-first"]


def test_the_configuration_file_names_profile_region_and_account(shell: Shell) -> None:
    file = Path(shell.home) / "smtop.toml"
    file.write_text('region = "eu-west-1"\n[accounts."123456789012"]\nlabel = "PROD"\n')
    done = shell.snapshot("--config", os.fspath(file))
    assert done.code == 0
    (identity,) = done.json["identities"]
    assert (identity["region"], identity["label"]) == ("eu-west-1", "PROD")


def test_a_cache_that_cannot_be_written_is_a_note(shell: Shell, tmp_path: Path) -> None:
    """A file stands where the folder should be; the snapshot is whole all the same."""
    (tmp_path / "smtop").write_text("in the way")
    done = shell.snapshot(XDG_CACHE_HOME=str(tmp_path))
    assert (done.code, len(done.json["endpoints"])) == (0, 8)
    assert f"{tmp_path / 'smtop'} cannot be written" in done.err
