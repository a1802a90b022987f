"""The Runtime port over one session: test invocations, and the objects of asynchronous ones."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import ClientError

from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.errors import AwsError, FaultKind

_ABSENT = frozenset({"NoSuchKey", "404"})


class AwsRuntime:
    """Its clients are opened when they are first needed."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def invoke(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        client = await self._session.opened("sagemaker-runtime")
        with translated("sagemaker:InvokeEndpoint", self._session.profile):
            answer = await client.invoke_endpoint(**parameters)
            return {**answer, "Body": await answer["Body"].read()}

    async def invoke_later(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        client = await self._session.opened("sagemaker-runtime")
        with translated("sagemaker:InvokeEndpointAsync", self._session.profile):
            answer: Mapping[str, Any] = await client.invoke_endpoint_async(**parameters)
        return answer

    async def put(self, url: str, body: bytes, content_type: str) -> None:
        client = await self._session.opened("s3")
        with translated("s3:PutObject", self._session.profile):
            await client.put_object(**_place(url), Body=body, ContentType=content_type)

    async def get(self, url: str) -> bytes:
        client = await self._session.opened("s3")
        with translated("s3:GetObject", self._session.profile):
            try:
                answer = await client.get_object(**_place(url))
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _ABSENT:
                    raise
                raise AwsError(FaultKind.NOT_FOUND, "s3:GetObject", f"There is no {url} yet.") from error
            body: bytes = await answer["Body"].read()
        return body


def _place(url: str) -> dict[str, str]:
    parts = urlparse(url)
    return {"Bucket": parts.netloc, "Key": parts.path.lstrip("/")}
