"""What a FailureReason usually means, and what to do next.

AWS gives an endpoint, an update or an inference component one text, and documents few of them. The patterns are made
after texts that AWS's knowledge centre and public logs quote; what none of them fits is said to be unknown. The first
that fits wins: the more telling ones come first, so that a key that keeps a model from being read counts as a key.
For alarms, keys, networks and time-outs none of AWS's texts was at hand (November 2026): those patterns go by the words
that such a text can hardly do without.

A failed update can leave an endpoint InService, on its old config and with a FailureReason, or with none.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reason:
    """AWS's words as they came, what usually causes them, and the next step; `kind` is a short name for the cause."""

    kind: str
    said: str
    cause: str
    next: str

    @property
    def is_known(self) -> bool:
        return self.kind != UNKNOWN


class _Row(NamedTuple):
    kind: str
    pattern: str
    cause: str
    next: str


_ROWS = (
    _Row(
        "capacity",
        r"InsufficientInstanceCapacity|CapacityError|insufficient capacity|sufficient capacity"
        r"|unable to provision requested ML compute capacity",
        "AWS has no instance of this type free in the region's zones at the moment.",
        "Wait some minutes and try again, ask for fewer instances at a time, or take another instance type.",
    ),
    _Row(
        "room",
        r"not enough hardware resources|(?:insufficient|not enough) resources",
        "No instance of the variant has what another copy of the inference component asks for.",
        "Ask for fewer copies, or for less memory, CPU or accelerators a copy; or give the variant more or larger "
        "instances.",
    ),
    _Row(
        "quota",
        r"ResourceLimitExceeded|LimitExceeded|service limit|service quota|quota",
        "The account's quota for this instance type, or for serverless concurrency, is used up; an update runs old and "
        "new instances side by side, and needs quota for both.",
        "Ask Service Quotas for more (`<type> for endpoint usage`), or use fewer instances or another type.",
    ),
    _Row(
        "alarm-permission",
        r"cloudwatch:DescribeAlarms",
        "The update names rollback alarms, and the role may not read them.",
        "Allow the role cloudwatch:DescribeAlarms on the alarms of the deployment config.",
    ),
    _Row(
        "alarm",
        r"\balarms?\b",
        "A rollback alarm of the deployment went off, so SageMaker took the endpoint back to its old config.",
        "Look at that alarm's metric for the new config before the next try; an alarm over both fleets also goes off "
        "where the old one was failing already.",
    ),
    _Row(
        "kms",
        r"\bKMS\b|kms:|CreateGrant|customer master key|encryption key",
        "The KMS key is disabled or not in this region, or its policy does not let the role use it.",
        "Check that the key is enabled, and that the role may kms:Decrypt, kms:CreateGrant and kms:DescribeKey on it.",
    ),
    _Row(
        "archive-size",
        r"archive is too large|no space left|(?:disk|storage|volume).{0,30}(?:full|too small|exceed)",
        "The model does not fit the memory or the volume of the instance.",
        "Make the archive smaller, raise VolumeSizeInGB, or take a type with more memory.",
    ),
    _Row(
        "archive",
        r"extract model data|valid tar\.gz",
        "The model's archive is no valid tar.gz, or holds what cannot be unpacked.",
        "Pack the model again as tar.gz, without links or stray files, and create a model that points to it.",
    ),
    _Row(
        "download-timeout",
        r"download\w*.{0,60}(?:timed? ?out|too long|allotted time)|(?:timed? ?out|timeout).{0,60}download",
        "The model was not downloaded from S3 in the time that the variant gives.",
        "Raise ModelDataDownloadTimeoutInSeconds of the variant (60 to 3600), or make the model smaller.",
    ),
    _Row(
        "model-data",
        r"(?:access|find|download|read|locate).{0,20}model (?:data|artifact)|model (?:data|artifact).{0,80}"
        r"(?:denied|forbidden|does not exist|not found)|s3:(?:GetObject|ListBucket)|NoSuchKey|NoSuchBucket",
        "The model's role cannot read the model data in S3, or the object is gone or in another region.",
        "Check the S3 address and its region, and that the role may s3:GetObject there, and s3:ListBucket for "
        "multi-model and uncompressed models.",
    ),
    _Row(
        "image-size",
        r"image size|image.{0,40}(?:too large|exceed)",
        "The container image is larger than this kind of endpoint takes: 10 GB for serverless.",
        "Build a smaller image and a new model from it; a model keeps the image that it was created with.",
    ),
    _Row(
        "image-format",
        r"manifest media type|manifest.{0,40}(?:unsupported|not supported)",
        "SageMaker cannot read the image's manifest; current docker builds push an OCI index.",
        "Build for one platform without attestations (`docker buildx build --provenance=false`), and push again.",
    ),
    _Row(
        "start",
        r"CannotStartContainer|docker run|exec format error|failed to start container|CUDA.{0,30}(?:driver|version)",
        "The container ended before it served: no `serve` command, an image for another CPU architecture, or a CUDA "
        "version that the instance's driver is too old for.",
        "Start the image with `docker run <image> serve`; compare its platform and CUDA version with the instance "
        "type, and set InferenceAmiVersion where the driver is too old.",
    ),
    _Row(
        "image",
        r"ecr:|\bECR\b|CannotPullContainer|image.{0,80}(?:not exist|not found|pull|denied|access)"
        r"|pull.{0,40}image",
        "The container image cannot be pulled: it is gone, or the role or the repository's policy does not allow it.",
        "Check the image's address and region, and that the role may ecr:BatchGetImage, ecr:GetDownloadUrlForLayer and "
        "ecr:GetAuthorizationToken; in another account the repository's policy must allow it too.",
    ),
    _Row(
        "role",
        r"sts:AssumeRole|trust relationship|role.{0,150}(?:is invalid|does not exist|cannot be assumed|not exist)",
        "SageMaker cannot take on the execution role: it is gone, or does not trust sagemaker.amazonaws.com.",
        "Check that the role exists, and that its trust policy allows sts:AssumeRole to sagemaker.amazonaws.com.",
    ),
    _Row(
        "memory",
        r"out of memory|OutOfMemory|\bOOM\b|(?:enough|sufficient|insufficient) (?:GPU )?memory",
        "The model, or a worker's copy of it, does not fit the memory of the instance or of its GPU.",
        "Take a type with more memory or more GPUs, start fewer workers, or load a smaller or quantised model.",
    ),
    _Row(
        "network",
        r"subnets?\b|\bVPC\b|\bENIs?\b|network interface|security group|free (?:IP )?addresses|IP addresses",
        "The model's subnets or security groups are gone, or have no free addresses for the new instances.",
        "Check the subnets' free addresses and the security groups, and that S3 and ECR can be reached from there.",
    ),
    _Row(
        "ping",
        r"\bping\b|health ?checks?",
        "The container did not answer GET /ping with 200 in time: it crashed, is still loading, is out of memory, or "
        "listens on another port than 8080.",
        "Read its newest log stream in /aws/sagemaker/Endpoints/<endpoint> (without any, the container never started); "
        "a model that loads slowly needs a higher ContainerStartupHealthCheckTimeoutInSeconds (60 to 3600).",
    ),
    _Row(
        "timeout",
        r"timed? ?out|timeout|allotted time|did not start within",
        "The container was not ready in the time that the variant gives.",
        "Raise ContainerStartupHealthCheckTimeoutInSeconds of the variant (60 to 3600), or make it load faster; a "
        "serverless container has three minutes.",
    ),
    _Row(
        "gone",
        r"could not find (?:endpoint configuration|model|inference component)",
        "What the change needs was deleted before it was done.",
        "Create the config or model again under its name, or update to one that exists.",
    ),
    _Row(
        "denied",
        r"AccessDenied|access denied|not authorized|unauthorized|permission",
        "A permission is missing, most often one of the execution role.",
        "Allow the role the action that AWS names, and try again.",
    ),
    _Row(
        "platform",
        r"InternalServerError|internal (?:server |service )?(?:error|failure)|request to service failed"
        r"|contact customer support|unexpected error",
        "A fault inside SageMaker that names nothing of yours; serverless containers that cannot start have given the "
        "same text.",
        "Try the same change again; if it fails twice, give AWS support the endpoint's ARN and the time.",
    ),
)


def explained(reason: str) -> Reason:
    """The reason with its usual cause and the next step; of kind UNKNOWN where no pattern fits."""
    for row in _ROWS:
        if re.search(row.pattern, reason, re.IGNORECASE | re.DOTALL):
            return Reason(row.kind, reason, row.cause, row.next)
    return _unknown(reason)


def _unknown(reason: str) -> Reason:
    cause = "smtop does not know this reason." if reason.strip() else "AWS gave no reason."
    step = "Read the endpoint's logs in /aws/sagemaker/Endpoints, and in CloudTrail what was asked of it."
    return Reason(UNKNOWN, reason, cause, step)
