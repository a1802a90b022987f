"""Metrics Insights: CloudWatch's own engine, asked through GetMetricData.

Source: CloudWatch user guide, "Query components and syntax in CloudWatch Metrics Insights" and its quotas.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.link import Link
from smtop.metrics.aws.meter import metrics_analysed
from smtop.metrics.aws.pages import UNREADABLE, page_of
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.clock import utc
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Completeness, Ranking, RankingQuery, Window

_GET = "cloudwatch:GetMetricData"
_ID = "ranking"
_FUNCTIONS = {"Sum": "SUM", "Average": "AVG"}
_MOST_SERIES = 500


class MetricsInsights:
    """The Insights port over one session, that of the monitoring account where there is a link.

    A query `in_monitoring` account would go through the metrics of all that are linked, unless it names an account.
    """

    def __init__(self, session: AwsSession, link: Link | None = None, *, in_monitoring: bool = False) -> None:
        self._session = session
        self._link = link
        self._in_monitoring = in_monitoring or link is not None
        self._told = link.told if link else nullcontext

    async def rank(self, query: RankingQuery, window: Window) -> Ranking:
        asked = expression(query, await self._account())
        request: dict[str, Any] = {
            "MetricDataQueries": [{"Id": _ID, "Expression": asked, "Period": query.period_s}],
            "StartTime": utc(window.start),
            "EndTime": utc(window.end),
        }
        ranking = Ranking({})
        token = metrics_analysed.set(query.analysed)
        try:
            with self._told(), translated(_GET, self._session.profile):
                while True:
                    page = await self._session.cloudwatch(lambda client: client.get_metric_data(**request))
                    ranking = _with_page(ranking, page)
                    following = page.get("NextToken")
                    if not following:
                        return ranking
                    if following == request.get("NextToken"):
                        raise AwsError(FaultKind.SERVICE, _GET, f"{_GET} repeats a page; its answer is left out.")
                    request["NextToken"] = following
        finally:
            metrics_analysed.reset(token)

    async def _account(self) -> str | None:
        owner = await self._link.owner() if self._link else None
        if owner is not None:
            return f"'{owner}'"
        return "CURRENT_ACCOUNT_ID()" if self._in_monitoring else None


def expression(query: RankingQuery, account: str | None = None) -> str:
    """The query in Metrics Insights' SQL. SCHEMA keeps metrics with further dimensions out.

    `account` is the one whose metrics they are, as the language writes it; only a monitoring account may be asked so.
    """
    schema = ", ".join((f'"{query.namespace}"', *query.dimensions))
    what = f"{_FUNCTIONS[query.stat]}({query.metric})"
    where = f" WHERE AWS.AccountId = {account}" if account else ""
    order = f"ORDER BY SUM() DESC LIMIT {_MOST_SERIES}"
    return f"SELECT {what} FROM SCHEMA({schema}){where} GROUP BY {query.group_by} {order}"  # noqa: S608 - words of our tables


def _with_page(ranking: Ranking, answer: Mapping[str, Any]) -> Ranking:
    """Raises ResponseParserError where the answer makes no sense."""
    page, labels = page_of(answer), [str(result.get("Label")) for result in answer.get("MetricDataResults", ())]
    if _ID in labels:
        raise AwsError(
            FaultKind.INVALID, _GET, "This CloudWatch does not group by dimension in Metrics Insights queries."
        )
    values = dict(ranking.values)
    for label, status, measured in zip(labels, page.statuses, page.values, strict=True):
        if status != UNREADABLE:
            values[label] = max(values.get(label, 0.0), *measured, 0.0)
    missing = set(page.statuses) - {Completeness.COMPLETE}
    complete = ranking.complete and UNREADABLE not in missing and (bool(page.token) or not missing)
    return Ranking(values, complete, (*ranking.messages, *page.messages))
