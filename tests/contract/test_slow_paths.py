"""Where botocore is another than smtop knows, all is as right as before, and `smtop doctor` says what is slow."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import CredentialResolver, RefreshableCredentials
from botocore.exceptions import UnknownCredentialError
from botocore.parsers import ResponseParserFactory
from botocore.serialize import JSONSerializer

from smtop.metrics.aws import fast_lane, hooks
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.monitor import Monitor, ways_to_aws
from tests.contract.sessions import point_at
from tests.simulator.small_fleet import LocalAws

Broken = Callable[[pytest.MonkeyPatch], None]


def no_events(patch: pytest.MonkeyPatch) -> None:
    """The events never come."""
    patch.setattr(fast_lane, "attach", lambda _events: None)


def other_members(patch: pytest.MonkeyPatch) -> None:
    """They come with members of other names."""
    for name in ("_put_body", "_check_body", "_read_page"):
        patch.setattr(fast_lane, name, _renaming(getattr(fast_lane, name)))


def _renaming(handler: Callable[..., Any]) -> Callable[..., Any]:
    return lambda **event: handler(**{f"new_{name}": value for name, value in event.items()})


def no_serializers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fast_lane, "serialize", SimpleNamespace())


def other_json(patch: pytest.MonkeyPatch) -> None:
    """Bodies are written without spaces."""
    before = JSONSerializer.serialize_to_request

    def compact(self: JSONSerializer, parameters: Any, model: Any) -> Mapping[str, Any]:
        written: dict[str, Any] = before(self, parameters, model)
        return written | {"body": json.dumps(json.loads(written["body"]), separators=(",", ":")).encode()}

    patch.setattr(JSONSerializer, "serialize_to_request", compact)


def body_goes_lost(patch: pytest.MonkeyPatch) -> None:
    """What is put in is not what is sent."""
    before = fast_lane._put_body

    async def put(**event: Any) -> None:
        await before(**event | {"params": {}})

    patch.setattr(fast_lane, "_put_body", put)


def no_models(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hooks, "CloudWatchModels", None)


def no_defaults_of_parsers(patch: pytest.MonkeyPatch) -> None:
    patch.delattr(ResponseParserFactory, "set_parser_defaults")


def no_retry_contexts(patch: pytest.MonkeyPatch) -> None:
    patch.delattr("botocore.retries.standard.RetryEventAdapter")


def no_providers(patch: pytest.MonkeyPatch) -> None:
    def unknown(_: CredentialResolver, name: str) -> None:
        raise UnknownCredentialError(name=name)

    patch.setattr(CredentialResolver, "get_provider", unknown)


def no_refresh_times(patch: pytest.MonkeyPatch) -> None:
    patch.delattr(RefreshableCredentials, "_advisory_refresh_timeout")


IN_JSON, IN_QUERY = "metrics in JSON", "metrics in the query protocol"
SESSION = (no_serializers, no_models, no_defaults_of_parsers, no_retry_contexts, no_providers, no_refresh_times)
SLOW = {"CloudWatch in JSON", "strict reading", "asking again", "MFA codes on the screen"}
SLOW |= {IN_JSON, IN_QUERY, "role credentials kept to their last minutes"}
SLOW |= {"one MFA code for all regions of a profile"}


async def test_with_this_botocore_no_path_is_slow() -> None:
    assert {way.name: way.why_not for way in await ways_to_aws() if way.why_not} == {}


@pytest.mark.parametrize(
    ("breaks", "slow"),
    [
        ((no_events,), {IN_JSON, IN_QUERY}),
        ((other_members,), {IN_JSON, IN_QUERY}),
        ((other_json,), {IN_JSON}),
        ((body_goes_lost,), {IN_JSON, IN_QUERY}),
        (SESSION, SLOW),
    ],
    ids=["no events", "other members", "other JSON", "body goes lost", "all the rest"],
)
async def test_what_is_slow_is_named(breaks: Sequence[Broken], slow: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for broken in breaks:
        broken(monkeypatch)
    assert {way.name for way in await ways_to_aws() if way.why_not} == slow


Look = Callable[[], Awaitable[FleetSnapshot]]


class StillClock(SystemClock):
    """The time of day stands still, as that of the simulated AWS does."""

    def __init__(self, now: float) -> None:
        self._now = now

    def wall(self) -> float:
        return self._now


@pytest.fixture
def look(local_aws: LocalAws, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Takes a picture of the small fleet with a monitor of its own."""
    point_at(local_aws.environment, monkeypatch)

    async def take() -> FleetSnapshot:
        async with Monitor(settings, StillClock(local_aws.now)) as monitor:
            return await monitor.take()

    return take


def shown(picture: FleetSnapshot) -> str:
    """All of a picture but what it has cost; written down, as no NaN is equal to another."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr((picture.endpoints, picture.problems)))


@pytest.mark.parametrize(
    "breaks",
    [
        (no_events,),
        (other_members,),
        (body_goes_lost,),
        SESSION,
    ],
    ids=["no events", "other members", "body goes lost", "all the rest"],
)
async def test_the_picture_is_the_same_on_the_slow_path(
    breaks: Sequence[Broken], look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await look()
    assert any(view.metrics for view in usual.endpoints)
    for broken in breaks:
        broken(monkeypatch)
    assert shown(await look()) == shown(usual)
