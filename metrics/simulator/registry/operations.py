"""DescribeImages of the account's own registry."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID, CALLER_ARN
from smtop.metrics.simulator.wire.errors import ServiceError, denied
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.shapes import Listing, Record, Text

DESCRIBE = Record(
    {
        "registryId": Text(),
        "repositoryName": Text(),
        "imageIds": Listing(Record({"imageTag": Text(), "imageDigest": Text()})),
    },
    ("repositoryName",),
)
_MB = 1_000_000


def registry_operations(account: Account) -> Mapping[str, Operation]:
    """The operations on one region's registry."""
    return {"DescribeImages": Operation(DESCRIBE, lambda request, now: _describe(account, request))}


def digest_of(uri: str) -> str:
    """The digest that a tag resolves to."""
    return f"sha256:{hashlib.sha256(uri.encode()).hexdigest()}"


def size_of(repository: str, tag: str) -> int:
    """Compressed bytes: images for GPUs have CUDA in them. The rest follows from the name, and never changes."""
    base = 5200 if "gpu" in tag else 1300
    spread = int(hashlib.sha256(f"{repository}:{tag}".encode()).hexdigest()[:4], 16) % 900
    return (base + spread) * _MB


def _describe(account: Account, request: Mapping[str, Any]) -> dict[str, Any]:
    """Images that the request names, or all of the repository; one page always."""
    repository = request["repositoryName"]
    if request.get("registryId", ACCOUNT_ID) != ACCOUNT_ID:
        arn = f"arn:aws:ecr:{account.region}:{request['registryId']}:repository/{repository}"
        raise denied(CALLER_ARN, "ecr:DescribeImages", arn)
    tags = _images(account).get(repository)
    if tags is None:
        text = f"The repository with name '{repository}' does not exist in the registry with id '{ACCOUNT_ID}'"
        raise ServiceError("RepositoryNotFoundException", text)
    wanted = request.get("imageIds")
    named = [_named(tags, repository, one) for one in wanted] if wanted else sorted(tags)
    return {"imageDetails": [_shown(repository, tag, tags[tag]) for tag in named]}


def _named(tags: Mapping[str, str], repository: str, wanted: Mapping[str, str]) -> str:
    for tag, digest in tags.items():
        if tag == wanted.get("imageTag") or digest == wanted.get("imageDigest"):
            return tag
    shown = ", ".join(f"{member}:'{value}'" for member, value in wanted.items())
    text = f"The image with imageId {{{shown}}} does not exist within the repository with name '{repository}'"
    raise ServiceError("ImageNotFoundException", text)


def _images(account: Account) -> dict[str, dict[str, str]]:
    """Repository -> tag -> digest of every image that a model of the account names."""
    own = re.compile(rf"{ACCOUNT_ID}\.dkr\.ecr\.{account.region}\.amazonaws\.com/([^:@]+)(?::([^@]+))?")
    found: dict[str, dict[str, str]] = {}
    for model in account.models:
        for image in account.images(model):
            if known := own.fullmatch(image):
                found.setdefault(known[1], {})[known[2] or "latest"] = digest_of(image)
    return found


def _shown(repository: str, tag: str, digest: str) -> dict[str, Any]:
    return {
        "registryId": ACCOUNT_ID,
        "repositoryName": repository,
        "imageDigest": digest,
        "imageTags": [tag],
        "imageSizeInBytes": size_of(repository, tag),
    }
