"""Cross-account observability: what a monitoring account is told of the metrics of its source accounts.

A query of GetMetricData names its account, ListMetrics an owning account or all that are linked. A source account that
is itself a monitoring account relays nothing. A Metrics Insights query that names no account is about this one alone,
where AWS goes through the metrics of all that are linked.

Source: CloudWatch user guide, "CloudWatch cross-account observability"; API reference of GetMetricData, MetricDataQuery
and ListMetrics. Of an account that is not linked AWS documents the status Forbidden and no text; how ListMetrics
refuses one is not documented.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from smtop.metrics.simulator.cloudwatch.insights_query import SyntaxRefusedError, parse
from smtop.metrics.simulator.cloudwatch.queries import read_queries
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.operation import Handler
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem
from smtop.metrics.simulator.wire.query_protocol import Timestamp

SHARED_PATH = "/_simulator/shared"
ANALYSED = "Analysed"
"""How many metrics a Metrics Insights query has gone through elsewhere: a member that no client is told."""
_PATIENCE_S = 30.0
_LINKING = {"AccountId", "OwningAccount", "IncludeLinkedAccounts"}

Page = dict[str, Any]
Ask = Callable[[str, Mapping[str, Any]], Page]
"""One page of an account's own, by its number; what is asked of it names no account."""


class Links:
    """The source accounts of this one in a region, by their number: each is another simulated AWS, at its URL.

    Their answers are waited for, so that two that are linked both ways can wait for each other.
    """

    def __init__(self, urls: Mapping[str, str], region: str) -> None:
        self._urls = urls
        self._region = region
        self._open = build_opener(ProxyHandler({})).open

    @property
    def accounts(self) -> Sequence[str]:
        return list(self._urls)

    def ask(self, account: str, operation: str, request: Mapping[str, Any]) -> Page:
        """One page of what that account itself has. Raises its ServiceError."""
        asked = {"region": self._region, "operation": operation, "request": request}
        sent = Request(f"{self._urls[account]}{SHARED_PATH}", json.dumps(asked).encode())  # noqa: S310 - the URL is http
        try:
            with self._open(sent, timeout=_PATIENCE_S) as answer:
                page: Page = json.load(answer)
        except HTTPError as refusal:
            told = json.load(refusal)
            raise ServiceError(told["code"], told["message"], told["status"]) from None
        for result in page.get("MetricDataResults", ()):
            result["Timestamps"] = [Timestamp(at) for at in result["Timestamps"]]
        return page


def metric_data(own: Handler, links: Links) -> Handler:
    """GetMetricData of queries about several accounts, a page of each at a time."""

    def run(request: dict[str, Any], now: float) -> Page:
        queries = request.get("MetricDataQueries", [])
        parts = _by_account(queries)
        if parts.keys() <= {ACCOUNT_ID}:
            return own(_without_links(request), now)
        read_queries(request)

        def ask(account: str, changes: Mapping[str, Any]) -> Page:
            part = {**request, "MetricDataQueries": parts[account], **changes}
            if account == ACCOUNT_ID:
                return own(part, now)
            return links.ask(account, "GetMetricData", part) if account in links.accounts else _forbidden(part)

        pages, more = _next_pages(list(parts), request, ask, "InvalidNextToken")
        place = {query["Id"]: position for position, query in enumerate(queries)}
        results = [result for page in pages.values() for result in page["MetricDataResults"]]
        results.sort(key=lambda result: place[result["Id"]])
        messages = [message for page in pages.values() for message in page["Messages"]]
        analysed = sum(page.get(ANALYSED, 0) for page in pages.values())
        return {"MetricDataResults": results, "Messages": messages, ANALYSED: analysed, **more}

    return run


def metric_list(own: Handler, links: Links) -> Handler:
    """ListMetrics of an owning account, or of one account after the other."""

    def run(request: dict[str, Any], now: float) -> Page:
        if not request.get("IncludeLinkedAccounts"):
            if "OwningAccount" in request:
                raise _bad_value("The parameter OwningAccount needs IncludeLinkedAccounts to be true.")
            return own(request, now)
        known = [ACCOUNT_ID, *links.accounts]
        wanted = [request["OwningAccount"]] if "OwningAccount" in request else known
        if not set(wanted) <= set(known):
            raise _bad_value(f"The account {wanted[0]} of parameter OwningAccount is not linked.")

        def ask(account: str, changes: Mapping[str, Any]) -> Page:
            part = {**_without_links(request), **changes}
            return own(part, now) if account == ACCOUNT_ID else links.ask(account, "ListMetrics", part)

        pages, more = _next_pages(wanted, request, ask, "InvalidParameterValueException", at_once=1)
        [(account, page)] = pages.items()
        return {"Metrics": page["Metrics"], "OwningAccounts": [account] * len(page["Metrics"]), **more}

    return run


def _next_pages(
    accounts: Sequence[str], request: Mapping[str, Any], ask: Ask, bad_token: str, at_once: int | None = None
) -> tuple[dict[str, Page], Page]:
    """A page of so many accounts, and the token by which the rest follows."""
    left: list[Any] = [[account, ""] for account in accounts]
    if request.get("NextToken"):
        try:
            left = redeem(request["NextToken"], request)
        except BadTokenError:
            raise ServiceError(bad_token, "The next token specified is invalid.") from None
    unasked = left[at_once:] if at_once else []
    pages = {account: ask(account, {"NextToken": token}) for account, token in left[:at_once]}
    begun = [[account, page["NextToken"]] for account, page in pages.items() if "NextToken" in page]
    following = [*begun, *unasked]
    return pages, {"NextToken": issue(following, request)} if following else {}


def _by_account(queries: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The queries without the account that they name."""
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for query in queries:
        account = query.get("AccountId") or _account_of(query.get("Expression", ""))
        parts.setdefault(account or ACCOUNT_ID, []).append(_without_links(query))
    return parts


def _account_of(expression: str) -> str | None:
    """Of a Metrics Insights query; what is none is refused elsewhere."""
    try:
        return parse(expression).account
    except SyntaxRefusedError:
        return None


def _without_links(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in _LINKING}


def _forbidden(request: Mapping[str, Any]) -> Page:
    told = {"Timestamps": [], "Values": [], "StatusCode": "Forbidden"}
    message = {"Code": "Forbidden", "Value": "The account is not linked to this monitoring account."}
    shown = [query for query in request["MetricDataQueries"] if query.get("ReturnData", True)]
    results = [{"Id": query["Id"], "Label": query["Id"], "Messages": [message], **told} for query in shown]
    return {"MetricDataResults": results, "Messages": []}


def _bad_value(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)
