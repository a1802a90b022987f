"""Invocations by hand, and the little S3 that asynchronous ones need, through boto3."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from smtop.metrics.simulator.resources import EndpointSeed, MetricId, MetricReader
from smtop.metrics.simulator.runtime.endpoints import Endpoints
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.wire.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from tests.simulator.small_fleet import (
    EPOCH,
    SEEDS,
    LocalAws,
    SmallFleet,
    config,
    instances,
    model,
    serve_locally,
    serverless,
)
from tests.support.simulated_aws import SimulatedAws

MANY = {"Image": "registry/app:1", "Mode": "MultiModel", "ModelDataUrl": "s3://models/many/"}
PAIR = {
    "ModelName": "pair",
    "Containers": [{"Image": "registry/app:1", "ContainerHostname": host} for host in ("left", "right")],
    "InferenceExecutionConfig": {"Mode": "Direct"},
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/hosting",
}
PATHS = {"S3OutputPath": "s3://results/out/", "S3FailurePath": "s3://results/bad"}
OTHERS = (
    EndpointSeed("zoo", [model("zoo", PrimaryContainer=MANY)], [config("zoo-1", instances("Main", "zoo"))]),
    EndpointSeed("pair", [PAIR], [config("pair-1", instances("Main", "pair"))]),
    EndpointSeed("tiny", [model("tiny")], [config("tiny-1", serverless("tiny", most=1))]),
    EndpointSeed(
        "slow",
        [model("slow")],
        [config("slow-1", instances("Main", "slow"), AsyncInferenceConfig={"OutputConfig": PATHS})],
    ),
)


@pytest.fixture(scope="module")
def fleet() -> Iterator[LocalAws]:
    """One endpoint of every kind that is invoked in a way of its own."""
    with serve_locally(SmallFleet(seeds=(*SEEDS, *OTHERS))) as local:
        yield local


@pytest.fixture(scope="module")
def runtime(fleet: LocalAws) -> Iterator[Any]:
    """A boto3 client of the runtime."""
    client = fleet.client("sagemaker-runtime")
    yield client
    client.close()


@pytest.fixture(scope="module")
def s3(fleet: LocalAws) -> Iterator[Any]:
    """A boto3 client of S3."""
    client = fleet.client("s3")
    yield client
    client.close()


def refusal(call: Any, **request: Any) -> tuple[str, str, int]:
    """Code, text and status of a refused call."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_model_answers_with_its_body_and_its_variant(runtime: Any) -> None:
    answer = runtime.invoke_endpoint(
        EndpointName="Fraud-Scorer",
        Body=b"1,2,3",
        ContentType="text/csv",
        TargetVariant="B",
        CustomAttributes="trace-7",
    )
    assert json.load(answer["Body"]) == {"predictions": [0.5], "received_bytes": 5}
    assert (answer["InvokedProductionVariant"], answer["ContentType"]) == ("B", "application/json")
    assert answer["CustomAttributes"] == "trace-7"


def test_traffic_follows_the_weights(runtime: Any, fleet: LocalAws) -> None:
    names = Counter(
        runtime.invoke_endpoint(EndpointName="Fraud-Scorer", Body=b"")["InvokedProductionVariant"] for _ in range(60)
    )
    assert names["A"] > 2 * names["B"] > 0


@pytest.mark.parametrize(
    "request_",
    [
        {"EndpointName": "zoo", "TargetModel": "lion.tar.gz"},
        {"EndpointName": "pair", "TargetContainerHostname": "right"},
        {"EndpointName": "chat", "InferenceComponentName": "chat-llama"},
    ],
)
def test_each_kind_is_invoked_in_its_way(runtime: Any, request_: dict[str, str]) -> None:
    assert json.load(runtime.invoke_endpoint(Body=b"x", **request_)["Body"])["received_bytes"] == 1


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"EndpointName": "ghost"}, "Endpoint ghost of account 123456789012 not found."),
        ({"EndpointName": "broken"}, "Endpoint broken of account 123456789012 not found."),
        ({"EndpointName": "Fraud-Scorer", "TargetVariant": "C"}, "Variant C not found in endpoint Fraud-Scorer."),
        ({"EndpointName": "zoo"}, "TargetModel is required to invoke endpoint zoo."),
        ({"EndpointName": "tiny", "TargetModel": "a"}, "TargetModel is not supported by endpoint tiny."),
        ({"EndpointName": "pair"}, "TargetContainerHostname is required to invoke endpoint pair."),
        ({"EndpointName": "pair", "TargetContainerHostname": "top"}, "Container top not found in endpoint pair."),
        ({"EndpointName": "chat", "InferenceComponentName": "x"}, "Inference Component x not found in endpoint chat."),
        (
            {"EndpointName": "tiny", "InferenceComponentName": "x"},
            "Endpoint tiny does not host inference components.",
        ),
        ({"EndpointName": "batch"}, "Endpoint batch is asynchronous; invoke it with InvokeEndpointAsync."),
    ],
)
def test_what_cannot_be_invoked(runtime: Any, request_: dict[str, str], text: str) -> None:
    assert refusal(runtime.invoke_endpoint, Body=b"", **request_) == ("ValidationError", text, 400)


