"""How large things are that an endpoint loads when it starts: images in ECR, artifacts in S3."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from smtop.metrics.aws.faults import translated, understood
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.errors import AwsError, FaultKind

_IMAGES = "ecr:DescribeImages"
_HEAD = "s3:HeadObject"
_URI = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.(?:com(?:\.cn)?|eu)/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)
_OBJECT = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.*[^/])")


@dataclass(frozen=True)
class Image:
    """An image in a registry of ECR. One without a tag and a digest is the latest."""

    account: str
    region: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def id(self) -> Mapping[str, str]:
        """What DescribeImages knows it by."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or "latest"}


def image_of(uri: str) -> Image | None:
    """None for what is in no registry of ECR."""
    found = _URI.fullmatch(uri)
    return Image(**found.groupdict()) if found else None


class StoredSizes:
    """The SizeSource port over one session. Its clients are opened when they are first asked."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def image_bytes(self, uri: str, account: str) -> int:
        image = image_of(uri)
        if image is None or (image.account, image.region) != (account, self._session.region):
            sentence = f"The image {uri} is in no registry of this account and region: its size is not known here."
            raise AwsError(FaultKind.NOT_FOUND, _IMAGES, sentence)
        with translated(_IMAGES, self._session.profile):
            client = await self._session.opened("ecr")
            answer = await client.describe_images(
                registryId=account, repositoryName=image.repository, imageIds=[image.id]
            )
            with understood():
                size = next((one.get("imageSizeInBytes") for one in answer.get("imageDetails", ())), None)
        if size is None:
            raise AwsError(FaultKind.NOT_FOUND, _IMAGES, f"{_IMAGES} tells no size of {uri}.")
        return int(size)

    async def artifact_bytes(self, url: str) -> int:
        found = _OBJECT.fullmatch(url)
        if found is None:
            raise AwsError(FaultKind.NOT_FOUND, _HEAD, f"{url} is no single object: its size is not known here.")
        with translated(_HEAD, self._session.profile):
            client = await self._session.opened("s3")
            answer = await client.head_object(Bucket=found["bucket"], Key=found["key"])
            with understood():
                return int(answer["ContentLength"])
