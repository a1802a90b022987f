"""What AWS's texts mean. They are quoted from its knowledge centre, its error messages and public logs."""

import pytest

from smtop.metrics.actions.reasons import UNKNOWN, explained

ROLE = 'role "arn:aws:iam::111122223333:role/sm"'

TEXTS = [
    (
        "ping",
        "The primary container for production variant AllTraffic did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint.",
    ),
    (
        "ping",
        "The container for inference component llm-a did not pass the ping health check. "
        "Please check CloudWatch logs for this inference component.",
    ),
    (
        "capacity",
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry "
        "using a different ML instance type or after some time. Consider configuring InstancePools in your "
        "EndpointConfig with multiple instance types.",
    ),
    (
        "capacity",
        "Unable to roll back the endpoint to its previous configuration: Unable to provision requested ML compute "
        "capacity due to InsufficientInstanceCapacity error.",
    ),
    (
        "quota",
        "The account-level service limit 'ml.g5.4xlarge for endpoint usage' is 0 Instances, with current utilization "
        "of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for "
        "this quota.",
    ),
    ("quota", "ResourceLimitExceeded"),
    (
        "room",
        "There is not enough hardware resources on the instances for this endpoint to create a copy of the inference "
        "component.",
    ),
    (
        "model-data",
        f"Could not access model data at s3://models/m.tar.gz. Please ensure that the {ROLE} exists and that its trust "
        'relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". '
        'Also ensure that the role has "s3:GetObject" permissions and that the object is located in us-east-1.',
    ),
    ("model-data", "Failed to download model data (bucket: models, key: adapters/a)"),
    (
        "archive",
        'Failed to extract model data archive for container "container_1" from URL "s3://models/m.tar.gz". Please '
        "ensure that the object located at the URL is a valid tar.gz archive.",
    ),
    (
        "archive-size",
        'Failed to extract model data archive from URL "s3://models/m.tar.gz". The model data archive is too large. '
        "Please reduce the size of the model data archive or move to an instance type with more memory.",
    ),
    (
        "start",
        "CannotStartContainerError. Please ensure the model container for variant AllTraffic starts correctly when "
        "invoked with 'docker run <image> serve'",
    ),
    ("image-size", "Image size 18088249195 > 10737418240"),
    ("image-format", "Unsupported manifest media type application/vnd.oci.image.index.v1+json"),
    ("image", f"The {ROLE} does not grant ecr:GetDownloadUrlForLayer on the repository."),
    (
        "role",
        'The execution role ARN "arn:aws:iam::111122223333:role/sm" is invalid. Please ensure that the role exists and '
        'that its trust relationship policy allows the action "sts:AssumeRole" for the service principal '
        '"sagemaker.amazonaws.com"',
    ),
    ("platform", "Request to service failed. If failure persists after retry, contact customer support."),
    ("platform", "InternalServerError: We encountered an internal error. Please try again."),
]
"""AWS's own words."""

LIKELY = [
    ("image", "CannotPullContainerError: pull access denied"),
    ("image", "The image 111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1 does not exist."),
    ("alarm", "Deployment was rolled back because alarm high-p99 went to the ALARM state."),
    ("alarm-permission", f"The {ROLE} is not authorized to perform cloudwatch:DescribeAlarms on the alarm high-p99."),
    ("kms", "The ciphertext refers to a customer master key that does not exist, or you are not allowed to access it."),
    ("kms", "Could not access model data at s3://models/m.tar.gz: kms:Decrypt is denied."),
    ("download-timeout", "Downloading the model data timed out after 600 seconds."),
    ("timeout", "The container did not start within the allotted time of 600 seconds."),
    ("memory", "CUDA out of memory. Tried to allocate 2.00 GiB."),
    ("memory", "torch.OutOfMemoryError"),
    ("start", "The image needs a CUDA version that the driver of the instance does not have."),
    ("network", "The subnet subnet-0a has insufficient free addresses."),
    ("network", "Unable to create a network interface in the VPC."),
    ("gone", 'Could not find endpoint configuration "ranking-2".'),
    ("denied", f"The {ROLE} is not authorized to perform logs:CreateLogStream."),
    ("archive-size", "No space left on device"),
]
"""Words that AWS may use: no text of its own was found for these."""


@pytest.mark.parametrize(("kind", "said"), TEXTS + LIKELY)
def test_a_text_means_what_it_usually_means(kind: str, said: str) -> None:
    reason = explained(said)
    assert (reason.kind, reason.said, reason.is_known) == (kind, said, True)


@pytest.mark.parametrize("said", [said for _, said in TEXTS + LIKELY])
def test_a_cause_and_a_next_step_are_one_or_two_sentences(said: str) -> None:
    reason = explained(said)
    for words in (reason.cause, reason.next):
        assert words[0].isupper()
        assert words.endswith(".")
        assert len(words) < 240


@pytest.mark.parametrize("said", ["The flux compensator is misaligned.", "Stopping while mapping the shipping room."])
def test_a_text_that_nothing_fits_is_said_to_be_unknown(said: str) -> None:
    reason = explained(said)
    assert (reason.kind, reason.said, reason.is_known) == (UNKNOWN, said, False)
    assert reason.cause == "smtop does not know this reason."
    assert "logs" in reason.next


@pytest.mark.parametrize("said", ["", "  \n"])
def test_no_text_at_all_is_said_to_be_none(said: str) -> None:
    reason = explained(said)
    assert (reason.kind, reason.cause) == (UNKNOWN, "AWS gave no reason.")


def test_what_must_be_done_is_named_where_it_has_a_name() -> None:
    named = {
        "ping": "ContainerStartupHealthCheckTimeoutInSeconds",
        "download-timeout": "ModelDataDownloadTimeoutInSeconds",
        "quota": "for endpoint usage",
        "model-data": "s3:GetObject",
        "kms": "kms:Decrypt",
        "alarm-permission": "cloudwatch:DescribeAlarms",
        "start": "docker run <image> serve",
    }
    told = {kind: explained(said).next for kind, said in TEXTS + LIKELY}
    assert all(word in told[kind] for kind, word in named.items())
