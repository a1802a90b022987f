"""ListMetrics: 500 a page, whatever had a datapoint within two weeks."""

from collections.abc import Mapping, Sequence
from typing import Any

from smtop.metrics.simulator.resources import MetricId, MetricReader
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.paging import BadTokenError, fingerprint, issue, redeem

PAGE = 500
KEPT_LISTS = 8


class MetricList:
    """Lists are made once a minute and filter, and kept for the pages that follow."""

    def __init__(self, reader: MetricReader) -> None:
        self._reader = reader
        self._lists: dict[tuple[str, int], list[MetricId]] = {}

    def page(self, request: Mapping[str, Any], now: float) -> dict[str, Any]:
        """One page of the metrics that match; as on AWS it may be short, or empty, and still have a next one."""
        at, minute = self._place(request, now)
        found = self._matching(request, minute)
        shown: list[dict[str, Any]] = []
        while at < len(found) and len(shown) < PAGE:
            if self._wanted(found[at], request, minute):
                shown.append(_shown(found[at]))
            at += 1
        more = {"NextToken": issue([at, minute], request)} if at < len(found) else {}
        return {"Metrics": shown, **more}

    def _wanted(self, metric: MetricId, request: Mapping[str, Any], minute: int) -> bool:
        # Asked page by page: to know when each metric of a large fleet last spoke takes seconds.
        return "RecentlyActive" not in request or self._reader.last_published(metric, float(minute)) is not None

    def _place(self, request: Mapping[str, Any], now: float) -> tuple[int, int]:
        if request.get("RecentlyActive", "PT3H") != "PT3H":
            raise _bad_value("The parameter RecentlyActive must be PT3H.")
        if len(request.get("Dimensions", ())) > 10:
            raise _bad_value("The collection Dimensions must not have a size greater than 10.")
        if not request.get("NextToken"):
            return 0, int(now // 60) * 60
        try:
            start, minute = redeem(request["NextToken"], request)
        except BadTokenError:
            raise _bad_value("The parameter NextToken is invalid.") from None
        return start, minute

    def _matching(self, request: Mapping[str, Any], minute: int) -> list[MetricId]:
        key = (fingerprint(request), minute)
        if key not in self._lists:
            while len(self._lists) >= KEPT_LISTS:
                self._lists.pop(next(iter(self._lists)))
            everything = self._reader.metrics(float(minute))
            self._lists[key] = [metric for metric in everything if _matches(metric, request)]
        return self._lists[key]


def _matches(metric: MetricId, request: Mapping[str, Any]) -> bool:
    if request.get("Namespace", metric.namespace) != metric.namespace:
        return False
    if request.get("MetricName", metric.name) != metric.name:
        return False
    filters: Sequence[Mapping[str, str]] = request.get("Dimensions", ())
    if not filters:
        return True
    own = dict(metric.dimensions)
    return all(each["Name"] in own and each.get("Value", own[each["Name"]]) == own[each["Name"]] for each in filters)


def _shown(metric: MetricId) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def _bad_value(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)
