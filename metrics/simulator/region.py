"""What one region offers: its services by name. Regions that are not served are empty accounts that work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from smtop.metrics.simulator.autoscaling.acting import Acting
from smtop.metrics.simulator.autoscaling.operations import autoscaling_operations
from smtop.metrics.simulator.autoscaling.scaling import Scaling
from smtop.metrics.simulator.autoscaling.seeding import plant_scaling
from smtop.metrics.simulator.cloudwatch.alarms import Alarms
from smtop.metrics.simulator.cloudwatch.linked import Links
from smtop.metrics.simulator.cloudwatch.operations import cloudwatch_operations
from smtop.metrics.simulator.events import befall
from smtop.metrics.simulator.identity.iam import iam_operations
from smtop.metrics.simulator.identity.sts import sts_operations
from smtop.metrics.simulator.quotas.operations import quota_operations
from smtop.metrics.simulator.registry.operations import registry_operations
from smtop.metrics.simulator.resources import EndpointSeed, MetricId, MetricReader
from smtop.metrics.simulator.runtime.endpoints import Endpoints
from smtop.metrics.simulator.runtime.operations import runtime_operations
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.operations import sagemaker_operations
from smtop.metrics.simulator.sagemaker.quotas import Quotas, account_usage
from smtop.metrics.simulator.sagemaker.seeding import open_account
from smtop.metrics.simulator.storage.operations import storage_operations
from smtop.metrics.simulator.storage.store import Storage
from smtop.metrics.simulator.wire.operation import Operation


class NoMetrics:
    """The telemetry of a region in which nothing runs."""

    def metrics(self, now: float) -> Sequence[MetricId]:
        """None."""
        return ()

    def last_published(self, metric: MetricId, now: float) -> float | None:
        """Never."""
        return None

    def read(
        self, metric: MetricId, stat: str, start: int, end: int, period: int, now: float
    ) -> tuple[list[int], list[float]]:
        """Empty."""
        return [], []

    def units(self, metric: MetricId) -> str:
        """No unit."""
        return "None"


@dataclass(frozen=True)
class Region:
    """A region's account, its alarms and metrics, and the operations of each service, by IAM prefix."""

    account: Account
    alarms: Alarms
    services: Mapping[str, Mapping[str, Operation]]

    @property
    def metrics(self) -> MetricReader:
        """The region's metrics."""
        return self.alarms.reader


def open_region(
    account: Account,
    telemetry: MetricReader,
    alarms: Sequence[Mapping[str, Any]],
    seeds: Sequence[EndpointSeed] = (),
    granted: Mapping[str, int] = MappingProxyType({}),
    links: Mapping[str, str] = MappingProxyType({}),
) -> Region:
    """A region around an account and its telemetry, with the scaling that the seeds of its endpoints bring.

    `granted` are quotas by name that are not the usual ones. What befalls the endpoints happens as time goes by.
    `links` are the URLs of source accounts by their number.
    """
    known = Alarms(telemetry, account.region, list(alarms))
    account.alarm_state = lambda name, at: known.at(name, at)[0]
    scaling = Scaling(account, known.known)
    storage = Storage(account)
    quotas = Quotas(account_usage(account), granted)
    services = {
        "sagemaker": sagemaker_operations(account, quotas),
        "sagemaker-runtime": runtime_operations(Endpoints(account, telemetry), storage),
        "s3": storage_operations(storage),
        "ecr": registry_operations(account),
        "servicequotas": quota_operations(account, quotas),
        "application-autoscaling": autoscaling_operations(scaling),
        "cloudwatch": cloudwatch_operations(known, Links(links, account.region)),
        "sts": sts_operations(),
        "iam": iam_operations(account),
    }
    for seed in seeds:
        plant_scaling(scaling, seed, account.now)
    events = [event for seed in seeds for event in seed.events]
    Acting(scaling, known).start(min((account.now, *(event.at for event in events))))
    befall(account, services, events)
    return Region(account, known, services)


def empty_region(name: str, now: float, links: Mapping[str, str] = MappingProxyType({})) -> Region:
    """A region with nothing in it but links."""
    seeds: Sequence[EndpointSeed] = ()
    return open_region(open_account(name, seeds, now), NoMetrics(), (), links=links)
