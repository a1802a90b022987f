"""The account's quotas on hosting, read from Service Quotas."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.aws.faults import translated, understood
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.quotas import bounded_by
from smtop.metrics.domain.surroundings import Quota

SERVICE = "service-quotas"
_LIST = "servicequotas:ListServiceQuotas"
_PAGE_SIZE = 100


class ServiceQuotas:
    """The QuotaSource port over one session. Its client is opened when it is first asked."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def quotas(self) -> Mapping[str, Quota]:
        client = await self._session.opened(SERVICE)
        paginator = client.get_paginator("list_service_quotas")
        found: dict[str, Quota] = {}
        with translated(_LIST, self._session.profile):
            async for page in paginator.paginate(ServiceCode="sagemaker", PaginationConfig={"PageSize": _PAGE_SIZE}):
                found |= _bounds(page)
        return found


@understood()
def _bounds(page: Mapping[str, Any]) -> dict[str, Quota]:
    named = ((bounded_by(str(one.get("QuotaName", ""))), one) for one in page.get("Quotas", ()))
    return {
        what: Quota(str(one["QuotaName"]), float(one["Value"]))
        for what, one in named
        if what is not None and "Value" in one
    }
