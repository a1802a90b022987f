"""A fleet for drills and its clock, as they are asked for by name; answers are values that JSON takes, and arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from smtop.metrics.simulator import bulk, publication
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.bulk import Series
from smtop.metrics.simulator.drills import IMAGE, Drill, DrillFleet, Strike, drawn, open_drills
from smtop.metrics.simulator.faults import Faults, read_faults
from smtop.metrics.simulator.noise import Array
from smtop.metrics.simulator.region import Region, open_region
from smtop.metrics.simulator.resources import MetricId
from smtop.metrics.simulator.sagemaker.seeding import open_account
from smtop.metrics.simulator.telemetry import Telemetry
from smtop.metrics.simulator.wire.credentials import CALLER_ARN
from smtop.metrics.simulator.wire.errors import ServiceError, denied, throttled, unknown_operation
from smtop.metrics.simulator.wire.throttle import Throttle

REGION: Final = "us-east-1"
STEP_S: Final = 1800.0
"""Time moves in steps that target tracking follows minute by minute."""

Request = Mapping[str, Any]


class Reply(NamedTuple):
    """Members of an answer, and the array that comes with it."""

    members: dict[str, Any]
    array: Array | None = None


@dataclass
class World:
    """One account that has been opened. Time only moves forward; metrics can be read as of any moment."""

    drills: DrillFleet
    telemetry: Telemetry
    region: Region
    faults: Faults = field(default_factory=Faults)
    throttle: Throttle = field(default_factory=lambda: Throttle({}))
    series: list[tuple[Series, ...]] = field(default_factory=list)

    def advance(self, now: float) -> None:
        """Let everything happen up to `now`. Raises ValueError for a time that is over."""
        account = self.region.account
        if now < account.now:
            raise ValueError(f"time has come to {account.now}, it cannot go back to {now}")
        while account.now < now:
            account.settle(min(now, account.now + STEP_S))

    def truth(self, request: Request) -> Reply:
        """The answer key."""
        return Reply({"truth": self.drills.truth()})

    def call(self, request: Request) -> Reply:
        """One operation of a service as of `now`, in the words of the wire. Raises ServiceError."""
        now, action = float(request["now"]), f"{request['service']}:{request['operation']}"
        self.advance(now)
        self._admit(action, request.get("request", {}), now)
        operation = self.region.services[request["service"]].get(request["operation"])
        if operation is None:
            raise unknown_operation()
        return Reply({"answer": operation.run(operation.shape.read(request.get("request", {}), False), now)})

    def calls(self, request: Request) -> Reply:
        """Several operations as of the same `now`; each answers or is refused for itself."""
        return Reply({"answers": [self._each(one, request["now"]) for one in request["calls"]]})

    def metrics(self, request: Request) -> Reply:
        """Every metric with data within two weeks, as [namespace, name, [[dimension, value], ...]], by endpoint."""
        now = float(request["now"])
        self.advance(now)
        self._admit("cloudwatch:ListMetrics", {}, now)
        found: dict[str, list[Any]] = {name: [] for name in request.get("endpoints", ())}
        for metric in self.telemetry.metrics(now):
            owner = self.telemetry.owner(metric)
            if owner is not None and (owner in found or "endpoints" not in request):
                found.setdefault(owner, []).append([metric.namespace, metric.name, list(metric.dimensions)])
        return Reply({"metrics": found})

    def keep(self, request: Request) -> Reply:
        """Remember series, so that reads name them by a number."""
        self.series.append(_series(request["series"]))
        return Reply({"series": len(self.series) - 1, "count": len(self.series[-1])})

    def read(self, request: Request) -> Reply:
        """Values as of `now`; the array is (series, buckets) from `start` to `end` (exclusive)."""
        now, start, end, period = (request[name] for name in ("now", "start", "end", "period"))
        if start % period or end % period or period % 60 or period <= 0:
            raise ValueError("start and end must be multiples of a period of whole minutes")
        self.advance(max(float(now), self.region.account.now))
        wanted = self._wanted(request)
        self._admit("cloudwatch:GetMetricData", {}, float(now))
        return _array(bulk.read(self.telemetry, wanted, start, end, period, float(now)))

    def replay(self, request: Request) -> Reply:
        """What every moment of `nows` sees; the array is (moments, series, minutes), its own minute last."""
        nows = [float(now) for now in request["nows"]]
        self.advance(max(self.region.account.now, *nows))
        return _array(bulk.replay(self.telemetry, self._wanted(request), nows, int(request["minutes"])))

    def publication(self, request: Request) -> Reply:
        """When the minutes from `start` to `end` (exclusive) are readable.

        The array is (2, minutes) in epoch seconds: when the first samples of each are out, and when all are.
        """
        site = self.telemetry.site(request["endpoint"])
        minutes = np.arange(request["start"] // 60, request["end"] // 60, dtype=np.int64)
        late_s = site.workload.ailments.sizes(Ail.LATE, minutes)
        ends = (minutes + 1) * 60.0 + (0.0 if late_s is None else late_s)
        return _array(np.stack([ends + after_s for after_s in publication.moments(site.stream, minutes)]))

    def misbehave(self, request: Request) -> Reply:
        """Replace the faults: `deny` and `throttle` by action, `deny_endpoints`, `fail`, `expired`."""
        wanted = {name: value for name, value in request.items() if name != "op"}
        self.faults = read_faults(wanted, 0.0)
        self.throttle = Throttle(self.faults.throttle)
        return Reply({})

    def _wanted(self, request: Request) -> Sequence[Series]:
        wanted = request["series"]
        return self.series[wanted] if isinstance(wanted, int) else _series(wanted)

    def _each(self, one: Request, now: float) -> dict[str, Any]:
        try:
            return self.call({**one, "now": now}).members
        except ServiceError as refused:
            return {"error": refusal(refused)}

    def _admit(self, action: str, request: Request, now: float) -> None:
        outage = self.faults.outage(action)
        if outage is not None:
            raise outage
        if not self.throttle.admits(action, now):
            raise throttled()
        if self.faults.denies(action, request):
            raise denied(CALLER_ARN, action, str(request.get("EndpointName", "*")))


def open_world(request: Request) -> World:
    """The fleet of an `open` request. Raises ValueError for what no fleet can have."""
    seed, opened = int(request.get("seed", 0)), float(request["opened"])
    drills = [_drill(one) for one in request.get("drills", ())]
    healthy = int(request.get("healthy", 0))
    if "draw" in request:
        wanted = request["draw"]
        ill = float(wanted.get("ill", 0.6))
        drills += drawn(seed, int(wanted["endpoints"]), float(wanted["first"]), float(wanted["last"]), ill)
        healthy += int(wanted["endpoints"]) - len(drills)
    fleet = open_drills(drills, healthy, seed, opened)
    account = open_account(REGION, fleet.seeds, opened)
    telemetry = fleet.telemetry(account)
    region = open_region(account, telemetry, fleet.alarms, fleet.seeds, fleet.granted)
    return World(fleet, telemetry, region)


def refusal(error: ServiceError) -> dict[str, Any]:
    """A refusal as an answer tells it."""
    return {"code": error.code, "message": error.message, "status": error.status}


def _drill(wanted: Request) -> Drill:
    strikes = ({name: value for name, value in strike.items() if value is not None} for strike in wanted["strikes"])
    return Drill(tuple(Strike(**strike) for strike in strikes), wanted.get("group"), wanted.get("shares", IMAGE))


def _series(wanted: Iterable[Sequence[Any]]) -> tuple[Series, ...]:
    """Series from [namespace, name, [[dimension, value], ...], statistic]."""
    return tuple(
        Series(MetricId(namespace, name, tuple(sorted((key, value) for key, value in dimensions))), stat)
        for namespace, name, dimensions, stat in wanted
    )


def _array(values: Array) -> Reply:
    return Reply({"shape": list(values.shape)}, values)
