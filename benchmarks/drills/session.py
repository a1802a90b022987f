"""What the adapters to AWS call, answered by a feed: clients as an SDK makes them, without any network."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from benchmarks.drills.clock import HandClock
from benchmarks.drills.feed import Feed

REGION = "us-east-1"
_CALLED = {"service-quotas": "servicequotas"}
_PAGE_SIZES = {"ecr": "maxResults"}
_MOMENTS = ("Time", "Timestamp")


class _Exceptions:
    ClientError = ClientError


class _Paginator:
    def __init__(self, client: "FeedClient", method: str) -> None:
        self._client = client
        self._method = method

    async def paginate(
        self,
        PaginationConfig: Mapping[str, Any] | None = None,  # noqa: N803 - botocore's name
        **request: Any,
    ) -> AsyncIterator[dict[str, Any]]:
        size = (PaginationConfig or {}).get("PageSize")
        wish = {**request, "MaxResults": size} if size else request
        while True:
            page = self._client.call(self._method, wish)
            yield page
            if not page.get("NextToken"):
                return
            wish = {**wish, "NextToken": page["NextToken"]}


class FeedClient:
    """A client of one service: `describe_endpoint(...)`, `get_paginator("list_endpoints")`, `exceptions`."""

    exceptions = _Exceptions

    def __init__(self, feed: Feed, clock: HandClock, service: str) -> None:
        self._feed = feed
        self._clock = clock
        self._service = _CALLED.get(service, service)

    def get_paginator(self, method: str) -> _Paginator:
        return _Paginator(self, method)

    def call(self, method: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """One call as of the present. Raises ClientError."""
        operation = "".join(word.capitalize() for word in method.split("_"))
        wish = {"now": self._clock.wall(), "service": self._service, "operation": operation, "request": request}
        answer: dict[str, Any] = _with_moments(self._feed.ask("call", **wish).members["answer"])
        return answer

    def __getattr__(self, method: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        async def call(**request: Any) -> dict[str, Any]:
            return self.call(method, request)

        return call


class FeedSession:
    """As much of a session as adapters need that only read."""

    region = REGION
    profile = None

    def __init__(self, feed: Feed, clock: HandClock) -> None:
        self._feed = feed
        self._clock = clock

    def client(self, service: str) -> FeedClient:
        return FeedClient(self._feed, self._clock, service)

    async def opened(self, service: str) -> FeedClient:
        return self.client(service)

    async def cloudwatch(self, call: Callable[[FeedClient], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        return await call(self.client("cloudwatch"))


def _with_moments(value: Any, name: str = "") -> Any:
    """The same with the times that an SDK reads from epoch seconds."""
    if isinstance(value, dict):
        return {key: _with_moments(own, key) for key, own in value.items()}
    if isinstance(value, list):
        return [_with_moments(own, name) for own in value]
    if name.endswith(_MOMENTS) and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return value
