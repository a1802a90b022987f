"""ListServiceQuotas and GetServiceQuota, for SageMaker."""

from collections.abc import Callable, Mapping
from typing import Any

from smtop.metrics.simulator.quotas.catalogue import code_of, limits
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.quotas import Quotas
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem
from smtop.metrics.simulator.wire.shapes import Number, Record, Text

SERVICE = "sagemaker"
MOST_RESULTS = 100
# Tokens are plain base64 here, where other services take the URL's alphabet.
_TO_URL, _FROM_URL = str.maketrans("+/", "-_"), str.maketrans("-_", "+/")

LIST = Record(
    {"ServiceCode": Text(), "QuotaCode": Text(), "NextToken": Text(), "MaxResults": Number()}, ("ServiceCode",)
)
GET = Record({"ServiceCode": Text(), "QuotaCode": Text()}, ("ServiceCode", "QuotaCode"))


def quota_operations(account: Account, quotas: Quotas) -> Mapping[str, Operation]:
    """The operations on one region's quotas."""

    def known() -> list[dict[str, Any]]:
        return [_shown(account.region, name, value) for name, value in limits(account, quotas).items()]

    return {
        "ListServiceQuotas": Operation(LIST, lambda request, now: _list(known, request)),
        "GetServiceQuota": Operation(GET, lambda request, now: _get(known, request)),
    }


def _list(known: Callable[[], list[dict[str, Any]]], request: Mapping[str, Any]) -> dict[str, Any]:
    _check(request)
    size = int(request.get("MaxResults", MOST_RESULTS))
    if not 1 <= size <= MOST_RESULTS:
        raise ServiceError("IllegalArgumentException", f"MaxResults must be between 1 and {MOST_RESULTS}.")
    wanted = request.get("QuotaCode")
    quotas, first = [one for one in known() if wanted in (None, one["QuotaCode"])], _first(request)
    page: dict[str, Any] = {"Quotas": quotas[first : first + size]}
    if len(quotas) > first + size:
        page["NextToken"] = issue([first + size], request).translate(_FROM_URL)
    return page


def _get(known: Callable[[], list[dict[str, Any]]], request: Mapping[str, Any]) -> dict[str, Any]:
    _check(request)
    for quota in known():
        if quota["QuotaCode"] == request.get("QuotaCode"):
            return {"Quota": quota}
    raise ServiceError(
        "NoSuchResourceException",
        f"The request failed because the specified quota {request.get('QuotaCode')} does not exist.",
    )


def _check(request: Mapping[str, Any]) -> None:
    if request.get("ServiceCode") != SERVICE:
        raise ServiceError(
            "NoSuchResourceException",
            f"The request failed because the specified service {request.get('ServiceCode')} does not exist.",
        )


def _shown(region: str, name: str, value: int) -> dict[str, Any]:
    code = code_of(name)
    return {
        "ServiceCode": SERVICE,
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"arn:aws:servicequotas:{region}:{ACCOUNT_ID}:{SERVICE}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def _first(request: Mapping[str, Any]) -> int:
    if not request.get("NextToken"):
        return 0
    try:
        (first,) = redeem(request["NextToken"].translate(_TO_URL), request)
    except BadTokenError:
        raise ServiceError("InvalidPaginationTokenException", "Invalid token was used.") from None
    return int(first)