def test_endpoint_of_components_wants_to_know_which(runtime: Any, fleet: LocalAws) -> None:
    assert "Component Name header is required" in refusal(runtime.invoke_endpoint, EndpointName="chat", Body=b"")[1]
    sagemaker = fleet.client("sagemaker")
    sagemaker.update_inference_component_runtime_config(
        InferenceComponentName="chat-llama", DesiredRuntimeConfig={"CopyCount": 0}
    )
    fleet.pass_time(21)
    where = {"EndpointName": "chat", "InferenceComponentName": "chat-llama"}
    assert "has no capacity to process this request" in refusal(runtime.invoke_endpoint, Body=b"", **where)[1]


def test_body_has_a_longest_size(runtime: Any) -> None:
    most = 6_291_456
    answer = runtime.invoke_endpoint(EndpointName="Fraud-Scorer", Body=b"x" * most)
    assert json.load(answer["Body"])["received_bytes"] == most
    code, text, status = refusal(runtime.invoke_endpoint, EndpointName="Fraud-Scorer", Body=b"x" * (most + 1))
    assert (code, status) == ("ValidationError", 400)
    assert "Member must have length less than or equal to 6291456" in text


def test_serverless_variant_has_as_many_places_as_its_concurrency(runtime: Any, fleet: LocalAws) -> None:
    runtime.invoke_endpoint(EndpointName="tiny", Body=b"")  # time stands still: this one never ends
    code, _, status = refusal(runtime.invoke_endpoint, EndpointName="tiny", Body=b"")
    assert (code, status) == ("ThrottlingException", 429)
    fleet.pass_time(1)
    runtime.invoke_endpoint(EndpointName="tiny", Body=b"")


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("model-error", "ModelError", 424),
        ("model-not-ready", "ModelNotReadyException", 429),
        ("unavailable", "ServiceUnavailable", 503),
        ("expired", "ExpiredTokenException", 403),
    ],
)
def test_invocations_fail_as_a_drill_wants(runtime: Any, fleet: LocalAws, kind: str, code: str, status: int) -> None:
    fleet.control("mishaps", [{"operation": "sagemaker:InvokeEndpoint", "kind": kind}])
    assert refusal(runtime.invoke_endpoint, EndpointName="Fraud-Scorer", Body=b"")[::2] == (code, status)
    assert runtime.invoke_endpoint(EndpointName="Fraud-Scorer", Body=b"")


def test_error_of_the_model_says_what_the_model_said(runtime: Any, fleet: LocalAws) -> None:
    fleet.control("mishaps", [{"operation": "sagemaker:InvokeEndpoint", "kind": "model-error"}])
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="Fraud-Scorer", Body=b"")
    assert caught.value.response["OriginalStatusCode"] == 500
    assert caught.value.response["OriginalMessage"] == "the model threw an exception"


def test_object_that_comes_in_chunks_is_put_together(fleet: LocalAws, s3: Any) -> None:
    chunks = b"5;chunk-signature=ab\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    request = AWSRequest(
        "PUT", f"{fleet.url}/results/chunked", data=chunks, headers={"Content-Encoding": "aws-chunked"}
    )
    SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "s3", "us-east-1").add_auth(request)
    with urlopen(Request(request.url, chunks, dict(request.headers), method="PUT"), timeout=10) as answer:
        assert answer.status == 200
    assert s3.get_object(Bucket="results", Key="chunked")["Body"].read() == b"hello!"


def test_who_may_not_invoke_is_told_so(runtime: Any, fleet: LocalAws) -> None:
    fleet.control("faults", {"deny": ["sagemaker:InvokeEndpoint", "s3:PutObject"]})
    code, text, status = refusal(runtime.invoke_endpoint, EndpointName="Fraud-Scorer", Body=b"")
    assert (code, status) == ("AccessDeniedException", 403)
    assert "perform: sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1" in text
    s3 = fleet.client("s3")
    code, text, status = refusal(s3.put_object, Bucket="results", Key="a/b", Body=b"")
    assert (code, status) == ("AccessDenied", 403)
    assert "s3:PutObject on resource: arn:aws:s3:::results/a/b" in text
    fleet.control("faults", {})


def test_asynchronous_answer_appears_when_the_work_is_done(runtime: Any, s3: Any, fleet: LocalAws) -> None:
    s3.put_object(Bucket="results", Key="in/one.csv", Body=b"1,2,3,4")
    answer = runtime.invoke_endpoint_async(
        EndpointName="slow", InputLocation="s3://results/in/one.csv", InferenceId="mine", RequestTTLSeconds=600
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "mine"
    bucket, _, key = answer["OutputLocation"].removeprefix("s3://").partition("/")
    assert (bucket, key.startswith("out/")) == ("results", True)
    assert refusal(s3.head_object, Bucket=bucket, Key=key)[::2] == ("404", 404)
    fleet.pass_time(1)
    assert json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])["received_bytes"] == 7
    assert answer["FailureLocation"].startswith("s3://results/bad/")


