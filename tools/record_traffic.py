"""Records what AWS answers to every operation that smtop makes, from the simulated AWS through an unmodified SDK.

    python tools/record_traffic.py

One file a service, in tests/contract/traffic. Time stands still, so that little changes from one recording to the next.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError

from smtop.metrics.aws.protocol import CloudWatchModels
from smtop.metrics.simulator.resources import EndpointSeed
from tests.simulator.small_fleet import (
    CALLS,
    EPOCH,
    SEEDS,
    LocalAws,
    SmallFleet,
    component,
    config,
    instances,
    model,
    serve_locally,
)

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "contract" / "traffic"
IN_JSON = "cloudwatch in JSON"
"""CloudWatch by the model of a newer botocore."""

_KEPT = (
    "content-length",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "retry-after",
    "x-amz-invoked-production-variant",
)
_CALLER = "arn:aws:iam::123456789012:role/oncall-readonly"
_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serving:1.2"
_OWN = EndpointSeed(
    "own",
    [model("own", _IMAGE) | {"PrimaryContainer": {"Image": _IMAGE, "ModelDataUrl": "s3://artifacts/own/model.tar.gz"}}],
    [config("own-1", instances("A", "own"))],
)
_TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/Fraud-Scorer/variant/A",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
_TRACKING = {
    "TargetValue": 10.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
_SCHEDULE = {"Schedule": "cron(0 9 * * ? *)", "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 4}}


def _dimensions(endpoint: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "A"}]


_ALARM: dict[str, Any] = {
    "AlarmName": "own",
    "Namespace": CALLS,
    "MetricName": "Invocations",
    "Dimensions": _dimensions("Fraud-Scorer"),
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1000.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def _query(query_id: str, endpoint: str) -> dict[str, Any]:
    metric = {"Namespace": CALLS, "MetricName": "Invocations", "Dimensions": _dimensions(endpoint)}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}


_WINDOW = {"ScanBy": "TimestampAscending", "StartTime": int(EPOCH) - 600, "EndTime": int(EPOCH)}
_BACKWARDS = _WINDOW | {"EndTime": int(EPOCH) - 1200}
_COMPONENT = component("chat-qwen", "chat", "qwen")
_CLOUDWATCH: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "GetMetricData",
        {
            "MetricDataQueries": [_query("q0", "Fraud-Scorer"), _query("q1", "ghost")],
            "ScanBy": "TimestampAscending",
            **_WINDOW,
        },
    ),
    (
        "GetMetricData",
        {"MetricDataQueries": [_query("q0", "search")], "StartTime": int(EPOCH), "EndTime": int(EPOCH) - 600},
    ),
    ("ListMetrics", {"Namespace": CALLS, "MetricName": "Invocations"}),
    ("PutMetricAlarm", _ALARM),
    ("DescribeAlarms", {"AlarmNames": ["own"], "AlarmTypes": ["MetricAlarm"]}),
    ("DeleteAlarms", {"AlarmNames": ["own"]}),
)

CALLS_MADE: Mapping[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "sagemaker": (
        ("ListEndpoints", {"MaxResults": 2}),
        ("DescribeEndpoint", {"EndpointName": "Fraud-Scorer"}),
        ("DescribeEndpoint", {"EndpointName": "ghost"}),
        ("DescribeEndpointConfig", {"EndpointConfigName": "fraud-1"}),
        ("ListEndpointConfigs", {"NameContains": "fraud"}),
        ("DescribeModel", {"ModelName": "fraud-a"}),
        ("ListTags", {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud-scorer"}),
        ("ListInferenceComponents", {"EndpointNameEquals": "chat"}),
        ("DescribeInferenceComponent", {"InferenceComponentName": "chat-llama"}),
        (
            "UpdateEndpointWeightsAndCapacities",
            {
                "EndpointName": "Fraud-Scorer",
                "DesiredWeightsAndCapacities": [{"VariantName": "A", "DesiredWeight": 2.0}],
            },
        ),
        (
            "UpdateInferenceComponentRuntimeConfig",
            {"InferenceComponentName": "chat-llama", "DesiredRuntimeConfig": {"CopyCount": 3}},
        ),
        ("CreateInferenceComponent", _COMPONENT),
        ("DeleteInferenceComponent", {"InferenceComponentName": "chat-llama"}),
        ("CreateModel", model("new")),
        ("CreateEndpointConfig", config("new-1", instances("A", "new"))),
        ("CreateEndpoint", {"EndpointName": "new", "EndpointConfigName": "new-1"}),
        ("UpdateEndpoint", {"EndpointName": "own", "EndpointConfigName": "new-1"}),
        ("DeleteEndpoint", {"EndpointName": "broken"}),
        ("DeleteEndpointConfig", {"EndpointConfigName": "broken-1"}),
        ("DeleteModel", {"ModelName": "broken"}),
    ),
    "cloudwatch": _CLOUDWATCH,
    IN_JSON: _CLOUDWATCH,
    "application-autoscaling": (
        ("RegisterScalableTarget", _TARGET | {"MinCapacity": 1, "MaxCapacity": 4}),
        (
            "PutScalingPolicy",
            _TARGET
            | {
                "PolicyName": "calls",
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": _TRACKING,
            },
        ),
        ("PutScheduledAction", _TARGET | _SCHEDULE | {"ScheduledActionName": "morning"}),
        ("DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}),
        ("DescribeScalingPolicies", {"ServiceNamespace": "sagemaker"}),
        ("DescribeScheduledActions", {"ServiceNamespace": "sagemaker"}),
        ("DescribeScalingActivities", {"ServiceNamespace": "sagemaker"}),
        ("DeleteScheduledAction", _TARGET | {"ScheduledActionName": "morning"}),
        ("DeleteScalingPolicy", _TARGET | {"PolicyName": "calls"}),
        ("DeregisterScalableTarget", _TARGET),
    ),
    "service-quotas": (("ListServiceQuotas", {"ServiceCode": "sagemaker", "MaxResults": 2}),),
    "ecr": (("DescribeImages", {"repositoryName": "serving", "imageIds": [{"imageTag": "1.2"}]}),),
    "sts": (("GetCallerIdentity", {}),),
    "iam": (("SimulatePrincipalPolicy", {"PolicySourceArn": _CALLER, "ActionNames": ["sagemaker:CreateEndpoint"]}),),
    "s3": (
        ("PutObject", {"Bucket": "bucket", "Key": "in/one", "Body": "1,2", "ContentType": "text/csv"}),
        ("HeadObject", {"Bucket": "artifacts", "Key": "own/model.tar.gz"}),
        ("GetObject", {"Bucket": "bucket", "Key": "in/one"}),
    ),
    "sagemaker-runtime": (
        ("InvokeEndpoint", {"EndpointName": "Fraud-Scorer", "Body": "1,2", "TargetVariant": "B"}),
        ("InvokeEndpointAsync", {"EndpointName": "batch", "InputLocation": "s3://bucket/in/one"}),
    ),
}
"""What is recorded, by service and in this order."""


def main() -> int:
    """Writes the files."""
    FOLDER.mkdir(exist_ok=True)
    for service, calls in CALLS_MADE.items():
        with serve_locally(SmallFleet([*SEEDS, _OWN])) as aws:
            told = [_recorded(_client(service, aws), operation, asked) for operation, asked in _prepared(calls, aws)]
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{service.replace(' ', '-').lower()}.json").write_text(text)
    return 0


def _prepared(calls: tuple[tuple[str, dict[str, Any]], ...], aws: LocalAws) -> Iterator[tuple[str, dict[str, Any]]]:
    """The calls, after what an asynchronous invocation needs."""
    if any(operation == "InvokeEndpointAsync" for operation, _ in calls):
        aws.client("s3").put_object(Bucket="bucket", Key="in/one", Body=b"1,2")
    for call in calls:
        aws.pass_time(1800)  # what the call before has begun is done
        yield call


def _client(service: str, aws: LocalAws) -> Any:
    if service != IN_JSON:
        return aws.client(service)
    session = botocore.session.get_session()
    session.register_component("data_loader", CloudWatchModels(session.get_component("data_loader")))
    named = {name.removeprefix("AWS_").lower(): value for name, value in aws.environment.items()}
    return boto3.Session(botocore_session=session).client(
        "cloudwatch",
        endpoint_url=named["endpoint_url"],
        region_name=named["region"],
        aws_access_key_id=named["access_key_id"],
        aws_secret_access_key=named["secret_access_key"],
    )


def _recorded(client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A call and its answer."""
    heard: list[dict[str, Any]] = []
    client.meta.events.register("before-parse", lambda response_dict, **_: heard.append(dict(response_dict)))
    body: bytes | None = None
    try:
        answer = getattr(client, xform_name(operation))(**parameters)
        body = answer["Body"].read() if "Body" in answer else None
    except ClientError:  # recorded like any other answer
        pass
    said = heard[-1]
    headers = {name.lower(): value for name, value in said["headers"].items() if name.lower() in _KEPT}
    told = body if body is not None else said["body"]
    return {
        "operation": operation,
        "parameters": parameters,
        "status": said["status_code"],
        "headers": headers,
        **_told(told.decode()),
    }


def _told(text: str) -> dict[str, Any]:
    """The body as a document, where that is the same text again; else line by line."""
    try:
        document = json.loads(text)
    except ValueError:
        return {"text": text}
    return {"json": document} if json.dumps(document) == text else {"text": text}


if __name__ == "__main__":
    sys.exit(main())
