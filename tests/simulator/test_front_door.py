"""What every service shares: identity, protocols, regions, throttling, faults, and the control path beside them."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any, cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from smtop.metrics.simulator.resources import Deployments, MetricId, MetricReader
from smtop.metrics.simulator.wire.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from smtop.metrics.simulator.wire.throttle import Rate, TokenBucket
from tests.simulator.small_fleet import EPOCH, LocalAws, MinuteTelemetry, SmallFleet, serve_locally
from tests.simulator.test_metric_data import NOW, ask, query, values

FORM = "application/x-www-form-urlencoded"
Answer = tuple[int, Any, bytes]


def send(aws: LocalAws, body: bytes, headers: dict[str, str], signed_for: str | None = "monitoring") -> Answer:
    """A raw POST, signed as a client signs."""
    request = AWSRequest("POST", f"{aws.url}/", data=body, headers=headers)
    if signed_for:
        SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), signed_for, "us-east-1").add_auth(request)
    try:
        with urlopen(Request(request.url, body, dict(request.headers)), timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()


def target(operation: str, version: str = "1.1") -> dict[str, str]:
    """Headers of a JSON call."""
    return {"X-Amz-Target": operation, "Content-Type": f"application/x-amz-json-{version}"}


def control(aws: LocalAws, path: str, body: Any = None) -> Any:
    """A call of the control path."""
    return aws.control(path, body)


def refused(call: Any, **request: Any) -> tuple[str, str, int]:
    """Code, text and status of a refused call."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def json_cloudwatch(aws: LocalAws) -> Iterator[Any]:
    """A botocore client of CloudWatch that speaks JSON, as newer models of the service do."""
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def load_json(service: str, kind: str, *versions: Any, **named: Any) -> Any:
        loaded = load(service, kind, *versions, **named)
        if kind == "service-2" and service == "cloudwatch":
            metadata = {
                "protocol": "json",
                "protocols": ["json"],
                "jsonVersion": "1.0",
                "targetPrefix": "GraniteServiceVersion20100801",
                "awsQueryCompatible": {},
            }
            loaded = {**loaded, "metadata": loaded["metadata"] | metadata}
        return loaded

    loader.load_service_model = load_json
    client = session.create_client(
        "cloudwatch",
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()


def test_json_and_xml_tell_the_same(cloudwatch: Any, json_cloudwatch: Any) -> None:
    answers = [ask(client, query(), query("p", stat="p99", period=300)) for client in (cloudwatch, json_cloudwatch)]
    assert answers[0]["MetricDataResults"] == answers[1]["MetricDataResults"]
    assert values(answers[1])[0] == [59.0, 58.0, 57.0, 56.0, 55.0]
    assert answers[1]["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.0"
    lists = [client.list_metrics(MetricName="Invocations")["Metrics"] for client in (cloudwatch, json_cloudwatch)]
    assert lists[0] == lists[1]


def test_json_and_xml_refuse_the_same(aws: LocalAws, cloudwatch: Any, json_cloudwatch: Any) -> None:
    for client in (cloudwatch, json_cloudwatch):
        request = {"MetricDataQueries": [query(stat="Min")], "StartTime": NOW, "EndTime": NOW}
        code, text, status = refused(client.get_metric_data, **request)
        assert (code, status) == ("ValidationError", 400)
        assert "is not a valid statistic." in text
    control(aws, "faults", {"throttle": {"cloudwatch:ListMetrics": {"rate": 0, "burst": 0}}})
    for client in (cloudwatch, json_cloudwatch):
        assert refused(client.list_metrics) == ("Throttling", "Rate exceeded", 400)


def test_json_times_are_numbers(aws: LocalAws) -> None:
    asked = {"MetricDataQueries": [query()], "StartTime": EPOCH - 120, "EndTime": EPOCH}
    headers = target("GraniteServiceVersion20100801.GetMetricData", "1.0")
    status, _, body = send(aws, json.dumps(asked).encode(), headers)
    assert (status, json.loads(body)["MetricDataResults"][0]["Timestamps"]) == (200, [EPOCH - 60, EPOCH - 120])


def test_identity(aws: LocalAws) -> None:
    client = aws.client("sts", region="eu-west-1")
    identity = client.get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/oncall-readonly/smtop-demo"
    client.close()


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("sagemaker", "list_endpoints", "UnrecognizedClientException"),
        ("cloudwatch", "list_metrics", "InvalidClientTokenId"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
    ],
)
def test_other_access_keys_are_strangers(aws: LocalAws, service: str, method: str, code: str) -> None:
    client = aws.client(service, key="SOMEBODYELSESKEY0000")
    text = "The security token included in the request is invalid."
    assert refused(getattr(client, method)) == (code, text, 403)
    client.close()


@pytest.mark.parametrize(
    ("body", "headers", "signed_for", "status", "part"),
    [
        (b"{}", target("SageMaker.ListEndpoints"), None, 403, b'"__type":"MissingAuthenticationTokenException"'),
        (
            b"Action=ListMetrics&Version=2010-08-01",
            {"Content-Type": FORM},
            None,
            403,
            b"<Code>MissingAuthenticationToken<",
        ),
        (b"{}", target("SageMaker.TrainForever"), "sagemaker", 400, b'"__type":"UnknownOperationException"'),
        (b"{}", target("Elsewhere.ListThings"), "sagemaker", 400, b'"__type":"UnknownOperationException"'),
        (b"{}", target("SageMakerMetrics.BatchPutMetrics"), "x", 400, b"UnknownOperationException"),
        (b"Action=PutThings&Version=2010-08-01", {"Content-Type": FORM}, "monitoring", 400, b"<Code>InvalidAction<"),
        (b"Action=ListQueues&Version=2012-11-05", {"Content-Type": FORM}, "sqs", 400, b"<Code>InvalidAction<"),
        (b"Version=2010-08-01", {"Content-Type": FORM}, "monitoring", 400, b"<Code>MissingAction<"),
        (b"{", target("SageMaker.ListEndpoints"), "sagemaker", 400, b'"__type":"SerializationException"'),
        (
            b'{"MaxResults":NaN}',
            target("SageMaker.ListEndpoints"),
            "sagemaker",
            400,
            b'"__type":"SerializationException"',
        ),
        (b"[]", target("SageMaker.ListEndpoints"), "sagemaker", 400, b'"__type":"SerializationException"'),
        (
            b'{"MaxResults":"5"}',
            target("SageMaker.ListEndpoints"),
            "sagemaker",
            400,
            b"STRING_VALUE can not be converted",
        ),
        (b'{"EndpointName":5}', target("SageMaker.DescribeEndpoint"), "sagemaker", 400, b"NUMBER_VALUE can not be"),
        (
            b"{}",
            target("SageMaker.DescribeEndpoint"),
            "sagemaker",
            400,
            b"Value null at 'endpointName' failed to satisfy",
        ),
        (b"Action=A&A=1&A.b=2&Version=2010-08-01", {"Content-Type": FORM}, "monitoring", 400, b"<Code>MalformedInput<"),
        (
            b"Action=GetMetricData&Version=2010-08-01",
            {"Content-Type": FORM},
            "monitoring",
            400,
            b"MetricDataQueries is required",
        ),
        (b"x" * 614_401, {"Content-Type": FORM}, "monitoring", 413, b"<Code>RequestEntityTooLarge<"),
    ],
)
def test_refusals_at_the_door(
    aws: LocalAws, body: bytes, headers: dict[str, str], signed_for: str | None, status: int, part: bytes
) -> None:
    answered, answer_headers, answer = send(aws, body, headers, signed_for)
    assert (answered, part in answer) == (status, True), answer
    assert answer_headers["x-amzn-RequestId"]


def test_date_header_carries_simulated_time(aws: LocalAws, sagemaker: Any) -> None:
    aws.pass_time(86400)
    date = sagemaker.list_endpoints()["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert parsedate_to_datetime(date).timestamp() == EPOCH + 86400


def test_other_regions_are_empty_accounts_that_work(aws: LocalAws, sagemaker: Any) -> None:
    there = aws.client("sagemaker", region="eu-central-1")
    assert there.list_endpoints()["Endpoints"] == []
    arn = there.create_model(
        ModelName="search", PrimaryContainer={"Image": "a"}, ExecutionRoleArn="arn:aws:iam::123456789012:role/hosting"
    )["ModelArn"]
    assert arn == "arn:aws:sagemaker:eu-central-1:123456789012:model/search"
    assert len(sagemaker.list_models()["Models"]) == 7
    there.close()
    metrics = aws.client("cloudwatch", region="eu-central-1")
    assert metrics.list_metrics()["Metrics"] == []
    assert values(ask(metrics, query())) == [[]]
    metrics.close()


def test_bucket_refills_with_simulated_time(aws: LocalAws, cloudwatch: Any) -> None:
    control(aws, "faults", {"throttle": {"cloudwatch:GetMetricData": {"rate": 1, "burst": 2}}})
    ask(cloudwatch, query())
    ask(cloudwatch, query())
    with pytest.raises(ClientError, match="Throttling"):
        ask(cloudwatch, query())
    aws.pass_time(1)
    ask(cloudwatch, query())


def test_sagemaker_shares_one_bucket_and_says_throttling_exception(aws: LocalAws, sagemaker: Any) -> None:
    control(aws, "faults", {"throttle": {"sagemaker": {"rate": 1, "burst": 2}}})
    sagemaker.list_endpoints()
    sagemaker.describe_endpoint(EndpointName="search")
    assert refused(sagemaker.list_models) == ("ThrottlingException", "Rate exceeded", 400)


def test_bucket_never_holds_more_than_its_burst() -> None:
    bucket = TokenBucket(Rate(rate=2, burst=3), now=0.0)
    assert [bucket.take(1000.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(1000.5), bucket.take(1000.5)] == [True, False]


def test_more_than_a_burst_passes_a_full_bucket_and_is_paid_for_afterwards() -> None:
    bucket = TokenBucket(Rate(rate=10, burst=100), now=0.0)
    assert bucket.take(0.0, 300)
    assert [bucket.take(at, 1) for at in (0.0, 20.0, 20.2)] == [False, False, True]


def test_datapoints_are_throttled_beside_calls_whether_or_not_there_are_any(aws: LocalAws, cloudwatch: Any) -> None:
    """Three hours of 500 queries are 90,000 datapoints, of which 180,000 a second are allowed."""
    many = [query(f"q{index}", metric="NeverPublished") for index in range(500)]
    hours = {"minutes": 180}
    ask(cloudwatch, *many, **hours)
    ask(cloudwatch, *many, **hours)
    with pytest.raises(ClientError, match="Throttling"):
        ask(cloudwatch, query(), **hours)
    aws.pass_time(0.25)
    with pytest.raises(ClientError, match="Throttling"):
        ask(cloudwatch, *many, **hours)
    ask(cloudwatch, *many[:200], **hours)


def test_datapoints_of_long_ago_have_a_quota_of_their_own(cloudwatch: Any) -> None:
    many = [query(f"q{index}", metric="NeverPublished") for index in range(500)]
    for _ in range(2):
        ask(cloudwatch, *many, minutes=360)
    with pytest.raises(ClientError, match="Throttling"):
        ask(cloudwatch, *many, minutes=360)
    ask(cloudwatch, *many, minutes=180)


def test_a_longer_period_is_fewer_datapoints(cloudwatch: Any) -> None:
    many = [query(f"q{index}", metric="NeverPublished", period=300) for index in range(500)]
    for _ in range(10):
        ask(cloudwatch, *many, minutes=180)
    with pytest.raises(ClientError, match="Throttling"):
        ask(cloudwatch, *many, minutes=180)


def test_denials_name_who_what_and_where(aws: LocalAws, sagemaker: Any, cloudwatch: Any) -> None:
    control(
        aws,
        "faults",
        {"deny": ["cloudwatch:ListMetrics"], "deny_endpoints": {"sagemaker:DescribeEndpoint": ["search"]}},
    )
    who = "User: arn:aws:sts::123456789012:assumed-role/oncall-readonly/smtop-demo is not authorized to perform: "
    code, text, status = refused(cloudwatch.list_metrics)
    assert (code, status) == ("AccessDenied", 403)
    assert text.startswith(f"{who}cloudwatch:ListMetrics on resource: *")
    code, text, status = refused(sagemaker.describe_endpoint, EndpointName="search")
    assert (code, status) == ("AccessDeniedException", 400)
    where = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/search"
    assert text.startswith(f"{who}sagemaker:DescribeEndpoint on resource: {where} because no identity-based policy")
    assert sagemaker.describe_endpoint(EndpointName="batch")
    control(aws, "faults", {})
    assert cloudwatch.list_metrics()["Metrics"]


def test_outages_and_expired_sessions(aws: LocalAws, sagemaker: Any, cloudwatch: Any) -> None:
    control(aws, "faults", {"fail": {"cloudwatch:GetMetricData": 503, "sagemaker:ListEndpoints": 500}})
    code, _, status = refused(cloudwatch.get_metric_data, MetricDataQueries=[query()], StartTime=NOW, EndTime=NOW)
    assert (code, status) == ("ServiceUnavailable", 503)
    assert refused(sagemaker.list_endpoints)[::2] == ("InternalFailure", 500)
    control(aws, "faults", {"expired": True})
    text = "The security token included in the request is expired"
    assert refused(sagemaker.list_models) == ("ExpiredTokenException", text, 403)
    assert refused(cloudwatch.list_metrics) == ("ExpiredToken", text, 403)


def test_faults_that_nobody_knows_are_refused(aws: LocalAws) -> None:
    bodies: list[dict[str, Any]] = [{"denny": []}, {"throttle": {"sagemaker": {"speed": 1}}}, {"fail": ["x"]}]
    for body in bodies:
        with pytest.raises(HTTPError) as caught:
            control(aws, "faults", body)
        with caught.value:
            assert caught.value.code == 400


def test_calls_are_counted_and_billed_by_metric(aws: LocalAws, cloudwatch: Any, sagemaker: Any) -> None:
    stats = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"]
    five = [query(f"a{n}", stat=stat) for n, stat in enumerate(stats)]
    ask(cloudwatch, *five)  # five statistics of one metric: one
    ask(cloudwatch, *five, query("p", stat="p99"))  # a sixth: two
    ask(cloudwatch, query("a"), query("b"), query("c", metric="ModelLatency"))  # the same asked twice counts once: two
    refused(cloudwatch.get_metric_data, MetricDataQueries=[query(stat="x")], StartTime=NOW, EndTime=NOW)
    refused(sagemaker.describe_endpoint, EndpointName="nope")
    assert control(aws, "calls") == {
        "calls": {"cloudwatch:GetMetricData": 4, "sagemaker:DescribeEndpoint": 1},
        "refused": {"cloudwatch:GetMetricData": 1, "sagemaker:DescribeEndpoint": 1},
        "billed_metrics": 5,
        "analysed_metrics": 0,
    }


def test_truth_and_clock_are_told(aws: LocalAws) -> None:
    aws.pass_time(90)
    assert control(aws, "truth") == [{"endpoint": "broken", "cause": "failed-update", "severity": "critical"}]
    assert control(aws, "clock") == {"now": EPOCH + 90, "epoch": EPOCH, "speed": 1.0}


def test_scenario_denied_closes_an_endpoint_without_trouble() -> None:
    with serve_locally(SmallFleet(plumbing=("denied",))) as aws:
        client = aws.client("sagemaker")
        assert refused(client.describe_endpoint, EndpointName="Fraud-Scorer")[0] == "AccessDeniedException"
        assert client.describe_endpoint(EndpointName="broken")
        arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/batch"
        assert refused(client.list_tags, ResourceArn=arn)[0] == "AccessDeniedException"
        client.close()


def test_scenario_throttled_leaves_little() -> None:
    with serve_locally(SmallFleet(plumbing=("throttled",))) as aws:
        client, metrics = aws.client("sagemaker"), aws.client("cloudwatch")
        for _ in range(10):
            client.describe_endpoint(EndpointName="search")
        assert refused(client.describe_endpoint, EndpointName="search")[0] == "ThrottlingException"
        assert client.list_endpoints()
        ask(metrics, query())
        ask(metrics, query())
        with pytest.raises(ClientError, match="Throttling"):
            ask(metrics, query())
        client.close()
        metrics.close()


@dataclass(frozen=True)
class Laborious(SmallFleet):
    """A fleet of which each series takes long to read, the first until it may; `read` has one for each."""

    may: Event = field(default_factory=Event)
    read: list[str] = field(default_factory=list)

    def telemetry(self, deployments: Deployments) -> MetricReader:
        reader, of = super().telemetry(deployments), MinuteTelemetry.read

        def slowly(metric: MetricId, *asked: Any) -> Any:
            self.read.append(metric.name)
            assert self.may.wait(10)
            time.sleep(0.03)
            return of(cast(MinuteTelemetry, reader), metric, *asked)

        setattr(reader, "read", slowly)  # noqa: B010 - mypy takes it for none
        return reader


def test_a_service_does_not_wait_until_another_has_answered_all_that_it_was_asked() -> None:
    fleet = Laborious()
    with serve_locally(fleet) as aws, ThreadPoolExecutor(9) as pool:
        sagemaker, metrics = aws.client("sagemaker"), aws.client("cloudwatch", max_pool_connections=8)
        numbers = [pool.submit(ask, metrics, query()) for _ in range(8)]
        while not fleet.read:
            time.sleep(0.01)
        time.sleep(0.1)  # until the others wait at the door
        listed = pool.submit(sagemaker.list_endpoints)
        fleet.may.set()
        assert listed.result()["Endpoints"]
        assert len(fleet.read) < len(numbers)
        assert all(values(one.result()) for one in numbers)
        sagemaker.close()
        metrics.close()