def test_asynchronous_failure_is_an_object_too(runtime: Any, s3: Any, fleet: LocalAws) -> None:
    answer = runtime.invoke_endpoint_async(EndpointName="slow", InputLocation="s3://results/in/nothing")
    fleet.pass_time(1)
    key = answer["FailureLocation"].removeprefix("s3://results/")
    reason = s3.get_object(Bucket="results", Key=key)["Body"].read()
    assert reason == b"Failed to download s3://results/in/nothing: The specified key does not exist."


def test_asynchronous_work_waits_for_an_instance_but_not_for_ever(runtime: Any, s3: Any, fleet: LocalAws) -> None:
    s3.put_object(Bucket="results", Key="in/two", Body=b"12")
    sagemaker = fleet.client("sagemaker")

    def scale(count: int) -> None:
        change = {"VariantName": "Main", "DesiredInstanceCount": count}
        sagemaker.update_endpoint_weights_and_capacities(EndpointName="slow", DesiredWeightsAndCapacities=[change])
        fleet.pass_time(21)

    def ask(lives_s: int) -> Any:
        where = {"EndpointName": "slow", "InputLocation": "s3://results/in/two"}
        return runtime.invoke_endpoint_async(RequestTTLSeconds=lives_s, **where)

    scale(0)
    short, long = ask(60), ask(3600)
    fleet.pass_time(300)
    scale(1)
    fleet.pass_time(61)
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="results", Prefix="")["Contents"]]
    assert long["OutputLocation"].removeprefix("s3://results/") in keys
    assert short["OutputLocation"].removeprefix("s3://results/") not in keys
    assert short["FailureLocation"].removeprefix("s3://results/") in keys


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"EndpointName": "ghost", "InputLocation": "s3://a/b"}, "Endpoint ghost of account"),
        ({"EndpointName": "tiny", "InputLocation": "s3://a/b"}, "is not asynchronous"),
        ({"EndpointName": "slow", "InputLocation": "elsewhere"}, "at 'inputLocation' failed to satisfy constraint"),
    ],
)
def test_what_cannot_be_lined_up(runtime: Any, request_: dict[str, str], words: str) -> None:
    code, text, _ = refusal(runtime.invoke_endpoint_async, **request_)
    assert (code, words in text) == ("ValidationError", True), text


def test_objects_are_put_read_listed_and_deleted(s3: Any) -> None:
    s3.create_bucket(Bucket="drawer")
    for key in ("a/1", "a/2 & more", "b"):
        s3.put_object(Bucket="drawer", Key=key, Body=key.encode(), ContentType="text/plain")
    assert s3.get_object(Bucket="drawer", Key="a/2 & more")["Body"].read() == b"a/2 & more"
    head = s3.head_object(Bucket="drawer", Key="b")
    assert (head["ContentLength"], head["ContentType"]) == (1, "text/plain")
    listed = s3.list_objects_v2(Bucket="drawer", Prefix="a/")
    assert [(one["Key"], one["Size"]) for one in listed["Contents"]] == [("a/1", 3), ("a/2 & more", 10)]
    s3.delete_object(Bucket="drawer", Key="b")
    assert refusal(s3.get_object, Bucket="drawer", Key="b")[0] == "NoSuchKey"
    assert {"drawer", "results", "bucket"} <= {one["Name"] for one in s3.list_buckets()["Buckets"]}
    assert refusal(s3.put_object, Bucket="nowhere", Key="a", Body=b"")[0] == "NoSuchBucket"
    assert refusal(s3.get_bucket_acl, Bucket="drawer")[::2] == ("NotImplemented", 501)


@dataclass
class Percentiles:
    """A reader in which every percentile is its own number of milliseconds, and every call fails in the end."""

    def read(self, metric: MetricId, stat: str, *window: Any) -> tuple[list[int], list[float]]:
        values = {"ModelLatency": float(stat.removeprefix("p") or 0) * 1e3 if stat[0] == "p" else 0.0}
        return [0], [values.get(metric.name, 2e6 if metric.name == "OverheadLatency" else 1.0)]


def test_latency_is_drawn_from_the_percentiles_of_the_model_and_the_platforms_mean() -> None:
    endpoints = Endpoints(Account("us-east-1", EPOCH), cast(MetricReader, Percentiles()))
    where = {"EndpointName": "shop", "VariantName": "Main"}
    drawn = [endpoints.latency_s(where, EPOCH) for _ in range(200)]
    assert all(2.0 < each < 2.1 for each in drawn)
    assert len(set(drawn)) > 100
    assert sum(drawn) / len(drawn) == pytest.approx(2.05, abs=0.01)
    assert endpoints.fails(where, EPOCH)


def test_default_fleet_can_be_invoked(simulated_aws: SimulatedAws) -> None:
    client = boto3.client("sagemaker-runtime", **simulated_aws.client_arguments())
    answers = [client.invoke_endpoint(EndpointName="search-ranker-prod", Body=b"{}") for _ in range(3)]
    assert all(json.load(answer["Body"])["received_bytes"] == 2 for answer in answers)
    client.close()
