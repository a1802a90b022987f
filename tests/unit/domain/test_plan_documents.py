"""Plans and calls as documents, and a call as a command of the AWS CLI."""

import json
import shlex
from typing import Any

import pytest

from smtop.metrics.domain.plan import (
    Call,
    Confirm,
    Place,
    Plan,
    Until,
    call_document,
    call_of,
    fingerprint,
    plan_document,
    plan_of,
    policy_arn,
)

BACK = Call("sagemaker", "DeleteEndpointConfig", {"EndpointConfigName": "c2"})
MAKE = Call("sagemaker", "CreateEndpointConfig", {"EndpointConfigName": "c2"}, back=(BACK,))
MOVE = Call(
    "sagemaker",
    "UpdateEndpoint",
    {"EndpointName": "fraud", "EndpointConfigName": "c2"},
    until=Until.IN_SERVICE,
    once=Until.IN_SERVICE,
)
DIRECT = Call("sagemaker", "UpdateEndpointWeightsAndCapacities", {"EndpointName": "fraud"}, otherwise=(MAKE, MOVE))


def planned(**members: Any) -> Plan:
    place = Place("123456789012", "eu-west-1", "http://127.0.0.1:1", "payments", "PROD")
    known: dict[str, Any] = {
        "id": "c-1",
        "change": "resize",
        "place": place,
        "endpoint": "fraud",
        "arn": "arn:fraud",
        "variant": None,
        "before": {"A.count": 1},
        "after": {"A.count": 2},
        "calls": (DIRECT,),
        "confirm": Confirm.TYPE_NAME,
        "confirm_text": "fraud PROD",
        "warnings": ("It costs.",),
        "diff": ("~ A",),
        "requests_per_minute": 12.0,
        "usd_per_hour": (1.0, 2.5),
        "fingerprint": "f",
        "undo": {"change": "resize"},
        "wanted": {"change": "resize"},
    }
    return Plan(**{**known, **members})


@pytest.mark.parametrize("call", [BACK, MAKE, MOVE, DIRECT], ids=lambda call: call.operation)
def test_a_call_is_the_same_after_json(call: Call) -> None:
    assert call_of(json.loads(json.dumps(call_document(call)))) == call


def test_a_plan_is_the_same_after_json() -> None:
    made = planned()
    assert plan_of(json.loads(json.dumps(plan_document(made)))) == made
    assert plan_document(made)["usd_per_hour_delta"] == 1.5
    assert plan_document(planned(usd_per_hour=(None, 2.5)))["usd_per_hour_delta"] is None


def test_what_is_quick_leaves_nothing_half_done() -> None:
    assert planned(calls=(MOVE,)).is_quick
    assert not planned(calls=(DIRECT,)).is_quick
    assert not planned(calls=(MAKE, MOVE)).is_quick
    assert planned().every_call == (DIRECT, MAKE, MOVE)


def test_the_same_fields_have_the_same_fingerprint() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 1.5})


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"EndpointName": "fraud"}, ["--endpoint-name", "fraud"]),
        ({"RetainAllVariantProperties": True}, ["--retain-all-variant-properties"]),
        ({"RetainAllVariantProperties": False}, ["--no-retain-all-variant-properties"]),
        ({"AlarmNames": ["a", "b c"]}, ["--alarm-names", "a", "b c"]),
        ({"MinCapacity": 0}, ["--min-capacity", "0"]),
        ({"KmsKeyId": "it's $HOME"}, ["--kms-key-id", "it's $HOME"]),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, ["--tags", '[{"Key": "a", "Value": "b"}]']),
        ({"OKActions": ["arn:x"]}, ["--ok-actions", "arn:x"]),
    ],
)
def test_parameters_are_options_of_the_aws_cli(params: dict[str, Any], words: list[str]) -> None:
    said = shlex.split(Call("sagemaker", "UpdateEndpoint", params).cli)
    assert said == ["aws", "sagemaker", "update-endpoint", *words]


def test_an_arn_that_only_aws_knows_is_asked_for_in_the_command() -> None:
    place = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/a/variant/b"}
    command = Call("cloudwatch", "PutMetricAlarm", {"AlarmActions": [policy_arn(place, "out of zero")]}).cli
    assert command == (
        'aws cloudwatch put-metric-alarm --alarm-actions "$(aws application-autoscaling describe-scaling-policies '
        "--service-namespace sagemaker --resource-id endpoint/a/variant/b --policy-names 'out of zero' "
        '--query ScalingPolicies[0].PolicyARN --output text)"'
    )
