"""`smtop snapshot` on the simulated AWS: what is on standard output, in which order, and nothing else."""

import csv
import io
import os
import pty
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.command import SMTOP, TAGGED, Done, Shell
from tests.cli.shapes import SEVERITIES, SNAPSHOT, differences
from tests.support.simulated_aws import SimulatedAws

CSV_HEADER = [
    *("account", "region", "endpoint", "variant", "shadow", "kind", "status", "severity", "findings"),
    *("requests_per_minute", "client_error_ratio", "server_error_ratio", "p50_ms", "p99_ms"),
    *("saturation", "saturation_value", "instance_type", "instances"),
    *("memory_mb", "max_concurrency", "provisioned_concurrency"),
]


@pytest.fixture(scope="module")
def whole_fleet(fleet_aws: SimulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(fleet_aws.environment, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def as_json(whole_fleet: Shell) -> Done:
    return whole_fleet.snapshot()


@pytest.fixture(scope="module")
def endpoints(as_json: Done) -> dict[str, Any]:
    return {endpoint["name"]: endpoint for endpoint in as_json.json["endpoints"]}


def samples(endpoint: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every sample of an endpoint and its parts."""
    owners = [endpoint, *endpoint["components"], *endpoint["variants"]]
    owners += [container for variant in endpoint["variants"] for container in variant["containers"]]
    for owner in owners:
        yield from owner["metrics"].items()


def names(done: Done) -> list[str]:
    return [endpoint["name"] for endpoint in done.json["endpoints"]]


def test_json_has_the_shape_of_schema_1(as_json: Done) -> None:
    assert (as_json.code, as_json.err) == (0, "")
    assert list(differences(as_json.json, SNAPSHOT)) == []
    assert as_json.json["schema"] == 1
    assert as_json.json["complete"] is True
    assert as_json.json["problems"] == []
    assert as_json.json["identities"] == [
        {
            "account": "123456789012",
            "region": "us-east-1",
            "arn": "arn:aws:sts::123456789012:assumed-role/oncall-readonly/smtop-demo",
            "profile": None,
            "label": None,
        }
    ]


def test_every_kind_of_endpoint_is_told_apart(endpoints: dict[str, Any]) -> None:
    assert {endpoint["kind"] for endpoint in endpoints.values()} == {
        *("realtime", "multi-model", "multi-container", "pipeline", "async"),
        *("serverless", "serverless-provisioned", "inference-component"),
    }


def test_the_worst_come_first_and_the_dearest_among_equals(as_json: Done) -> None:
    ranks = [SEVERITIES.index(entry["severity"]) for entry in as_json.json["endpoints"]]
    assert len(ranks) == 40
    assert ranks == sorted(ranks)
    idle = [entry["name"] for entry in as_json.json["endpoints"] if entry["severity"] == "idle"]
    assert len(idle) > 1
    assert idle[0] == "research-llm-sandbox", "what costs most and is idle comes first"


def test_samples_say_what_they_are(endpoints: dict[str, Any]) -> None:
    """A value has a time, a missing one has none; what was not collected says why; a filled one is a zero."""
    seen = [(key, sample) for endpoint in endpoints.values() for key, sample in samples(endpoint)]
    assert len(seen) > 500
    for key, sample in seen:
        assert sample["stat"] == key.rpartition(".")[2]
        assert sample["period_s"] == 60
        assert (sample["value"] is None) == (sample["at"] is None) == (sample["age_s"] is None)
        assert (sample["value"] is None) == (sample["state"] in ("no-data", "not-collected"))
        assert sample["state"] != "not-collected" or sample["why"]
        assert not sample["filled"] or sample["value"] == 0.0
        assert sample["age_s"] is None or sample["age_s"] >= 0
    assert {sample["state"] for _, sample in seen} >= {"ok", "no-data"}


def test_values_keep_the_units_of_cloudwatch(endpoints: dict[str, Any]) -> None:
    """A latency of some ten milliseconds is some ten thousand microseconds; a ratio stays below one."""
    latency = endpoints["search-ranker-prod"]["variants"][0]["metrics"]["ModelLatency.p50"]
    assert latency["unit"] == "Microseconds"
    assert 10_000 < latency["value"] < 1_000_000
    used = endpoints["promo-eligibility-slpc"]["variants"][0]["metrics"]
    assert 0 < used["ServerlessProvisionedConcurrencyUtilization.Maximum"]["value"] <= 1


def test_a_latency_of_an_endpoint_nobody_calls_is_no_zero(endpoints: dict[str, Any]) -> None:
    """An hour ago somebody called it, so its counters are zeroes; its latency is not."""
    quiet = endpoints["geo-normalizer-dev"]["variants"][0]["metrics"]
    latency = {key: sample for key, sample in quiet.items() if key.startswith("ModelLatency.")}
    assert latency
    assert {(sample["value"], sample["state"], sample["filled"]) for sample in latency.values()} == {
        (None, "no-data", False)
    }
    assert (quiet["Invocations.Sum"]["value"], quiet["Invocations.Sum"]["filled"]) == (0.0, True)


def test_the_trouble_that_was_caused_is_found(fleet_aws: SimulatedAws, endpoints: dict[str, Any]) -> None:
    """Each endpoint that the simulator made critical is critical here; a storm of cold starts has its pauses."""
    told = [entry for entry in fleet_aws.truth() if entry["cause"] != "cold-start-storm"]
    made = {entry["endpoint"] for entry in told if entry["severity"] == "critical"}
    assert made
    missed = {name for name in made if endpoints[name]["severity"] != "critical"}
    assert missed == set()
    for name in made:
        assert any(finding["severity"] == "critical" for finding in endpoints[name]["findings"])
        assert all(finding["evidence"] for finding in endpoints[name]["findings"])


def test_spend_is_the_list_price_of_what_was_billed(as_json: Done) -> None:
    spend = as_json.json["spend"]
    assert spend["metrics_billed"] > 300
    assert spend["usd"] == pytest.approx(spend["metrics_billed"] * 0.01 / 1000, abs=1e-6)
    assert spend["usd_spent_by_tier"] == {"first look": spend["usd"]}
    assert spend["api_calls"]["DescribeEndpoint"] == 40
    assert spend["api_calls"]["ListEndpoints"] == 1


def test_csv_has_one_row_a_variant(whole_fleet: Shell, endpoints: dict[str, Any]) -> None:
    done = whole_fleet.smtop("snapshot", "--format", "csv")
    assert (done.code, done.err) == (0, "")
    header, *rows = csv.reader(io.StringIO(done.out))
    assert header == CSV_HEADER
    assert {len(row) for row in rows} == {len(CSV_HEADER)}
    told = [(row[header.index("endpoint")], row[header.index("variant")]) for row in rows]
    assert sorted(told) == sorted(
        (name, variant["name"] if variant else "")
        for name, endpoint in endpoints.items()
        for variant in endpoint["variants"] or [None]
    )
    by_variant = dict(zip(told, (dict(zip(header, row, strict=True)) for row in rows), strict=True))
    serverless = by_variant["checkout-fraud-slpc", "AllTraffic"]
    assert serverless["kind"] == "serverless-provisioned"
    assert int(serverless["provisioned_concurrency"]) > 0
    assert serverless["instance_type"] == ""
    assert by_variant["ad-click-ctr-prod", "AllTraffic"]["instance_type"].startswith("ml.")
    assert 0 < float(by_variant["ad-click-ctr-prod", "AllTraffic"]["p50_ms"]) < 1000


def test_table_has_a_line_an_endpoint_and_then_what_is_wrong(whole_fleet: Shell, as_json: Done) -> None:
    done = whole_fleet.smtop("snapshot")
    assert (done.code, done.err) == (0, "")
    assert not done.has_colour
    header, *lines = done.out.splitlines()
    assert header.split()[:3] == ["NAME", "KIND", "STATUS"]
    assert len(lines) > 40
    assert {line[2:].split()[0] for line in lines[:40] if "…" not in line} <= set(names(as_json))
    ranks = ["!~*?z.".index(line[0]) for line in lines[:40]]
    assert ranks == sorted(ranks)
    assert any(line.startswith("! checkout-fraud-slpc: pc-exhausted: ") for line in lines[40:])


def test_the_table_is_ascii_where_the_terminal_is(shell: Shell) -> None:
    done = shell.installed("snapshot", LC_ALL="C")
    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()
    assert "~" in done.out or "!" in done.out


def test_a_terminal_gets_colours(shell: Shell) -> None:
    """What the pipe does not get: the same command on a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen([SMTOP, "snapshot"], env=shell.variables({}), stdout=follower) as process:
        os.close(follower)
        seen = b"".join(iter(lambda: read_terminal(leader), b""))
        os.close(leader)
    assert process.returncode == 0
    assert b"\x1b[" in seen


def read_terminal(leader: int) -> bytes:
    """The next bytes; none once the other side is closed, which Linux reports as an error."""
    try:
        return os.read(leader, 65536)
    except OSError:
        return b""


def test_filter_sort_and_number_choose_rows(whole_fleet: Shell) -> None:
    arguments = ("--filter", "kind:rt status:InService", "--sort", "requests", "--desc")
    done = whole_fleet.smtop("snapshot", *arguments, "-n", "4", "--format", "csv")
    assert done.code == 0
    rows = {row["endpoint"]: row for row in csv.DictReader(io.StringIO(done.out))}
    calls = [float(row["requests_per_minute"] or 0.0) for row in rows.values()]
    assert len(calls) == 4
    assert calls == sorted(calls, reverse=True)
    assert {(row["kind"], row["status"]) for row in rows.values()} == {("realtime", "InService")}


def test_number_is_taken_of_the_sorted(whole_fleet: Shell, endpoints: dict[str, Any]) -> None:
    """Of all, whatever their status: the busiest is updating while it scales."""
    busiest = max(endpoints.values(), key=calls_a_minute)["name"]
    assert names(whole_fleet.snapshot("--sort", "requests", "--desc", "-n", "1")) == [busiest]


def calls_a_minute(endpoint: dict[str, Any]) -> float:
    """Invocations of an endpoint's variants in the newest minute; nothing counts as none."""
    counts = [variant["metrics"].get("Invocations.Sum", {}).get("value") for variant in endpoint["variants"]]
    return sum(count or 0.0 for count in counts)


def test_sort_by_name_downwards(whole_fleet: Shell, endpoints: dict[str, Any]) -> None:
    done = whole_fleet.snapshot("--sort", "name", "--desc")
    assert names(done) == sorted(endpoints, reverse=True)


def test_a_filter_on_a_tag(shell: Shell) -> None:
    done = shell.snapshot("--filter", "tag:owner=ana")
    assert (done.code, names(done)) == (0, [TAGGED])
    assert done.json["endpoints"][0]["tags"]["owner"] == "ana"


def test_a_filter_that_matches_nothing_is_an_empty_list(shell: Shell) -> None:
    done = shell.snapshot("--filter", "no-such-endpoint")
    assert (done.code, done.json["endpoints"]) == (0, [])


def test_a_reader_that_has_had_enough_is_no_error(shell: Shell) -> None:
    """The pipe is closed before the first byte is written, which `head` may well do."""
    with subprocess.Popen(
        [SMTOP, "snapshot", "--format", "csv"],
        env=shell.variables({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        code = process.wait(30)
    assert (code, err) == (0, "")


def test_what_a_run_leaves_on_disk_is_private(whole_fleet: Shell, as_json: Done) -> None:
    """The inventory, in one file that only its user may read."""
    assert as_json.code == 0
    files = [path for path in whole_fleet.home.rglob("*") if path.is_file()]
    assert [path.parent for path in files] == [whole_fleet.home / "cache" / "smtop"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (whole_fleet.home / "cache" / "smtop").stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_written_is_no_obstacle(shell: Shell) -> None:
    done = shell.snapshot(XDG_CACHE_HOME="/dev/null/cache", XDG_STATE_HOME="/dev/null/state")
    assert done.code == 0
    assert len(done.json["endpoints"]) == 8


def test_help_shows_an_example(nowhere: Shell) -> None:
    for command in ((), ("snapshot",), ("demo",)):
        done = nowhere.installed(*command, "--help")
        assert (done.code, done.err) == (0, "")
        assert "Example" in done.out
