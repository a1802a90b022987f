"""What happens to an account at set times: operations that somebody calls, and what no operation can bring about.

The service `fate` has `Doom` (the next rollout of an endpoint fails, after a time), `DenyGrowth` and `AllowGrowth` (no
scale-out of it comes to anything) and `StallWeights` (weights are asked for and never arrive).
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from smtop.metrics.simulator.resources import Event
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.capacity import set_capacity
from smtop.metrics.simulator.sagemaker.resources import Doom, NoGrowth
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.operation import Operation

Services = Mapping[str, Mapping[str, Operation]]
Request = Mapping[str, Any]

RETRY_S: Final = 30.0
MOST_RETRIES: Final = 20


def befall(account: Account, services: Services, events: Iterable[Event]) -> None:
    """Let every event happen when its time has come, also if that is long ago."""
    for event in events:
        account.schedule(event.at, partial(_happen, account, services, event, 0))


def _happen(account: Account, services: Services, event: Event, tries: int, at: float) -> None:
    """What is refused, because the endpoint is being updated say, is tried again as a script would."""
    service, _, operation = event.action.partition(":")
    if service == "fate":
        FATES[operation](account, event.request)
        return
    try:
        services[service][operation].run(dict(event.request), at)
    except ServiceError:
        if tries == MOST_RETRIES:
            raise
        account.schedule(at + RETRY_S, partial(_happen, account, services, event, tries + 1))


def _doom(account: Account, request: Request) -> None:
    wish = {name: value for name, value in request.items() if name != "EndpointName"}
    account.dooms[request["EndpointName"]] = Doom(**wish)


def _deny_growth(account: Account, request: Request) -> None:
    account.no_growth[request["EndpointName"]] = NoGrowth(request["status"], request["reason"])


def _allow_growth(account: Account, request: Request) -> None:
    account.no_growth.pop(request["EndpointName"], None)


def _stall_weights(account: Account, request: Request) -> None:
    endpoint = account.find_endpoint(request["EndpointName"])
    endpoint.variants = set_capacity(endpoint.variants, request["DesiredWeightsAndCapacities"])


FATES: Final[Mapping[str, Callable[[Account, Request], None]]] = MappingProxyType(
    {"Doom": _doom, "DenyGrowth": _deny_growth, "AllowGrowth": _allow_growth, "StallWeights": _stall_weights}
)
