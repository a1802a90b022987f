"""Somebody else at work: endpoints are deleted and made again, with the same name and the same config."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from smtop.metrics.simulator.region import Region
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.weather import Weather
from smtop.metrics.simulator.wire.errors import ServiceError

RECREATED: Final = "recreate"
_GONE_S: Final = 240.0
_RETRY_S: Final = 30.0


def churn(region: Region, weather: Weather, now: float, is_over: Callable[[], bool]) -> None:
    """Begins with the first endpoint, and goes on with another every `weather.recreate_s` until it is over."""
    if weather.recreate_s:
        region.account.schedule(now + weather.recreate_s, partial(_delete, region, weather, is_over, 0))


def _delete(region: Region, weather: Weather, is_over: Callable[[], bool], number: int, at: float) -> None:
    if is_over():
        return
    region.account.schedule(at + weather.recreate_s, partial(_delete, region, weather, is_over, number + 1))
    name = _victim(region.account, weather, number)
    if name is None:
        return
    config = region.account.endpoints[name].config_name
    try:
        _call(region, "DeleteEndpoint", {"EndpointName": name}, at)
    except ServiceError:
        return
    request = {"EndpointName": name, "EndpointConfigName": config}
    region.account.schedule(at + _GONE_S, partial(_create, region, weather, request))


def _create(region: Region, weather: Weather, request: dict[str, Any], at: float) -> None:
    """Tried again for as long as it is refused; where the config is gone too, the endpoint stays away."""
    try:
        _call(region, "CreateEndpoint", request, at)
    except ServiceError:
        if request["EndpointConfigName"] in region.account.configs:
            region.account.schedule(at + _RETRY_S, partial(_create, region, weather, request))
    else:
        weather.note(RECREATED)


def _victim(account: Account, weather: Weather, number: int) -> str | None:
    """An endpoint that nothing stands in the way of deleting."""
    names = sorted(
        name for name, one in account.endpoints.items() if one.status == "InService" and not account.placed.get(name)
    )
    return weather.luck("recreate", number).choice(names) if names else None


def _call(region: Region, operation: str, request: dict[str, Any], at: float) -> None:
    region.services["sagemaker"][operation].run(request, at)
